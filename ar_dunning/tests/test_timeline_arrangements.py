from datetime import timedelta

from odoo.tests import tagged

from .arrangement_common import MADE, PROMISED, ArrangementCommon
from .timeline_common import TimelineCommon


@tagged("post_install", "-at_install")
class TestTimelineOfArrangements(ArrangementCommon, TimelineCommon):
    """Promises and disputes stand in the timeline of what they are about, with their amount, and with what became of them."""

    def setUp(self):
        super().setUp()
        self.bill, self.other = self.invoice(), self.invoice(250)
        self.customer = self.item(self.bill).customer_id
        self.item(self.other)

    def told(self, record):
        return [row[1:] for row in self.rows(record, "arrangement")]

    def test_a_promise(self):
        """On the customer and the invoice that it is about, not on another one of his."""
        promise = self.promise(self.bill, 400)
        self.dated(promise, MADE)
        (row,) = self.rows(self.customer, "arrangement")
        self.assertEqual(row, (str(MADE), f"Promise to pay until {PROMISED:%m/%d/%Y}", "$400.00"))
        self.assertEqual(self.rows(self.bill, "arrangement"), [row])
        self.assertEqual(self.told(self.other), [])

    def test_what_became_of_it(self):
        promise = self.promise(self.bill, 400)
        promise._put({"state": "broken"})
        self.assertEqual(self.told(self.bill)[0], ("Promise to pay: Broken", "$400.00"))

    def test_a_dispute_of_a_part(self):
        self.dispute(self.bill, 150.0)
        self.assertEqual(self.told(self.bill), [(f"Dispute from {MADE:%m/%d/%Y} on", "$150.00")])
        self.assertEqual(self.told(self.other), [])

    def test_each_of_two_that_stand_at_once(self):
        self.promise(self.bill, 400)
        self.promise(self.other, 250, PROMISED + timedelta(days=3))
        self.assertEqual(len(self.told(self.customer)), 2)
