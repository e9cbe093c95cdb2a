from odoo import models

from odoo.addons.ar_dunning.models.figures import plain


class ArDunningInterestTerms(models.AbstractModel):
    """A rate of interest in words; the customer reads it."""

    _inherit = "ar.dunning.interest.terms"

    def _terms_text(self):
        """The rate in a few words, e.g. 'ECB refinancing rate plus 8 points'."""
        self.ensure_one()
        if self.interest_source == "fixed":
            return self.env._("%s %% a year", plain(self.fixed_rate, self.env))
        rate = self.interest_rate_id.name or ""
        if self.factor != 1:
            rate = self.env._("%(factor)s times %(rate)s", factor=plain(self.factor, self.env), rate=rate)
        if self.margin:
            rate = self.env._("%(rate)s plus %(margin)s points", rate=rate, margin=plain(self.margin, self.env))
        return rate
