from odoo import api, models
from odoo.exceptions import AccessError


class ArDunningCustomer(models.Model):
    """Holds by hand, new checks, and what stays of two customers that become one."""

    _inherit = "ar.dunning.customer"

    def action_hold(self):
        """Ask why and until when this customer is held."""
        return self._hold_wizard(self.env._("Hold credit"))

    def action_lift_hold(self):
        """Ask why the hold is lifted."""
        return self._hold_wizard(self.env._("Lift the hold"), default_lift=True)

    def action_new_check(self):
        """Write down a new solvency check of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Solvency Check"),
            "res_model": "ar.dunning.solvency.check",
            "view_mode": "form",
            "context": {"default_customer_id": self.id},
        }

    def _hold_wizard(self, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.dunning.hold.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_ids": self.ids, **context},
        }

    def _hold(self, effect, reason, until=False):
        """Hold these customers by hand; who, when and why stay in their history."""
        self._check_credit_controller()
        for company, customers in self.grouped("company_id").items():
            customers._put(
                {
                    "manual_hold": effect,
                    "hold_reason": reason,
                    "hold_until": until,
                    "hold_user_id": self.env.uid,
                    "hold_on": company._dunning_today(),
                }
            )
        self._refresh_credit_of()

    def _lift_hold(self, reason):
        self._check_credit_controller()
        held = self.filtered("manual_hold")
        for customer in held:
            customer.message_post(
                body=self.env._("Hold lifted (%(hold)s): %(reason)s", hold=customer.hold_reason or "", reason=reason)
            )
        held._put(dict.fromkeys(("manual_hold", "hold_reason", "hold_until", "hold_user_id", "hold_on"), False))
        held._refresh_credit_of()

    def _check_credit_controller(self):
        if not self.env.su and not self.env.user.has_group("ar_dunning.group_dunning_user"):
            raise AccessError(self.env._("Only credit controllers hold a customer or lift a hold."))

    def _merge_values(self, others):
        """Of two merged customers the strictest values stay: lowest limits, every hold, every case."""
        return super()._merge_values(others) | self._strictest_credit(self | others)

    def _merge_apart(self):
        """Checks move; the status is read anew."""
        status = ("status", "reasons", "used", "available", "kept", "since", "checked_at", "mark")
        return super()._merge_apart() | {"solvency_ids", *(f"credit_{name}" for name in status)}

    def _take_over(self, others):
        self._move_rows("ar_dunning_solvency_check", "customer_id", others)
        return super()._take_over(others)

    def _after_merge(self):
        result = super()._after_merge()
        self._refresh_credit_of()
        return result

    @api.model
    def _strictest_credit(self, records):
        """The strictest credit values of these records, as values to write on the one that stays."""
        held = records.filtered("manual_hold").sorted(lambda record: record.manual_hold != "blocked")[:1]
        temporary = records.filtered("temporary_limit_until")
        lowest = temporary.sorted("temporary_limit")[:1]
        ordinary = min((limit for limit in records.mapped("credit_limit") if limit), default=0.0)
        if temporary < records and (not ordinary or lowest.temporary_limit > ordinary):
            lowest = records.browse()  # one of them was never allowed more than the ordinary limit
        insured = records.filtered("insured_amount").sorted("insured_amount")[:1]
        values = {"legal_case": any(records.mapped("legal_case")), "credit_limit": ordinary}
        for record, names in (
            (held, ("manual_hold", "hold_reason", "hold_until", "hold_on")),
            (lowest, ("temporary_limit", "temporary_limit_until", "temporary_warned_on")),
            (insured, ("insured_amount", "insured_until", "insured_by", "insured_warned_on")),
        ):
            values |= {name: record[name] for name in names}
        return values | {"hold_user_id": held.hold_user_id.id}
