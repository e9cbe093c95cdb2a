import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..core.delivery_report import Report
from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


class AddressCommon(DunningCommon):
    """A customer with an e-mail and a street; contacts are added by each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("de_DE", "fr_FR"):
            cls.env["res.lang"]._activate_lang(code)
        cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )

    @classmethod
    def contact(cls, name, parent=None, **values):
        return cls.env["res.partner"].create(
            {"name": name, "parent_id": (parent or cls.partner_a).id, "type": "invoice", **values}
        )

    @classmethod
    def customer(cls, partner=None):
        key = {"partner_id": (partner or cls.partner_a).id, "company_id": cls.company.id}
        Customer = cls.env["ar.dunning.customer"]
        return Customer.search([(name, "=", value) for name, value in key.items()]) or Customer.create(key)

    def notice_of(self, day, partner=None):
        partner = partner or self.partner_a
        return self.night(day).notice_ids.filtered(lambda notice: notice.commercial_partner_id == partner)

    def addresses_of(self, notices):
        """The addresses that mails of these notices went to, copies left out."""
        mails = notices.sudo().delivery_ids.filtered(lambda d: d.channel == "email" and not d.is_copy)
        return sorted(mails.mapped("address"))


@tagged("post_install", "-at_install")
class TestAddress(AddressCommon):
    """Who is written to, in which language and over which address."""

    def test_the_contact_that_the_invoice_names_is_reminded(self):
        """Two invoice contacts; the invoice is addressed to Oslo, so its reminder goes to Oslo, in French."""
        self.contact("Bergen", email="bergen@example.com", lang="de_DE")
        oslo = self.contact("Oslo", email="oslo@example.com", lang="fr_FR")
        self.invoice(partner=oslo)
        notice = self.day(FIRST)
        self.assertEqual((notice.partner_id, notice.lang), (oslo, "fr_FR"))
        self.assertEqual(self.addresses_of(notice), ["oslo@example.com"])
        self.assertFalse(notice.warning)

    def test_invoices_that_name_different_contacts_go_to_the_first_invoice_contact(self):
        """One notice about invoices to Bergen and to Oslo goes where Odoo proposes to send invoices."""
        bergen = self.contact("Bergen", email="bergen@example.com", lang="de_DE")
        oslo = self.contact("Oslo", email="oslo@example.com", lang="fr_FR")
        self.invoice(partner=oslo)
        self.invoice(partner=bergen)
        notice = self.notice_of(FIRST)
        self.assertEqual((notice.partner_id, notice.lang, notice.amount_total), (bergen, "de_DE", 2000.0))

    def test_a_nested_invoice_contact_is_found_as_odoo_finds_it(self):
        """An invoice contact below a department: worklist, notice and charge document agree on it."""
        department = self.contact("Department", type="contact")
        nested = self.contact("Books", parent=department, email="books@example.com", phone="22")
        self.env["res.partner"].create(
            {"name": "AA subsidiary", "is_company": True, "parent_id": self.partner_a.id, "type": "invoice"}
        )
        self.invoice()
        self.assertEqual(self.partner_a.address_get(["invoice"])["invoice"], nested.id)
        notice = self.notice_of(FIRST)
        self.assertEqual(notice.partner_id, nested)
        with freeze_time(FIRST):
            customer = notice.customer_id
            customer.invalidate_recordset()
            self.assertEqual((customer.phone, customer.email), ("22", "books@example.com"))

    def test_a_dunning_contact_comes_before_the_contact_of_the_invoice(self):
        oslo = self.contact("Oslo", email="oslo@example.com")
        boss = self.contact("Boss", type="contact", email="boss@example.com")
        self.customer().contact_id = boss
        self.invoice(partner=oslo)
        self.assertEqual(self.notice_of(FIRST).partner_id, boss)

    def test_the_company_supplies_the_addresses_that_its_contact_lacks(self):
        """An invoice contact with name and phone only: the customer is reminded at the company's e-mail, not never."""
        self.contact("Ola", phone="99")
        self.invoice()
        notice = self.day(FIRST)
        self.assertEqual((notice.partner_id.name, self.addresses_of(notice)), ("Ola", ["anna@example.com"]))
        self.assertEqual(
            notice.warning, "Ola has no usable e-mail address: the mail goes to partner_a.", "the notice says so"
        )
        self.assertIn("Dear Ola", notice.text)

    def test_a_contact_with_a_street_only_does_not_make_a_mail_a_letter(self):
        self.contact("Ola", street="Gate 3", city="Moss")
        self.invoice()
        notice = self.day(FIRST)
        self.assertEqual(notice.sudo().delivery_ids.mapped("channel"), ["email"])
        self.assertEqual(self.addresses_of(notice), ["anna@example.com"])

    def test_a_letter_takes_the_street_of_the_next_in_line(self):
        """A contact with an e-mail only gets the letter at the company's street, under both names."""
        self.policy.level_ids.filtered(lambda level: level.days == 5).write(
            {"channel_letter": True, "channel_email": False}
        )
        self.contact("Ola", email="ola@example.com")
        self.invoice()
        notice = self.notice_of(FIRST)
        self.assertEqual(
            self.env["ar.dunning.print"]._print_address(notice)[:4], ["partner_a", "Ola", "Storgata 1", "Oslo  0155"]
        )
        self.send(notice, FIRST)
        letter = notice.sudo().delivery_ids
        self.assertEqual((letter.channel, letter.partner_id), ("letter", self.partner_a))
        self.assertIn("Ola has no postal address", notice.warning)

    def test_a_bounced_address_and_one_that_refuses_mail_are_passed_over(self):
        for spoil in ("bounced", "refuses"):
            with self.subTest(spoil), self.env.cr.savepoint() as savepoint:
                self.contact("Ola", email="ola@example.com")
                self.invoice()
                if spoil == "refuses":
                    self.env["mail.blacklist"]._add("ola@example.com")
                else:
                    earlier = self.day(FIRST - timedelta(days=5))
                    with freeze_time(FIRST - timedelta(days=4)):
                        gone = Report("ola@example.com", "failed", "5.1.1", "no such user")
                        earlier.sudo().delivery_ids._come_back(gone)
                notice = self.day(FIRST)
                self.assertEqual(self.addresses_of(notice), ["anna@example.com"])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_language_follows_a_recipient_chosen_on_the_draft(self):
        """Another recipient on a draft: the words that nobody edited are drawn in his language."""
        level = self.policy.level_ids.filtered(lambda level: level.days == 5)
        level.with_context(lang="de_DE").write(
            {"text": "<p>Guten Tag {contact}, {total} bis {deadline}.</p>", "subject": "Mahnung: {invoices}"}
        )
        hans = self.contact("Hans", email="hans@example.com", lang="de_DE", type="other")
        invoice = self.invoice()
        notice = self.notice_of(FIRST)
        self.assertEqual(notice.lang, "en_US")
        notice.partner_id = hans
        self.assertEqual((notice.lang, notice.subject), ("de_DE", f"Mahnung: {invoice.name}"))
        self.assertIn("Guten Tag Hans", notice.text)
        self.send(notice, FIRST)
        self.assertEqual(self.addresses_of(notice), ["hans@example.com"])

    def test_words_of_a_person_stay_when_the_recipient_changes(self):
        hans = self.contact("Hans", email="hans@example.com", lang="de_DE", type="other")
        self.invoice()
        notice = self.notice_of(FIRST)
        notice.text = "<p>As we said on the phone.</p>"
        notice.partner_id = hans
        self.assertEqual((notice.lang, notice.text), ("de_DE", "<p>As we said on the phone.</p>"))

    def test_the_worklist_shows_the_administrator(self):
        """An insolvency pause with another addressee: phone and e-mail of the worklist are his."""
        administrator = self.env["res.partner"].create(
            {"name": "Lund", "email": "estate@example.com", "phone": "55", "lang": "fr_FR"}
        )
        self.partner_a.phone = "11"
        customer = self.customer()
        self.invoice()
        self.item(self.env["account.move"].search([("partner_id", "=", self.partner_a.id)], limit=1))
        reason = self.env.ref("ar_dunning.reason_pause_insolvency")
        with freeze_time(FIRST):
            self.env["ar.dunning.arrangement"].create(
                {
                    "customer_id": customer.id,
                    "date_start": FIRST,
                    "reason_id": reason.id,
                    "freeze_before": FIRST,
                    "addressee_id": administrator.id,
                }
            )
            customer.invalidate_recordset()
            self.assertEqual((customer.phone, customer.email), ("55", "estate@example.com"))
            wizard = self.env["ar.dunning.call.wizard"].create(
                {"customer_id": customer.id, "outcome_id": self.env.ref("ar_dunning.reason_call_paid").id}
            )
            self.assertEqual(wizard.phone, "55")

    def test_nobody_takes_the_place_of_an_administrator(self):
        """An administrator without e-mail is not replaced by the insolvent debtor's."""
        administrator = self.env["res.partner"].create({"name": "Lund", "street": "Gate 1", "city": "Oslo"})
        customer = self.customer()
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": customer.id,
                "date_start": DUE - timedelta(days=30),
                "reason_id": self.env.ref("ar_dunning.reason_pause_insolvency").id,
                "freeze_before": date(2026, 1, 1),
                "addressee_id": administrator.id,
            }
        )
        address = self.env["ar.dunning.address"]._of_customers(customer, FIRST)[customer.id]
        self.assertEqual((address.recipient_id, address.mail), (administrator.id, None))
        self.assertEqual(address.post.party.id, administrator.id)
        self.assertEqual(address.document_partner_id, self.partner_a.id, "documents in the books stay the debtor's")

    def test_a_formal_notice_goes_to_the_company_itself(self):
        """Neither dunning contact nor the contact of the invoice gets a formal notice while the company has addresses."""
        oslo = self.contact("Oslo", email="oslo@example.com", lang="fr_FR")
        self.customer().contact_id = self.contact("Boss", type="contact", email="boss@example.com")
        invoice = self.invoice(partner=oslo)
        decision = self.decision(invoice, FIRST)
        self.assertEqual(decision.address(decision.items, formal=True).recipient_id, self.partner_a.id)

    def decision(self, invoice, day):
        customer = self.item(invoice).customer_id
        return self.env["ar.dunning.ledger"].sudo()._decide(customer, day)[customer.id]


