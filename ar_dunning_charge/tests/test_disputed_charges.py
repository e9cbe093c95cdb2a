from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .claims_common import FIRST, SECOND, ClaimsCommon


@tagged("post_install", "-at_install")
class TestDisputedCharges(ClaimsCommon):
    """No interest on what is disputed for a reason that forbids it; all of it where the customer was wrong."""

    def setUp(self):
        super().setUp()
        self.invoice_de = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.day(FIRST)
        self.dispute_day = date(2026, 3, 8)

    def dispute(self, part, reason="quality"):
        items = self.item(self.invoice_de)
        return self.env["ar.dunning.arrangement"].create(
            {
                "kind": "dispute",
                "customer_id": items.customer_id.id,
                "item_ids": items.ids,
                "date_start": self.dispute_day,
                "disputed_amount": part,
                "reason_id": self.env.ref(f"ar_dunning.reason_dispute_{reason}").id,
            }
        )

    def interest(self):
        return self.charges(self.night(SECOND).notice_ids)["interest"]

    def resolve(self, dispute, outcome, credited):
        with freeze_time("2026-03-13 10:00:00"):
            dispute._resolve(outcome, credited, "So it is.", dispute.reason_id)

    def test_on_the_undisputed_part_only(self):
        """Five days on 1,000 and ten on 600, at 10.27 %: 1.4068 + 1.6882 = 3.0951."""
        self.dispute(400.0)
        self.assertEqual(self.interest(), 3.10)

    def test_on_all_of_it_where_the_reason_says_nothing(self):
        """Fifteen days on 1,000: 4.2205."""
        self.dispute(400.0, "contract")
        self.assertEqual(self.interest(), 4.22)

    def test_on_all_of_it_where_the_customer_was_wrong(self):
        self.resolve(self.dispute(400.0), "rejected", 0.0)
        self.assertEqual(self.interest(), 4.22)

    def test_not_for_the_time_until_the_answer_where_he_was_right(self):
        """All of it disputed from the 8th to the 13th and conceded in part: nine of fifteen days, 2.5323."""
        self.resolve(self.dispute(0.0), "partly", 100.0)
        self.assertEqual(self.interest(), 2.53)
