import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.compose import Composition
from ..models.facts.notice_facts import Making, with_reference
from ..tools.attempt import taken_back


class ArDunningLevelPreview(models.TransientModel):
    """A level's mail and letter as a real customer would get them today.

    The notice is made by the same code as the night's, inside a savepoint that is taken back: nothing stays,
    no number is used, nothing is sent.
    """

    _name = "ar.dunning.level.preview"
    _inherit = "ar.dunning.guarded"
    _description = "Preview of a Level"

    level_id = fields.Many2one("ar.dunning.level", required=True, readonly=True)
    company_id = fields.Many2one(related="level_id.company_id")
    customer_id = fields.Many2one(
        "ar.dunning.customer",
        required=True,
        domain="[('company_id', 'child_of', company_id)]",
        help="Whose open items, address and language are used.",
    )
    subject = fields.Char(readonly=True)
    mail_html = fields.Html("Mail", sanitize=False, readonly=True)
    letter = fields.Binary(readonly=True, attachment=False)
    letter_name = fields.Char(readonly=True)

    def action_show(self):
        """Draw mail and letter for the chosen customer."""
        self.ensure_one()
        self.write(self._draw())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of %s", self.level_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _draw(self):
        """Subject, mail and letter of a notice that is gone again afterwards."""
        content, pdf = taken_back(self.env, self._render)
        return {
            "subject": content["subject"],
            "mail_html": content["body"],
            "letter": base64.b64encode(pdf),
            "letter_name": f"{self.level_id.name}.pdf",
        }

    def _render(self):
        notice = self._notice(self.customer_id.company_id)
        report = self.env["ir.actions.report"].sudo()
        pdf, _kind = report._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        return notice.env["ar.dunning.print"]._mail_content(notice), pdf

    @api.model
    def _customer_with_most_to_show(self, company):
        """The customer with the oldest open item, whose figures make a good example."""
        return (
            self.env["ar.dunning.item"]
            .search([("is_open", "=", True), ("company_id", "child_of", company.id)], order="due_date, id", limit=1)
            .customer_id
        )

    def _notice(self, company):
        on = company._dunning_today()
        customer = self.customer_id.sudo().with_company(company)
        decision = self.env["ar.dunning.ledger"].sudo()._decide(customer, on)[customer.id]
        items = [item for item in decision.items if item.due < on or self.level_id.days <= 0] or decision.items
        if not items:
            raise UserError(self.env._("%s owes nothing. Choose a customer with an open item.", customer.display_name))
        decision.policy = self.level_id.policy_id.sudo()
        level = self.level_id._as_level()
        composition = Composition(level, tuple((item.id, level) for item in items), ())
        Notice = self.env["ar.dunning.notice"].sudo().with_company(company)
        builder = Notice.env["ar.dunning.builder"]
        vals = builder._notice_values(Making(decision, composition), on)
        vals.update(with_reference(vals, self.env._("Preview")), name=self.env._("Preview"), state="draft")
        for _command, _id, line in vals["line_ids"]:
            line["is_step"] = False  # the customer may have taken this level long ago
        quiet = Notice.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        notice = quiet._make({name: vals[name] for name in vals.keys() - {"line_ids"}})
        builder._insert_lines([(notice, vals)])
        return notice
