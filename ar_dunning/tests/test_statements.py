from odoo.tests import tagged
from odoo.tools import SQL

from .form_screen import FormScreen
from .statements_common import StatementsCommon


@tagged("post_install", "-at_install")
class TestStatements(StatementsCommon):
    """What dunning adds to the forms of invoices and contacts, and what its own filters read."""

    def test_invoice_form(self):
        """An overdue invoice that has been reminded of: what its page *Dunning* tells is read when it is opened."""
        self.assertLessEqual(self.added_to_form(self.overdue), 12)
        names = ["ar_dunning_plan_html", "ar_dunning_outlook_html"]
        shown = FormScreen(self.model("account.move"), self.env["ir.ui.view"])
        self.assertFalse(set(names) & set(shown.spec))
        opened = [node.get("field") for node in shown.arch.iter("widget") if node.get("name") == "ar_dunning_lazy"]
        self.assertEqual(opened[:2], names)

    def test_contact_form(self):
        """A customer who has been reminded: the ledger of now is asked once the contact is shown."""
        self.assertLessEqual(self.added_to_form(self.partner_a), 8)

    def test_what_failed_is_found_by_an_index(self):
        """The filters of deliveries and customers: neither reads all deliveries that ever went out."""
        filters = {
            "ar.dunning.delivery": [("state", "in", ("failed", "bounced", "unconfirmed"))],
            "ar.dunning.customer": [("notice_ids.delivery_ids.state", "=", "unconfirmed")],
        }
        notice = self.env["ar.dunning.notice"].search([], limit=1)
        self.env.cr.execute(
            SQL(
                "INSERT INTO ar_dunning_delivery (notice_id, company_id, channel, state)"
                " SELECT %s, %s, 'email', 'sent' FROM generate_series(1, 5000)",
                notice.id,
                notice.company_id.id,
            )
        )
        self.env.cr.execute("ANALYZE ar_dunning_delivery")
        for name, domain in filters.items():
            query = self.env[name].sudo()._search(domain)
            plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
            plan = "\n".join(line for (line,) in plan)
            self.assertRegex(plan, "Index.* on ar_dunning_delivery", name)
            self.assertNotIn("Seq Scan on ar_dunning_delivery", plan, name)
