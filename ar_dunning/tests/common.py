from datetime import date, datetime, time

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..core.delivery_report import Report

DUE = date(2026, 3, 2)
# The day of a first reminder of what was due on `DUE`, and the deadline that it grants.
REMINDED = date(2026, 3, 7)
DEADLINE = date(2026, 3, 14)
# What a mail server reports of an address that nobody has.
UNKNOWN = Report("anna@example.com", "failed", "5.1.1", "no such user")


class DunningCommon(AccountTestInvoicingCommon):
    """A company with one plain policy (every day works, no grace) and helpers that play days.

    Ladder: note at -3 and 0; reminders at 5, 15, 25 with 7 days each; formal notice at 40 with 10 days.
    Contact gap 7, transit 2, gate 3.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("ar_dunning.group_dunning_manager")
        cls.company = cls.company_data["company"]
        cls.env["ar.dunning.policy"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.policy = cls.make_policy(cls.company)
        cls.company.ar_dunning_policy_id = cls.policy
        cls.partner_a.write(
            {
                "email": "anna@example.com",
                "is_company": True,
                "lang": "en_US",
                "street": "Storgata 1",
                "city": "Oslo",
                "zip": "0155",
            }
        )

    @classmethod
    def make_policy(cls, company, **values):
        def level(name, days, kind, deadline=0, **more):
            return Command.create(
                {
                    "name": name,
                    "days": days,
                    "kind": kind,
                    "deadline_days": deadline,
                    "subject": f"{name}: {{invoices}}",
                    "text": "<p>Dear {contact}, {total} until {deadline}.</p>",
                    **more,
                }
            )

        return cls.env["ar.dunning.policy"].create(
            {
                "name": "Plain",
                "company_id": company.id,
                "audience": "business",
                "contact_gap": 7,
                "transit_days": 2,
                "grace_days": 0,
                "reminders_before_formal": 3,
                "working_days_only": False,
                "bank_max_age": 0,
                "tolerance": 10.0,
                "level_ids": [
                    level("Soon due", -3, "note"),
                    level("Due today", 0, "note"),
                    level("First reminder", 5, "reminder", 7),
                    level("Second reminder", 15, "reminder", 7),
                    level("Third reminder", 25, "reminder", 7, credit_hold=True),
                    level("Formal notice", 40, "formal", 10, channel_letter=True, warn_salesperson=True),
                ],
                **values,
            }
        )

    @classmethod
    def invoice(cls, amount=1000.0, due=DUE, partner=None, sent=True, currency=None, company=None, **values):
        """A posted customer invoice of one untaxed line, due on `due`."""
        company = company or cls.company
        invoice = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "partner_id": (partner or cls.partner_a).id,
                    "invoice_date": min(due, date(2026, 2, 1)),
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "currency_id": (currency or company.currency_id).id,
                    "invoice_line_ids": [
                        Command.create({"name": "Work", "quantity": 1, "price_unit": amount, "tax_ids": []})
                    ],
                    **values,
                }
            )
        )
        invoice.action_post()
        invoice.is_move_sent = sent
        return invoice

    @classmethod
    def pay(cls, invoice, amount, day):
        """Register a payment of `amount` on the invoice."""
        return (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": amount, "payment_date": day})
            ._create_payments()
        )

    @classmethod
    def bank_line(cls, amount, label, day, partner=None, **values):
        """A line of the bank statement that nobody has matched."""
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.company_data["default_journal_bank"].id,
                "date": day,
                "payment_ref": label,
                "amount": amount,
                "partner_id": partner.id if partner else False,
                **values,
            }
        )

    @classmethod
    def unmatched_payment(cls, amount, day, partner=None, currency=None):
        """A posted customer payment that is not matched with any invoice."""
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or cls.partner_a).id,
                "amount": amount,
                "date": day,
                "currency_id": (currency or cls.company.currency_id).id,
                "journal_id": cls.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def item(cls, invoice):
        cls.env["ar.dunning.item"].sudo()._sync(invoice.company_id)
        items = cls.env["ar.dunning.item"].sudo().search([("move_id", "=", invoice.id)])
        return items.sudo(False)

    @classmethod
    def accountant_who_logs_in(cls):
        """An accountant without more rights than needed, for a tour: login and password are `accountant`."""
        return new_test_user(
            cls.env,
            "accountant",
            "ar_dunning.group_dunning_user",
            password="accountant",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def make_run(self, day, kind="manual", company=None, **values):
        """A run of `day` under way."""
        values = {"date": day, "kind": kind, "state": "running", "company_id": (company or self.company).id, **values}
        return self.env["ar.dunning.run"].sudo()._make(values)

    def night(self, day, company=None):
        """Prepare the notices of `day`; returns the run."""
        company = company or self.company
        with freeze_time(datetime.combine(day, time(2))):
            run = self.make_run(day, company=company)
            run._play()
            self.env.invalidate_all()
        self.assertFalse(run.error_ids.mapped("reason"))
        return run.sudo(False)

    def send(self, notices, day):
        """Approve and hand over; e-mails are taken by the server, letters wait for the post."""
        with freeze_time(datetime.combine(day, time(9))), self.allow_pdf_render():
            notices._approve()
            Dispatch = self.env["ar.dunning.dispatch"].sudo()
            for notice_id in Dispatch._send_ready(notices.ids, day):
                Dispatch._render(Dispatch.env["ar.dunning.notice"].browse(notice_id))
                Dispatch._send_ready([notice_id], day)
            deliveries = notices.sudo().delivery_ids.filtered(lambda delivery: delivery.channel == "email")
            deliveries._update_state(("queued",), "sent", done_on=datetime.combine(day, time(9)))
            notices._settle()
            self.env.invalidate_all()

    def day(self, day):
        """A night and the morning after: everything prepared is approved and sent. Returns the notices."""
        notices = self.night(day).notice_ids.filtered(lambda notice: notice.state == "draft")
        self.send(notices, day)
        return notices

    def reminded(self, amount=1000.0, **values):
        """An invoice of `amount` and its first reminder, sent on `REMINDED` with `DEADLINE`."""
        invoice = self.invoice(amount, **values)
        company = values.get("company") or self.company
        notice = self.night(REMINDED, company=company).notice_ids
        self.send(notice, REMINDED)
        self.assertEqual((notice.state, notice.deadline), ("sent", DEADLINE))
        return invoice, notice

    def blockers(self, invoice, day):
        """The codes that stand in the way of the invoice's next step on `day`."""
        item = self.item(invoice)
        decisions = self.env["ar.dunning.ledger"].sudo()._decide(item.customer_id, day)
        facts = decisions[item.customer_id.id].items
        return {blocker.code for fact in facts if fact.id in item.ids for blocker in fact.step.blockers}

    def mail_statements(self, notices):
        """How many statements it takes to write the mails of these notices, nothing being in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["ar.dunning.print"]._mail_contents(notices.browse(notices.ids))
        return self.env.cr.sql_log_count - before
