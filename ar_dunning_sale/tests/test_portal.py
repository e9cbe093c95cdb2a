from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SaleDunningCommon

# A single transparent dot.
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestPayment(SaleDunningCommon, AccountPaymentCommon):
    """A payment is never lost, whatever credit control says about the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.support_manual_capture = "full_only"
        cls.provider.journal_id = cls.company_data["default_journal_bank"]

    def paid_online(self, order, amount, state="done"):
        tx = self._create_transaction(
            "direct",
            state=state,
            amount=amount,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[(6, 0, order.ids)],
            reference=f"tx {order.name} {amount}",
        )
        tx._post_process()
        order.invalidate_recordset()
        return tx

    def test_paid_deposit_confirms(self):
        self.rule(0.3)
        order = self.quotation()
        order.state = "sent"
        self.paid_online(order, 300.0)
        self.assertEqual(order.state, "sale")

    def test_online_payment_counts_once(self):
        self.rule(0.5)
        order = self.quotation()
        tx = self.paid_online(order, 200.0)
        self.assertTrue(tx.payment_id.move_id.line_ids, "it is in the ledger, too")
        self.assertEqual((order.state, order.ar_dunning_received), ("draft", 200.0))
        other = self.quotation()
        self.assertEqual(other.ar_dunning_received, 0.0, "paid for another order")

    def test_online_and_transfer_together(self):
        self.rule(0.5)
        order = self.quotation()
        self.transfer(300.0, order.name)
        self.assertEqual(order._get_prepayment_required_amount(), 200.0)
        self.paid_online(order, 200.0)
        self.assertEqual(order.state, "sale")

    def test_paid_but_on_hold_waits(self):
        self.overdue(500.0)
        order = self.quotation(require_payment=True, prepayment_percent=0.3)
        tx = self.paid_online(order, 300.0)
        self.assertEqual((order.state, order.ar_dunning_parked, tx.state), ("draft", True, "done"))
        self.assertTrue(tx.payment_id, "the money is booked")
        activity = order.activity_ids.filtered(lambda found: found.user_id == self.controller)
        self.assertEqual(activity.summary, "Signed or paid, but on hold")
        self.assertIn("overdue", activity.note)
        order.with_user(self.controller)._dunning_decide("approved", "has paid")
        order.action_confirm()
        self.assertEqual((order.state, order.amount_paid), ("sale", 300.0))

    def test_authorized_payment_waits_too(self):
        self.overdue(500.0)
        order = self.quotation(require_payment=True, prepayment_percent=1.0)
        tx = self.paid_online(order, 1000.0, state="authorized")
        self.assertEqual((order.state, order.ar_dunning_parked, tx.state), ("draft", True, "authorized"))

    def test_full_payment_fits_under_any_limit(self):
        self.limit(10.0)
        order = self.quotation(require_payment=True, prepayment_percent=1.0)
        self.paid_online(order, 1000.0)
        self.assertEqual(order.state, "sale")


@tagged("post_install", "-at_install")
class TestPortal(SaleDunningCommon, HttpCase):
    """Signed on the portal, with and without a login."""

    def accept(self, order):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order._portal_ensure_token(), "name": "Anna Berg", "signature": SIGNATURE},
        )

    def test_signature_confirms_a_good_customer(self):
        order = self.quotation(partner=self.partner_b, require_signature=True, require_payment=False, state="sent")
        self.accept(order)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.signed_by), ("sale", "Anna Berg"))

    def test_signature_of_a_customer_on_hold_is_kept(self):
        debt = self.overdue(500.0)
        order = self.quotation(require_signature=True, require_payment=False, state="sent")
        result = self.accept(order)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.signed_by), ("sent", "Anna Berg"))
        self.assertTrue(order.signature)
        self.assertTrue(order.ar_dunning_parked)
        self.assertEqual(order.activity_ids.user_id, self.controller)
        page = self.url_open(result["redirect_url"]).text
        self.assertIn("Your order is being reviewed", page)
        for secret in ("500.00", debt.name, "overdue", "hold"):
            self.assertNotIn(secret, page.split('id="portal_sale_content"')[0].split("o_ar_dunning_waits")[-1])

    def test_portal_user_reads_own_order_and_no_reason(self):
        self.overdue(500.0)
        user = new_test_user(self.env, "anna", "base.group_portal", password="anna-anna")
        user.partner_id.parent_id = self.partner_a
        order = self.quotation(partner=user.partner_id, require_signature=True, state="sent")
        order.message_subscribe(user.partner_id.ids)
        self.authenticate("anna", "anna-anna")
        page = self.url_open(f"/my/orders/{order.id}").text
        self.assertIn(order.name, page)
        self.assertNotIn("overdue", page)
        with self.assertRaisesRegex(Exception, "is being reviewed"):
            order.with_user(user).sudo().action_confirm()

    def test_deposit_on_the_portal(self):
        self.rule(0.3)
        order = self.quotation(require_signature=True, state="sent")
        self.transfer(100.0, order.name)
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("200.00", page)
        self.assertIn("(20%)", " ".join(page.split()))
        self.assertIn("Sign & Pay", page)
        self.accept(order)
        order.invalidate_recordset()
        self.assertEqual((order.state, order.ar_dunning_parked), ("sent", False), "signed, still to be paid")


@tagged("post_install", "-at_install")
class TestPortalAmounts(SaleDunningCommon, AccountPaymentCommon, HttpCase):
    """The page asks what is left."""

    def page(self, order, **parameters):
        query = "".join(f"&{name}={value}" for name, value in parameters.items())
        text = self.url_open(order.get_portal_url(query_string=query)).text
        return " ".join(
            text.replace("\xa0", " ").replace('<span class="oe_currency_value">', "").replace("</span>", "").split()
        )

    def test_paid_in_advance_only_and_partly_transferred(self):
        self.rule(1.0)
        order = self.quotation(state="sent", require_signature=False)
        self.transfer(200.0, order.name)
        page = self.page(order)
        self.assertIn('data-amount="800.0"', page)
        self.assertNotIn('data-amount="1000.0"', page)
        received = page.split("o_ar_dunning_came")[1].split("</div>")[0]
        self.assertIn("Received by bank transfer:", received)
        self.assertIn("200.00", received)

    def test_what_is_free_stands_beside_the_button(self):
        order = self.quotation(state="sent", ar_dunning_trial="trial", ar_dunning_trial_end="2027-03-31")
        order.order_line.ar_dunning_trial = True
        notice = self.page(order).split("o_ar_dunning_free")[1].split("</div>")[0]
        self.assertIn("Free of charge until and including 03/31/2027: Goods.", notice)

    def test_full_amount_is_what_is_left(self):
        self.rule(0.5)
        order = self.quotation(state="sent", require_signature=False)
        self.transfer(200.0, order.name)
        self.assertIn('data-amount="300.0"', self.page(order))
        page = self.page(order, amount_selection="full_amount")
        self.assertIn('data-amount="800.0"', page)
        button = page.split("o_sale_portal_amount_total_button")[1].split("</button>")[0]
        self.assertIn("800.00", button)

    def test_without_deposits_nothing_changes(self):
        order = self.quotation(state="sent", require_signature=False, require_payment=True, prepayment_percent=0.5)
        self.assertIn('data-amount="500.0"', self.page(order))
        self.assertIn('data-amount="1000.0"', self.page(order, amount_selection="full_amount"))
        self.assertNotIn("o_ar_dunning_came", self.page(order))
        order.prepayment_percent = 1.0
        self.assertIn('data-amount="1000.0"', self.page(order))
