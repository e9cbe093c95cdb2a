from odoo import api, models
from odoo.tools import format_date


class ArDunningSolvencyCheck(models.Model):
    """What an insolvency does to dunning: a pause that freezes what arose before the opening of the proceedings."""

    _inherit = "ar.dunning.solvency.check"

    def _freeze(self):
        """Create or extend the pause of an insolvent customer, in the root company and every branch.

        The opening date freezes what arose before it; later items go to the administrator.
        """
        for check in self._insolvent().sudo():  # a branch's records may lie outside the user's companies
            for customer in check.customer_id._credit_relatives():
                check._add_pause(check._freeze_customer(customer))
            check.customer_id.message_post(
                body=self.env._(
                    "Insolvent since %s: earlier items are frozen, later ones go to the administrator, and sales need "
                    "prepayment.",
                    format_date(self.env, check.opening_date),
                )
            )

    def _add_pause(self, pause):
        self._put({"arrangement_ids": [(4, pause.id)]})

    def _insolvent(self):
        return self.filtered(lambda check: check.result == "insolvent" and check.active)

    def _freeze_customer(self, customer):
        """The pause of one record: what the latest check about it says, and the administrator that any of them names."""
        reason = self.env.ref("ar_dunning.reason_pause_insolvency")
        standing = customer.arrangement_ids.filtered(
            lambda pause: pause.reason_id == reason and pause.state == "active" and not pause.move_id
        )[:1]
        checks = self
        if standing:
            checks |= self.search([("arrangement_ids", "in", standing.ids)])._insolvent()
        checks = checks.sorted(lambda check: (check.date, check.id))
        values = {
            "freeze_before": checks[-1].opening_date,
            "addressee_id": checks.filtered("administrator_id")[-1:].administrator_id.id,
            "date_end": False,
            "review_date": checks[-1].valid_until,
        }
        if standing:
            standing._put(values)
            return standing
        return self.env["ar.dunning.arrangement"]._make(
            {
                **values,
                "customer_id": customer.id,
                "reason_id": reason.id,
                "reason": self.display_name,
                "date_start": min(self.opening_date, self.date),
            }
        )

    def _thaw(self):
        """End the pauses of these checks, which say insolvent no more, unless another one still does."""
        for check in self.sudo():
            for pause in check.arrangement_ids.filtered(lambda pause: pause.state == "active"):
                if not self.sudo().search([("arrangement_ids", "in", pause.ids)])._insolvent():
                    pause._end(self.env._("the insolvency was entered by mistake or corrected"))

    @api.model
    def _freeze_new(self, company):
        """Freeze records that came after the insolvency: a branch that sells to the customer for the first time.

        A pause that somebody has ended stays ended. Called by the night.
        """
        reason = self.env.ref("ar_dunning.reason_pause_insolvency")
        tree = company._dunning_tree()
        checks = self.sudo().search([("company_id", "in", tree.ids), ("result", "=", "insolvent")])
        new = checks.customer_id._credit_relatives().filtered(
            lambda customer: customer.company_id == company and reason not in customer.arrangement_ids.reason_id
        )
        counting = self._counting(new, company._dunning_today())
        for customer in new:
            check = counting[customer.id]
            if check in checks:
                check._add_pause(check._freeze_customer(customer))
