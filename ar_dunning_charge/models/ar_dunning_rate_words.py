from odoo import models
from odoo.tools import format_date

from odoo.addons.ar_dunning.models.figures import plain


class ArDunningRate(models.Model):
    """A published value in words; it stands in the annex beside each period of interest."""

    _inherit = "ar.dunning.rate"

    def _value_text(self, value):
        """Which value of this series holds since when."""
        self.ensure_one()
        unit = "%" if self.unit == "percent" else self.currency_id.name or ""
        return self.env._(
            "%(rate)s, %(value)s %(unit)s since %(date)s",
            rate=self.name,
            value=plain(value.value, self.env),
            unit=unit,
            date=format_date(self.env, value.date_from),
        )