@tagged("post_install", "-at_install")
class TestArchivedAddress(AddressCommon):
    """Archived people are not written to."""

    def test_archived_contacts_are_passed_over(self):
        """An archived dunning contact: the contact of the invoice is next, and the notice says so."""
        oslo = self.contact("Oslo", email="oslo@example.com")
        boss = self.contact("Boss", type="contact", email="boss@example.com")
        self.customer().contact_id = boss
        boss.active = False
        self.invoice(partner=oslo)
        notice = self.day(FIRST)
        self.assertEqual((notice.partner_id, self.addresses_of(notice)), (oslo, ["oslo@example.com"]))
        self.assertEqual(notice.warning, "Boss is archived and is not written to.")

    def test_a_contact_archived_after_approval_gets_nothing(self):
        oslo = self.contact("Oslo", email="oslo@example.com", lang="fr_FR")
        self.invoice(partner=oslo)
        notice = self.notice_of(FIRST)
        self.assertEqual(notice.partner_id, oslo)
        oslo.active = False
        self.send(notice, FIRST)
        self.assertEqual((notice.partner_id, notice.lang), (self.partner_a, "en_US"))
        self.assertEqual(self.addresses_of(notice), ["anna@example.com"])
        self.assertIn("Oslo is archived", notice.warning)
        self.assertIn("Dear partner_a", notice.text)

    def test_an_archived_payer_gets_no_copy(self):
        payer = self.env["res.partner"].create({"name": "Payer", "email": "payer@example.com"})
        self.customer().payer_id = payer
        payer.active = False
        self.invoice()
        notice = self.day(FIRST)
        self.assertEqual(notice.sudo().delivery_ids.mapped("address"), ["anna@example.com"])


