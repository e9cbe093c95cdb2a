from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import format_amount

from ..tools.screen import form_of

# The order in which drafts are read: as they stand in the list of notices to send.
ORDER = "level_id, date desc, id desc"


class ArDunningToSend(models.AbstractModel):
    """A draft that waits for a person: whether he must open it, what there is to know of it, and what comes next.

    It must be opened if the ledger has moved, if somebody edited it, if there is a warning, if its customer is always
    reviewed, or if it demands more than its policy lets go unread. All others may go together.
    """

    _name = "ar.dunning.to.send"
    _description = "Draft That Waits for a Person"

    needs_opening = fields.Boolean("To Open", compute="_compute_needs_opening", search="_search_needs_opening")
    open_reasons = fields.Char(
        "Open Because", compute="_compute_needs_opening", help="Why a person should read this draft before it leaves."
    )
    brief_html = fields.Html("In Brief", compute="_compute_brief_html", sanitize=False)

    # === Which to open === #

    @api.depends("state", "is_outdated", "is_edited", "warning", "always_review", "amount_total", "policy_id.open_over")
    def _compute_needs_opening(self):
        for notice in self:
            reasons = notice._reasons_to_open() if notice.state == "draft" else []
            notice.needs_opening = bool(reasons)
            notice.open_reasons = ", ".join(reasons)

    def _reasons_to_open(self):
        limit = self.policy_id.sudo().open_over
        reasons = (
            (self.is_outdated, self.env._("Changed")),
            (self.is_edited, self.env._("Edited")),
            (self.warning, self.env._("Warning")),
            (self.always_review, self.env._("Key account")),
            (limit and self.company_currency_id.compare_amounts(self.amount_total, limit) > 0, self.env._("Large")),
        )
        return [text for holds, text in reasons if holds]

    def _search_needs_opening(self, operator, value):
        """The same in the database."""
        if operator != "in":
            return NotImplemented
        policies = self.env["ar.dunning.policy"].sudo().with_context(active_test=False).search([("open_over", ">", 0)])
        large = [[("policy_id", "=", policy.id), ("amount_total", ">", policy.open_over)] for policy in policies]
        reasons = [
            [("is_outdated", "=", True)],
            [("is_edited", "=", True)],
            [("warning", "!=", False)],
            [("customer_id.always_review", "=", True)],
            *large,
        ]
        found = Domain("state", "=", "draft") & Domain.OR(map(Domain, reasons))
        return found if True in value else ~found

    # === Always review === #

    def action_always_review(self):
        """From now on every notice to this customer waits for a person; what waits unseen comes back."""
        self.check_access("write")
        customers = self.customer_id
        customers.write({"always_review": True})
        unseen = self.search(
            [
                ("customer_id", "in", customers.ids),
                ("state", "=", "queued"),
                ("approved_by_id", "=", False),
                ("is_leaving", "=", False),
            ]
        )
        unseen.action_back_to_draft()

    def action_no_review(self):
        """Let the policy decide again whether notices to this customer wait."""
        self.check_access("write")
        self.customer_id.write({"always_review": False})

    # === In brief === #

    @api.depends("state", "level_id", "line_ids", "is_repeat", "escalation_reason")
    def _compute_brief_html(self):
        for notice in self:
            draft = notice._origin
            told = draft.state == "draft" and draft.line_ids.filtered("is_demanded")
            notice.brief_html = told and self.env["ir.qweb"]._render("ar_dunning.notice_brief", draft._brief_values())

    def _brief_values(self):
        return {
            "sentences": [*self._why_this_level(), *self._last_contacts()],
            "sums": [self._sum_of(currency, amounts) for currency, amounts in self._amounts_demanded().items()],
        }

    def _why_this_level(self):
        """Sentences on what makes it this level: the oldest of the invoices that reach it, and what a person chose."""
        demanded = self.line_ids.filtered("is_demanded")
        own = demanded.filtered(lambda line: line.level_id == self.level_id) or demanded
        line = own.sorted("days_late")[-1:]
        yield self._lateness(line)
        yield self._last_step(line.item_id)
        if self.is_repeat:
            yield self.env._("It repeats what was sent.")
        elif self.is_forced:
            yield self.escalation_reason or self.env._("Somebody asked for it ahead of its day.")
        if self.highest_level_id and self.level_id.days < self.highest_level_id.days:
            yield self.env._("Lowered from %s.", self.highest_level_id.name)

    def _lateness(self, line):
        if not line.days_late:
            return self.env._(
                "%(level)s: %(invoice)s is due on %(day)s.",
                level=self.level_id.name,
                invoice=line.move_name,
                day=format_date(self.env, line.due_date),
            )
        return self.env._(
            "%(level)s: %(invoice)s is %(days)s days late.",
            level=self.level_id.name,
            invoice=line.move_name,
            days=line.days_late,
        )

    def _last_step(self, item):
        if not (item.level_id and item.last_date):
            return self.env._("No reminder of it was sent so far.")
        day = format_date(self.env, item.last_date)
        if not item.deadline:
            return self.env._("%(level)s was sent on %(day)s.", level=item.level_id.name, day=day)
        return self.env._(
            "%(level)s was sent on %(day)s and gave until %(deadline)s.",
            level=item.level_id.name,
            day=day,
            deadline=format_date(self.env, item.deadline),
        )

    def _last_contacts(self):
        customer = self.customer_id
        if customer.last_contact:
            yield self.env._("Last notice to the customer: %s.", format_date(self.env, customer.last_contact))
        if customer.last_call:
            yield self.env._(
                "Last call: %(day)s, %(outcome)s.",
                day=format_date(self.env, customer.last_call),
                outcome=customer.call_outcome_id.name or self.env._("no outcome"),
            )

    def _amounts_demanded(self):
        """What is open, on its way, held and asked for besides: `{currency: (open, received, held, besides)}`."""
        lines, besides = self.line_ids.filtered("is_demanded"), self._demands_by_currency()
        currencies = lines.currency_id.union(*besides)
        found = {}
        for currency in currencies:
            own = lines.filtered(lambda line, currency=currency: line.currency_id == currency)
            sums = [sum(own.mapped(name)) for name in ("amount_residual", "amount_credit", "amount_held")]
            found[currency] = (*sums, sum(besides.get(currency, ())))
        return found

    @api.model
    def _total_of(self, amounts):
        """What remains to be demanded of such amounts."""
        owed, received, held, besides = amounts
        return owed - received - held + besides

    @api.model
    def _sum_of(self, currency, amounts):
        """The rows of one currency, as they add up to what is demanded."""
        owed, received, held, besides = amounts
        rows = (
            (self.env._("Open"), owed),
            (self.env._("Money on its way"), -received),
            (self.env._("Held until somebody has looked"), -held),
            (self.env._("Demanded besides"), besides),
        )
        told = [(label, format_amount(self.env, amount, currency)) for label, amount in rows if amount]
        return {"rows": told, "total": format_amount(self.env, self._total_of(amounts), currency)}

    # === One after the other === #

    def action_send_next(self):
        """Send this draft and open the next: first those that a person must open; after the last, the list."""
        self.ensure_one()
        following = self._next_to_open()
        answer = self.action_send()
        if self.state == "draft":  # a question comes first
            return answer
        then = following._as_next_draft() if following else self._list_to_send()
        answer["params"]["next"] = {
            "type": "ir.actions.client",
            "tag": "ar_dunning_next_draft",
            "params": {"action": then},
        }
        return answer

    def _next_to_open(self):
        """The next draft of the same responsible in the order of the list, from the beginning again after its end."""
        mine = Domain("state", "=", "draft") & Domain("responsible_id", "=", self.responsible_id.id)
        here = Domain("company_id", "in", self.env.companies.ids)
        for wanted in (Domain("needs_opening", "=", True), Domain.TRUE):
            found = self.search((mine & here & wanted) | Domain("id", "=", self.id), order=ORDER)
            place = found.ids.index(self.id)
            following = found[place + 1 :] + found[:place]
            if following:
                return following[0]
        return self.browse()

    def _as_next_draft(self):
        return form_of(self) | {"views": [(False, "form")], "context": {"to_send": True}}

    @api.model
    def _list_to_send(self):
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_notice_to_send_action")

    # === The rest === #

    def action_send_rest(self):
        """Ask whether all that need no opening shall leave: those that the list shows, or that were chosen in it."""
        shown = [("id", "in", self.ids)] if self else self.env.context.get("active_domain") or []
        waiting = self.search(Domain(shown) & Domain("state", "=", "draft"))
        rest = waiting._that_may_go_unread()
        if not rest:
            raise UserError(self.env._("Nothing here may leave unread. Open each draft and send it."))
        return self.env["ar.dunning.send.rest.wizard"]._ask(rest, len(waiting) - len(rest))

    def _that_may_go_unread(self):
        """The drafts among these that need no opening, and whose day has come."""
        return self.filtered(
            lambda notice: (
                notice.state == "draft"
                and not notice.needs_opening
                and notice.date <= notice.company_id._dunning_today()
            )
        )
