from datetime import timedelta

from odoo.tests import tagged

from .common import DUE, DunningCommon

DAY = DUE + timedelta(days=8)


@tagged("post_install", "-at_install")
class TestMailHeaders(DunningCommon):
    """What stands in the headers of our mails, and to whom they go."""

    def queue(self):
        """The deliveries of the notice of `DAY`, handed over to the queue."""
        [notice] = self.night(DAY).notice_ids
        notice._approve()
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DAY)
        return notice.sudo().delivery_ids.sorted("id")

    def message(self, delivery):
        """The message as Odoo builds it, and its envelope."""
        mail = delivery.mail_id
        [email] = mail._prepare_outgoing_list()
        Server = self.env["ir.mail_server"].with_context(send_validated_to=email["email_to_normalized"])
        message = Server._build_email__(
            email_from=mail.email_from,
            email_to=email["email_to"],
            subject=email["subject"],
            body=email["body"],
            reply_to=email["reply_to"],
            headers=email["headers"],
        )
        return message, Server._prepare_smtp_to_list(message, None)

    def test_a_name_with_line_breaks_adds_no_header_and_no_recipient(self):
        self.partner_a.name = "Anna\r\nBcc: thief@example.com\r\nX-Evil: 1"
        self.env.user.write({"name": "Kari\r\nBcc: thief@example.com", "email": "kari@nordlys.example"})
        self.company.email = "office@nordlys.example"
        self.policy.level_ids.subject = "Reminder for {contact}: {invoices}"
        self.invoice()
        [delivery] = self.queue()
        message, envelope = self.message(delivery)
        self.assertEqual(envelope, ["anna@example.com"])
        self.assertEqual(delivery.address, "anna@example.com")
        self.assertFalse(message["Bcc"])
        self.assertFalse(message["X-Evil"])
        self.assertIn("Anna Bcc: thief@example.com X-Evil: 1", message["Subject"])
        for name in ("Subject", "From", "To", "Reply-To"):
            self.assertNotRegex(str(message[name]), "[\r\n]")

    def test_two_addresses_in_one_field_are_two_deliveries(self):
        """Each records the one address of its envelope."""
        self.partner_a.email = "anna@example.com, Bo <bo@example.com>; anna@example.com"
        self.invoice()
        deliveries = self.queue()
        self.assertEqual(deliveries.mapped("address"), ["anna@example.com", "bo@example.com"])
        self.assertFalse(any(deliveries.mapped("is_copy")))
        for delivery in deliveries:
            self.assertEqual(self.message(delivery)[1], [delivery.address])

    def test_a_name_that_looks_like_an_address_gets_nothing(self):
        self.partner_a.name = "Bike@Home thief@example.com"
        self.invoice()
        [delivery] = self.queue()
        self.assertEqual(self.message(delivery)[1], ["anna@example.com"])

    def test_the_payers_copy_has_clean_headers_of_its_own(self):
        payer = self.partner_b
        payer.write({"name": "Holding\nBcc: x@example.com", "email": "pay@example.com, ap@example.com"})
        invoice = self.invoice()
        self.item(invoice).customer_id.sudo().payer_id = payer
        deliveries = self.queue()
        self.assertEqual(
            deliveries.mapped(lambda delivery: (delivery.address, delivery.is_copy)),
            [("anna@example.com", False), ("pay@example.com", True), ("ap@example.com", True)],
        )
        for delivery in deliveries:
            message, envelope = self.message(delivery)
            self.assertEqual(envelope, [delivery.address])
            self.assertFalse(message["Bcc"])

    def test_a_test_mail_and_a_correction_are_made_the_same_way(self):
        self.env.user.write({"name": "Kari\r\nBcc: thief@example.com", "email": "kari@nordlys.example"})
        self.partner_a.name = "Anna\r\nBcc: thief@example.com"
        self.invoice()
        [delivery] = self.queue()
        notice = delivery.notice_id
        vals = notice._test_mail_vals(self.env.user, "kari@nordlys.example")
        self.assertEqual(vals["email_to"], '"Kari Bcc: thief@example.com" <kari@nordlys.example>')
        self.assertEqual(vals["reply_to"], vals["email_to"])
        template = self.env.ref("ar_dunning.mail_template_correction").sudo()
        vals = self.env["ar.dunning.correction"]._correction_vals(notice, template, delivery)
        self.assertEqual(vals["email_to"], '"Anna Bcc: thief@example.com" <anna@example.com>')
        self.assertNotRegex(vals["subject"], "[\r\n]")
