from odoo import api, models

from odoo.addons.ar_dunning.models.facts.print_sections import NO_BREAK_SPACE, Words, pages_of

from ..core.daycount import Basis
from .ar_dunning_notice_charges import ORDER
from .facts.print_charges import ANNEX_HEAD, ANNEX_LINES, DASH, MORE_PLACES, AnnexItem, AnnexRow, Period


class ArDunningPrint(models.AbstractModel):
    """The annex "Calculation of interest and charges": every period, so that anybody can check it by hand."""

    _inherit = "ar.dunning.print"

    @api.model
    def _mail_batch(self, notices):
        notices._read_charges()
        return super()._mail_batch(notices)

    @api.model
    def _mail_body_values(self, notice):
        values = super()._mail_body_values(notice)
        demanded = [section for section in values["sections"] if section.demanded]
        # The mail of a formal notice encloses the letter with its annex.
        return values | {"annex": [] if notice.kind == "formal" else self._print_annex_items(notice, demanded)}

    @api.model
    def _print_annex(self, notice, sections):
        """Pages of the letter's annex, each a list of `AnnexItem`; none where the body shows everything.

        :param sections: the demanded sections, as `_print_sections` gives them
        """
        parts = self._print_annex_items(notice, sections, always=notice.kind == "formal")
        return pages_of(parts, lines=ANNEX_LINES, head=ANNEX_HEAD)

    @api.model
    def _print_annex_items(self, notice, sections, always=False):
        """The annex in one piece: charges item by item and currency by currency, then sources and rounding.

        :param always: also where the body shows the whole arithmetic
        """
        blocks = [block for section in sections for block in section.blocks]
        if not blocks or not (always or any(block.abridged for block in blocks)):
            return []
        notice, words, sources = notice.with_context(lang=notice.lang), Words(self.env, notice.lang), {}
        charges = notice._claimed_charges().sorted(
            lambda charge: (charge.item_id.due_date, charge.item_id.id, charge.date, ORDER[charge.kind], charge.id)
        )
        if not charges:  # gone with this addon, which is back: what the notice demanded is kept, not how
            return []
        parts = [
            self._annex_item(notice, words, group, sources)
            for same in charges.grouped("currency_id").values()
            for group in same.grouped("item_id").values()
        ]
        return [*parts, self._annex_end(notice, words, charges, sources)]

    @api.model
    def _annex_item(self, notice, words, charges, sources):
        """The part of one item."""
        currency = charges.currency_id
        return AnnexItem(
            title=notice.env._("Invoice %s", notice._charged_number(charges[0])),
            facts=self._annex_facts(notice, words, charges),
            rows=tuple(row for charge in charges for row in self._annex_rows(notice, words, charge, sources)),
            total=words.amount(sum(charges.mapped("amount")), currency),
            has_periods=bool(charges.slice_ids),
        )

    @api.model
    def _annex_facts(self, notice, words, charges):
        """When the item was due, and since when and why the debtor is in default."""
        facts = [notice.env._("due on %s", words.day(charges.item_id.due_date))]
        known = charges.filtered("default_date").sorted(lambda charge: charge.kind != "interest")[:1]
        if known:
            facts.append(
                notice.env._(
                    "in default since %(date)s (%(ground)s)",
                    date=words.day(known.default_date),
                    ground=self._ground_text(notice, words, known),
                )
                if known.default_ground
                else notice.env._("in default since %s", words.day(known.default_date))
            )
        return ", ".join(facts)

    @api.model
    def _ground_text(self, notice, words, charge):
        """Why the debtor is in default, in the customer's words."""
        cause = charge.item_id.default_notice_id
        if charge.default_ground == "notice" and cause:
            return notice.env._(
                "our notice %(name)s of %(date)s", name=cause.name, date=words.day(cause.sent_on or cause.date)
            )
        grounds = {
            "agreed": notice.env._("agreed due date"),
            "notice": notice.env._("our notice received"),
            "invoice": notice.env._("days after receipt of the invoice"),
        }
        return grounds[charge.default_ground]

    # === Rows === #

    @api.model
    def _annex_rows(self, notice, words, charge, sources):
        """A charge's heading, its periods, its corrections; a fee in one line and the rows of its arithmetic."""
        steps = [AnnexRow(text=text) for text in notice._told_steps(charge)]
        name, amount = self._annex_name(notice, words, charge), words.number(charge.amount, charge.currency_id)
        pieces = charge.slice_ids
        if not pieces:
            return [AnnexRow(text=name, amount=amount), *steps]
        corrections = pieces.filtered("is_correction")
        rows = [AnnexRow(text=f"{name} {DASH} {amount}", is_heading=True), *steps]
        rows += [self._annex_period(notice, words, piece, sources) for piece in pieces - corrections]
        if corrections:
            rows.append(AnnexRow(text=self._correction_text(notice, corrections), is_heading=True))
            rows += [self._annex_period(notice, words, piece, sources) for piece in corrections]
        return rows

    @api.model
    def _annex_name(self, notice, words, charge):
        """What the charge is, what it follows from, and by which notice it was claimed before."""
        name = notice._kind_labels()[charge.kind]
        if charge.rule:
            name = f"{name}, {charge.rule}"
        earlier = charge.notice_id
        if earlier and earlier.id != notice.id:
            name = notice.env._(
                "%(charge)s, from our notice %(name)s of %(date)s",
                charge=name,
                name=earlier.name,
                date=words.day(earlier.sent_on or earlier.date),
            )
        return name

    @api.model
    def _annex_period(self, notice, words, piece, sources):
        """One period; the source of its rate gets a number, under which the end of the annex names it."""
        period = Period.of(piece)
        first, last = words.day(piece.date_from), words.day(piece.date_to)
        rate = words.percent(period.rate)
        if piece.source:
            rate += f"{NO_BREAK_SPACE}[{sources.setdefault(piece.source, len(sources) + 1)}]"
        principal, exact = (
            words.figure(period.principal, period.places),
            words.figure(period.exact, period.places + MORE_PLACES),
        )
        formula = f"{notice._product(words, period, rate)} = {exact}" if period.year_days else exact
        return AnnexRow(
            cells=(first, last, str(piece.days), principal, rate, self._day_count_text(notice, piece), exact),
            formula=f"{first} {DASH} {last}: {formula}",
            amount=words.number(piece.amount, piece.currency_id),
        )

    @api.model
    def _day_count_text(self, notice, piece):
        """How days and years are counted, e.g. 'actual/365'; for actual/actual with the days of that year."""
        try:
            basis = Basis(piece.basis)
        except ValueError:
            return piece.basis or ""
        if basis is Basis.THIRTY_360:
            return "30/360"
        actual = notice.env._("actual")
        return f"{actual}/{basis.year_days(piece.date_from)}"

    @api.model
    def _correction_text(self, notice, pieces):
        """Why days that were claimed before are claimed anew, as far as the figures tell."""
        rates = {}
        for piece in pieces:
            key = piece.date_from, piece.date_to
            rates[key] = rates.get(key, 0.0) + piece.principal
        if all(piece.currency_id.is_zero(rates[piece.date_from, piece.date_to]) for piece in pieces):
            return notice.env._("Correction of days claimed before: their rate has been put right")
        if all(piece.principal < 0 for piece in pieces):
            return notice.env._("Correction of days claimed before: a payment was recorded later, with an earlier date")
        if all(piece.principal > 0 for piece in pieces):
            return notice.env._("Correction of days claimed before: a payment was taken back")
        return notice.env._("Correction of days claimed before: payments or rates have been put right")

    # === The end === #

    @api.model
    def _annex_end(self, notice, words, charges, sources):
        """Sources of the rates, how interest is worked out and rounded, and the sum that the body shows."""
        texts = [f"[{number}] {source}" for source, number in sources.items()]
        if charges.slice_ids:
            texts.append(
                notice.env._(
                    "Interest is the principal times the yearly rate times the days, divided by the days of the year. "
                    "A payment reduces the principal from the day after it on."
                )
            )
            texts += self._rounding_texts(notice, charges)
        totals = [
            words.amount(sum(same.mapped("amount")), currency)
            for currency, same in charges.grouped("currency_id").items()
        ]
        return AnnexItem(
            title=notice.env._("Total, sources and rounding"),
            facts="",
            rows=(
                *(AnnexRow(text=notice.env._("Interest and charges in total"), amount=total) for total in totals),
                *(AnnexRow(text=text) for text in texts),
            ),
        )

    @api.model
    def _rounding_texts(self, notice, charges):
        """How the rounded amounts follow from the exact ones: one sentence for each way in use."""
        daily = {any(Period.of(piece).is_daily for piece in charge.slice_ids) for charge in charges if charge.slice_ids}
        texts = []
        if False in daily:
            texts.append(
                notice.env._(
                    "Rounding: the amounts before rounding are added up, and their sum is rounded. Each line shows by "
                    "how much the rounded sum grows, so that a line by itself may differ in its last digit."
                )
            )
        if True in daily:
            texts.append(
                notice.env._("Rounding: the interest of one day is rounded first and then multiplied by the days.")
            )
        return texts
