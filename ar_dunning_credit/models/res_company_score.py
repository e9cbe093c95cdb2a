import json
from decimal import Decimal

from odoo import fields, models

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS
from odoo.addons.ar_dunning.tools.newer import NEWER

from ..core.forecast import EVERY_DAY, Pool


class ResCompany(models.Model):
    """What the company's customers have in common when they pay; kept from the last night for single forecasts."""

    _inherit = "res.company"

    ar_dunning_scores_on = fields.Date("Scores as of", readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)
    # The rules by which all were judged: where others hold, everybody is judged anew.
    ar_dunning_score_rules = fields.Char(readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)
    ar_dunning_pool = fields.Json(readonly=True, groups=SETTINGS_GROUPS)

    def _dunning_pool(self):
        """The pool as the forecast needs it; one that hardly insists where no night has been."""
        kept = self.sudo().ar_dunning_pool
        if not kept:
            return Pool()
        spread = tuple((int(day), Decimal(part)) for day, part in kept["spread"])
        week = frozenset(kept.get("week") or EVERY_DAY)
        return Pool(Decimal(kept["mean"]), Decimal(kept["strength"]), spread, Decimal(kept["size"]), week)

    def _keep_dunning_pool(self, everyone):
        """Keep it with what matters of its digits."""
        pool = {
            "mean": str(round(everyone.mean, 3)),
            "strength": str(round(everyone.strength, 3)),
            "size": str(round(everyone.size, 3)),
            "week": sorted(everyone.week),
            "spread": [(day, str(round(part, 9))) for day, part in everyone.spread],
        }
        pool = json.loads(json.dumps(pool))  # as it is read again
        if self.sudo().ar_dunning_pool != pool:
            self.sudo()._put({"ar_dunning_pool": pool})
