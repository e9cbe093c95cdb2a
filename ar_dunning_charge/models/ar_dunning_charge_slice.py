from odoo import fields, models

from .ar_dunning_interest_terms import BASES


class ArDunningChargeSlice(models.Model):
    """One period of an interest charge: constant principal, constant rate. A judge can recompute it by hand.

    A *correction* puts right a period that an earlier charge claimed with another principal or rate, e.g.
    because a payment was entered later with an earlier date; its amount may be negative.
    """

    _name = "ar.dunning.charge.slice"
    _inherit = ["ar.dunning.protected"]
    _description = "Interest Period"
    _order = "charge_id, is_correction, date_from, id"

    charge_id = fields.Many2one("ar.dunning.charge", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="charge_id.company_id")
    currency_id = fields.Many2one(related="charge_id.currency_id")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    days = fields.Integer(required=True, readonly=True)
    principal = fields.Monetary(required=True, readonly=True)
    rate = fields.Float("Rate (%)", digits=(12, 6), required=True, readonly=True, aggregator=None)
    source = fields.Char("Source of the Rate", readonly=True)
    basis = fields.Selection(BASES, string="Day Count", readonly=True)
    exact = fields.Char("Before Rounding", readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    is_correction = fields.Boolean("Correction", readonly=True)
