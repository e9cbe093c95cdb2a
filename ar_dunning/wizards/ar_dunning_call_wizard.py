from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import format_amount

from .ar_dunning_said import DONE

CALL = "mail.mail_activity_data_call"


class ArDunningCallWizard(models.TransientModel):
    """Write down what came of a call, and when to call again.

    The customer's chatter keeps it; a next call becomes an activity of whoever looks after the customer, and
    calls that were due, of the customer or of a notice, are done by it.
    """

    _name = "ar.dunning.call.wizard"
    _inherit = "ar.dunning.said"
    _description = "Log a Call"

    phone = fields.Char(related="customer_id.phone")
    currency_id = fields.Many2one(related="customer_id.currency_id")
    overdue_amount = fields.Monetary(related="customer_id.overdue_amount")
    outcome_id = fields.Many2one(
        "ar.dunning.reason", required=True, domain="[('kind', '=', 'call')]", help="What came of the call."
    )
    outcome_does = fields.Selection(related="outcome_id.outcome_does")
    overdue_reason_id = fields.Many2one(
        "ar.dunning.reason",
        string="Reason Overdue",
        domain="[('kind', '=', 'overdue')]",
        compute="_compute_overdue_reason_id",
        store=True,
        readonly=False,
        help="Why the customer is late, as far as we know. Stays on the customer.",
    )
    next_call = fields.Date(help="The day of the next call; whoever looks after the customer gets it as an activity.")
    note = fields.Text(help="What was said. Kept in the customer's history, for colleagues only.")

    @api.depends("customer_id")
    def _compute_overdue_reason_id(self):
        for wizard in self:
            wizard.overdue_reason_id = wizard.customer_id.overdue_reason_id

    def action_log(self):
        """Keep the outcome on the customer, log it, make the promise or dispute that came of it, and plan the next call."""
        self.ensure_one()
        customer, today = self.customer_id, self.customer_id.company_id._dunning_today()
        if self.next_call and self.next_call < today:
            raise UserError(self.env._("%s is in the past. Choose the day of the next call.", self.next_call))
        customer._put(
            {"last_call": today, "call_outcome_id": self.outcome_id.id, "overdue_reason_id": self.overdue_reason_id.id}
        )
        due = (customer.activity_ids | customer.notice_ids.activity_ids).filtered(
            lambda activity: activity.date_deadline <= today
        )
        due.filtered(lambda activity: activity.activity_type_id == self.env.ref(CALL)).action_feedback(
            feedback=self.outcome_id.name
        )
        customer.message_post(body=self._summary(), mail_activity_type_id=self.env.ref(CALL).id)
        if self.next_call:
            customer.activity_schedule(
                CALL,
                date_deadline=self.next_call,
                user_id=customer._who_is_asked(self.env.user).id,
                summary=self.env._("Call again: %s", self.outcome_id.name),
                note=self.note,
            )
        if self.outcome_does:
            return self._arrange(self.outcome_does, "call", "phone", self.note)
        return DONE

    def _summary(self):
        """The call in a few lines for the chatter."""
        lines = [self.env._("Call: %s", self.outcome_id.name)]
        if self.overdue_reason_id:
            lines.append(self.env._("Reason overdue: %s", self.overdue_reason_id.name))
        if self.outcome_does == "promise" and self.promised_on:
            lines.append(
                self.env._(
                    "Pays %(amount)s by %(date)s",
                    amount=format_amount(self.env, self.promised_amount, self.said_currency_id),
                    date=format_date(self.env, self.promised_on),
                )
            )
        if self.next_call:
            lines.append(self.env._("Next call on %s", format_date(self.env, self.next_call)))
        if self.note:
            lines.append(self.note)
        return Markup("<br/>").join(lines)
