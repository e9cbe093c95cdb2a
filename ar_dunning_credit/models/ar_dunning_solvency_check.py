from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from odoo.addons.ar_dunning.tools.authority import as_system, is_system

from ..core.credit_status import Check, Result
from .facts.standing_facts import DECISION

SOURCES = [
    ("own", "Own review"),
    ("agency", "Credit agency"),
    ("register", "Company register"),
    ("bank", "Bank reference"),
    ("insurer", "Credit insurer"),
    ("trade", "Trade reference"),
]
RESULTS = [("good", "Good"), ("caution", "Caution"), ("bad", "Bad"), ("insolvent", "Insolvent")]
# Days before its last day on which the review of a check is asked for.
NOTICE_DAYS = 7


class ArDunningSolvencyCheck(models.Model):
    """One dated enquiry about a customer's solvency: what was asked, found, and until when it counts.

    The latest valid one counts. *Insolvent* freezes what arose before the opening of the proceedings, sends later
    items to the administrator, and leaves sales against prepayment only.
    """

    _name = "ar.dunning.solvency.check"
    _description = "Solvency Check"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _person_creates = True
    _day_field = "valid_until"

    customer_id = fields.Many2one(
        "ar.dunning.customer", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Company or Person")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="customer_id.currency_id")
    active = fields.Boolean(default=True, tracking=True, help="Archive a check that was entered by mistake.")
    date = fields.Date(
        "Checked on", required=True, default=lambda self: self.env.company._dunning_today(), tracking=True
    )
    source = fields.Selection(SOURCES, required=True, default="own", tracking=True)
    result = fields.Selection(
        RESULTS,
        required=True,  # without a default: a form that is only opened and left must not save a good check
        tracking=True,
        help="Good changes nothing; with caution people are told; bad holds orders; insolvent leaves sales against "
        "prepayment only.",
    )
    rating = fields.Char(tracking=True, help="As the source puts it, e.g. 'Index 247' or 'BB-'.")
    recommended_limit = fields.Monetary(
        tracking=True, help="What the source recommends, in company currency. It is not applied by itself."
    )
    valid_until = fields.Date(
        tracking=True,
        help="Its last day; the responsible is asked for a new one in time. Empty: until the next check. "
        "An insolvency does not expire.",
    )
    user_id = fields.Many2one("res.users", "Checked by", required=True, default=lambda self: self.env.user)
    finding = fields.Text(readonly=True, help="What the service of this source answered.")
    note = fields.Text()
    attachment_ids = fields.Many2many("ir.attachment", string="Documents", bypass_search_access=True)
    opening_date = fields.Date(
        "Proceedings Opened on",
        tracking=True,
        help="What was invoiced or due before this day is frozen; later items are dunned as usual.",
    )
    administrator_id = fields.Many2one(
        "res.partner",
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who is written to about later items. Leave empty as long as it is not known.",
    )
    arrangement_ids = fields.Many2many("ar.dunning.arrangement", string="Pauses", readonly=True)
    review_on = fields.Date(readonly=True, copy=False, help="The last day for which a review was already asked for.")
    standing = fields.Selection(
        [("counts", "Counts"), ("expired", "Expired"), ("superseded", "Superseded")], compute="_compute_standing"
    )
    has_service = fields.Boolean(compute="_compute_has_service")

    _recommended_limit = models.Constraint(
        "CHECK(recommended_limit >= 0)", "A recommended limit cannot be negative. 0 means none."
    )
    _dates = models.Constraint(
        "CHECK(valid_until >= date)", "This check would have expired before it was made. Correct one of the two dates."
    )

    @api.depends("customer_id", "source", "date")
    def _compute_display_name(self):
        kinds = dict(self._fields["source"]._description_selection(self.env))
        for check in self:
            parts = (check.partner_id.display_name, kinds.get(check.source), format_date(self.env, check.date))
            check.display_name = ", ".join(part for part in parts if part)

    @api.depends(
        "result",
        "customer_id.solvency_ids.date",
        "customer_id.solvency_ids.valid_until",
        "customer_id.solvency_ids.active",
    )
    def _compute_standing(self):
        self.standing = "superseded"
        for company, checks in self.filtered("customer_id").grouped("company_id").items():
            on = company._dunning_today()
            counting = self._counting(checks.customer_id, on)
            for check in checks:
                found = counting.get(check.customer_id.id, self.browse())
                over = bool(check.valid_until) and check.valid_until < on and check.result != "insolvent"
                if over and found and (check.date, check._origin.id) >= (found.date, found.id):
                    check.standing = "expired"
                elif check._origin == found:
                    check.standing = "counts"

    @api.depends("source")
    def _compute_has_service(self):
        for check in self:
            check.has_service = callable(getattr(self, f"_check_{check.source}", None))

    @api.constrains("result", "opening_date", "date")
    def _check_opening(self):
        for check in self:
            if check.result == "insolvent" and not check.opening_date:
                raise ValidationError(
                    self.env._(
                        "%s is insolvent: enter the day on which the proceedings were opened. What arose before it is "
                        "frozen, what arises later is not.",
                        check.partner_id.display_name,
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        """A slip in the year would let one check count over all others; a day is left for users further east."""
        for check in self:
            if check.date > fields.Date.add(check.company_id._dunning_today(), days=1):
                raise ValidationError(
                    self.env._("A check cannot be dated in the future: %s.", format_date(self.env, check.date))
                )

    @api.onchange("result")
    def _onchange_result(self):
        if self.result != "insolvent":
            self.opening_date = self.administrator_id = False

    def _person_writes(self):
        own = {
            *("active", "date", "source", "result", "rating", "recommended_limit", "valid_until", "user_id"),
            *("note", "attachment_ids", "opening_date", "administrator_id"),
        }
        return own if self else own | {"customer_id"}

    def _refuse_person(self, names):
        if self and "customer_id" in names:
            raise UserError(self.env._("A check stays with the customer it was made about. Make a new one."))
        return super()._refuse_person(names)

    def _refuse_deletion(self):
        self._unlink_never()

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks._own_attachments()
        checks._freeze()
        checks.customer_id._refresh_credit_of()
        return checks

    def write(self, vals):
        insolvent = self._insolvent()
        documents = {check: check.attachment_ids for check in self}
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_attachments()
            self._check_documents_kept(documents)
        if {"result", "opening_date", "administrator_id", "active"} & set(vals):
            self._freeze()
            (insolvent - self._insolvent())._thaw()
        if {"result", "date", "valid_until", "active"} & set(vals):
            self.customer_id._refresh_credit_of()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A solvency check is evidence and stays. Archive it instead."))

    def _check_documents_kept(self, documents):
        """A person adds documents to a check and takes none away, archived or not.

        :param dict documents: the former ones by check
        """
        gone = [file for check, files in documents.items() for file in files - check.attachment_ids]
        if gone and not is_system():
            raise UserError(
                self.env._(
                    "%s is evidence of this check and stays with it. Archive the check if it is wrong, and make a new one.",
                    gone[0].sudo().name,
                )
            )

    def _own_attachments(self):
        """Uploads belong to the check, so that who may read it may read them."""
        for check in self:
            loose = check.attachment_ids.filtered(lambda file: not file.res_id)
            loose.check_access("read")  # somebody else's upload does not become readable by being named here
            with as_system():
                loose.sudo().write({"res_model": self._name, "res_id": check.id})

    @api.model
    def _counting(self, customers, on, family=None):
        """`{customer id: the check that counts on the day `on`}`, of its records in root company and branches.

        The latest valid one; where none is valid any more, the latest. An insolvency does not expire, but any
        later check ends it.

        :param customers: `ar.dunning.customer` records of one company
        :param family: `customers._credit_family()`, where it is known
        """
        family = family or customers.sudo().with_context(active_test=False)._credit_family()
        ids = {key for relatives in family.values() for key in relatives if isinstance(key, int)}
        if not ids:
            return {}
        self.flush_model(["customer_id", "date", "active", "valid_until", "result"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer_id, date, id, result = 'insolvent', COALESCE(valid_until >= %s, TRUE)
                  FROM ar_dunning_solvency_check
                 WHERE customer_id = ANY(%s) AND active
                """,
                on,
                list(ids),
            )
        )
        found = defaultdict(list)
        for customer_id, *row in rows:
            found[customer_id].append(row)
        counting = {}
        for customer_id, relatives in family.items():
            dated = sorted((row for key in relatives for row in found.get(key, ())), reverse=True)
            if dated:
                counting[customer_id] = self._first_counting(dated)
        checks = {check.id: check for check in self.sudo().browse(counting.values())}
        return {customer_id: checks[key] for customer_id, key in counting.items()}

    @api.model
    def _first_counting(self, dated):
        """The id of the one that counts of `[(date, id, insolvent, valid)]`, the latest first."""
        latest = dated[0]
        if latest[2] or latest[3]:
            return latest[1]
        return next((key for _date, key, insolvent, valid in dated if valid and not insolvent), latest[1])

    def _as_check(self):
        """This check as the calculation knows it."""
        self.ensure_one()
        kinds = dict(self._fields["source"]._description_selection(self.env))
        return Check(Result(self.result), kinds[self.source], self.date, self.valid_until or None)

    # === Reviews === #

    @api.model
    def _schedule_reviews(self, company, on):
        """Ask the responsible for a new check a week before the latest one expires. Idempotent; called by the night."""
        soon = fields.Date.add(on, days=NOTICE_DAYS)
        due = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("valid_until", "<=", soon),
                ("result", "!=", "insolvent"),
            ]
        )
        # What counts once they have expired: where that is another one, nobody needs to ask again.
        counting = self._counting(due.customer_id, fields.Date.add(soon, days=1))
        for check in due:
            customer = check.customer_id
            if check == counting.get(customer.id) and check.review_on != check.valid_until:
                customer._apart(check._ask_for_review)
        return due

    def _ask_for_review(self):
        self.ensure_one()
        user = self.customer_id._who_is_asked()
        customer = self.customer_id.with_context(lang=user.lang)
        kinds = dict(self.with_context(lang=user.lang)._fields["source"]._description_selection(customer.env))
        customer.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.valid_until,
            user_id=user.id,
            summary=customer.env._("Check solvency again"),
            note=customer.env._(
                "%(check)s of %(day)s is valid until %(until)s.",
                check=kinds[self.source],
                day=format_date(customer.env, self.date),
                until=format_date(customer.env, self.valid_until),
            ),
        )
        self._put({"review_on": self.valid_until})

    # === Screens === #

    def action_check(self):
        """Ask the service of this source; its answer is kept with the check."""
        for check in self:
            service = getattr(check, f"_check_{check.source}", None)
            if not service:
                kinds = dict(self._fields["source"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "No service is connected for '%s'. Enter the answer by hand and attach the document.",
                        kinds[check.source],
                    )
                )
            check._put(service())

    def action_take_limit(self):
        """Take the recommended limit as the customer's credit limit."""
        self.ensure_one()
        if self.standing != "counts":
            raise UserError(self.env._("This check no longer counts. Take the limit of the latest one."))
        if not self.recommended_limit:
            raise UserError(self.env._("This check recommends no limit."))
        self.customer_id.check_access("write")
        self.customer_id.credit_limit = self.recommended_limit
        self.customer_id.message_post(
            body=self.env._("Credit limit taken from: %s", self.display_name), subtype_xmlid=DECISION
        )
