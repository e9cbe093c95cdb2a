from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Deposits that are due before delivery and invoicing; down-payment invoices ask for them and always pass."""

    _inherit = "sale.order"

    ar_dunning_waits = fields.Boolean(
        "Waits for a Deposit",
        compute="_compute_ar_dunning_waits",
        compute_sudo=True,
        groups="base.group_user",
        help="A confirmed order of which nothing is delivered or invoiced before its deposit or an approval.",
    )
    ar_dunning_waits_banner = fields.Html(
        "What It Waits for",
        compute="_compute_ar_dunning_waits",
        compute_sudo=True,
        groups="base.group_user",
        sanitize=False,
    )

    @api.depends("partner_id", "partner_invoice_id", "company_id", "amount_total", "state", "ar_dunning_release")
    @api.depends_context("uid", "lang")
    def _compute_ar_dunning_waits(self):
        """Read from the ledger of now; only for confirmed orders."""
        orders = self._origin._dunning_may_wait()
        verdicts = orders._dunning_verdicts()
        for order in self:
            verdict = verdicts.get(order._origin.id)
            order.ar_dunning_waits = bool(verdict) and order._origin._dunning_waits(verdict)
            order.ar_dunning_waits_banner = order._origin._dunning_wait_banner(verdict) if verdict else False

    def _dunning_may_wait(self):
        """Those of these orders that it is worth asking about: they are confirmed, and there is a rule."""
        todo = self.filtered(lambda order: order.state == "sale")
        if todo and self.env["ar.dunning.deposit.rule"].sudo().search_count([("stage", "=", "invoice")], limit=1):
            return todo
        return self.browse()

    def _dunning_waits(self, verdict):
        """Whether something of this confirmed order is stopped, so that there is something to approve."""
        self.ensure_one()
        return verdict.waits

    def _dunning_wait_banner(self, verdict):
        """What the order waits for, and what a person has decided: html, or nothing where nothing is stopped."""
        if not self._dunning_waits(verdict):
            return False
        return self.env["ir.qweb"]._render(
            "ar_dunning_sale.verdict_banner",
            {
                "reasons": self._dunning_wait_reasons(verdict),
                "deposit": self._dunning_deposit_text(verdict, later=True) if verdict.waits else "",
                "decision": self._dunning_release_text(verdict),
            },
        )

    def _dunning_wait_reasons(self, verdict):
        """What else stops it: `[(effect, sentence, what unlocks it)]`."""
        return []

    def _dunning_check_later_deposit(self):
        """
        :raise UserError: the deposit that is due before delivery and invoicing is missing
        """
        todo = self._dunning_may_wait()
        verdicts = todo._dunning_later_verdicts()
        missing = todo.filtered(lambda order: verdicts[order.id].waits)
        if missing:
            lines = [
                f"{order.name}: {order._dunning_later_text(verdicts[order.id].deposit)}" for order in missing.sudo()
            ]
            raise UserError("\n".join([self.env._("Nothing is delivered or invoiced before the deposit:"), *lines]))

    def _dunning_later_verdicts(self):
        """Verdicts for a decision about delivery or invoicing; money without a name covers one order only.

        Nobody is locked out where it does not matter: only an order that needs such money asks again, under the lock.
        """
        verdicts = self._dunning_verdicts()
        needy = self.sudo().filtered(
            lambda order: (
                not verdicts[order.id].released
                and not verdicts[order.id].waits
                and order._dunning_relies_on(verdicts[order.id]) > order.ar_dunning_relied
            )
        )
        if needy:
            verdicts |= needy._dunning_verdicts(lock=True)
            for order in needy.filtered(lambda order: not verdicts[order.id].waits):
                order._put({"ar_dunning_relied": order._dunning_relies_on(verdicts[order.id])})
        return verdicts

    def _dunning_later_text(self, deposit):
        return self.env._(
            "%(amount)s (%(rule)s), %(missing)s missing.",
            amount=self._dunning_money_text(deposit.later),
            rule=deposit.later_rule,
            missing=self._dunning_money_text(deposit.later_missing),
        )

    def _create_invoices(self, grouped=False, final=False, date=None):
        self._dunning_check_later_deposit()
        return super()._create_invoices(grouped=grouped, final=final, date=date)
