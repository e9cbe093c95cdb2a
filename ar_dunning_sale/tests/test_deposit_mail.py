from odoo.tests import tagged
from odoo.tools import html2plaintext

from .deposit_common import DepositCommon

# Per language: what the request, the receipt and the settlement say, and the memo of the payment.
WORDS = {
    "de_DE": ("wir bitten Sie um eine Kaution von", "ist eingegangen am", "An Sie zurückgezahlt:", "Rückzahlung: Kaution"),
    "fr_FR": ("nous vous demandons un dépôt", "nous est parvenu le", "Vous a été restitué :", "Restitution : Dépôt de"),
    "nb_NO": ("vi ber om et depositum på", "kom inn", "Betalt tilbake til deg:", "Tilbakebetaling: Depositum"),
    "nl_NL": ("wij vragen u om een waarborgsom", "is ontvangen op", "Aan u terugbetaald:", "Terugbetaling: Waarborgsom"),
    "es_ES": ("le pedimos una fianza de", "se recibió el", "Devuelto a usted:", "Devolución: Fianza"),
    "en_US": ("we ask you for a security deposit", "came in on", "Given back to you:", "Returned: Security deposit"),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestDepositMail(DepositCommon):
    """What the customer is written: request, receipt, settlement."""

    def compose(self, deposit):
        action = deposit.action_send()
        return deposit.env[action["res_model"]].with_context(**action["context"]).create({})

    def text(self, deposit):
        return " ".join(html2plaintext(self.compose(deposit).body).replace("*", "").split())

    def test_request_by_sales(self):
        """How much, what for, until when, where to, and what to name; sent by who asked for it."""
        self.company.partner_id.bank_ids = [(5, 0, 0), (0, 0, {"acc_number": "NO9386011117947"})]
        order = self.quotation()
        deposit = self.deposit(order_id=order.id, return_date="2027-03-31").with_user(self.seller)
        composer = self.compose(deposit)
        text = self.text(deposit)
        for words in ("400.00", "Loan device", order.name, "NO9386011117947", deposit.reference, "03/31/2027"):
            self.assertIn(words, text)
        self.assertEqual(composer.subject, f"Security deposit {deposit.reference}: Loan device")
        self.assertEqual(composer.partner_ids, self.partner_a)
        self.assertIn(self.seller.name, text)
        composer._action_send_mail()
        message = deposit.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual((message.partner_ids, message.subject), (self.partner_a, composer.subject))

    def test_without_a_bank_account(self):
        self.company.partner_id.bank_ids.unlink()
        self.assertIn("Please transfer it and name", self.text(self.deposit()))

    def test_settlement_tells_both_parts(self):
        deposit = self.deposit().with_user(self.controller)
        self.receive(deposit)
        self.assertIn("We hold $ 400.00 for you", self.text(deposit))
        invoice = self.invoice(150.0, self.today)
        self.apply(deposit, {invoice: 150.0})
        self.give_back(deposit)
        text = self.text(deposit)
        self.assertIn(f"Applied to what you owed us ({invoice.name}): $ 150.00", text)
        self.assertIn("Given back to you: $ 250.00", text)

    def test_languages(self):
        """The customer reads the own language, whoever writes."""
        for lang, (request, receipt, settled, memo) in WORDS.items():
            with self.subTest(lang):
                self.env["res.lang"]._activate_lang(lang)
                self.env["ir.module.module"].search([("name", "=", "ar_dunning_sale")])._update_translations([lang])
                self.partner_a.lang = lang
                deposit = self.deposit().with_user(self.controller)
                self.assertIn(request, self.text(deposit))
                self.receive(deposit)
                self.assertIn(receipt, self.text(deposit))
                payment = self.give_back(deposit)
                self.assertIn(settled, self.text(deposit))
                self.assertTrue(payment.memo.startswith(memo), payment.memo)
