from datetime import datetime, time, timedelta

from freezegun import freeze_time

from .common import DUE, DunningCommon

TABLES = ("ar_dunning_customer", "ar_dunning_item", "ar_dunning_notice", "ar_dunning_notice_line")
ON = DUE + timedelta(days=11)


class QuietCommon(DunningCommon):
    """Three customers: one owes nothing yet, one has always paid, one is late and never dunned; two nights were played."""

    def setUp(self):
        super().setUp()
        later, history, late = (
            self.env["res.partner"].create({"name": name, "is_company": True, "email": f"{name}@example.com"})
            for name in ("later", "history", "late")
        )
        self.later_invoice = self.invoice(due=DUE + timedelta(days=90), partner=later)
        for days, paid_after in ((160, 3), (100, 0), (40, 12)):
            paid = self.invoice(due=DUE - timedelta(days=days), partner=history)
            self.pay(paid, 1000.0, paid.invoice_date_due + timedelta(days=paid_after))
        self.invoice(due=DUE, partner=late)
        self.play(ON)
        self.later, self.history, self.late = (
            self.env["ar.dunning.customer"].search([("partner_id", "=", partner.id)])
            for partner in (later, history, late)
        )
        self.late.never = True
        self.play(ON)

    def play(self, day):
        """The whole night of a day, in the present transaction; a day has one night, so this is a run by hand."""
        with freeze_time(datetime.combine(day, time(2))):
            run = self.make_run(day)
            run._play()
            self.judge(day)
            for step in run._steps_after():
                step()
            run._put({"state": "done"})
            self.env.flush_all()
            self.env.invalidate_all()
        self.assertFalse(run.error_ids.mapped("reason"))

    def judge(self, day):
        """What only a night does before it closes."""

    def versions(self):
        """Which version of each row counts: `{table: {id: place of the row on disk}}`; an UPDATE moves the row."""
        found = {}
        for table in TABLES:
            self.env.cr.execute(f"SELECT id, ctid::text FROM {table}")  # pylint: disable=sql-injection
            found[table] = dict(self.env.cr.fetchall())
        return found

    def written(self, day):
        """The rows that the night of this day writes: `{table: ids}`."""
        self.env.flush_all()
        before = self.versions()
        self.play(day)
        after = self.versions()
        return {
            table: sorted(key for key, place in after[table].items() if before[table].get(key) != place)
            for table in TABLES
        }


class QuietTests:
    """Mixin: what holds of a quiet night, whichever addon has its part in it."""

    def test_a_second_night_of_the_same_day_writes_no_row(self):
        self.assertEqual(self.written(ON), {table: [] for table in TABLES})

    def test_statements_do_not_grow_with_customers(self):
        def statements(day):
            before = self.env.cr.sql_log_count
            self.play(day)
            return self.env.cr.sql_log_count - before

        few = statements(ON)
        partners = self.env["res.partner"].create([{"name": f"Later {n}", "is_company": True} for n in range(8)])
        for partner in partners:
            self.invoice(due=DUE + timedelta(days=90), partner=partner)
        self.play(ON)
        self.assertLessEqual(statements(ON), few + 2)
