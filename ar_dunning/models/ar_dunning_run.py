from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from ..core.plan import WAITING, Kind
from ..tools.attempt import attempt
from .ar_dunning_ledger import WARN_DAYS
from .sql import OPEN_LINE


class ArDunningRun(models.Model):
    """One execution of one company's night, or of a person's *Run now*: what it did, what it left alone and why.

    Prepares notices in batches of customers, each batch in a transaction of its own whose first
    statement locks the customers' rows. A run that was stopped goes on where it was.
    """

    _name = "ar.dunning.run"
    _inherit = ["ar.dunning.protected"]
    _description = "Dunning Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    date = fields.Date(required=True, readonly=True, help="The day for which the run decides.")
    kind = fields.Selection(
        [("night", "Night"), ("manual", "By hand"), ("rehearsal", "Rehearsal")],
        required=True,
        default="night",
        readonly=True,
        help="A rehearsal is taken back as soon as it has been read.",
    )
    state = fields.Selection(
        [("queued", "Waiting"), ("running", "Running"), ("done", "Done")],
        required=True,
        default="queued",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        readonly=True,
        help="Runs of several companies at once, as they were before each company had its own night. Their counts are "
        "sums, and shown to who works in all of these companies.",
    )
    missed = fields.Char(
        "Nights Missed",
        readonly=True,
        help="Nights before this one that were never begun, because the server stood still.",
    )
    started_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    seconds = fields.Float(compute="_compute_seconds")
    customer_count = fields.Integer("Customers Looked at", readonly=True)
    remaining_count = fields.Integer("Customers to Go", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    # How far it is: the customers up to this id were looked at, except those whose rows somebody else held.
    looked_until = fields.Integer(readonly=True)
    left_ids = fields.Json(readonly=True)
    item_count = fields.Integer("Items Looked at", readonly=True)
    due_count = fields.Integer("Steps Due", readonly=True)
    skipped_counts = fields.Json(readonly=True, help="How often each reason stopped a step.")
    skipped_html = fields.Html("Left Alone, by Reason", compute="_compute_skipped_html", sanitize=False)
    notice_ids = fields.One2many("ar.dunning.notice", "run_id", string="Notices", readonly=True)
    notice_count = fields.Integer(compute="_compute_counts")
    line_ids = fields.One2many("ar.dunning.run.line", "run_id", readonly=True)
    skipped_ids = fields.One2many("ar.dunning.run.line", "run_id", domain=[("kind", "=", "skipped")], readonly=True)
    error_ids = fields.One2many("ar.dunning.run.line", "run_id", domain=[("kind", "=", "error")], readonly=True)
    error_count = fields.Integer(compute="_compute_counts")

    _night_unique = models.UniqueIndex(
        "(company_id, date) WHERE kind = 'night' AND company_id IS NOT NULL", "A company has one night a day."
    )

    @api.depends("date", "kind")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.name = f"{format_date(self.env, run.date)} {kinds.get(run.kind, '')}".strip()

    @api.depends("started_at", "ended_at")
    def _compute_seconds(self):
        for run in self:
            run.seconds = (run.ended_at - run.started_at).total_seconds() if run.started_at and run.ended_at else 0

    @api.depends("customer_count", "remaining_count")
    def _compute_progress(self):
        for run in self:
            total = run.customer_count + run.remaining_count
            run.progress = 100 * run.customer_count / total if total else 100

    @api.depends("notice_ids", "line_ids.kind")
    def _compute_counts(self):
        notices = dict(self.env["ar.dunning.notice"]._read_group([("run_id", "in", self.ids)], ["run_id"], ["__count"]))
        errors = dict(
            self.env["ar.dunning.run.line"]._read_group(
                [("run_id", "in", self.ids), ("kind", "=", "error")], ["run_id"], ["__count"]
            )
        )
        for run in self:
            run.notice_count = notices.get(run, 0)
            run.error_count = errors.get(run, 0)

    @api.depends("skipped_counts")
    def _compute_skipped_html(self):
        Ledger = self.env["ar.dunning.ledger"]
        for run in self:
            counts = sorted((run.skipped_counts or {}).items(), key=lambda pair: -pair[1])
            run.skipped_html = self.env["ir.qweb"]._render(
                "ar_dunning.skipped_reasons", {"counts": [(Ledger._sentence_of(code), count) for code, count in counts]}
            )

    # === Preparing === #

    def _due_customers(self):
        """Customers with an open item whose next step may be due, not yet looked at by this run."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT i.customer_id
                  FROM ar_dunning_item i
                  JOIN account_move_line l ON l.id = i.move_line_id
                 WHERE i.company_id = %(company)s AND (i.next_date IS NULL OR i.next_date <= %(on)s)
                   AND %(open)s
                   AND (i.customer_id > %(until)s OR i.customer_id = ANY(%(left)s))
                 UNION
                SELECT n.customer_id
                  FROM ar_dunning_notice n
                 WHERE n.company_id = %(company)s AND n.state = 'draft'
                   AND (n.customer_id > %(until)s OR n.customer_id = ANY(%(left)s))
                 ORDER BY 1
                """,
                company=self.company_id.id,
                on=self.date,
                until=self.looked_until,
                left=self.left_ids or [],
                open=OPEN_LINE,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _prepare(self, customer_ids):
        """Prepare one batch of customers, in the present transaction.

        The first statement locks the customers' rows; those that another run holds are left to it.
        One broken customer is recorded and does not stop the others.
        """
        self.ensure_one()
        Customer = self.env["ar.dunning.customer"].with_company(self.company_id)
        customers = Customer.browse(customer_ids).try_lock_for_update(allow_referencing=True)
        prepared = []
        failure = attempt(self.env, lambda: prepared.append(self._prepare_customers(customers)), None)
        if failure is not None:  # find out which customer it was
            prepared = [self._prepare_one(customer) for customer in customers]
        totals = Counter()
        for found, lines in prepared:
            totals += found
            self.env["ar.dunning.run.line"]._make(lines)
        self._add_up(totals, customers)
        left = set(self.left_ids or []) - set(customers.ids) | set(customer_ids) - set(customers.ids)
        self._put({"looked_until": max(self.looked_until, *customer_ids), "left_ids": sorted(left)})

    def _prepare_one(self, customer):
        """As `_prepare_customers` for one; what stops it is written down for a person, and the others go on."""
        prepared = []
        failure = attempt(
            self.env,
            lambda: prepared.append(self._prepare_customers(customer)),
            f"Dunning of customer {customer.id}",
        )
        if failure:
            return Counter(), [{"run_id": self.id, "kind": "error", "customer_id": customer.id, "reason": failure}]
        return prepared[0] if failure is None else (Counter(), [])

    def _prepare_customers(self, customers):
        """Decide, build the notices, and keep on each item what comes next. Returns counts and run lines."""
        counts, lines = Counter(), []
        if not customers:
            return counts, lines
        builder = self.env["ar.dunning.builder"]
        untouched = builder._untouched_drafts(customers.ids, self)
        ignored = [notice.id for notices in untouched.values() for notice in notices]
        decisions = self.env["ar.dunning.ledger"]._decide(customers, self.date, ignore_notices=ignored)
        for customer_id, drafts in untouched.items():
            self.env["ar.dunning.remind"]._force_again(decisions[customer_id], drafts, self.date)
        self._respect_cap([decision for customer_id, decision in decisions.items() if customer_id not in untouched])
        self._warn_salespeople(decisions)
        builder._build(decisions, self.date, self)
        self._flag_edited(customers)
        for decision in decisions.values():
            for item in decision.items:
                counts["items"] += 1
                counts["due"] += item.step.due
                stopping = [blocker for blocker in item.step.blockers if blocker.code not in WAITING]
                # Only where time alone would let the step go is being stopped worth counting.
                if stopping and len(stopping) == len(item.step.blockers):
                    counts.update(f"skip:{blocker.code}" for blocker in stopping)
                    lines += self._skipped_line(item, stopping)
        self.env["ar.dunning.ledger"]._keep_plan(decisions, self.date)
        return counts, lines

    def _skipped_line(self, item, blockers):
        codes = ",".join(sorted(blocker.code for blocker in blockers))
        if codes == item.codes:
            return []
        sentence = self.env["ar.dunning.ledger"]._sentence
        return [
            {
                "run_id": self.id,
                "kind": "skipped",
                "customer_id": item.customer_id,
                "item_id": item.id,
                "codes": codes,
                "reason": " ".join(sentence(blocker) for blocker in blockers),
            }
        ]

    def _respect_cap(self, decisions):
        """Prepare no more new notices than the company's most a night; the others follow on the next nights."""
        most = self.company_id.sudo().ar_dunning_max_notices
        if not most:
            return
        made = self.env["ar.dunning.notice"].search_count(
            [("run_id.date", "=", self.date), ("company_id", "=", self.company_id.id)]
        )
        for decision in decisions:
            if decision.notices and made >= most:
                decision.postpone()
            made += len(decision.notices)

    def _warn_salespeople(self, decisions):
        """Two days before a formal notice the salesperson gets a to-do on the customer, once."""
        for decision in decisions.values():
            for item in decision.items:
                step = item.step
                if not step.level or step.level.kind != Kind.FORMAL or not item.salesperson_id:
                    continue
                level = self.env["ar.dunning.level"].browse(step.level.key)
                soon = step.first_date and step.first_date <= self.date + WARN_DAYS
                if not (level.warn_salesperson and soon) or item.warned_level_id == level.id:
                    continue
                item.warned_level_id = level.id
                self.env["ar.dunning.item"].browse(item.id)._put({"warned_level_id": level.id})
                self.env["res.partner"].browse(decision.customer.partner_id).activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=step.first_date,
                    user_id=self._who_sells(item).id,
                    summary=self.env._("%(level)s planned for %(invoice)s", level=level.name, invoice=item.move_name),
                )

    def _who_sells(self, item):
        """The invoice's salesperson; who looks after the customer where that is nobody who can do something."""
        salesperson = self.env["res.users"].browse(item.salesperson_id)
        if salesperson._is_dunning_person():
            return salesperson
        return self.env["ar.dunning.customer"].browse(item.customer_id)._who_is_asked()

    def _flag_edited(self, customers):
        """Edited drafts are never rebuilt; say where the ledger has moved meanwhile, and what."""
        if self._is_for_another_day():
            return
        edited = self.env["ar.dunning.notice"].search(
            [("customer_id", "in", customers.ids), ("state", "=", "draft"), ("is_edited", "=", True)]
        )
        self.env["ar.dunning.revision"]._flag_moved(edited, self.date)

    def _is_for_another_day(self):
        """Whether a person asked for a day that is not today; such a run touches no draft but those of its own day.

        A rehearsal does not count: it plays the night of its day.
        """
        today = self.env.company._dunning_today()
        return self.kind == "manual" and self.date != today and not self.env.context.get("ar_dunning_preview")

    def _add_up(self, totals, customers):
        skipped = Counter(self.skipped_counts or {})
        skipped.update(
            {name.removeprefix("skip:"): count for name, count in totals.items() if name.startswith("skip:")}
        )
        self._put(
            {
                "customer_count": self.customer_count + len(customers),
                "remaining_count": max(self.remaining_count - len(customers), 0),
                "item_count": self.item_count + totals["items"],
                "due_count": self.due_count + totals["due"],
                "skipped_counts": dict(skipped),
            }
        )

    # === Screens === #

    def action_view_notices(self):
        """Open the notices of this run."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_notice_action") | {
            "domain": [("run_id", "=", self.id)],
            "context": {},
        }

    def action_view_lines(self):
        """Open what this run left alone, and its errors."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Left alone"),
            "res_model": "ar.dunning.run.line",
            "view_mode": "list",
            "domain": [("run_id", "=", self.id)],
            "context": {"search_default_group_reason": 1},
        }

    # === Undo === #

    def action_undo(self):
        """Show what undoing this run means, and ask for the reason."""
        self.ensure_one()
        self._check_may_undo()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo the run"),
            "res_model": "ar.dunning.undo.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def _check_may_undo(self):
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can undo a run."))

    def _undo_parts(self):
        """The runs' notices that still stand, by what became of them: `{part: notices}`.

        `draft` and `queued`: nothing has left; `letters`: letters wait for the post; `failed`: nothing arrived;
        `delivered`: something has reached a customer, or may have.
        """
        notices = self.env["ar.dunning.notice"].search([("run_id", "in", self.ids), ("state", "!=", "cancelled")])
        parts = {name: notices.browse() for name in ("draft", "queued", "letters", "failed", "delivered")}
        for notice in notices:
            parts[notice._undo_part()] |= notice
        return parts
