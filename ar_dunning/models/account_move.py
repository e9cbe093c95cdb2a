from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # The only stored value of ours on an invoice; written by SQL, because writing an invoice re-syncs its lines.
    ar_dunning_level_id = fields.Many2one(
        "ar.dunning.level", string="Dunning Level", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    ar_dunning_item_ids = fields.One2many(
        "ar.dunning.item", "move_id", string="Dunning Items", groups="ar_dunning.group_dunning_user"
    )
    ar_dunning_line_ids = fields.One2many(
        "ar.dunning.notice.line", "move_id", string="Dunning Notices", groups="ar_dunning.group_dunning_user"
    )
    ar_dunning_plan_html = fields.Html(
        "Why / Why Not / When",
        compute="_compute_ar_dunning_plan_html",
        sanitize=False,
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_paused_until = fields.Date(
        compute="_compute_ar_dunning_paused_until", groups="ar_dunning.group_dunning_user"
    )
    ar_dunning_excluded = fields.Boolean(
        "Exclude from Follow-up",
        compute="_compute_ar_dunning_excluded",
        inverse="_inverse_ar_dunning_excluded",
        groups="ar_dunning.group_dunning_user",
        help="Dunning leaves this invoice alone, whatever its policy says.",
    )

    @api.depends("ar_dunning_item_ids")
    def _compute_ar_dunning_plan_html(self):
        texts = self.env["ar.dunning.ledger"]._explain(self.ar_dunning_item_ids)
        for move in self:
            items = move.ar_dunning_item_ids.filtered(lambda item: item.id in texts)
            move.ar_dunning_plan_html = self.env["ir.qweb"]._render(
                "ar_dunning.plan_of_items", {"items": items, "texts": texts}
            )

    def _compute_ar_dunning_paused_until(self):
        today = fields.Date.context_today(self)
        arrangements = self.env["ar.dunning.arrangement"].search(
            [
                ("is_running", "=", True),
                ("partner_id", "in", self.commercial_partner_id.ids),
                "|",
                ("move_id", "=", False),
                ("move_id", "in", self.ids),
            ]
        )
        for move in self:
            holding = arrangements.filtered(
                lambda a, move=move: a.partner_id == move.commercial_partner_id
                and a.company_id == move.company_id
                and a.move_id in (move, move.browse())
                and a._holds_on(today)
            )
            move.ar_dunning_paused_until = max(holding.mapped("date_end"), default=False)

    @api.depends("line_ids.no_followup")
    def _compute_ar_dunning_excluded(self):
        for move in self:
            terms = move._ar_dunning_terms()
            move.ar_dunning_excluded = bool(terms) and all(terms.mapped("no_followup"))

    def _inverse_ar_dunning_excluded(self):
        for move in self:
            terms = move._ar_dunning_terms()
            terms.write({"no_followup": move.ar_dunning_excluded})
            move.ar_dunning_item_ids._forget_next_date()

    def _ar_dunning_terms(self):
        return self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def action_ar_dunning_pause(self):
        """Ask until when, and why, to leave these invoices alone."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause dunning"),
            "res_model": "ar.dunning.pause.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_move_ids": self.ids},
        }

    def _sequence_matches_date(self):
        """A loaded invoice keeps the number its customer knows, whatever year stands in it."""
        return bool(self.env.context.get("ar_dunning_foreign_names")) or super()._sequence_matches_date()
