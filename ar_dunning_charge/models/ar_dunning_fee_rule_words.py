from odoo import api, models

from odoo.addons.ar_dunning.models.figures import plain

from ..core.sheet import Part


class ArDunningFeeRule(models.Model):
    """The arithmetic of a fee in words; the customer reads it."""

    _inherit = "ar.dunning.fee.rule"

    @api.model
    def _step_rows(self, steps):
        """The arithmetic as rows of text and amount, in the user's language."""
        return [(self._step_text(step), self._money(step.amount, step.currency)) for step in steps]

    @api.model
    def _money(self, amount, currency_id):
        return self.env["res.currency"].browse(currency_id).format(float(amount))

    @api.model
    def _step_text(self, step):
        base = "" if step.base is None else self._money(step.base, step.currency)
        texts = {
            Part.FIXED: lambda: self.env._("Fixed amount"),
            Part.PERCENT: lambda: self.env._(
                "%(percent)s %% of %(base)s", percent=plain(step.percent, self.env), base=base
            ),
            Part.SHARE: lambda: self._share_text(step, base),
            Part.TIER_MINIMUM: lambda: self.env._("At least %s in this band", base),
            Part.TIER_MAXIMUM: lambda: self.env._("At most %s in this band", base),
            Part.MINIMUM: lambda: self.env._("At least %s", base),
            Part.MAXIMUM: lambda: self.env._("At most %s", base),
            Part.ROUNDING: lambda: self.env._("Rounded"),
            Part.CONVERSION: lambda: self.env._("Converted at %s, the rate of the day", plain(step.factor, self.env)),
            Part.UPLIFT: lambda: self.env._("VAT of %s %%", plain(step.percent, self.env)),
            Part.CUT: lambda: self.env._("Cut to what may be charged"),
        }
        return texts[step.part]()

    @api.model
    def _share_text(self, step, base):
        if step.factor == 1:
            return self.env._("The published amount of %s", base)
        return self.env._(
            "%(factor)s times the published amount of %(base)s", factor=plain(step.factor, self.env), base=base
        )
