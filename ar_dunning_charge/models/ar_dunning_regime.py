from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.ar_dunning.tools.authority import is_system

from .facts.regime_groups import GROUPS, STATUS, TIER_GROUPS
from .facts.statutory_files import read


def _evidence(label):
    """Status and sources of a group of rules."""
    return (
        fields.Selection(
            STATUS,
            string=f"{label}: Status",
            help="Read in an official or in a secondary source, calculated, or not verified. Empty: yours.",
        ),
        fields.Text(f"{label}: Sources", help="Title and address of each source, and when it was checked."),
    )


class ArDunningRegime(models.Model):
    """The law on late payment for debtors of one country and kind, while it is in force.

    What is claimed rests on figures with a source; prohibitions, ceilings and free reminders protect the debtor
    and apply however well they are established. Where a figure is missing, nothing is claimed.
    """

    _name = "ar.dunning.regime"
    _description = "Statutory Rule"
    _inherit = ["ar.dunning.interest.terms", "ar.dunning.pack.mixin", "mail.thread"]
    _order = "country_code, audience, date_from desc, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    country_id = fields.Many2one("res.country", required=True, index=True, help="Country of the debtor.")
    country_code = fields.Char(related="country_id.code", store=True)
    audience = fields.Selection(
        [("business", "Businesses"), ("consumer", "Consumers"), ("public", "Public administration")],
        string="Kind of Debtor",
        required=True,
        index=True,
    )
    date_from = fields.Date("Debts Due From", help="Empty: however old.")
    date_to = fields.Date("Debts Due Until", help="Empty: until further notice.")
    note = fields.Text(help="What else to know, e.g. a new law whose day is not fixed yet.")
    checked_on = fields.Date("Checked", help="When the figures were last compared with their sources.")
    tier_ids = fields.One2many("ar.dunning.regime.tier", "regime_id", string="Bands", copy=True)

    # When default begins
    ground_agreed = fields.Boolean("Agreed Due Date", help="Default begins when an agreed due date has passed.")
    ground_notice = fields.Boolean("Notice", help="Default begins when the debtor has got a notice after the due date.")
    ground_invoice_days = fields.Integer("Days after the Invoice", help="Days after receipt of the invoice. 0: never.")
    invoice_needs_mention = fields.Boolean("Only if the Invoice Says So")
    shift_non_banking = fields.Boolean(
        "Move from Days Off", help="A due date on a day off moves to the next working day."
    )
    interest_start_days = fields.Integer("Days after the Notice", help="Interest begins this many days after a notice.")
    ground_note = fields.Text("On Default")
    ground_status, ground_sources = _evidence("Default")

    # Interest: the rate without an agreement comes from the shared terms; these bound an agreed one.
    agreed_floor_rate_id = fields.Many2one("ar.dunning.rate", "Agreed Rate Not Below", ondelete="restrict")
    agreed_floor_factor = fields.Float("Times (floor)", default=1, digits=(12, 6))
    agreed_cap_rate_id = fields.Many2one("ar.dunning.rate", "Agreed Rate Not Above", ondelete="restrict")
    agreed_cap_factor = fields.Float("Times (ceiling)", default=1, digits=(12, 6))
    agreed_cap_margin = fields.Float("Plus (ceiling, points)", digits=(12, 6))
    interest_law = fields.Char("Cited as (interest)", help="Printed beside the interest, e.g. '§ 288 Abs. 2 BGB'.")
    interest_note = fields.Text("On Interest")
    interest_hint = fields.Text("To Be Entered: Interest")
    interest_status, interest_sources = _evidence("Interest")

    # Lump-sum compensation
    compensation_kind = fields.Selection(
        [("none", "None"), ("fixed", "A fixed sum"), ("tiers", "By size of the debt"), ("series", "A published sum")],
        string="Lump Sum",
        required=True,
        default="none",
    )
    compensation_amount = fields.Monetary(currency_field="compensation_currency_id")
    compensation_currency_id = fields.Many2one("res.currency")
    compensation_rate_id = fields.Many2one("ar.dunning.rate", "Published Sum", ondelete="restrict")
    bound_currency_id = fields.Many2one("res.currency", help="Currency of the bands' bounds.")
    offsets_reminder_fees = fields.Boolean(
        "Instead of Fees", help="The larger of compensation and fees is owed, not both."
    )
    compensation_law = fields.Char("Cited as (compensation)", help="Printed beside the lump sum.")
    compensation_note = fields.Text("On Compensation")
    compensation_hint = fields.Text("To Be Entered: Compensation")
    compensation_status, compensation_sources = _evidence("Compensation")

    # Fees of reminders
    fee_allowed = fields.Selection(
        [("no", "None"), ("agreed", "Only if agreed"), ("cost", "Only the cost that arose"), ("yes", "By law")],
        string="Reminder Fee",
        required=True,
        default="no",
    )
    fee_amount = fields.Monetary("At Most", currency_field="fee_currency_id", help="0: no figure in the law.")
    fee_currency_id = fields.Many2one("res.currency")
    fee_rate_id = fields.Many2one("ar.dunning.rate", "Share of", ondelete="restrict")
    fee_factor = fields.Float("Share", digits=(12, 6), help="E.g. 0.05: one twentieth.")
    fee_step = fields.Float("Rounded to", digits=(12, 6), help="E.g. 1: to whole crowns. 0: to cents.")
    demand_amount = fields.Monetary("Demand for Payment", currency_field="fee_currency_id")
    demand_factor = fields.Float("Share (demand)", digits=(12, 6))
    fee_max_count = fields.Integer("Number of Fees", help="At most so many per debt. 0: no limit known.")
    fee_spacing_days = fields.Integer("Days Between")
    fee_min_days = fields.Integer("Days after the Due Date", help="Earlier reminders are free.")
    fee_missed_deadline_days = fields.Integer(
        "Missed Deadline (days)", help="Another fee needs a deadline of at least so many days that passed unpaid."
    )
    fee_deadline_days = fields.Integer("Days to Pay", help="A reminder with a fee gives at least so many days.")
    free_reminders = fields.Integer(help="So many reminders carry no fee.")
    fee_law = fields.Char("Cited as (fees)", help="Printed beside a statutory fee.")
    fee_note = fields.Text("On Fees")
    fee_status, fee_sources = _evidence("Fees")

    # Formal notice
    notice_name = fields.Char(help="What the law calls it.")
    notice_deadline_days = fields.Integer("Deadline (days)", help="At least so many days to pay. 0: not fixed.")
    notice_runs_from = fields.Selection([("sending", "Sending"), ("receipt", "Receipt")], default="sending")
    notice_note = fields.Text("On the Notice")
    notice_status, notice_sources = _evidence("Formal notice")

    # What invoices say
    mention_text = fields.Text("Text on Invoices", translate=True)
    mention_for_interest = fields.Boolean("Interest Needs It")
    mention_for_compensation = fields.Boolean("Compensation Needs It")
    mention_for_ground = fields.Boolean("Default by Invoice Needs It")
    mention_note = fields.Text("On the Text")
    mention_status, mention_sources = _evidence("Invoices")

    # Ceilings, collection costs, allocation of payments
    charge_cap_percent = fields.Float("All Charges At Most (%)", digits=(12, 6), help="Of the principal. 0: no limit.")
    charge_currency_id = fields.Many2one("res.currency", "Currency of the Ceiling")
    charge_note = fields.Text("On Ceilings")
    charge_status, charge_sources = _evidence("Ceilings")
    collection_currency_id = fields.Many2one("res.currency", "Currency of Collection Costs")
    collection_after_notice = fields.Boolean("Only after the Formal Notice", help="Once its deadline has passed.")
    collection_law = fields.Char("Cited as (collection costs)", help="Printed beside the costs.")
    collection_note = fields.Text("On Collection Costs")
    collection_status, collection_sources = _evidence("Collection costs")
    allocation = fields.Selection(
        [
            ("costs_interest_principal", "Costs, then interest, then principal"),
            ("interest_principal", "Interest, then principal"),
        ],
        string="Payments Settle First",
        help="Empty: no order of the law is known here.",
    )
    allocation_note = fields.Text("On Payments")
    allocation_status, allocation_sources = _evidence("Payments")

    _dates = models.Constraint("CHECK(date_to >= date_from)", "A rule cannot end before it begins.")
    _not_negative = models.Constraint(
        "CHECK(compensation_amount >= 0 AND fee_amount >= 0 AND demand_amount >= 0 AND fee_max_count >= 0 AND "
        "fee_spacing_days >= 0 AND fee_min_days >= 0 AND free_reminders >= 0 AND notice_deadline_days >= 0 AND "
        "ground_invoice_days >= 0 AND interest_start_days >= 0 AND charge_cap_percent >= 0)",
        "Amounts, days and numbers cannot be negative.",
    )

    @api.constrains("country_id", "audience", "date_from", "date_to", "active")
    def _check_overlap(self):
        for regime in self.filtered("active"):
            twin = self.search(regime._overlapping(), limit=1)
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(one)s and %(other)s are both in force for the same debts. End one before the other begins.",
                        one=regime.name,
                        other=twin.name,
                    )
                )

    def _overlapping(self):
        """The other rules for the same debtors that are in force on a common day."""
        self.ensure_one()
        domain = Domain(
            [("country_id", "=", self.country_id.id), ("audience", "=", self.audience), ("id", "!=", self.id or 0)]
        )
        if self.date_from:
            domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", self.date_from)
        if self.date_to:
            domain &= Domain("date_from", "=", False) | Domain("date_from", "<=", self.date_to)
        return domain

    def copy_data(self, default=None):
        """A copy is archived until its dates are set: two rules cannot be in force for the same debts."""
        rows = super().copy_data(default)
        return [row if default else {**row, "active": False} for row in rows]

    def write(self, vals):
        if not is_system():
            edited = {group for group, names in GROUPS.items() if set(names) & set(vals)}
            edited |= set(self._tier_groups(vals.get("tier_ids")))
            for group in edited:
                vals = {f"{group}_status": False, f"{group}_sources": False, **vals}
        return super().write(vals)

    def _tier_groups(self, commands):
        """The groups whose bands these x2many commands change."""
        Tier = self.env["ar.dunning.regime.tier"]
        for command in commands or ():
            if command[0] in (0, 1, 2) and (command[0] == 0 or command[1]):
                kind = (command[2] or {}).get("kind") if command[0] != 2 else None
                kind = kind or Tier.browse(command[1]).kind
                if kind:
                    yield TIER_GROUPS[kind]

    @api.model
    def _for_debtor(self, country, audience, due):
        """The rule in force for a debt of a debtor of `country` and `audience` that fell due on `due`, or none."""
        if not country or not audience:
            return self.browse()
        return self.search(
            Domain([("country_id", "=", country.id), ("audience", "=", audience)])
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", due))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", due)),
            limit=1,
        )

    # === As shipped === #

    @api.model
    def _pack_translated(self):
        return {"name", "mention_text"}

    @api.model
    def _pack_shown(self):
        """The figures in the order of the form; their sources stand beside them."""
        names = ["name", "date_from", "date_to", *(name for names in GROUPS.values() for name in names), "tier_ids"]
        return [*names, "note"]

    @api.model
    def _pack_evidence(self, name, raw):
        group = next((group for group, names in GROUPS.items() if name in names), None)
        if name == "tier_ids":
            group = next((TIER_GROUPS[band["kind"]] for band in raw.get(name) or ()), None)
        status = group and raw.get(f"{group}_status")
        return {"status": status or "", "source": (group and raw.get(f"{group}_sources")) or ""}

    @api.model
    def _pack_words(self, name, value):
        field = self._fields[name]
        if field.type == "many2one" and field.comodel_name == "ar.dunning.rate" and value:
            return next((row["name"] for row in read("rates")["rates"] if row["code"] == value), value)
        if name.endswith("factor") and value == 1:
            return ""
        return super()._pack_words(name, value)
