from collections import defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tools import format_date
from odoo.tools.misc import format_amount

from .ar_dunning_rehearsal import rehearsed_rows, told_html


class ArDunningRunWizard(models.TransientModel):
    """Run now, or rehearse: see exactly what a run of any day would send, to whom and in which words.

    A rehearsal is a real run on a connection whose work is thrown away, so it cannot differ from the
    night. It uses up no numbers.
    """

    _name = "ar.dunning.run.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Run Dunning"

    date = fields.Date(
        "Day",
        required=True,
        default=lambda self: self.env.company._dunning_today(),
        help="The day the rehearsal or run decides for. Any day can be rehearsed, past or future, "
        "with the open items of now.",
    )
    company_ids = fields.Many2many("res.company", string="Companies", default=lambda self: self.env.companies)
    previewed = fields.Boolean()
    line_ids = fields.One2many("ar.dunning.run.wizard.line", "wizard_id", readonly=True)
    notice_count = fields.Integer("Notices", readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    mail_count = fields.Integer("E-mails", readonly=True)
    letter_count = fields.Integer("Letters", readonly=True)
    task_count = fields.Integer("Tasks", readonly=True)
    automatic_count = fields.Integer("Leave by Themselves", readonly=True)
    totals = fields.Char("Amount Chased", readonly=True, help="Demanded by all these notices, by currency.")
    company_totals = fields.Char("In Company Currency", readonly=True)
    skipped_html = fields.Html("Left Alone, by Reason", readonly=True, sanitize=False)

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Rehearsal for %s", format_date(self.env, wizard.date))

    def action_run(self):
        """Queue a run; the scheduled action takes it up within the minute."""
        self.ensure_one()
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can start a run."))
        runs = self.env["ar.dunning.run"]._queue_manual(self.date, self._companies())
        action = {"type": "ir.actions.act_window", "name": self.env._("Runs"), "res_model": runs._name}
        if len(runs) == 1:
            return action | {"res_id": runs.id, "view_mode": "form"}
        return action | {"domain": [("id", "in", runs.ids)], "view_mode": "list,form"}

    def _companies(self):
        """The companies chosen, as far as the user works in them.

        :raise UserError: none is left
        """
        companies = self.company_ids & self.env.companies
        if not companies:
            raise UserError(self.env._("Choose a company that you are working in."))
        return companies

    def action_preview(self):
        """Rehearse the day and show the result on a page of its own."""
        self.ensure_one()
        companies = self._companies()
        rows, skipped_html = self._rehearse(self.date, companies)
        self.line_ids.unlink()
        # What the rehearsal found is written by us: a recipient may be a contact whom this user does not see.
        self.sudo().write(
            {
                "line_ids": [(0, 0, row) for row in rows],
                "previewed": True,
                "skipped_html": skipped_html,
                **self._numbers(rows, companies),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rehearsal for %s", format_date(self.env, self.date)),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("ar_dunning.ar_dunning_rehearsal_view_form").id, "form")],
            "target": "current",
        }

    def action_read(self):
        """The notices as a list of their own: search, group, and page through the mails."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Notices of %s", format_date(self.env, self.date)),
            "res_model": "ar.dunning.run.wizard.line",
            "view_mode": "list,form",
            "domain": [("wizard_id", "=", self.id)],
        }

    def _numbers(self, rows, companies):
        """What the rows come to: customers, mails, letters, tasks, and the amount chased per currency."""
        totals, company_totals = defaultdict(float), defaultdict(float)
        currencies = {company.id: company.currency_id.id for company in companies.sudo()}
        for row in rows:
            for currency_id, amount in row["amounts"].items():
                totals[int(currency_id)] += amount
            company_totals[currencies[row["company_id"]]] += row["amount_total"]
        return {
            "notice_count": len(rows),
            "customer_count": len({row["partner_id"] for row in rows}),
            "mail_count": sum(row["by_email"] for row in rows),
            "letter_count": sum(row["by_letter"] for row in rows),
            "task_count": sum(row["by_task"] for row in rows),
            "automatic_count": sum(row["is_automatic"] for row in rows),
            "totals": self._amounts(totals),
            "company_totals": self._amounts(company_totals),
        }

    @api.model
    def _amounts(self, totals):
        currencies = self.env["res.currency"].browse(totals)
        return " + ".join(format_amount(self.env, totals[currency.id], currency) for currency in currencies)

    @api.model
    def _next_night(self, company):
        """The day that the coming night decides for: today, until today's run has begun."""
        today = company._dunning_today()
        last = self.env["ar.dunning.run"].sudo()._last_night(company)
        return today + timedelta(days=1) if last and last.date >= today else today

    @api.model
    def _rehearse(self, on, companies):
        """The notices that the run of day `on` would prepare for `companies`, as rows; leaves nothing behind.

        :return: values of `ar.dunning.run.wizard.line`, and what was left alone by reason, as HTML
        """
        with Registry(self.env.cr.dbname).cursor() as cr:
            try:
                env = api.Environment(cr, SUPERUSER_ID, dict(self.env.context, ar_dunning_preview=True))
                runs = env["ar.dunning.run"]._make(
                    [{"date": on, "kind": "rehearsal", "company_id": company.id} for company in companies]
                )
                for run in runs:
                    run._play()
                found = env["ar.dunning.notice"].search(
                    [
                        ("state", "in", ("draft", "queued")),
                        ("company_id", "in", companies.ids),
                        "|",
                        ("run_id", "in", runs.ids),
                        # Untouched drafts of earlier nights are brought to this day and go on being theirs.
                        "&",
                        "&",
                        ("state", "=", "draft"),
                        ("date", "=", on),
                        ("is_edited", "=", False),
                    ],
                    order="amount_total desc, id",
                )
                return rehearsed_rows(found), told_html(runs)
            finally:
                cr.rollback()
