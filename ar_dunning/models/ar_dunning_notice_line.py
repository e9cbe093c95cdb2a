from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.authority import is_system
from ..tools.screen import form_of

NOW = "now() AT TIME ZONE 'UTC'"


class ArDunningNoticeLine(models.Model):
    """One item on a notice, with the figures as they are printed.

    A *demanded* line is what the notice is about; the others are listed as also open. A *step*
    takes the item to this line's level once the notice is delivered; an item takes a level once.
    """

    _name = "ar.dunning.notice.line"
    _inherit = ["ar.dunning.protected"]
    _description = "Dunning Notice Line"
    _order = "notice_id, is_demanded desc, due_date, id"

    notice_id = fields.Many2one("ar.dunning.notice", required=True, index=True, ondelete="cascade")
    item_id = fields.Many2one("ar.dunning.item", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="notice_id.company_id")
    notice_date = fields.Date(related="notice_id.date")
    notice_state = fields.Selection(related="notice_id.state", string="Status")
    level_id = fields.Many2one("ar.dunning.level", ondelete="restrict", readonly=True, help="The item's own level.")
    kind = fields.Selection(related="level_id.kind", store=True)
    is_demanded = fields.Boolean("Demanded", readonly=True)
    is_step = fields.Boolean("Takes the Level", readonly=True)
    is_cancelled = fields.Boolean(readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, ondelete="set null", index="btree_not_null"
    )
    move_name = fields.Char("Number", readonly=True)
    reference = fields.Char("Payment Reference", readonly=True)
    invoice_date = fields.Date(readonly=True)
    due_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True, required=True)
    amount_original = fields.Monetary("Original", readonly=True)
    amount_residual = fields.Monetary("Open", readonly=True)
    amount_credit = fields.Monetary(
        "Received",
        readonly=True,
        help="Payments and credits of the customer that are not matched with the invoice yet.",
    )
    amount_held = fields.Monetary(
        "Held",
        readonly=True,
        help="Not demanded until somebody has looked: a draft credit note, a credit in another currency or of who pays "
        "for the customer could still cover it.",
    )
    held_codes = fields.Char(readonly=True)
    amount_due = fields.Monetary("To Pay", readonly=True)
    amount_discounted = fields.Monetary(
        "With Discount",
        readonly=True,
        help="What settles it while the early-payment discount may be taken; 0: not now.",
    )
    discount_until = fields.Date("Discount until", readonly=True)
    amount_company = fields.Float(
        readonly=True, digits=(16, 4), help="To pay, in company currency at the rate of the invoice."
    )

    _step_once = models.UniqueIndex(
        "(item_id, level_id) WHERE is_step AND is_cancelled IS NOT TRUE",
        "An item takes each level once.",
    )

    @api.model
    def _insert(self, vals_list):
        """Like `create`, but in one statement: a night makes tens of thousands of lines, and every value was read
        from the ledger a moment ago. All of them have the same keys, stored computed fields included."""
        if not vals_list:
            return
        names = list(vals_list[0])
        self.env.cr.execute_values(
            f"""
            INSERT INTO {self._table} ({", ".join(names)}, create_uid, write_uid, create_date, write_date)
            VALUES %s
            """,
            [[vals[name] for name in names] for vals in vals_list],
            page_size=1000,
            template=f"({', '.join(['%s'] * len(names))}, {self.env.uid}, {self.env.uid}, {NOW}, {NOW})",
        )
        for name, key in (("ar.dunning.notice", "notice_id"), ("ar.dunning.item", "item_id")):
            parents = self.env[name].browse({vals[key] for vals in vals_list})
            parents.invalidate_recordset(["line_ids"], flush=False)
            parents.modified(["line_ids"])

    def _person_deletes(self):
        return self.filtered(lambda line: line.notice_state == "draft")

    def _refuse_deletion(self):
        self._unlink_except_frozen()
        return super()._refuse_deletion()

    def unlink(self):
        """A person takes lines off their notice, which is edited by that."""
        if is_system():
            return super().unlink()
        self.check_access("unlink")
        kept = self - self._person_deletes()
        if kept:
            kept._refuse_deletion()
        for notice, lines in self.grouped("notice_id").items():
            notice.write({"line_ids": [Command.delete(line.id) for line in lines]})
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        frozen = self.notice_id.filtered(lambda notice: notice.is_leaving or notice.state not in ("draft", "queued"))
        if frozen:
            raise UserError(
                self.env._(
                    "Notice %s has left; its lines are evidence and stay. Cancel the notice instead.",
                    ", ".join(frozen.mapped("name")),
                )
            )

    def action_open_notice(self):
        """Open the notice of this line."""
        self.ensure_one()
        return form_of(self.notice_id)
