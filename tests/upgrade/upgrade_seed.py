"""A former database in use: what a company has after a spring of dunning, made with the addons of the former commit.

Days are fixed. Invoices fall due on 2 March 2026 unless said otherwise; the steps of business customers come 7, 21, 33 and 44 days
later. The nights of 9 March (first reminder), 23 March (second) and 4 April (third) are played and sent.
"""

import hashlib
import io
from datetime import date, timedelta

from upgrade_process import clock

DUE = date(2026, 3, 2)
NIGHTS = (date(2026, 3, 9), date(2026, 3, 23), date(2026, 4, 4))
LAST = date(2026, 4, 10)  # what happened after the nights

# Name, e-mail address or none, invoices as (amount, due).
CUSTOMERS = (
    ("Adler Maschinen GmbH", "adler", ((1000.0, DUE),)),
    ("Biber Holz GmbH", None, ((2000.0, DUE),)),
    (
        "Castor Technik AG",
        "castor",
        ((500.0, date(2026, 1, 12)), (400.0, date(2026, 1, 19)), (300.0, date(2026, 1, 26)), (700.0, date(2026, 4, 8))),
    ),
    ("Dachs Bau GmbH", "dachs", ((1500.0, DUE),)),
    ("Elster Handel GmbH", "elster", ((3000.0, date(2026, 3, 16)),)),
    ("Falke Druck GmbH", "falke", ((4000.0, DUE),)),
    ("Hase Textil GmbH", "hase", ((1200.0, date(2026, 3, 28)),)),
    ("Igel Optik GmbH", "igel", ((800.0, date(2026, 4, 14)),)),
)


