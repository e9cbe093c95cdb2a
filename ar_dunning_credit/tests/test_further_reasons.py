from unittest.mock import patch

from odoo.tests import tagged

from ..core.credit_status import Code, Reason, Status, Unlock, Way
from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestFurtherReasons(CreditCommon):
    """What a member of the family needs to stop a customer for a reason of its own: the reason, and its sentence."""

    def test_a_reason_of_a_member_counts_and_is_told(self):
        Customer = type(self.env["ar.dunning.customer"])
        customer = self.customer()
        texts = customer._credit_texts()
        found = Reason("complaints", Status.BLOCKED, Unlock(Way.LIFT, day=ON), {"count": 3})

        def further(customers, company, on):
            self.assertEqual((company, on), (self.company, ON))
            return {customer.id: [found]}

        self.invoice(1500.0)
        with (
            patch.object(Customer, "_credit_further", further),
            patch.object(Customer, "_credit_texts", lambda _self: texts | {"complaints": "%(count)s complaints."}),
        ):
            state = self.state()
            self.assertEqual(state.status, Status.BLOCKED)
            self.assertEqual(self.codes(state), ["complaints", Code.OVER_LIMIT], "the strictest first")
            self.assertEqual(
                customer._credit_sentences(found, True),
                ("blocked", "3 complaints.", "Ends after 03/12/2026, or when it is lifted."),
            )
            self.env["ar.dunning.standing"]._keep(customer, ON)
        self.assertEqual((customer.credit_status, customer.credit_reasons[0]["code"]), ("blocked", "complaints"))
