from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import DUE
from .test_address import FIRST, AddressCommon


@tagged("post_install", "-at_install")
class TestOneNoticePerContact(AddressCommon):
    """Each contact that invoices name gets a notice of its own; limits stay those of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.grouping = "contact"
        cls.bergen = cls.contact("Bergen", email="bergen@example.com", lang="de_DE")
        cls.oslo = cls.contact("Oslo", email="oslo@example.com", lang="fr_FR")

    def sent(self, notices):
        return {
            (notice.partner_id.name, notice.lang, notice.amount_total, *self.addresses_of(notice)) for notice in notices
        }

    def test_each_contact_is_reminded_of_its_invoices(self):
        self.invoice(100, partner=self.oslo)
        self.invoice(20, partner=self.oslo)
        self.invoice(3, partner=self.bergen)
        self.policy.tolerance = 0
        self.assertEqual(
            self.sent(self.day(FIRST)),
            {("Oslo", "fr_FR", 120.0, "oslo@example.com"), ("Bergen", "de_DE", 3.0, "bergen@example.com")},
        )

    def test_an_invoice_to_the_customer_goes_to_the_invoice_contact(self):
        self.invoice(100, partner=self.oslo)
        self.invoice(20)
        self.assertEqual(
            {(n.partner_id, n.amount_total) for n in self.night(FIRST).notice_ids},
            {(self.oslo, 100.0), (self.bergen, 20.0)},
        )

    def test_the_contact_gap_is_that_of_the_customer(self):
        self.invoice(100, partner=self.oslo)
        later = self.invoice(20, partner=self.bergen, due=DUE + timedelta(days=2))
        self.day(FIRST)
        self.assertEqual(self.blockers(later, FIRST + timedelta(days=2)), {"contact_gap"})
        self.assertFalse(self.night(FIRST + timedelta(days=6)).notice_ids)
        notice = self.day(FIRST + timedelta(days=7))
        self.assertEqual((notice.partner_id, notice.amount_total), (self.bergen, 20.0))

    def test_a_draft_to_one_contact_does_not_hold_the_other(self):
        self.invoice(100, partner=self.oslo)
        later = self.invoice(20, partner=self.bergen, due=DUE + timedelta(days=2))
        more = self.invoice(30, partner=self.oslo, due=DUE + timedelta(days=2))
        self.night(FIRST).notice_ids.text = "<p>Mine</p>"
        day = FIRST + timedelta(days=2)
        self.assertEqual((self.blockers(later, day), self.blockers(more, day)), (set(), {"notice_pending"}))

    def test_an_untouched_draft_is_rebuilt_for_its_contact(self):
        first = self.invoice(100, partner=self.oslo)
        notice = self.night(FIRST).notice_ids
        self.invoice(30, partner=self.oslo, due=DUE + timedelta(days=1))
        self.pay(first, 100, FIRST)
        day = FIRST + timedelta(days=1)
        again = self.night(day).notice_ids | notice
        self.assertEqual((again, notice.state, notice.amount_total), (notice, "draft", 30.0))

    def test_a_formal_notice_is_one_and_goes_to_the_company(self):
        formal = {"name": "Formal", "days": 5, "kind": "formal", "deadline_days": 10, "subject": "Formal"}
        self.policy.write({"reminders_before_formal": 0, "level_ids": [Command.clear(), Command.create(formal)]})
        self.invoice(100, partner=self.oslo)
        self.invoice(20, partner=self.bergen)
        notice = self.night(FIRST).notice_ids
        self.assertEqual((notice.partner_id, notice.amount_total, notice.kind), (self.partner_a, 120.0, "formal"))

    def test_the_set_up_offers_it(self):
        """Existing policies keep their grouping; where invoices name several contacts the set-up offers another."""
        self.policy.grouping = "customer"
        self.invoice(100, partner=self.oslo)
        self.item(self.invoice(20, partner=self.bergen))
        wizard = self.env["ar.dunning.setup"].create({"company_id": self.company.id, "state": "findings"})
        self.assertEqual(wizard.contacts_count, 1)
        self.assertEqual(wizard.action_open_contacts()["domain"], [("id", "in", self.customer().ids)])
        wizard.action_group_by_contact()
        self.assertEqual((self.policy.grouping, wizard.contacts_count), ("contact", 0))
