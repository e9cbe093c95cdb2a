from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.ar_dunning.models.facts.print_sections import Block, BlockRow

from .ar_dunning_charge import KINDS
from .facts.print_charges import BODY_CHARGES, BODY_STEPS, DASH, TIMES, Period, adds_up

KEPT_TOGETHER = 500  # notices whose demands are frozen before the next are read
ORDER = {kind: place for place, (kind, _label) in enumerate(KINDS)}


class ArDunningNotice(models.Model):
    """The charges of a notice: their sum, and how mail and letter show them beside the principal."""

    _inherit = "ar.dunning.notice"

    charge_ids = fields.One2many("ar.dunning.charge", "notice_id", string="Charges", readonly=True)
    earlier_charge_ids = fields.Many2many(
        "ar.dunning.charge",
        "ar_dunning_notice_earlier_charge_rel",
        string="Charges Announced Earlier",
        readonly=True,
        help="What earlier notices claimed and nobody has paid, booked or waived since. The notice repeats it.",
    )
    charges_withheld = fields.Text(
        "Not Claimed", readonly=True, help="Which charges the rules ask for but are not claimed, and why."
    )
    amount_charges = fields.Monetary(
        "Claimed Charges",
        currency_field="company_currency_id",
        compute="_compute_amount_charges",
        store=True,
        help="Fees, compensation and interest that this notice claims, in company currency. Not part of the demanded "
        "principal.",
    )

    @api.depends("charge_ids.amount_company")
    def _compute_amount_charges(self):
        for notice in self:
            notice.amount_charges = sum(notice.sudo().charge_ids.mapped("amount_company"))

    @api.depends("charge_ids.amount", "charge_ids.currency_id", "earlier_charge_ids")
    def _compute_totals(self):
        return super()._compute_totals()

    @api.depends("charge_ids.amount", "earlier_charge_ids")
    def _compute_mail_preview(self):
        return super()._compute_mail_preview()

    @api.depends("charge_ids.amount", "earlier_charge_ids")
    def _compute_letter_preview(self):
        return super()._compute_letter_preview()

    def _claimed_charges(self):
        """All charges that the notice asks to pay: its own, and those of earlier notices that it repeats."""
        self.ensure_one()
        notice = self.sudo()
        return notice.charge_ids | notice.earlier_charge_ids

    def _read_charges(self):
        """Have in the cache what mails and letters of these notices say of charges: a few statements for all."""
        notices = self.sudo()
        charges = notices.charge_ids | notices.earlier_charge_ids
        if charges:
            charges.fetch()
            charges.slice_ids.fetch()
            charges.item_id.fetch(["due_date", "default_notice_id"])
            charges.move_id.fetch(["name"])
            (charges.notice_id | charges.item_id.default_notice_id).fetch(["name", "date", "sent_on"])

    def _added_demands(self):
        charges = self._claimed_charges()
        return [*super()._added_demands(), *((charge.currency_id, charge.amount) for charge in charges)]

    def _keep_charges_of_left(self):
        """Freeze what notices demanded that left before it was kept on sending; the charges are about to go."""
        left = [("state", "!=", "draft"), "|", ("charge_ids", "!=", False), ("earlier_charge_ids", "!=", False)]
        for ids in split_every(KEPT_TOGETHER, self.search(left).ids):
            notices = self.browse(ids)
            notices._read_charges()
            notices._keep_demands()
            self.env.flush_all()
            self.env.invalidate_all()

    # === The block in mail and letter === #

    def _added_blocks(self, words, currency, due):
        charges = self._claimed_charges().filtered(lambda charge: charge.currency_id == currency)
        block = [self._print_charges(words, charges, due)] if charges else []
        return [*super()._added_blocks(words, currency, due), *block]

    def _print_charges(self, words, charges, due):
        """The block of these charges, all in one currency.

        :param due: the principal that is demanded in their currency
        """
        notice, currency = self.with_context(lang=self.lang), charges.currency_id
        charges = charges.sorted(lambda charge: (charge.item_id.due_date, charge.item_id.id, ORDER[charge.kind]))
        earlier = charges - self.sudo().charge_ids
        show = notice._print_charge_sums if len(charges) > BODY_CHARGES else notice._print_charge_rows
        rows, abridged = show(words, charges - earlier)
        earlier_rows, earlier_abridged = show(words, earlier)
        groups = (("", rows), (notice.env._("From earlier notices"), earlier_rows))
        return Block(
            title=notice.env._("Interest and charges in %s", currency.name),
            groups=tuple(group for group in groups if group[1]),
            total_label=notice.env._("Interest and charges in total"),
            total=words.amount(sum(charges.mapped("amount")), currency),
            notes=notice._print_rules(charges),
            offers=notice._print_offers(words, charges, due) if due > 0 else (),
            abridged=abridged or earlier_abridged,
        )

    def _print_charge_rows(self, words, charges):
        """A row for each charge, and whether one of them leaves its arithmetic to the annex."""
        rows, abridged = [], False
        for charge in charges:
            details, annexed = self._print_arithmetic(words, charge), ""
            if details is None:
                (details, annexed), abridged = self._see_annex(words, charge), True
            label, amount = self._kind_labels()[charge.kind], words.number(charge.amount, charge.currency_id)
            rows.append(BlockRow(label, self._charged_number(charge), details, amount, annexed))
        return tuple(rows), abridged

    def _print_charge_sums(self, words, charges):
        """A row for each kind of charge; the annex lists them one by one."""
        rows = []
        for kind, group in sorted(charges.grouped("kind").items(), key=lambda pair: ORDER[pair[0]]):
            items, currency = group.item_id, group.currency_id
            number = self.env._("%s items", len(items)) if len(items) > 1 else self._charged_number(group[0])
            amount = words.number(sum(group.mapped("amount")), currency)
            details, annexed = self._see_annex(words, group)
            rows.append(BlockRow(self._kind_labels()[kind], number, details, amount, annexed))
        return tuple(rows), bool(rows)

    def _see_annex(self, words, charges):
        """The days of interest, if any, as lines; and the same with where to find the arithmetic."""
        first = min((charge.date_from for charge in charges if charge.date_from), default=None)
        last = max((charge.date_to for charge in charges if charge.date_to), default=None)
        if not (first and last):
            return (), self.env._("see the annex")
        days = f"{words.day(first)} {DASH} {words.day(last)}"
        return (days,), self.env._("%s, see the annex", days)

    def _print_arithmetic(self, words, charge):
        """Lines that show how the amount came about; None where that takes the annex."""
        told = self._told_steps(charge)
        if len(told) + len(charge.slice_ids) > BODY_STEPS or any(charge.slice_ids.mapped("is_correction")):
            return None
        if not charge.slice_ids:
            return tuple(told)
        periods = [Period.of(piece) for piece in charge.slice_ids]
        formula = self._formula_of(periods)
        if not formula:
            return None
        lines = [
            f"{words.day(piece.date_from)} {DASH} {words.day(piece.date_to)}: {formula(words, period)}"
            for piece, period in zip(charge.slice_ids, periods, strict=True)
        ]
        return (*told, *lines)

    def _told_steps(self, charge):
        """The rows of a fee's arithmetic; a single one without a figure only says the amount again."""
        steps = charge.steps or []
        return [f"{text}: {amount}" for text, amount in steps if len(steps) > 1 or any(map(str.isdigit, text))]

    def _formula_of(self, periods):
        """How to write the arithmetic so that everybody can check it; None where a line by itself does not show it."""
        if any(period.year_days is None for period in periods):
            return None
        if all(period.amount == period.rounded for period in periods):
            return self._formula
        if all(period.amount in (period.rounded, period.daily * period.days) for period in periods):
            return self._daily_formula
        if adds_up(periods):
            return self._exact_formula
        return None

    def _formula(self, words, period):
        return f"{self._product(words, period)} = {words.figure(period.amount, period.places)}"

    def _exact_formula(self, words, period):
        return f"{self._product(words, period)} = {words.figure(period.exact, period.places + 2)}"

    def _daily_formula(self, words, period):
        principal, rate = words.figure(period.principal, period.places), words.percent(period.rate)
        daily, amount = (words.figure(value, period.places) for value in (period.daily, period.amount))
        return f"({principal} {TIMES} {rate} / {period.year_days} = {daily}) {TIMES} {period.days} = {amount}"

    def _product(self, words, period, rate=""):
        principal, rate = words.figure(period.principal, period.places), rate or words.percent(period.rate)
        return f"{principal} {TIMES} {rate} {TIMES} {period.days} / {period.year_days}"

    def _print_rules(self, charges):
        """What the charges follow from, each rule once."""
        rules = defaultdict(dict)
        for charge in charges:
            if charge.rule:
                rules[charge.kind][charge.rule] = True
        labels = self._kind_labels()
        return tuple(f"{labels[kind]}, {rule}" for kind in sorted(rules, key=ORDER.get) for rule in rules[kind])

    def _print_offers(self, words, charges, due):
        """A sentence for each day until which payment of the principal drops charges."""
        currency, offers = charges.currency_id, []
        waivable = charges.filtered(lambda charge: charge.waive_until and charge.waive_until >= self.date)
        for day, group in sorted(waivable.grouped("waive_until").items()):
            values = {"principal": words.amount(due, currency), "date": words.long_day(day)}
            if group == charges:
                text = self.env._("If the principal of %(principal)s reaches us by %(date)s, we waive these charges.")
            else:
                values["amount"] = words.amount(sum(group.mapped("amount")), currency)
                text = self.env._(
                    "If the principal of %(principal)s reaches us by %(date)s, we waive %(amount)s of these charges."
                )
            offers.append(text % values)
        return tuple(offers)

    def _kind_labels(self):
        """The kinds of charges in the customer's words."""
        return {
            "interest": self.env._("Late-payment interest"),
            "compensation": self.env._("Lump-sum compensation"),
            "fee": self.env._("Reminder fee"),
        }

    def _charged_number(self, charge):
        """The invoice's number as the notice prints it; an invoice paid meanwhile has no line there."""
        line = self.line_ids.filtered(lambda line: line.item_id == charge.item_id)[:1]
        return line.move_name or charge.move_id.name or charge.item_id.display_name
