from datetime import timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, config

from ..models.ar_dunning_incoming_read import DRAFT_DAYS
from ..models.sql import DUE, OPEN_LINE, TRADE
from ..tools.screen import say

INVOICES = ("out_invoice", "out_receipt")


class ArDunningSetup(models.TransientModel):
    """What the ledger and the company lack for dunning to work, each with its way out."""

    _inherit = "ar.dunning.setup"

    opening_count = fields.Integer(compute="_compute_findings")
    unsent_count = fields.Integer(compute="_compute_findings")
    old_draft_count = fields.Integer(compute="_compute_findings")
    unreachable_count = fields.Integer(compute="_compute_findings")
    unclear_count = fields.Integer(compute="_compute_findings")
    no_policy_count = fields.Integer(compute="_compute_findings")
    contacts_count = fields.Integer(compute="_compute_findings")
    unattended_count = fields.Integer(compute="_compute_findings")
    mail_server_missing = fields.Boolean(compute="_compute_findings")
    email_missing = fields.Boolean(compute="_compute_findings")
    bank_missing = fields.Boolean(compute="_compute_findings")
    hours_missing = fields.Boolean(compute="_compute_findings")
    holidays_missing = fields.Boolean(compute="_compute_findings")
    finding_count = fields.Integer(compute="_compute_findings")

    @api.depends("state")
    def _compute_findings(self):
        for setup in self:
            company = setup.company_id.sudo()
            setup.opening_count = len(setup._opening_lines().move_id)
            setup.unsent_count = len(setup._unsent_moves())
            setup.old_draft_count = len(setup._old_drafts())
            setup.unreachable_count = len(setup._unreachable_customers())
            open_customers = setup._open_customers()
            setup.unclear_count = len(open_customers.filtered("audience_unclear"))
            setup.no_policy_count = len(open_customers.filtered(lambda customer: not customer.effective_policy_id))
            setup.contacts_count = len(setup._customers_of_many_contacts(open_customers))
            setup.unattended_count = len(setup._unattended_customers(open_customers))
            setup.mail_server_missing = not setup._has_mail_server()
            setup.email_missing = not company.email
            setup.bank_missing = not company._dunning_bank(self.env["res.partner.bank"])
            setup.hours_missing = not company.resource_calendar_id
            setup.holidays_missing = bool(company.resource_calendar_id) and not setup._has_holidays()
            setup._find()
            setup.finding_count = sum(bool(setup[name]) for name in setup._finding_fields())

    def _find(self):
        """Seam. Fill a member's own findings: fields of it that say `compute="_compute_findings"`; each that is not empty
        counts as one. A member shows them, with their ways out, in its part of the view."""
        self.ensure_one()

    @api.model
    def _finding_fields(self):
        """Names of the fields that each stand for one finding."""
        return [
            name
            for name, field in self._fields.items()
            if field.compute == "_compute_findings" and name != "finding_count"
        ]

    # === What is looked for === #

    def _opening_lines(self):
        """Open receivables of general entries that core excludes from follow-up, as it does for every such entry."""
        self.ensure_one()
        return self._lines(SQL("j.type = 'general' AND m.move_type = 'entry' AND l.no_followup IS TRUE"))

    def _unsent_moves(self):
        """Invoices with something open that no customer was ever sent."""
        self.ensure_one()
        return self._lines(
            SQL(
                """
                m.move_type = ANY(%s) AND m.is_move_sent IS NOT TRUE AND l.no_followup IS NOT TRUE
                AND NOT EXISTS (SELECT FROM ar_dunning_item i WHERE i.move_line_id = l.id AND i.is_loaded)
                """,
                list(INVOICES),
            )
        ).move_id

    def _old_drafts(self):
        """Draft credit notes that nobody has posted for so long that dunning counts on them no more."""
        self.ensure_one()
        drafts = [
            ("company_id", "=", self.company_id.id),
            ("move_type", "=", "out_refund"),
            ("state", "=", "draft"),
            ("amount_total", ">", 0),
        ]
        oldest = self.company_id._dunning_today() - timedelta(days=DRAFT_DAYS)
        found = self.env["account.move"].sudo().search(drafts)
        return found.filtered(lambda move: (move.invoice_date or move.date) < oldest)

    def _lines(self, condition):
        """Open receivable lines with a customer that count from the chosen start on, and meet the SQL `condition`."""
        if not self.company_id:
            return self.env["account.move.line"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN account_journal j ON j.id = m.journal_id
                 WHERE %(open)s AND %(trade)s AND l.company_id = %(company)s AND l.partner_id IS NOT NULL
                   AND l.payment_id IS NULL AND l.statement_line_id IS NULL
                   AND %(due)s >= %(start)s AND %(condition)s
                 ORDER BY l.id
                """,
                open=OPEN_LINE,
                trade=TRADE,
                due=DUE,
                company=self.company_id.id,
                start=self.company_id.sudo().ar_dunning_not_before or "0001-01-01",
                condition=condition,
            )
        )
        return self.env["account.move.line"].browse([line for (line,) in self.env.cr.fetchall()])

    def _open_customers(self, overdue=False):
        """Customer records of the company with an open item that counts (or one that is overdue)."""
        self.ensure_one()
        company = self.company_id.sudo()
        domain = [("is_open", "=", True)]
        if overdue:
            domain.append(("due_date", "<", company._dunning_today()))
        if company.ar_dunning_not_before:
            domain.append(("due_date", ">=", company.ar_dunning_not_before))
        return self.env["ar.dunning.customer"].search(
            [("company_id", "=", company.id), ("item_ids", "any", domain), ("never", "=", False)]
        )

    def _unreachable_customers(self):
        """Customers with something overdue whom neither e-mail nor post reaches."""
        customers = self._open_customers(overdue=True)
        today = self.company_id._dunning_today()
        addresses = self.env["ar.dunning.address"].sudo()._of_customers(customers, today)
        return customers.filtered(lambda customer: not addresses[customer.id].is_reachable)

    def _customers_of_many_contacts(self, customers):
        """Those of these customers who get one notice though their open invoices name several of their contacts."""
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id
                  FROM ar_dunning_customer c
                  JOIN ar_dunning_item i ON i.customer_id = c.id
                  JOIN account_move_line l ON l.id = i.move_line_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner k ON k.id = m.partner_id
                 WHERE c.id = ANY(%s) AND c.contact_id IS NULL AND %s
                   AND k.active AND k.commercial_partner_id = c.partner_id AND k.id <> c.partner_id
                 GROUP BY c.id HAVING count(DISTINCT k.id) > 1
                """,
                customers.ids,
                OPEN_LINE,
            )
        )
        found = customers.browse([customer for (customer,) in self.env.cr.fetchall()])
        return found.filtered(lambda customer: customer.effective_policy_id.grouping == "customer")

    def _unattended_customers(self, customers):
        """Those of these customers whom nobody looks after, and who were invoiced in nobody's name."""
        nobody = customers.filtered(
            lambda customer: (
                not (
                    customer.responsible_id._is_dunning_person()
                    or customer.effective_policy_id.responsible_id._is_dunning_person()
                )
            )
        )
        items = self.env["ar.dunning.item"].sudo().search([("customer_id", "in", nobody.ids), ("is_open", "=", True)])
        items.move_id.fetch(["invoice_user_id"])
        sold = items.filtered(lambda item: item.move_id.invoice_user_id._is_dunning_person())
        return nobody - sold.customer_id.sudo(False)

    @api.model
    def _has_mail_server(self):
        """Whether somebody has said where mail goes; Odoo's own default is this very machine."""
        if self.env["ir.mail_server"].sudo().search_count([], limit=1):
            return True
        return config["smtp_server"] not in (False, "", "localhost")

    def _has_holidays(self):
        today = self.company_id._dunning_today()
        return any(day >= today for day in self.company_id._dunning_calendar(today).holidays)

    # === Ways out: look at the list === #

    def action_open_opening(self):
        """The entries whose receivables do not count yet."""
        return self._list(self.env._("Opening entries left out"), self._opening_lines().move_id)

    def action_open_unsent(self):
        """The invoices that were never sent."""
        return self._list(self.env._("Invoices never sent"), self._unsent_moves())

    def action_open_old_drafts(self):
        """The draft credit notes that wait for somebody to post or delete them."""
        return self._list(self.env._("Draft credit notes left behind"), self._old_drafts())

    def action_open_unreachable(self):
        """The customers whom nothing reaches."""
        return self._list(self.env._("Customers without any address"), self._unreachable_customers().partner_id)

    def action_open_unclear(self):
        """The customer records whose kind is to be confirmed."""
        unclear = self._open_customers().filtered("audience_unclear")
        return self._list(self.env._("Business or consumer?"), unclear)

    def action_open_no_policy(self):
        """The customer records that no policy fits."""
        customers = self._open_customers().filtered(lambda customer: not customer.effective_policy_id)
        return self._list(self.env._("Customers without a policy"), customers)

    def action_open_contacts(self):
        """The customers whose invoices name several contacts."""
        found = self._customers_of_many_contacts(self._open_customers())
        return self._list(self.env._("Invoices to several contacts"), found)

    def action_open_unattended(self):
        """The customers whom nobody looks after."""
        return self._list(self.env._("Nobody looks after them"), self._unattended_customers(self._open_customers()))

    def action_open_banks(self):
        """The company's bank accounts."""
        partner = self.company_id.sudo().partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank accounts of %s", partner.name),
            "res_model": "res.partner.bank",
            "view_mode": "list,form",
            "domain": [("partner_id", "=", partner.id)],
            "context": {"default_partner_id": partner.id},
        }

    def action_open_mail_servers(self):
        """Outgoing mail servers, for the administrator."""
        return self.env["ir.actions.act_window"]._for_xml_id("base.action_ir_mail_server_list")

    def action_open_company(self):
        """The company, for the administrator."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.company",
            "res_id": self.company_id.id,
            "view_mode": "form",
        }

    def _list(self, name, records):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
            "view_mode": "list,form",
            "domain": [("id", "in", records.ids)],
        }

    # === Ways out: fix it === #

    def action_count_openings(self):
        """Let the opening entries count: their receivables are followed up from now on.

        In one statement: writing to journal items one by one recalculates their entries.
        """
        lines = self._opening_lines()
        lines.check_access("write")
        self.env.cr.execute("UPDATE account_move_line SET no_followup = FALSE WHERE id = ANY(%s)", [lines.ids])
        lines.invalidate_recordset(["no_followup"], flush=False)
        self._note(lines.move_id, self.env._("Followed up from now on, as chosen in the dunning set-up."))
        self.env["ar.dunning.item"].sudo()._sync(self.company_id.sudo())
        return self._done(self.env._("%s entries count from now on.", len(lines.move_id)))

    def action_count_as_sent(self):
        """Take the invoices as sent: somebody vouches for it, and each invoice says who.

        In one statement, as any write to `account.move` recalculates the invoice.
        """
        moves = self._unsent_moves()
        moves.check_access("write")
        self.env.cr.execute("UPDATE account_move SET is_move_sent = TRUE WHERE id = ANY(%s)", [moves.ids])
        moves.invalidate_recordset(["is_move_sent", "move_sent_values"], flush=False)
        self._note(moves, self.env._("Counted as sent, as chosen in the dunning set-up."))
        items = self.env["ar.dunning.item"].sudo().search([("move_id", "in", moves.ids)])
        items._forget_next_date()
        return self._done(self.env._("%s invoices count as sent.", len(moves)))

    def action_group_by_contact(self):
        """From now on each invoice contact gets a notice of its own, in the policies of the customers concerned."""
        policies = self._customers_of_many_contacts(self._open_customers()).effective_policy_id
        policies.write({"grouping": "contact"})
        names = ", ".join(policies.mapped("name"))
        return self._done(self.env._("One notice per invoice contact from now on: %s.", names))

    def action_unclear_business(self):
        """All unclear customers are businesses."""
        return self._confirm_audience("business")

    def action_unclear_consumer(self):
        """All unclear customers are consumers."""
        return self._confirm_audience("consumer")

    def _confirm_audience(self, audience):
        customers = self._open_customers().filtered("audience_unclear")
        customers.write({"audience": audience})
        return self._done(self.env._("%s customers confirmed.", len(customers)))

    def action_add_holidays(self):
        """Add this and the next year's public holidays of the company's country to its working schedule."""
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can change the working schedule here."))
        year = self.company_id._dunning_today().year
        leaves = self.company_id._seed_public_holidays((year, year + 1))
        return self._done(self.env._("%s public holidays were added to the working schedule.", len(leaves)))

    def _note(self, moves, text):
        body = Markup("<p>%s</p>") % escape(text)
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, body))

    def _done(self, message):
        self.invalidate_recordset()
        return say(message)
