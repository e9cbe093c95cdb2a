from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.timeline_common import TimelineCommon

from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestTimelineOfCredit(CreditCommon, TimelineCommon):
    """What was found out and decided about a customer's credit stands in the timeline."""

    def setUp(self):
        super().setUp()
        self.held = self.customer().with_context(tracking_disable=False, mail_notrack=False)
        self.env.cr.precommit.run()  # what was made in this very transaction is not tracked

    def told(self, day=ON):
        """`(title, detail, amount, who)` of the entries of a day, newest first."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        entries = self.timeline(self.held, kinds=["credit"])
        return [
            (one["title"], one["detail"], one["amount"].replace("\N{NO-BREAK SPACE}", ""), one["who"])
            for one in entries
            if one["day"] == str(day)
        ]

    def test_a_status_and_since_when(self):
        self.held._put({"credit_status": "hold", "credit_since": ON})
        self.assertEqual(self.told(), [("Credit status: On hold", "", "", "")])

    def test_a_hold_and_its_end(self):
        """Who held, and why; lifted, why again, and not twice."""
        user = self.env.user.name
        with freeze_time(datetime.combine(ON, time(9))):
            self.held._hold("hold", "Two cheques bounced")
            told = [row for row in self.told() if row[0].startswith("Held")]
        self.assertEqual(told, [("Held by Hand: On hold, Why Held: Two cheques bounced", "", "", user)])
        later = ON + timedelta(days=2)
        with freeze_time(datetime.combine(later, time(9))):
            self.held._lift_hold("Paid in cash")
            told = [row for row in self.told(later) if not row[0].startswith("Credit status")]
        self.assertEqual(told, [("Hold lifted (Two cheques bounced): Paid in cash", "", "", user)])

    def test_a_limit(self):
        with freeze_time(datetime.combine(ON, time(9))):
            self.held.credit_limit = 500
            self.held.write({"temporary_limit": 250, "temporary_limit_until": ON + timedelta(days=20)})
            titles = {row[0].replace("\N{NO-BREAK SPACE}", "") for row in self.told()}
        limited = "Temporary until: 04/01/2026, Temporary Limit: $250.00"
        self.assertLessEqual({"Credit limit: $1,000.00, now $500.00", limited}, titles)

    def test_a_solvency_check(self):
        check = self.env["ar.dunning.solvency.check"].create(
            {
                "customer_id": self.held.id,
                "date": ON,
                "source": "agency",
                "result": "caution",
                "rating": "Index 247",
                "recommended_limit": 800,
            }
        )
        row = ("Credit agency: Caution", "Index 247", "$800.00", self.env.user.name)
        self.assertIn(row, self.told())
        (entry,) = (one for one in self.timeline(self.held) if one["title"] == row[0])
        self.assertEqual((entry["res_model"], entry["res_id"]), ("ar.dunning.solvency.check", check.id))
        check.active = False
        self.assertNotIn(row, self.told())

    def test_nothing_of_it_on_an_invoice(self):
        """A customer's credit is nobody's business who asks about one invoice."""
        bill = self.invoice()
        self.held._put({"credit_status": "hold", "credit_since": ON})
        self.assertFalse([one for one in self.timeline(bill) if one["kind"] == "credit"])
