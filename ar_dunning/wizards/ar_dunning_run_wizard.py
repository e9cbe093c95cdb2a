from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.modules.registry import Registry
from odoo.tools import format_date


class ArDunningRunWizard(models.TransientModel):
    """Run now, or see what a run of any day would do."""

    _name = "ar.dunning.run.wizard"
    _description = "Run Dunning"

    date = fields.Date("Day", required=True, default=fields.Date.context_today)
    company_ids = fields.Many2many("res.company", string="Companies", default=lambda self: self.env.companies)
    previewed = fields.Boolean()
    line_ids = fields.One2many("ar.dunning.run.wizard.line", "wizard_id", readonly=True)
    notice_count = fields.Integer(readonly=True)
    skipped_html = fields.Html(readonly=True, sanitize=False)

    def action_run(self):
        """Queue a run; the scheduled action takes it up within the minute."""
        self.ensure_one()
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can start a run."))
        run = self.env["ar.dunning.run"]._queue_manual(self.date, self.company_ids & self.env.companies)
        return {"type": "ir.actions.act_window", "res_model": run._name, "res_id": run.id, "view_mode": "form"}

    def action_preview(self):
        """Do the run on a connection whose work is thrown away, and show what it would have prepared."""
        self.ensure_one()
        companies = self.company_ids & self.env.companies
        rows, skipped_html = self._rehearse(self.date, companies)
        self.line_ids.unlink()
        self.write(
            {
                "line_ids": [(0, 0, row) for row in rows],
                "previewed": True,
                "notice_count": len(rows),
                "skipped_html": skipped_html,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview for %s", format_date(self.env, self.date)),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _rehearse(self, on, companies):
        """The notices that the run of day `on` would prepare for `companies`, as rows; leaves nothing behind."""
        with Registry(self.env.cr.dbname).cursor() as cr:
            try:
                env = api.Environment(cr, SUPERUSER_ID, dict(self.env.context))
                run = env["ar.dunning.run"].create({"date": on, "kind": "manual"})
                companies = companies.with_env(env)
                env["ar.dunning.item"]._sync(companies)
                for company in companies:
                    todo = run._due_customers(company)
                    if todo:
                        run._prepare(company, todo)
                notices = env["ar.dunning.notice"].search([("run_id", "=", run.id)])
                notices |= env["ar.dunning.notice"].search(
                    [("state", "=", "draft"), ("date", "=", on), ("company_id", "in", companies.ids)]
                )
                rows = [
                    {
                        "partner_id": notice.commercial_partner_id.id,
                        "level_id": notice.level_id.id,
                        "totals": notice.totals,
                        "amount_total": notice.amount_total,
                        "days_late": notice.days_late,
                        "subject": notice.subject,
                        "company_id": notice.company_id.id,
                    }
                    for notice in notices
                ]
                return rows, run.skipped_html
            finally:
                cr.rollback()


class ArDunningRunWizardLine(models.TransientModel):
    """One notice that a run would prepare."""

    _name = "ar.dunning.run.wizard.line"
    _description = "Previewed Notice"

    wizard_id = fields.Many2one("ar.dunning.run.wizard", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer")
    level_id = fields.Many2one("ar.dunning.level")
    totals = fields.Char("Demanded")
    amount_total = fields.Monetary("Demanded (company currency)")
    days_late = fields.Integer()
    subject = fields.Char()
