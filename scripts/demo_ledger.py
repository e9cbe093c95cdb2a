"""The demo's ledger as of a day: invoices of every lateness, and the nights that led up to it."""

import re
from collections import defaultdict
from datetime import date, timedelta

from demo_customers import CUSTOMERS, LOADED
from demo_goods import GOODS, said
from demo_odoo import clock, drawing, translate
from demo_orders import Orders
from demo_promises import Promises

STEPS = {"note": 0, "day": 1, "r1": 2, "r2": 3, "r3": 4, "formal": 5}
AUDIENCES = {"business": "business", "consumer": "consumer", "public": "public", "trader": "consumer"}
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}
BEFORE = 150  # days of nights played before the demo's own


class Ledger:
    """Builds the ledger in a database with the demo's company."""

    def __init__(self, env, day: date) -> None:
        self.env = env(context={**env.context, **QUIET})
        self.day = day
        self.users = {user.login: user for user in env["res.users"].search([])}
        self.currencies = {currency.name: currency for currency in env["res.currency"].search([])}
        policies = env["ar.dunning.policy"].search([("company_id", "=", env.company.id)])
        self.policies = {policy.audience: policy for policy in policies}
        self.payments = defaultdict(list)  # by day: what was paid in the course of the nights

    def build(self) -> None:
        """Customers, invoices, the nights before, and what happened since. Commits."""
        everyday = self.policies["business"].union(*self.policies.values())
        everyday.working_days_only = False  # the steps below are counted in plain days
        everyday.responsible_id = self.users["accountant"]
        self.set_up()
        self.law()
        partners = {customer: self.partner(customer) for customer in CUSTOMERS}
        invoices = {customer: self.invoices(customer, partner) for customer, partner in partners.items()}
        moves = self.env["account.move"].union(*invoices.values()).sorted("invoice_date")
        moves._post(soft=False)
        self.hand_over(moves, invoices)
        for customer, partner in partners.items():
            self.before_the_nights(customer, partner, invoices[customer])
        self.env.cr.commit()
        self.nights()
        for customer, partner in partners.items():
            self.since_then(customer, partner, invoices[customer])
        self.load()
        self.bank_lines()
        Promises(self).keep(partners)
        Orders(self).write()
        if self.env.company._dunning_calendar(self.day).is_working(self.day):
            everyday.working_days_only = True
        self.env.cr.commit()

    def set_up(self):
        """A manager has answered the three questions of *Set up*, with what they propose."""
        self.env["ar.dunning.setup"].with_user(self.users["manager"]).create({}).action_findings()

    def law(self):
        """The statutory rules of the customers' countries: claims from the second reminder on, and texts on invoices."""
        known = self.env["ar.dunning.statutory"]._packs()
        codes = {customer.country for customer in CUSTOMERS} & set(known)
        countries = self.env["res.country"].search([("code", "in", sorted(codes))])
        kinds = {"for_business": True, "for_consumer": True, "for_public": True}
        self.env["ar.dunning.pack.wizard"].create(
            {"country_ids": [(6, 0, countries.ids)], "claim_from": "second", "due_agreed": True, **kinds}
        ).action_apply()
        product = self.env.ref("ar_dunning_charge.product_fee")
        fee = self.env["ar.dunning.fee.rule"].create({"name": product.name, "method": "statute"})
        translate(fee, lambda lang: product.with_context(lang=lang).name)  # it stands on letters
        for policy in self.policies.values():
            reminders = policy.level_ids.filtered(lambda level: level.kind == "reminder").sorted("days")
            reminders[1:].fee_rule_id = fee
        self.env.company.ar_dunning_mentions = True

    # === Customers and invoices === #

    def partner(self, customer):
        """The contact."""
        number = len(self.env["res.partner"].search([("ref", "like", "1____")])) + 10001
        street, code, city = customer.address or (False, False, False)
        partner = self.env["res.partner"].create(
            {
                "name": customer.name,
                "ref": str(number),
                "is_company": customer.kind in ("business", "public"),
                "industry_id": self.env.ref("base.res_partner_industry_O").id if customer.kind == "public" else False,
                "vat": "999 888 777" if customer.kind == "trader" else False,
                "lang": customer.lang,
                "email": customer.email,
                "phone": customer.phone,
                "street": street,
                "zip": code,
                "city": city,
                "country_id": self.env["res.country"].search([("code", "=", customer.country)]).id,
                "user_id": self.users["sales"].id if customer.kind == "business" else False,
            }
        )
        if "portal" in customer.traits:
            self.env["res.users"].with_context(no_reset_password=True).create(
                {
                    "login": "portal",
                    "password": "portal",
                    "partner_id": partner.id,
                    "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
                }
            )
        return partner

    def invoices(self, customer, partner):
        """Draft invoices of the customer's items."""
        return self.env["account.move"].create(
            [self.invoice(customer, partner, position, *item) for position, item in enumerate(customer.items)]
        )

    def invoice(self, customer, partner, position, amount, late, special=""):
        """One invoice as values; `late` in days, or a step that falls on the day. `special`: currency or payment."""
        due = self.due(customer, late)
        currency = customer.currency if special.startswith("paid") else special or customer.currency
        article = list(GOODS)[(int(amount) + position) % len(GOODS)]
        line = {"name": said(article, customer.lang), "quantity": 1, "price_unit": amount}
        tax = self.env.company.account_sale_tax_id if customer.lang == "nb_NO" else self.env["account.tax"]
        values = {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": due - timedelta(days=14 if customer.kind == "consumer" else 30),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "currency_id": self.currencies[currency].id,
            "invoice_user_id": partner.user_id.id,
            "invoice_line_ids": [(0, 0, line | {"tax_ids": [(6, 0, tax.ids)]})],
        }
        if "instalments" in customer.traits:
            values |= {"invoice_payment_term_id": self.instalments().id, "invoice_date": due}
            del values["invoice_date_due"]
        return values

    def due(self, customer, late):
        """The due date: by days of lateness, or so that the step falls on the day."""
        if isinstance(late, int):
            return self.day - timedelta(days=late)
        policy = self.policies[AUDIENCES[customer.kind]]
        step, _minus, ago = late.partition("-")
        on = self.day - timedelta(days=int(ago or 0))
        for days in range(-5, 200):
            due = on - timedelta(days=days)
            planned = policy._timeline(due)
            if planned[STEPS[step]].on == on:
                return due
        raise ValueError(f"{customer.name}: no due date brings {late} to {self.day}")

    def instalments(self):
        """30 % at once, the rest after 40 days."""
        return self.env["account.payment.term"].create(
            {
                "name": "30 % at once, 70 % after 40 days",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 30, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 70, "nb_days": 40}),
                ],
            }
        )

    def hand_over(self, moves, invoices):
        """The customers have their invoices, but for those that were never sent."""
        unsent = self.env["account.move"].union(*(invoices[c] for c in CUSTOMERS if "never sent" in c.traits))
        sent = moves - unsent
        with drawing(self.env):
            report = self.env["ir.actions.report"].with_context(**QUIET)
            for move in sent:
                pdf, _kind = report._render_qweb_pdf("account.account_invoices", move.ids)
                self.env["ir.attachment"].create(
                    {
                        "name": move._get_invoice_report_filename(),
                        "raw": pdf,
                        "mimetype": "application/pdf",
                        "res_model": "account.move",
                        "res_id": move.id,
                        "res_field": "invoice_pdf_report_file",
                    }
                )
                self.env.cr.commit()
        self.env.cr.execute(  # the customer had each with its date, long before the demo was made
            "UPDATE ir_attachment a SET create_date = m.invoice_date + interval '9 hours' FROM account_move m"
            " WHERE a.res_model = 'account.move' AND a.res_field = 'invoice_pdf_report_file' AND a.res_id = m.id AND m.id = ANY(%s)",
            [sent.ids],
        )
        sent.invalidate_recordset()
        sent.is_move_sent = True

    # === Traits === #

    def before_the_nights(self, customer, partner, moves):
        """What was so all along."""
        self.env["ar.dunning.item"]._sync(self.env.company)
        record = self.record(partner)
        traits = customer.traits
        if "never" in traits:
            record.never = True
        if "no follow-up" in traits:
            moves[0].ar_dunning_excluded = True
        if "blacklisted" in traits:
            self.env["mail.blacklist"]._add(partner.email)
        if "copy to payer" in traits:
            record.payer_id = self.env["res.partner"].create(
                {"name": "Thornfield Group Treasury", "email": "treasury@thornfield.example"}
            )
        if "paid" in traits:
            self.pay(moves[0], moves[0].amount_residual, moves[0].invoice_date_due + timedelta(days=3))
        for move, (_amount, _late, *special) in zip(moves, customer.items, strict=True):
            if special and special[0].startswith("paid"):
                self.payments[move.invoice_date_due + timedelta(days=int(special[0].split()[1]))].append(move)

    def since_then(self, customer, partner, moves):
        """What happened after the last night."""
        traits, yesterday = customer.traits, self.day - timedelta(days=1)
        if "paid half" in traits:
            self.pay(moves[0], round(moves[0].amount_residual / 2, 2), yesterday)
        if "paused" in traits:
            self.env["ar.dunning.arrangement"].create(
                {
                    "customer_id": self.record(partner).id,
                    "date_start": yesterday,
                    "date_end": self.day + timedelta(days=14),
                    "reason": "Disputes the delivery; the warehouse is looking into it",
                }
            )
        if "pause ends" in traits:
            self.env["ar.dunning.arrangement"].create(
                {
                    "customer_id": self.record(partner).id,
                    "date_start": self.day - timedelta(days=10),
                    "date_end": self.day,
                    "review_date": self.day,
                    "reason_id": self.env.ref("ar_dunning.reason_pause_credit").id,
                    "reason": "Two of the tents came back; the warehouse counts them",
                }
            )
        if {"credit note", "draft credit note"} & traits:
            self.credit_note(moves[0], post="credit note" in traits)

    def record(self, partner):
        """The dunning record of a contact."""
        return self.env["ar.dunning.customer"].search([("partner_id", "=", partner.id)])

    def pay(self, move, amount, day):
        """A payment matched with the invoice."""
        register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        register.create({"amount": amount, "payment_date": day})._create_payments()

    def credit_note(self, move, post):
        """A credit note over the whole invoice, not matched with it."""
        values = {name: move[name].id for name in ("partner_id", "currency_id")}
        taxes = [(6, 0, move.invoice_line_ids.tax_ids.ids)]
        what = said("Returned goods", move.partner_id.lang)
        lines = [(0, 0, {"name": what, "quantity": 1, "price_unit": move.amount_untaxed, "tax_ids": taxes})]
        refund = self.env["account.move"].create(
            values | {"move_type": "out_refund", "invoice_date": self.day, "invoice_line_ids": lines}
        )
        if post:
            refund._post(soft=False)

    def bank_lines(self):
        """Yesterday's bank lines: somebody's money that is not matched yet, and a fee."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        lines = [{"payment_ref": "Bank charges", "amount": -85.0}]
        for customer in CUSTOMERS:
            if "money in the bank" in customer.traits:
                move = self.env["account.move"].search([("partner_id.name", "=", customer.name)], limit=1)
                lines.append(
                    {
                        "payment_ref": f"Payment {move.name}",
                        "amount": move.amount_residual,
                        "partner_id": move.partner_id.id,
                    }
                )
        common = {"journal_id": journal.id, "date": self.day - timedelta(days=1)}
        self.env["account.bank.statement.line"].create([line | common for line in lines])
        self.slow_bank()

    def slow_bank(self):
        """A second account whose bank is two days behind: what was promised since then waits for it."""
        slow = self.env["account.journal"].create(
            {"name": "Sparebanken", "type": "bank", "code": "SPARE", "sequence": 90}
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": slow.id,
                "date": self.day - timedelta(days=3),
                "payment_ref": "Interest",
                "amount": 12.0,
            }
        )

    def load(self):
        """Items of the system before, by the loader."""
        text = re.sub(r"\{(\d+)\}", lambda found: str(self.day - timedelta(days=int(found[1]))), LOADED)
        result = self.env["ar.dunning.load"]._load(text)
        if result.bad:
            raise ValueError(f"lines that do not load: {result.bad}")

    # === The nights before === #

    def nights(self):
        """Play the nights up to yesterday, each with a clock of its own."""
        with drawing(self.env):
            for ago in range(BEFORE, 0, -1):
                day = self.day - timedelta(days=ago)
                with clock(day):
                    for move in self.payments[day]:
                        self.pay(move, move.amount_residual, day)
                    self.night(day, leaves=ago > 1)

    def night(self, day, leaves):
        """One night and the morning after: everything is approved, and leaves as far as it can.

        What was approved on the last day leaves in the demo itself: only there is a mail server.
        """
        env = self.env
        run = env["ar.dunning.run"]._make({"date": day, "kind": "night", "company_id": env.company.id})
        run._work()
        notices = run.notice_ids.filtered(lambda notice: notice.state == "draft")
        if not notices:
            run._discard()
            env.cr.commit()
            return
        notices.with_user(self.users["manager"])._approve()
        env.cr.commit()
        if not leaves:
            return
        env["ar.dunning.dispatch"]._send(notices.ids, on=day)
        waiting = notices.delivery_ids.filtered(lambda delivery: delivery.state == "queued")
        mails = waiting.filtered(lambda delivery: delivery.channel == "email")
        mails._update_state(("queued",), "sent", done_on=env["ar.dunning.run"]._fields["started_at"].now())
        mails.mail_id.write({"state": "sent"})
        waiting.filtered(lambda delivery: delivery.channel == "letter")._mark_posted(day)
        for task in waiting.filtered("activity_id"):
            task.activity_id.action_feedback("Called; promised to look into it.")
        notices._settle()
        env.cr.commit()
