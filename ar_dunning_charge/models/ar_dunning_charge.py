from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

# A charge in one of these stages counts: its days are claimed, its fee is taken.
STANDING = ("announced", "booked", "waived")
# When an item was settled: the last day of the lines it is matched with; exchange differences are no payments.
SQL_SETTLED = """
    SELECT p.debit_move_id, max(c.date), bool_or(m.move_type <> 'out_refund')
      FROM account_partial_reconcile p
      JOIN account_move_line l ON l.id = p.debit_move_id AND l.reconciled
      JOIN account_move_line c ON c.id = p.credit_move_id
      JOIN account_move m ON m.id = c.move_id
     WHERE p.debit_move_id = ANY(%s)
       AND NOT EXISTS (SELECT FROM account_partial_reconcile x WHERE x.exchange_move_id = c.move_id)
     GROUP BY p.debit_move_id
"""
KINDS = [("interest", "Late-payment interest"), ("compensation", "Lump-sum compensation"), ("fee", "Reminder fee")]


class ArDunningCharge(models.Model):
    """One late fee, lump-sum compensation or interest period claimed on one item, with its arithmetic.

    Amounts are in the item's currency. What is claimed never changes once its notice has left: it is
    booked, waived or reversed as a whole, and what comes later is a charge of its own.
    """

    _name = "ar.dunning.charge"
    _description = "Dunning Charge"
    _inherit = ["ar.dunning.protected", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"  # nobody changes a charge by hand, but everybody who sees it may note something

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    stage = fields.Selection(
        [
            ("draft", "Draft"),
            ("announced", "Announced"),
            ("booked", "Booked"),
            ("waived", "Waived"),
            ("reversed", "Reversed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        help="What was decided about the charge; whether it was paid follows from its document.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("announced", "Announced"),
            ("booked", "Booked"),
            ("paid", "Paid"),
            ("waived", "Waived"),
            ("reversed", "Reversed"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    customer_id = fields.Many2one("ar.dunning.customer", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    item_id = fields.Many2one("ar.dunning.item", required=True, readonly=True, index=True, ondelete="restrict")
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null", ondelete="set null"
    )
    notice_id = fields.Many2one(
        "ar.dunning.notice",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The notice that claims it.",
    )
    level_id = fields.Many2one("ar.dunning.level", readonly=True, ondelete="restrict")
    date = fields.Date(required=True, readonly=True, help="The day for which it was worked out.")
    date_from = fields.Date("Interest from", readonly=True, help="First day that bears interest in this charge.")
    date_to = fields.Date("Interest to", readonly=True, help="Last day that bears interest in this charge.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    amount_company = fields.Monetary(
        "In Company Currency", currency_field="company_currency_id", readonly=True, help="At the rate of the invoice."
    )
    basis = fields.Monetary("Principal", readonly=True, help="The open amount it was worked out from.")
    default_date = fields.Date("In Default since", readonly=True)
    default_ground = fields.Selection(
        [
            ("agreed", "Agreed due date"),
            ("notice", "Notice received"),
            ("invoice", "Days after receipt of the invoice"),
        ],
        readonly=True,
    )
    gross = fields.Monetary(
        readonly=True, help="The fee before it was set off against charges that it does not stack with."
    )
    rule_key = fields.Char(readonly=True, help="Names the rule, to find what it claimed before.")
    rule = fields.Char("Follows from", readonly=True, help="The rule or law that the charge follows.")
    source = fields.Char(readonly=True, help="Where the rule's figures are published.")
    steps = fields.Json("Arithmetic", readonly=True, help="The rows of the calculation of a fee.")
    slice_ids = fields.One2many("ar.dunning.charge.slice", "charge_id", string="Periods", readonly=True)
    waive_until = fields.Date(
        "Waived if Paid by", readonly=True, help="Offered in the notice: paid by this day, the charge is dropped."
    )
    reason = fields.Char(readonly=True, tracking=True, help="Why it was waived, reinstated or reversed.")
    waived_by_id = fields.Many2one("res.users", string="Waived by", readonly=True)
    waived_on = fields.Date(readonly=True)
    document_id = fields.Many2one(
        "account.move", string="Booked by", readonly=True, index="btree_not_null", ondelete="restrict", tracking=True
    )
    document_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True, index="btree_not_null", ondelete="set null"
    )
    document_payment_state = fields.Selection(related="document_id.payment_state", string="Payment")
    reversal_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        readonly=True,
        ondelete="restrict",
        tracking=True,
        index="btree_not_null",
    )
    booking_error = fields.Char(
        "Not Booked Because",
        readonly=True,
        help="Why the night could not book or waive it. It tries again every night.",
    )
    booking_proposed_on = fields.Date(
        readonly=True, help="When somebody was told that a credit of the customer equals announced charges."
    )
    steps_html = fields.Html("Arithmetic of the Fee", compute="_compute_steps_html", sanitize=False)

    _fee_once = models.UniqueIndex(
        "(item_id, level_id) WHERE kind = 'fee' AND stage <> 'reversed'",
        "A fee is charged once per item and level.",
    )
    _compensation_once = models.UniqueIndex(
        "(item_id) WHERE kind = 'compensation' AND stage <> 'reversed'",
        "The lump-sum compensation is charged once per item.",
    )

    @api.depends("kind", "move_id.name", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for charge in self:
            charge.name = charge.kind and charge._wording(kinds[charge.kind], charge.move_id.name or "")

    def _wording(self, kind, number):
        """The charge in one line: kind, invoice and, for interest, its days."""
        if not (self.date_from and self.date_to):
            return f"{kind}, {number}"
        first, last = (format_date(self.env, day) for day in (self.date_from, self.date_to))
        return f"{kind} {first} \N{EN DASH} {last}, {number}"

    @api.depends("stage", "document_id.payment_state", "document_id.line_ids.reconciled")
    def _compute_state(self):
        """Paid is what its document says; an entry has no payment state, so there its receivable tells."""
        for charge in self:
            paid = charge.stage == "booked" and charge.document_id._ar_dunning_is_paid()
            charge.state = "paid" if paid else charge.stage

    def _put(self, vals):
        """What books or takes back a charge is marked as an accessory claim, for all who read the ledger."""
        result = super()._put(vals)
        moves = self.env["account.move"].sudo().browse(filter(None, (vals.get("document_id"), vals.get("reversal_id"))))
        moves.filtered(lambda move: not move.ar_dunning_accessory)._put({"ar_dunning_accessory": True})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_claimed(self):
        claimed = self.filtered(lambda charge: charge.stage != "draft")
        if claimed:
            raise UserError(
                self.env._("%s was claimed and stays on record. Waive or reverse it instead.", claimed[0].name)
            )

    def _update_stage(self, allowed, target, **vals):
        """Move the charges that are in an allowed stage to `target` and return them; nothing else writes the stage."""
        moving = self.filtered(lambda charge: charge.stage in allowed)
        if moving:
            quiet = target == "announced" and not vals.get("reason")
            moving.with_context(mail_notrack=quiet, tracking_disable=quiet)._put({"stage": target, **vals})
        return moving

    @api.model
    def _create_claims(self, vals_list):
        """Draft charges with their periods, in two statements for the batch and without a message for each.

        :param vals_list: values of charges, each with `slices`, a list of values of its periods
        """
        if not vals_list:
            return self.browse()
        quiet = self.sudo().with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        charges = quiet._make([{name: vals[name] for name in vals.keys() - {"slices"}} for vals in vals_list])
        self.env["ar.dunning.charge.slice"].sudo()._make(
            [
                dict(piece, charge_id=charge.id)
                for charge, vals in zip(charges, vals_list, strict=True)
                for piece in vals["slices"]
            ]
        )
        return charges.with_env(self.env)

    def action_open_document(self):
        """Open the document that books this charge."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.document_id.id,
            "view_mode": "form",
        }

    # === The arithmetic of a fee === #

    @api.depends("steps")
    def _compute_steps_html(self):
        for charge in self:
            rows = Markup("").join(
                Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>") % (text, amount)
                for text, amount in charge.steps or ()
            )
            charge.steps_html = rows and Markup("<table class='table table-sm mb-0'>%s</table>") % rows

    # === Before its notice has left === #

    def action_drop(self):
        """Take these charges off their draft notice, which then counts as edited: the night no longer rebuilds it.

        The texts that nobody edited follow the new total.

        :raise UserError: a charge was claimed already, or its notice is no longer a draft
        """
        self.check_access("read")
        notices = self.notice_id
        notices.check_access("write")
        notices._check_draft()
        if not all(charge.notice_id for charge in self):
            raise UserError(self.env._("A charge without a notice is not taken off here. Waive or reverse it instead."))
        before = self.env["ar.dunning.wording"]._words_before(notices)
        notices._drop_letter()
        self.sudo()._discard()
        notices._put({"is_edited": True})
        self.env["ar.dunning.look"]._restate(notices)
        self.env["ar.dunning.wording"]._follow_words(before)

    # === Its item, settled or not === #

    def _kept_offers(self):
        """Those whose principal was paid by the day offered: they are not owed, whether waived yet or not."""
        offers = self.filtered("waive_until")
        settled = offers._settled_on() if offers else {}
        return offers.filtered(lambda charge: settled.get(charge.id) and settled[charge.id] <= charge.waive_until)

    def _settled_on(self):
        """`{charge id: day}` on which the principal was settled in full, where it was."""
        days = {line_id: day for line_id, (day, _paid) in self._settlements().items()}
        return {charge.id: days.get(charge.item_id.move_line_id.id) for charge in self}

    def _settlements(self):
        """`{journal item id: (day settled, by more than credit notes)}` of the items that are settled in full."""
        self.env.flush_all()
        self.env.cr.execute(SQL(SQL_SETTLED, self.item_id.move_line_id.ids))
        return {line_id: (day, paid) for line_id, day, paid in self.env.cr.fetchall()}

    def _policy(self):
        return self.notice_id.policy_id or self.customer_id.effective_policy_id
