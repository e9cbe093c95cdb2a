from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.arrangement import Bank, known_until
from ..core.calendar import EVERY_DAY, Calendar
from ..tools.authority import SETTINGS_GROUPS
from ..tools.newer import NEWER

try:  # the only thing that is not there without it is one button
    import holidays
except ImportError:
    holidays = None

UTC = ZoneInfo("UTC")
HORIZON = timedelta(days=800)

# The day of the last line of each bank journal, found by core's index, as the table may hold years.
LAST_BANK_LINES = """
    SELECT last.date
      FROM account_journal j
      JOIN res_company c ON c.id = ANY(%s)
     CROSS JOIN LATERAL (
           SELECT m.date FROM account_bank_statement_line b
             JOIN account_move m ON m.id = b.move_id AND m.state = 'posted'
            WHERE b.journal_id = j.id AND b.company_id = c.id
            ORDER BY b.internal_index DESC LIMIT 1) last
     WHERE j.type = 'bank'
"""


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "ar.dunning.settings"]

    ar_dunning_policy_id = fields.Many2one(
        "ar.dunning.policy",
        string="Default Dunning Policy",
        help="For customers that no other policy fits.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_not_before = fields.Date(
        "Dun Nothing Due Before",
        help="Items due before this day are left alone, so that a first run does not dun ancient debts.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_bank_until = fields.Date(
        "Bank Read until",
        prefetch=NEWER,
        help="All payments up to this day are entered. For companies that record no bank lines; where they do, what the "
        "lines say counts, if that is later.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_max_notices = fields.Integer(
        "Most Notices a Night",
        help="The night stops preparing notices for this company at this number; the others follow on the "
        "next nights. 0: no limit.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_night_hour = fields.Float(
        "Night at",
        default=2.0,
        prefetch=NEWER,
        help="The company's hour from which on the run of the day is made, by the time zone of its working schedule.",
        groups=SETTINGS_GROUPS,
    )

    _ar_dunning_night_hour = models.Constraint(
        "CHECK(ar_dunning_night_hour >= 0 AND ar_dunning_night_hour < 24)",
        "The night is at an hour from 0:00 to 23:59.",
    )
    # Said once here, so that a customer who has not changed is not written.
    ar_dunning_figures_at = fields.Datetime("Figures as of", readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # Odoo has cleared the cache before: who read the tree since then did not see these.
        self.env.cr.postcommit.add(self.env.registry.clear_cache)
        companies.filtered(lambda company: not company.parent_id)._create_dunning_policies()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if {"ar_dunning_policy_id", "ar_dunning_not_before", "resource_calendar_id"} & set(vals):
            self.env["ar.dunning.item"]._forget_next_dates(self)
        return result

    def _create_dunning_policies(self):
        """Give each of these companies its own copy of the shipped policies, unless it has policies."""
        Policy = self.env["ar.dunning.policy"].sudo().with_context(active_test=False)
        shipped = Policy.browse(
            [
                policy.id
                for name in ("policy_business", "policy_consumer", "policy_public")
                if (policy := self.env.ref(f"ar_dunning.{name}", raise_if_not_found=False))
            ]
        )
        for company in self.sudo():
            if Policy.search_count([("company_id", "=", company.id)], limit=1):
                continue
            for policy in shipped:
                copied = policy.copy({"company_id": company.id, "name": policy.name})
                # A field given to copy() keeps the language it was given in: bring the name's other languages, too.
                policy.copy_translations(copied)

    def _dunning_tree(self):
        """The company with all branches of its root: the ledger that debts and credits share."""
        active_test = self.env.context.get("active_test", True)
        return self.sudo().browse(key for root in self.root_id.ids for key in self._dunning_tree_ids(root, active_test))

    @api.model
    @tools.ormcache("root_id", "active_test")
    def _dunning_tree_ids(self, root_id, active_test):
        """The ids of a root and its branches, kept: every question about debts asks. Odoo clears it with its companies."""
        companies = self.sudo().with_context(active_test=active_test)
        return companies.search([("id", "child_of", root_id)])._ids

    # === Who and where to pay === #

    def _dunning_manager(self):
        """A dunning manager of this company, else of another one: a person before Odoo's own users."""
        self.ensure_one()
        managers = self.env.ref("ar_dunning.group_dunning_manager").sudo().all_user_ids.filtered("active")
        people = managers.filtered(lambda user: user._is_dunning_person())
        own = people.filtered(lambda user: self in user.company_ids)
        return (own.sorted("id") or people.sorted("id") or managers or self.env.user)[0]

    def _dunning_person(self, *candidates):
        """The first of these users who can do something: not an archived or a system user. Else a dunning manager."""
        return next((user for user in candidates if user._is_dunning_person()), None) or self._dunning_manager()

    def _dunning_bank(self, named, currency=None):
        """The account to pay to: the first active one of those that the invoices name, else the company's as Odoo
        chooses it for an invoice, a branch's before its parents'.

        :param named: `res.partner.bank` records
        :param currency: accounts in this currency come first
        """
        self.ensure_one()
        active = named.sudo().filtered("active")[:1]
        if active:
            return active
        for owner in (self.sudo(), *reversed(self.sudo().parent_ids - self)):
            own = owner.partner_id.bank_ids.filtered_domain([("company_id", "in", [False, owner.id])])
            if own:
                return own.sorted(lambda bank: bool(currency and bank.currency_id and bank.currency_id != currency))[0]
        return named.sudo().browse()

    def _dunning_own_journals(self):
        """Journals that these companies keep for documents which the family makes: nobody else's entries belong there.

        Asked where a journal is looked for that nobody has chosen. A member with a journal of its own adds it:
        `super() | self.sudo().its_field`.
        """
        return self.env["account.journal"].sudo()

    def _check_dunning_unlocked(self, on, journal, has_tax=False):
        """That an entry may be posted on the day `on` in this journal.

        :raise UserError: the books are locked on that day; says by which lock dates
        """
        locks = self._get_violated_lock_dates(on, has_tax, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The books of %(company)s are locked on %(day)s: %(locks)s. Choose a later day.",
                    company=self.name,
                    day=format_date(self.env, on),
                    locks=self._format_lock_dates(locks),
                )
            )

    def _dunning_bank_known(self, on):
        """How far the bank is known on the day `on`, for promises: see `core.arrangement.Bank`."""
        self.ensure_one()
        self.env.cr.execute(LAST_BANK_LINES, [self._dunning_tree().ids])
        lasts = [day for (day,) in self.env.cr.fetchall()]
        until = known_until(lasts, on, self.sudo().ar_dunning_bank_until or None)
        return Bank(until, known_until(lasts, on) is not None, self._dunning_calendar(on))

    def _dunning_calendar(self, on):
        """Working weekdays and holidays of the company's working schedule, from a month before `on` to a year after."""
        self.ensure_one()
        schedule = self.sudo().resource_calendar_id
        if not schedule:
            return EVERY_DAY
        zone = ZoneInfo(schedule.tz or "UTC")
        start = datetime.combine(on - timedelta(days=40), time())
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "=", False),
                    ("calendar_id", "in", [False, schedule.id]),
                    ("company_id", "in", [False, *self._dunning_tree().ids]),
                    ("date_to", ">=", start),
                    ("date_from", "<=", start + HORIZON),
                ]
            )
        )
        holidays = set()
        for leave in leaves:
            first = leave.date_from.replace(tzinfo=UTC).astimezone(zone).date()
            last = leave.date_to.replace(tzinfo=UTC).astimezone(zone).date()
            holidays.update(first + timedelta(days=day) for day in range((last - first).days + 1))
        attendances = self.env["resource.calendar.attendance"].sudo()
        attendances = attendances.search_fetch([("calendar_id", "=", schedule.id)], ["dayofweek"])
        weekdays = {int(attendance.dayofweek) for attendance in attendances}
        return Calendar(frozenset(weekdays), frozenset(holidays))

    def _seed_public_holidays(self, years):
        """Put the public holidays of the company's country into its working schedule, once.

        The `holidays` library knows them; afterwards they are ordinary time off that anybody may correct.

        :param years: the calendar years to seed
        :return: the records made
        :raise UserError: no country, no working schedule, no library, or no holidays known for the country
        """
        self.ensure_one()
        company = self.sudo()
        schedule, country = company.resource_calendar_id, company.country_id
        if not schedule or not country:
            raise UserError(
                self.env._("%s needs a country and working hours before its holidays can be added.", company.name)
            )
        found = self._public_holidays(country, company.state_id, years)
        calendar = self._dunning_calendar(min(found))
        zone = ZoneInfo(schedule.tz or "UTC")
        values = [
            {
                "name": name,
                "calendar_id": schedule.id,
                "company_id": company.id,
                "date_from": self._as_utc(day, time(), zone),
                "date_to": self._as_utc(day, time(23, 59, 59), zone),
            }
            for day, name in sorted(found.items())
            if day not in calendar.holidays
        ]
        leaves = self.env["resource.calendar.leaves"].sudo().create(values)
        self.env["ar.dunning.item"]._forget_next_dates(self)
        return leaves

    @api.model
    def _public_holidays(self, country, state, years):
        """The public holidays of a country with those of the state, where the library tells them apart: `{day: name}`.

        :raise UserError: the library is not installed, or does not know the country
        """
        if holidays is None:
            raise UserError(
                self.env._(
                    "Public holidays come from the Python library 'holidays', which is not installed on this server. "
                    "Have it installed, or enter the days under Time Off in the working schedule."
                )
            )
        try:
            known = holidays.list_supported_countries(include_aliases=False).get(country.code, ())
            code = (state.code or "").removeprefix(f"{country.code}-")
            region = code if code in known else None
            return holidays.country_holidays(country.code, subdiv=region, years=list(years))
        except NotImplementedError as error:
            raise UserError(self.env._("No public holidays are known for %s.", country.name)) from error

    @api.model
    def _as_utc(self, day, clock, zone):
        return datetime.combine(day, clock, zone).astimezone(UTC).replace(tzinfo=None)

    def _dunning_zone(self):
        """The zone of the working schedule, else of the company's own contact, else UTC."""
        self.ensure_one()
        company = self.sudo()
        return ZoneInfo(company.resource_calendar_id.tz or company.partner_id.tz or "UTC")

    def _dunning_local(self, moment):
        """The naive UTC datetime `moment` on the company's clock, naive."""
        return moment.replace(tzinfo=UTC).astimezone(self._dunning_zone()).replace(tzinfo=None)

    def _dunning_utc(self, local):
        """The naive local datetime of the company as naive UTC.

        One that the clock skips is the moment as much later; of one that comes twice, the first is meant.
        """
        return local.replace(tzinfo=self._dunning_zone()).astimezone(UTC).replace(tzinfo=None)

    def _dunning_today(self):
        """Today on the company's clock, whoever asks from wherever: the one place that asks for the day.

        Only scheduled actions, buttons and defaults ask; everything else is told the day. No company: the present one.
        """
        return (self or self.env.company)._dunning_local(fields.Datetime.now()).date()

    @api.model
    def _dunning_days(self):
        """`{today: companies}`: at any moment companies around the world share at most three days."""
        return self.sudo().search([("active", "=", True)]).grouped(lambda company: company._dunning_today())

    def _dunning_night_has_come(self):
        """Whether the hour of today's night has come on the company's clock."""
        local = self._dunning_local(fields.Datetime.now())
        return local.hour + local.minute / 60 >= self.sudo().ar_dunning_night_hour

    def _dunning_refreshed(self, name, moment, **values):
        """All customers of these companies were refreshed as of this day or moment; what is known is not written again."""
        values = {name: moment, **values}
        for company in self.sudo():
            changed = {key: value for key, value in values.items() if company[key] != value}
            if changed:
                company._put(changed)
