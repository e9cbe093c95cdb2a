from odoo import api, models
from odoo.tools import format_date

from ..core.default import Obstacle
from ..core.fees import Reason


class ArDunningWithheld(models.AbstractModel):
    """Why something is not claimed, in sentences for the accountant."""

    _name = "ar.dunning.withheld"
    _description = "What Is Not Claimed, and Why"

    @api.model
    def _line(self, debt, kind, reason):
        """One line: which charge on which invoice, and why not."""
        kinds = {
            "interest": self.env._("interest not claimed"),
            "compensation": self.env._("compensation not claimed"),
            "fee": self.env._("reminder fee not claimed"),
        }
        return f"{debt.number}: {kinds[kind]}: {reason}"

    @api.model
    def _missing_rate(self, error):
        return self.env["ar.dunning.interest.terms"]._missing_rate_text(error)

    @api.model
    def _no_law(self, debt):
        """Why no statutory claim can be made for this debtor."""
        if not debt.country_id:
            return self.env._("the customer has no country, so no law can be applied.")
        if not debt.audience:
            return self.env._("it is not settled whether the customer is a business or a consumer. Set the audience.")
        country = self.env["res.country"].browse(debt.country_id)
        return self.env._(
            "no statutory rules are set up for %s. Apply them, or agree on a rule of your own.", country.name
        )

    @api.model
    def _claimed_elsewhere(self):
        """Why nothing is claimed on an item of the system before."""
        return self.env._(
            "it was reminded in the system before, and what was claimed there is not known. Enter on the item until "
            "when interest was claimed."
        )

    @api.model
    def _not_granted(self, regime):
        return self.env._("the law grants none there (%s).", regime.name)

    @api.model
    def _no_mention(self):
        return self.env._("the invoice does not carry the text that the law asks for.")

    @api.model
    def _not_in_default(self, found):
        """Why interest cannot be claimed on the day: `found` is the `core.default.Default`."""
        if found.claimable:
            return self.env._("it can be claimed from %s on.", format_date(self.env, found.claimable))
        texts = {
            Obstacle.NO_GROUND_OPEN: self.env._("the law there knows no default without a court"),
            Obstacle.NOT_AGREED: self.env._("the due date is not marked as agreed"),
            Obstacle.NO_NOTICE: self.env._("no notice that puts in default was received yet"),
            Obstacle.NOT_RECEIVED: self.env._("the receipt of the notice is not known"),
            Obstacle.NO_MENTION: self.env._("the invoice does not announce the default"),
            Obstacle.INVOICE_NOT_RECEIVED: self.env._("the invoice was not sent"),
            Obstacle.NO_REMINDER: self.env._("the reminder that starts the statutory waiting period is missing"),
        }
        reasons = "; ".join(texts[obstacle] for obstacle in found.obstacles)
        return self.env._("the customer is not in default yet: %s.", reasons)

    @api.model
    def _finding_text(self, finding, debt):
        """Why a fee or compensation is withheld or cut (`core.fees.Finding`)."""
        currency = self.env["res.currency"].browse(debt.currency_id)

        def money(value):
            return currency.format(float(value or 0))

        texts = {
            Reason.NOTHING_OWED: lambda: self.env._("nothing was owed."),
            Reason.NO_CONVERSION: lambda: self.env._(
                "there is no exchange rate for %s.", self.env["res.currency"].browse(finding.subject).name
            ),
            Reason.ALREADY_CLAIMED: lambda: self.env._("it was claimed already."),
            Reason.NOT_AGREED: lambda: self.env._("the law allows it only if it was agreed beforehand."),
            Reason.NOT_IN_DEFAULT: lambda: self.env._("the customer was not in default before this notice."),
            Reason.TOO_EARLY: lambda: self.env._("the law allows it only %s days after the due date.", finding.limit),
            Reason.FREE_REMINDER: lambda: self.env._("the law makes the first reminders free of charge."),
            Reason.WAITING_PERIOD: lambda: self.env._(
                "%s days must pass after the reminder that starts the waiting period.", finding.limit
            ),
            Reason.NO_MISSED_DEADLINE: lambda: self.env._(
                "another fee needs a deadline of at least %s days that was missed.", finding.limit
            ),
            Reason.MAX_COUNT: lambda: self.env._("the law allows at most %s fees.", finding.limit),
            Reason.SPACING: lambda: self.env._("%s days must lie between two fees.", finding.limit),
            Reason.CEILING: lambda: self.env._("cut to %s, the most that the law allows.", money(finding.limit)),
            Reason.OFFSET: lambda: self.env._(
                "cut to %s: compensation and fees do not add up there.", money(finding.limit)
            ),
            Reason.TOTAL_CEILING: lambda: self.env._(
                "cut: the law allows at most %s on this debt.", money(finding.limit)
            ),
            Reason.SHARE_CEILING: lambda: self.env._(
                "cut: all charges together may reach %s at most.", money(finding.limit)
            ),
        }
        text = texts[finding.reason]()
        if finding.until:
            return self.env._("%(reason)s From %(date)s on.", reason=text, date=format_date(self.env, finding.until))
        return text
