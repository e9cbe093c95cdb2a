import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import retrying
from odoo.tools import format_date

from ..tools.attempt import CONCURRENCY

_logger = logging.getLogger(__name__)
BATCH = 50
# So many customers whose draft of the day waits count as one in a batch: it most likely stays, and nothing is written.
STAYING = 20


class ArDunningRun(models.Model):
    """When a night begins, and the order of what it does.

    A company's night belongs to a day of its own calendar and begins at its own hour (a setting, 02:00), by the clock of the
    company's working schedule, wherever the server stands. A scheduled action looks every quarter of an hour:

    * The night of a day begins once its hour has come, however late that is found; one a company and day, by an index.
    * An hour that the clock skips (daylight saving begins) has come with the first moment after it; an hour that comes
      twice is passed the second time, because the day has its night.
    * Nights that were missed are not made up for: the latest day's night decides on everything that has become due, and
      says which nights it missed. A night that was stopped goes on, until the next one begins and ends it.
    * Where the company's time zone changes, a day that has had its night gets no second one, and a day that is
      jumped over has none.
    """

    _inherit = "ar.dunning.run"

    # === Starting === #

    @api.model
    def _cron_night(self):
        """Scheduled action, every quarter of an hour: begin the nights whose hour has come, go on with what waits."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self._begin_night(company)
        runs = self._unfinished()
        self.env["ir.cron"]._commit_progress(remaining=len(runs))
        for run in runs:
            if not run._work_apart():
                self.env["ir.cron"]._commit_progress(remaining=len(self._unfinished()))
                break
        if runs:
            self.env.ref("ar_dunning.ir_cron_send")._trigger()

    @api.model
    def _unfinished(self, company=None):
        domain = Domain("state", "in", ("queued", "running")) & Domain("company_id", "!=", False)
        return self.search(domain & Domain("company_id", "=", company.id) if company else domain, order="id")

    @api.model
    def _begin_night(self, company):
        """Queue the night of the company's day, once its hour has come; those of earlier days end here."""
        on = company._dunning_today()
        last = self._last_night(company)
        if not company._dunning_night_has_come() or (last and last.date >= on):
            return self.browse()
        for run in self._unfinished(company).filtered(lambda run: run.kind == "night"):
            run._give_up(on)
        missed = self._missed_sentence(last.date, on) if last else False
        return self._make({"date": on, "kind": "night", "company_id": company.id, "missed": missed})

    @api.model
    def _last_night(self, company):
        """The latest night of a company; nights of before may have been those of several companies."""
        several = Domain("company_id", "=", False) & (
            Domain("company_ids", "=", False) | Domain("company_ids", "in", company.ids)
        )
        own = Domain("company_id", "=", company.id)
        return self.search(Domain("kind", "=", "night") & (own | several), order="date desc, id desc", limit=1)

    @api.model
    def _missed_sentence(self, last, on):
        """Which nights between two are missing, for a person; False where none is."""
        first, final = last + timedelta(days=1), on - timedelta(days=1)
        if first > final:
            return False
        words = {
            "count": (on - first).days,
            "first": format_date(self.env, first),
            "last": format_date(self.env, final),
        }
        if first == final:
            return self.env._("The night of %(first)s was missed.", **words)
        return self.env._("%(count)s nights were missed, from %(first)s to %(last)s.", **words)

    def _give_up(self, on):
        """End a night that was stopped on its way: the night of `on` looks at the same customers with fresh eyes."""
        for run in self:
            reason = self.env._(
                "It was stopped on its way. The night of %s looks at everything anew.", format_date(self.env, on)
            )
            run._tell_error(reason)
            run._put({"state": "done", "ended_at": fields.Datetime.now()})

    @api.model
    def _queue_manual(self, on, companies):
        """A person's *Run now*, one run for each company: the scheduled action takes it up within the minute."""
        waiting = self.sudo().search(
            [("state", "in", ("queued", "running")), ("date", "=", on), ("company_id", "in", companies.ids)], limit=1
        )
        if waiting:
            raise UserError(self.env._("A run for %s is already under way. Wait for it to end.", on))
        runs = self.sudo()._make([{"date": on, "kind": "manual", "company_id": company.id} for company in companies])
        self.env.ref("ar_dunning.ir_cron_night").sudo()._trigger()
        return runs

    # === The order === #

    def _steps_before(self):
        """Seam. What is done before notices are made, in this order; each step in a transaction of its own.

        A member puts its own steps in; a rehearsal plays them, too, and takes them back. Notices say who looks after the
        customer.

        :return: functions without arguments
        """
        company = self.company_id
        return [
            partial(self.env["ar.dunning.item"]._sync, company),
            partial(self.env["ar.dunning.customer"]._assign_responsible, company),
            partial(self.env["ar.dunning.judgement"]._judge, company),
            partial(self.env["ar.dunning.arrangement"]._escalate, company),
        ]

    def _steps_after(self):
        """Seam. What is done once the notices are made, in this order; each step in a transaction of its own, what concerns
        all customers in batches of them.

        Called once by `_work`, which takes a step when the one before is committed. Steps are functions without
        arguments. A member puts its own around `yield from super()._steps_after()`; what must follow the figures of the
        worklist goes into `ar.dunning.customer._closing_steps`.
        """
        yield from self.env["ar.dunning.customer"]._closing_steps(self.company_id)

    def _work(self):
        """The whole order; commits after each step and each batch of customers.

        :return: False if the time of the scheduled action ran out first
        """
        self.ensure_one()
        # Its to-dos are seen in the morning, all together: no mail for each.
        self = self.with_context(mail_activity_quick_update=True)
        commit = self.env["ir.cron"]._commit_progress
        if self.state == "queued":
            self._put({"state": "running", "started_at": fields.Datetime.now(), "skipped_counts": {}})
        commit()
        for step in self._steps_before():
            retrying(step, self.env)
            commit()
        # The second round takes up customers whose rows somebody else (a preview, say) held in the first.
        for _round in range(2):
            todo = self._due_customers()
            self._put({"remaining_count": len(todo)})
            for batch in self._batches(todo):
                retrying(partial(self._prepare, batch), self.env)
                if not commit(len(batch), remaining=self.remaining_count):
                    return False
        for step in self._steps_after():
            self._do_last(step)
        self._put({"state": "done", "ended_at": fields.Datetime.now(), "remaining_count": 0})
        commit()
        return True

    def _batches(self, customer_ids):
        """These customers in their order, in lists of at most `BATCH`; those with a draft of this day take less room."""
        drafts = (
            Domain("customer_id", "in", customer_ids) & Domain("state", "=", "draft") & Domain("date", "=", self.date)
        )
        grouped = self.env["ar.dunning.notice"]._read_group(drafts, ["customer_id"]) if customer_ids else ()
        staying = {customer.id for (customer,) in grouped}
        batch, room = [], BATCH * STAYING
        for customer_id in customer_ids:
            batch.append(customer_id)
            room -= 1 if customer_id in staying else STAYING
            if room <= 0:
                yield batch
                batch, room = [], BATCH * STAYING
        if batch:
            yield batch

    def _play(self):
        """The order up to the notices, in the present transaction: for a rehearsal."""
        self.ensure_one()
        for step in self._steps_before():
            step()
        for batch in self._batches(self._due_customers()):
            self._prepare(batch)

    def _work_apart(self):
        """As `_work`; what breaks this run is told on it and tried again by the next round, and the other companies go on."""
        run_id = self.id
        try:
            return self._work()
        except CONCURRENCY:
            _logger.info("Run %s is left to the next round: somebody else is at it", run_id)
            self.env.cr.rollback()
        except Exception as error:
            _logger.exception("Run %s", run_id)
            self.env.cr.rollback()
            self._tell_error(str(error))
        return bool(self.env["ir.cron"]._commit_progress())

    def _do_last(self, work):
        """What the night does when its notices are made: where it fails, that is told, and the night stays done.

        :raise: errors of concurrency: the next round goes on with this night
        """
        try:
            retrying(work, self.env)
        except CONCURRENCY:
            raise
        except Exception as error:
            _logger.exception("After the run of %s", self.date)
            self.env.cr.rollback()
            self._tell_error(str(error))
        self.env["ir.cron"]._commit_progress()

    def _tell_error(self, reason):
        """Write down, once, what the run as a whole had trouble with."""
        if reason not in self.error_ids.mapped("reason"):
            self.env["ar.dunning.run.line"]._make({"run_id": self.id, "kind": "error", "reason": reason})
