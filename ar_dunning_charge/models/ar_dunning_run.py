import logging
from functools import partial

from odoo import models

from odoo.addons.ar_dunning.tools.attempt import attempt

_logger = logging.getLogger(__name__)


class ArDunningRun(models.Model):
    """What the night does about charges: waived or booked first, since what is gone is not claimed again; missing rates last."""

    _inherit = "ar.dunning.run"

    def _steps_before(self):
        return [partial(self._settle_charges), *super()._steps_before()]

    def _steps_after(self):
        yield from super()._steps_after()
        yield partial(self.env["ar.dunning.rate"]._warn_missing, self.date)

    def _settle_charges(self):
        """Honour offers and book charges before anything is prepared; what fails is told and stops nothing."""
        settlement, skipped = self.env["ar.dunning.settlement"], []
        failure = attempt(
            self.env,
            lambda: skipped.extend(settlement._settle(self.company_id, self.date)),
            f"Charges of company {self.company_id.id}",
        )
        if failure:
            _logger.error("Charges of company %s: %s", self.company_id.id, failure)
            company = self.company_id.name
            self._tell_error(self.env._("Charges of %(company)s: %(reason)s", company=company, reason=failure))
            return
        self.env["ar.dunning.run.line"]._make(
            [
                {
                    "run_id": self.id,
                    "kind": "skipped",
                    "customer_id": charges.customer_id.id,
                    "item_id": charges.item_id[:1].id,
                    "reason": self.env._("Charges: %s", reason),
                }
                for charges, reason in skipped
            ]
        )
