from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

COMPARED = ("<", "<=", ">", ">=")


class ArDunningDated(models.AbstractModel):
    """Records with a day of their own: filters ask how far it is by the company's clock.

    'today' in a filter would be the reader's day: in the evening of New York, an invoice that is due tomorrow in Oslo is
    overdue there already.
    """

    _name = "ar.dunning.dated"
    _description = "Record with a Day"
    _day_field = ""  # the record's day

    days_ahead = fields.Integer(
        compute="_compute_days_ahead",
        search="_search_days_ahead",
        export_string_translation=False,
        help="Days from today to the record's day, by its company's clock; below zero it has passed.",
    )

    @api.depends(lambda self: [self._day_field, "company_id"] if self._day_field else [])
    def _compute_days_ahead(self):
        for company, records in self.grouped("company_id").items():
            today = company._dunning_today()
            for record in records:
                day = record[self._day_field]
                record.days_ahead = day and (day - today).days

    def _search_days_ahead(self, operator, value):
        return self._search_ahead(self._day_field, operator, value)

    @api.model
    def _search_ahead(self, name, operator, value):
        """Records whose day `name` lies so many days ahead of today, each by the clock of its company."""
        if operator not in COMPARED:
            return NotImplemented
        return Domain.OR(
            Domain("company_id", "in", companies.ids) & Domain(name, operator, today + timedelta(days=value))
            for today, companies in self.env["res.company"]._dunning_days().items()
        )
