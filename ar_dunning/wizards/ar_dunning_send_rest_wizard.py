from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.tools.misc import format_amount


class ArDunningSendRestWizard(models.TransientModel):
    """The drafts that need no opening leave together: how many they are and how much they demand is said before."""

    _name = "ar.dunning.send.rest.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Send the Rest"

    notice_ids = fields.Many2many("ar.dunning.notice", readonly=True)
    count = fields.Integer("Notices", compute="_compute_sums")
    totals = fields.Char("Demanded", compute="_compute_sums")
    left_count = fields.Integer("Left to Open", readonly=True)

    @api.depends("notice_ids")
    def _compute_sums(self):
        for wizard in self:
            totals = defaultdict(float)
            for notice in wizard.notice_ids:
                for currency, amounts in notice._amounts_demanded().items():
                    totals[currency] += notice._total_of(amounts)
            wizard.count = len(wizard.notice_ids)
            wizard.totals = " + ".join(format_amount(self.env, total, currency) for currency, total in totals.items())

    @api.model
    def _ask(self, notices, left):
        """The dialog for these drafts; `left` others stay."""
        wizard = self.create({"notice_ids": [Command.set(notices.ids)], "left_count": left})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the Rest"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_send(self):
        """Send them; what has come to need opening meanwhile stays."""
        self.ensure_one()
        return self.notice_ids._that_may_go_unread().action_send()
