from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class ArDunningArrangement(models.Model):
    """What suspends dunning for a while: so far a pause of a customer or of one invoice until a date.

    It expires by itself; what was missed meanwhile is not replayed.
    """

    _name = "ar.dunning.arrangement"
    _description = "Dunning Arrangement"
    _inherit = ["mail.thread"]
    _order = "date_end desc, id desc"
    _check_company_auto = True

    kind = fields.Selection([("pause", "Pause")], required=True, default="pause")
    customer_id = fields.Many2one(
        "ar.dunning.customer", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('commercial_partner_id', '=', partner_id), ('company_id', '=', company_id), "
        "('move_type', '=', 'out_invoice'), ('state', '=', 'posted')]",
        help="Leave empty to pause everything this customer owes.",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today)
    date_end = fields.Date("Until", required=True, tracking=True, help="The last day without dunning.")
    reason = fields.Char(required=True, tracking=True)
    note = fields.Text()
    state = fields.Selection(
        [("active", "Active"), ("ended", "Ended")],
        required=True,
        default="active",
        readonly=True,
        tracking=True,
    )
    is_running = fields.Boolean(compute="_compute_is_running", search="_search_is_running")

    _dates = models.Constraint("CHECK(date_end >= date_start)", "A pause cannot end before it begins.")

    @api.depends("customer_id", "move_id", "date_end")
    def _compute_display_name(self):
        for arrangement in self:
            subject = arrangement.move_id.name or arrangement.partner_id.display_name
            until = arrangement.date_end and format_date(self.env, arrangement.date_end)
            arrangement.display_name = (
                self.env._("%(subject)s until %(date)s", subject=subject, date=until)
                if subject and until
                else self.env._("New pause")
            )

    @api.depends("date_start", "date_end", "state")
    def _compute_is_running(self):
        today = fields.Date.context_today(self)
        for arrangement in self:
            arrangement.is_running = arrangement._holds_on(today)

    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = [("state", "=", "active"), ("date_start", "<=", today), ("date_end", ">=", today)]
        return domain if True in value else ["!", "&", "&", *domain]

    @api.constrains("move_id", "customer_id")
    def _check_move(self):
        for arrangement in self:
            move = arrangement.move_id
            if move and (move.commercial_partner_id, move.company_id) != (
                arrangement.partner_id,
                arrangement.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "Invoice %(invoice)s does not belong to %(customer)s. Choose an invoice of this customer.",
                        invoice=move.name,
                        customer=arrangement.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        arrangements = super().create(vals_list)
        arrangements._items()._forget_next_date()
        return arrangements

    def write(self, vals):
        result = super().write(vals)
        if {"date_start", "date_end", "state", "move_id", "customer_id"} & set(vals):
            self._items()._forget_next_date()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An arrangement is evidence and stays. End it instead."))

    def action_end(self):
        """Resume dunning now."""
        self.write({"state": "ended"})

    def _items(self):
        """The items that these arrangements hold back."""
        whole = self.filtered(lambda arrangement: not arrangement.move_id).customer_id
        return self.env["ar.dunning.item"].search(
            ["|", ("customer_id", "in", whole.ids), ("move_id", "in", self.move_id.ids)]
        )

    def _holds_on(self, day):
        self.ensure_one()
        dated = self.date_start and self.date_end  # not yet while a person is typing
        return bool(dated) and self.state == "active" and self.date_start <= day <= self.date_end

