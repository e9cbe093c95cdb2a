from odoo import models
from odoo.exceptions import UserError

from ..tools.screen import say


class ArDunningCustomer(models.Model):
    """*Remind now*, from the worklist and from the customer's form."""

    _inherit = "ar.dunning.customer"

    def action_remind_now(self):
        """Prepare a notice although its day has not come, and open it; nothing leaves before it is read.

        Where something stands in the way, a dialog says so first.
        """
        self.check_access("write")
        rows = self.env["ar.dunning.remind.wizard"]._rows(self)
        manager = self.env.user.has_group("ar_dunning.group_dunning_manager")
        if not any(row["stops"] for row in rows) or (not manager and not any(row["kind"] != "none" for row in rows)):
            return self._remind()
        wizard = self.env["ar.dunning.remind.wizard"].create({"customer_ids": [(6, 0, self.ids)]})
        return self._dialog(self.env._("Remind now"), wizard)

    def _remind(self, escalation=False):
        """Prepare the drafts of *Remind now*, and open them with those that wait already.

        :param escalation: why a manager lets the next level go within a running deadline or contact gap
        """
        self.check_access("write")
        waiting = self.env["ar.dunning.notice"].search([("customer_id", "in", self.ids), ("state", "=", "draft")])
        notices, refused = waiting, {}
        for company, customers in (self - waiting.customer_id).grouped("company_id").items():
            Ledger = self.env["ar.dunning.ledger"].sudo()
            made, stopped = Ledger._remind_now(customers, company._dunning_today(), escalation)
            notices |= made.sudo(False)
            refused.update(stopped)
        if not notices:
            raise UserError("\n".join(f"{self.browse(key).display_name}: {why}" for key, why in refused.items()))
        if len(self) == 1:
            return self._dialog(self.env._("Notice %s", notices[0].name), notices[0])
        return self._show_reminded(notices, refused)

    def _show_reminded(self, notices, refused):
        """Open what was prepared; say who was left alone."""
        action = self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_notice_to_send_action")
        action |= {"domain": [("id", "in", notices.ids)], "context": {}}
        if not refused:
            return action
        names = ", ".join(self.browse(list(refused)).mapped("display_name"))
        return say(self.env._("Left alone, see why on each customer: %s", names), "warning", action)