class Seed:
    """Fills the database, subject by subject."""

    def __init__(self, env):
        self.env = env(context={**env.context, "tracking_disable": False})
        self.company = env.company
        self.partners, self.invoices = {}, {}

    def fill(self):
        """Everything, in the order in which it happened."""
        with clock(date(2026, 1, 2), 8):
            self.set_up()
            self.edit_what_was_shipped()
            self.write_invoices()
        for day in NIGHTS:
            self.play(day)
            if day == NIGHTS[0]:
                self.pay("Castor Technik AG", 3, date(2026, 3, 10))
        with clock(LAST, 8):
            self.arrange()
            self.judge()
            self.decide_on_charges()
            self.stop_while_sending()
            if "ar.dunning.deposit" in self.env:
                from upgrade_seed_sale import SeedSale

                SeedSale(self).fill()
            self.env.cr.commit()

    def user(self, login, *groups):
        """A user of that name."""
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "login": login,
                    "name": login.capitalize(),
                    "email": f"{login}@example.com",
                    "tz": "UTC",
                    "group_ids": [(6, 0, [self.env.ref(group).id for group in ("base.group_user", *groups)])],
                }
            )
        )

    # === What a company sets === #

    def set_up(self):
        """Currency, users, policies in plain days, a fee, and the law of two countries."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.company.write({"currency_id": euro.id, "email": "office@example.com", "name": "Nordlicht GmbH"})
        self.env["product.pricelist"].search([]).currency_id = euro
        self.company.partner_id.write({"country_id": self.env.ref("base.de").id, "tz": "UTC"})
        self.accountant = self.user("accountant", "ar_dunning.group_dunning_manager", "account.group_account_manager")
        self.controller = self.user("controller", "ar_dunning.group_dunning_user", "ar_dunning.group_credit_override")
        self.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        self.env["ir.config_parameter"].set_param("report.print_delay", "0")
        self.env["ar.dunning.pack.wizard"].create(
            {
                "country_ids": [(6, 0, (self.env.ref("base.de") | self.env.ref("base.no")).ids)],
                "for_business": True,
                "for_consumer": True,
                "claim_from": "second",
                "due_agreed": True,
            }
        ).action_apply()
        fee = self.env["ar.dunning.fee.rule"].create(
            {"name": "Reminder fee", "is_agreed": True, "tier_ids": [(0, 0, {"fixed": 5.0})]}
        )
        self.policy = self.env.ref("ar_dunning.policy_business")
        self.policy.write(
            {"working_days_only": False, "bank_max_age": 0, "mode": "review", "responsible_id": self.accountant.id}
        )
        levels = self.policy.level_ids
        levels.attach_invoices = "none"
        levels.filtered(lambda level: level.days >= 21).write({"fee_rule_id": fee.id})
        self.env.ref("ar_dunning.level_business_reminder_2").attach_invoices = "overdue"

    def edit_what_was_shipped(self):
        """Records of the addon that a person has changed since: products, a law, texts, a scheduled action, numbers."""
        ref = self.env.ref
        tax = self.env["account.tax"].create({"name": "Edited 19 %", "amount": 19, "type_tax_use": "sale"})
        ref("ar_dunning.product_fee").write(
            {"name": "Mahnkosten", "default_code": "MK-1", "taxes_id": [(6, 0, tax.ids)]}
        )
        ref("ar_dunning.product_interest").write({"name": "Verzugszins", "list_price": 1.5})
        ref("ar_dunning.level_business_formal").subject = "Edited: last notice {invoices}"
        ref("ar_dunning.reason_pause_agreed").name = "Edited: agreed by telephone"
        ref("ar_dunning.mail_template_notice").name = "Edited: notice"
        ref("ar_dunning.ir_cron_book").write({"interval_number": 3, "priority": 7})
        ref("ar_dunning.sequence_notice").prefix = "EDITED/"
        germany = self.env["ar.dunning.regime"].search([("country_code", "=", "DE"), ("audience", "=", "business")])
        germany.write({"compensation_amount": 35.0, "note": "Edited: agreed with our customers"})
        value = self.env["ar.dunning.rate.value"].search([("rate_id.unit", "=", "percent")], limit=1)
        value.write({"value": value.value + 0.25, "source": "Edited by a person"})
        rule = self.env["ar.dunning.score.rule"].search([], limit=1) or self.env["ar.dunning.score.rule"].create({})
        rule.lateness += 1
        self.env["ar.dunning.credit.rule"].create({"name": "Large debts", "message": "Look twice", "effect": "watch"})
        self.env["ar.dunning.interest.rule"].create(
            {"name": "Contract 12 %", "interest_source": "fixed", "fixed_rate": 12}
        )

    # === Customers and their invoices === #

    def write_invoices(self):
        """The customers, and what they owe; each has its invoice as a file already."""
        for name, mailbox, debts in CUSTOMERS:
            self.partners[name] = partner = self.env["res.partner"].create(
                {
                    "name": name,
                    "is_company": True,
                    "lang": "en_US",
                    "email": mailbox and f"{mailbox}@example.com",
                    "street": "Hauptstrasse 1",
                    "zip": "10115",
                    "city": "Berlin",
                    "country_id": self.env.ref("base.de").id,
                }
            )
            self.invoices[name] = [self.invoice(partner, amount, due) for amount, due in debts]
        self.env.cr.commit()

    def invoice(self, partner, amount, due):
        """A posted invoice that the customer has."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": amount, "tax_ids": []})],
            }
        )
        invoice.action_post()
        self.env["ir.attachment"].create(
            {
                "name": f"{invoice.name}.pdf",
                "raw": page(invoice.name),
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        invoice.invalidate_recordset()
        invoice.is_move_sent = True
        return invoice

    def pay(self, name, count, day):
        """The customer pays the first `count` invoices."""
        for invoice in self.invoices[name][:count]:
            context = {"active_model": "account.move", "active_ids": invoice.ids}
            self.env["account.payment.register"].with_context(**context).create(
                {"amount": invoice.amount_residual, "payment_date": day}
            )._create_payments()
        self.env.cr.commit()

    # === Nights === #

    def play(self, day):
        """The night of `day`; in the morning the accountant sends everything, and the mails leave."""
        with clock(day):
            run = self.env["ar.dunning.run"].create({"date": day, "kind": "night"})
            assert run._work()
            self.env.cr.commit()
            assert not run.error_ids, run.error_ids.mapped("reason")
        with clock(day, 9):
            drafts = run.notice_ids.filtered(lambda notice: notice.state == "draft")
            drafts.with_user(self.accountant)._approve()
            self.env.cr.commit()
            self.env["ar.dunning.dispatch"]._send(drafts.ids, on=day)
            self.env.cr.commit()
            self.env["mail.mail"].process_email_queue()
            self.env.cr.commit()
            letters = drafts.delivery_ids.filtered(lambda delivery: delivery.channel == "letter")
            if letters:
                self.post(letters)
            self.env.cr.commit()

    def post(self, letters):
        """The letters are printed, and posted on that day."""
        letters.action_print_for_post()
        action = letters.action_mark_posted()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).action_post()

    # === What people did after the nights === #

    def customer(self, name):
        """The customer's record."""
        return self.env["ar.dunning.customer"]._of_partners(self.partners[name], self.company, create=True)

    def arrange(self):
        """A pause, a call, a run by hand, and a draft that a person has edited."""
        self.env["ar.dunning.pause.wizard"].create(
            {
                "customer_ids": self.customer("Dachs Bau GmbH").ids,
                "reason_id": self.env.ref("ar_dunning.reason_pause_agreed").id,
                "date_end": date(2026, 5, 31),
            }
        ).action_pause()
        run = self.env["ar.dunning.run"].create(
            {"date": LAST, "kind": "manual", "company_ids": [(6, 0, self.company.ids)]}
        )
        assert run._work()
        self.env.cr.commit()
        draft = self.env["ar.dunning.notice"].search(
            [("state", "=", "draft"), ("customer_id", "=", self.customer("Elster Handel GmbH").id)]
        )
        assert draft.level_id == self.env.ref("ar_dunning.level_business_reminder_2")
        draft.with_user(self.accountant).write({"text": "<p>Edited: we spoke on the telephone.</p>"})
        self.env["ar.dunning.call.wizard"].create(
            {
                "customer_id": self.customer("Hase Textil GmbH").id,
                "outcome_id": self.env.ref("ar_dunning.reason_call_call_back").id,
                "next_call": date(2026, 4, 13),
                "note": "Rang twice",
            }
        ).action_log()

    def judge(self):
        """A hold by hand, a bad and an expired check with their documents, an insolvency, limits, and everybody's score."""
        elster, falke = self.customer("Elster Handel GmbH"), self.customer("Falke Druck GmbH")
        self.env["ar.dunning.hold.wizard"].with_user(self.controller).create(
            {"customer_ids": elster.ids, "reason": "Moved away", "until": date(2026, 6, 30)}
        ).action_confirm()
        Check = self.env["ar.dunning.solvency.check"]
        for customer, result, values in (
            (elster, "bad", {"source": "agency", "rating": "Index 480", "recommended_limit": 250.0}),
            (self.customer("Adler Maschinen GmbH"), "good", {"valid_until": date(2026, 4, 12)}),
            (falke, "insolvent", {"source": "register", "opening_date": date(2026, 4, 7)}),
        ):
            check = Check.create({"customer_id": customer.id, "date": LAST, "result": result, **values})
            report = {"name": f"report-{result}.pdf", "raw": page(f"Report {result}"), "mimetype": "application/pdf"}
            check.attachment_ids = self.env["ir.attachment"].create(
                report | {"res_model": Check._name, "res_id": check.id}
            )
        elster.partner_id.with_company(self.company).credit_limit = 2500.0
        self.env["ar.dunning.customer"]._refresh_scores(self.company, LAST)
        self.env["ar.dunning.customer"]._close_night(self.company)
        self.env.cr.commit()

    def decide_on_charges(self):
        """Of what was claimed: Adler's is booked, one of Biber's is waived, one of Dachs's is booked and reversed, the rest announced."""
        Charge = self.env["ar.dunning.charge"]

        def of(name):
            return Charge.search([("customer_id", "=", self.customer(name).id), ("stage", "=", "announced")])

        of("Adler Maschinen GmbH")._book(LAST)
        of("Biber Holz GmbH")[0].with_user(self.accountant)._waive("Good customer")
        booked = of("Dachs Bau GmbH")
        booked._book(LAST)
        booked[0].with_user(self.accountant)._reverse("Claimed by mistake")
        self.env.cr.commit()

    def stop_while_sending(self):
        """The server was stopped while it sent the mail to Hase."""
        notice = self.env["ar.dunning.notice"].search([("customer_id", "=", self.customer("Hase Textil GmbH").id)])
        self.env.cr.execute("UPDATE ar_dunning_delivery SET state = 'sending' WHERE notice_id = %s", notice.ids)


def page(text):
    """A PDF of one page."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.drawString(100, 700, f"{text} {hashlib.sha256(text.encode()).hexdigest()}")
    canvas.save()
    return stream.getvalue()


def fill(env):
    """Fill the database of this environment."""
    Seed(env).fill()