@tagged("post_install", "-at_install")
class TestAddressAgrees(AddressCommon):
    """The batch answers as a plain reading of the rule does, in a constant number of statements."""

    def test_random_trees_of_contacts(self):
        for seed in range(40):
            with self.subTest(seed=seed):
                self.assert_batch_agrees(random.Random(seed))

    def assert_batch_agrees(self, dice):
        customers, named = self.random_customers(dice)
        self.env.flush_all()
        self.env.invalidate_all()
        Address = self.env["ar.dunning.address"]
        book = Address._read(customers.ids, FIRST, {party for ids in named.values() for party in ids})
        for customer in customers:
            for formal in (False, True):
                address = book.of(customer.id, named[customer.id], formal)
                line = self.plain_line(customer, named[customer.id], formal)
                self.assertEqual([place.party.id for place in address.line], line.ids)
                mail = line.filtered(lambda p, formal=formal: self.plain_mail(p, formal))[:1]
                post = line.filtered(lambda p: p.street and p.city)[:1]
                self.assertEqual(address.mail.party.id if address.mail else False, mail.id)
                self.assertEqual(address.post.party.id if address.post else False, post.id)

    def random_customers(self, dice):
        """Three companies with trees of contacts, and what their invoices name."""
        customers, named = self.env["ar.dunning.customer"], {}
        stranger = self.random_partner(dice, self.env["res.partner"], True)
        for _ in range(3):
            root = self.random_partner(dice, self.env["res.partner"], dice.random() < 0.7)
            tree = root
            for _ in range(dice.randint(0, 6)):
                tree |= self.random_partner(dice, dice.choice(list(tree)), dice.random() < 0.15)
            customer = self.env["ar.dunning.customer"].create({"partner_id": root.id, "company_id": self.company.id})
            if dice.random() < 0.4:
                customer.contact_id = dice.choice(list(tree | stranger))
            named[customer.id] = {dice.choice([*tree.ids, stranger.id, None]) for _ in range(dice.randint(0, 2))}
            (tree - root).filtered(lambda _partner: dice.random() < 0.25).active = False
            customers |= customer
        return customers, named

    def random_partner(self, dice, parent, is_company):
        address = {"street": "Gate 1", "city": "Oslo"} if dice.random() < 0.4 else {}
        email = f"p{dice.randrange(10**9)}@example.com" if dice.random() < 0.5 else False
        partner = self.env["res.partner"].create(
            {
                "name": dice.choice("abcdef"),
                "parent_id": parent.id,
                "is_company": is_company,
                "type": dice.choice(["invoice", "invoice", "contact", "delivery", "other"]) if parent else "contact",
                "email": email,
            }
        )
        partner.write(address or {"street": False, "city": False})
        if email and dice.random() < 0.2:
            self.env["mail.blacklist"]._add(email)
        return partner

    def plain_line(self, customer, named, formal):
        """The rule read aloud, one customer at a time, with Odoo's own search for the invoice contact."""
        debtor = customer.partner_id
        names = self.env["res.partner"].browse(named - {None})
        one = names if len(names) == 1 and names != debtor and names.commercial_partner_id == debtor else names[:0]
        proposed = debtor.browse(debtor.address_get(["invoice"])["invoice"])
        line = [customer.contact_id, one, proposed, debtor]
        people = self.env["res.partner"].concat(*([debtor, *line] if formal else line))
        return debtor.browse(dict.fromkeys(people.ids)).filtered(lambda p: p.active or p == debtor)

    def plain_mail(self, partner, formal):
        refuses = self.env["mail.blacklist"].search_count([("email", "=", partner.email_normalized)])
        return bool(partner.email_normalized) and (formal or not refuses)

    def test_a_list_of_customers_costs_as_many_statements_as_one(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "is_company": True, "email": f"c{n}@example.com"} for n in range(30)]
        )
        customers = self.env["ar.dunning.customer"].create(
            [{"partner_id": partner.id, "company_id": self.company.id} for partner in partners]
        )
        self.env["res.partner"].create(
            [{"name": "Books", "type": "invoice", "parent_id": partner.id, "phone": "7"} for partner in partners]
        )
        self.env.flush_all()
        counts = []
        for group in (customers[:1], customers):
            self.env.invalidate_all()
            group.fetch(["company_id"])
            self.company._dunning_today()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(group.mapped("phone")), {"7"})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
