import importlib.util
from datetime import datetime
from pathlib import Path

from odoo.tests import tagged

from .test_mail_outcomes import OutcomesCommon

SCRIPTS = Path(__file__).parents[1] / "migrations" / "19.0.3.0.0"


def migrate(cr, name):
    """Run one script of the version as the upgrade does."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.migrate(cr, "19.0.2.0.0")


@tagged("post_install", "-at_install")
class TestMigrations(OutcomesCommon):
    """What an older version has left behind is brought to what this one reads."""

    def put(self, table, record, **values):
        """As the older version wrote it, past everything that this one checks."""
        self.env.flush_all()
        for column, value in values.items():
            self.env.cr.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, record.id])
        self.env.invalidate_all()

    def test_a_mail_that_was_being_sent_is_unconfirmed(self):
        """Nobody knows whether it left: it is not sent again by itself."""
        delivery = self.waiting()
        self.put("ar_dunning_delivery", delivery, state="sending")
        migrate(self.env.cr, "post-mails")
        self.env.invalidate_all()
        self.assertEqual(delivery.state, "unconfirmed")
        self.assertIn("nobody knows whether the mail left", delivery.failure)

    def test_the_next_try_is_kept_on_the_delivery(self):
        """It stood on the mail; Odoo's own queue must not wait for it any more. Other mails keep theirs."""
        delivery, later = self.waiting(), datetime(2026, 3, 10, 11, 30)
        other = self.env["mail.mail"].create({"body_html": "x", "scheduled_date": later})
        self.put("ar_dunning_delivery", delivery, wait_until=None)
        self.put("mail_mail", delivery.mail_id, scheduled_date=later)
        migrate(self.env.cr, "post-mails")
        self.env.invalidate_all()
        self.assertEqual((delivery.wait_until, delivery.mail_id.scheduled_date), (later, False))
        self.assertEqual((delivery.state, other.scheduled_date), ("queued", later))

    def test_a_letter_that_took_over_stands_in(self):
        """The mail came back, then a letter was made; a letter beside a mail that arrived is one of its own."""
        delivery = self.waiting()
        letter = {"notice_id": delivery.notice_id.id, "channel": "letter", "partner_id": self.partner_a.id}
        letter = self.env["ar.dunning.delivery"].sudo()._make(letter)
        for state, stands_in in (("sent", False), ("bounced", True)):
            self.put("ar_dunning_delivery", letter, stands_in=None)
            self.put("ar_dunning_delivery", delivery, state=state)
            migrate(self.env.cr, "post-mails")
            self.env.invalidate_all()
            self.assertEqual(bool(letter.stands_in), stands_in, state)

    def test_the_day_of_the_last_refresh_is_kept(self):
        """The columns are renamed with what stands in them; a second time changes nothing."""
        customer = self.waiting().customer_id
        self.put("ar_dunning_customer", customer, figures_kept="2026-03-01 02:00:00")
        self.env.cr.execute("ALTER TABLE ar_dunning_customer RENAME COLUMN figures_kept TO figures_on")
        for _time in range(2):
            migrate(self.env.cr, "pre-refreshed")
        self.env.cr.execute("SELECT figures_kept FROM ar_dunning_customer WHERE id = %s", [customer.id])
        self.assertEqual(self.env.cr.fetchone(), (datetime(2026, 3, 1, 2),))
