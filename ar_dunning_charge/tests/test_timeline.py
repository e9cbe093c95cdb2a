from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.timeline_common import TimelineCommon

from .charge_common import BOOKED, LATER, ChargeCommon


@tagged("post_install", "-at_install")
class TestTimelineOfCharges(ChargeCommon, TimelineCommon):
    """What was claimed beside invoices stands in the timeline with its day, words, amount and reason."""

    def setUp(self):
        super().setUp()
        self.bill, self.notice = self.reminded()
        self.customer = self.item(self.bill).customer_id
        self.fee = self.announced(self.item(self.bill), "fee", 5.0, self.notice)

    def told(self, record, **options):
        """`(day, title, amount, detail, who)` of the charges' entries."""
        entries = self.timeline(record, kinds=["charge"], **options)
        return [
            (one["day"], one["title"], one["amount"].replace("\N{NO-BREAK SPACE}", ""), one["detail"], one["who"])
            for one in entries
        ]

    def test_claimed(self):
        """A step on the way of the customer, told on the invoice and on the notice that claims it."""
        claimed = [("2026-03-07", f"Reminder fee of {self.bill.name} claimed", "$5.00", "", "")]
        self.assertEqual(self.told(self.customer), [])
        self.assertEqual(self.told(self.customer, every_step=True), claimed)
        self.assertEqual(self.told(self.notice), claimed)
        self.assertEqual(self.told(self.bill, every_step=True), claimed)

    def test_booked_and_waived(self):
        document = self.fee._book(BOOKED)
        user = self.env.user.name
        booked = ("2026-03-10", f"Reminder fee of {self.bill.name} booked: {document.name}", "$5.00", "", user)
        self.assertEqual(self.told(self.customer), [booked])
        self.fee._waive("Goodwill", LATER)
        waived = ("2026-03-12", f"Reminder fee of {self.bill.name} waived", "$5.00", "Goodwill", user)
        self.assertEqual(self.told(self.customer), [waived, booked])
        entry = self.timeline(self.customer, kinds=["charge"])[0]
        self.assertEqual((entry["res_model"], entry["res_id"]), ("ar.dunning.charge", self.fee.id))

    def test_reversed(self):
        self.fee._book(BOOKED)
        self.fee._reverse("Wrong customer", LATER)
        undone = self.told(self.bill)[0]
        words = f"Reminder fee of {self.bill.name} reversed"
        self.assertEqual(undone, ("2026-03-12", words, "$5.00", "Wrong customer", self.env.user.name))

    def test_a_draft_is_not_told(self):
        self.claim(self.item(self.bill), "interest", 1.23, self.notice)
        told = [row[1] for row in self.told(self.customer, every_step=True)]
        self.assertEqual(told, [f"Reminder fee of {self.bill.name} claimed"])
