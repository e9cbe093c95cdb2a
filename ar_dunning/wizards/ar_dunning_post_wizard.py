import re
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

SEPARATOR = re.compile(r"\s*[;\t]\s*")


class ArDunningPostWizard(models.TransientModel):
    """Record that letters were handed to the post, with day and tracking numbers.

    Numbers come from a scanner or the clipboard, one a line, in the order of the printed pile, or as
    pairs of reference and number. Either all letters are marked or, with a clear reason, none.
    """

    _name = "ar.dunning.post.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Mark Letters as Posted"

    notice_ids = fields.Many2many("ar.dunning.notice", string="Notices")
    delivery_ids = fields.Many2many("ar.dunning.delivery", string="Letters")
    of_all = fields.Boolean(readonly=True, help="No letter was ticked: these are all that were printed.")
    letter_count = fields.Integer(compute="_compute_letters")
    pile_text = fields.Text("In the Order of the Pile", compute="_compute_letters")
    posted_on = fields.Date(required=True, default=lambda self: self.env.company._dunning_today())
    tracking_number = fields.Char(help="For a single letter, as printed on the receipt of the post.")
    tracking_numbers = fields.Text(
        help="Scan or paste them, one a line, in the order of the pile; or as pairs: reference; number. "
        "Leave empty for ordinary letters."
    )
    letters_file = fields.Binary("Printed File", attachment=True)

    @api.depends("notice_ids", "delivery_ids")
    def _compute_letters(self):
        for wizard in self:
            letters = wizard._letters()
            wizard.letter_count = len(letters)
            wizard.pile_text = "\n".join(
                f"{number}. {letter.notice_id.name} · {letter.partner_id.name or ''}"
                for number, letter in enumerate(letters, start=1)
            )

    def _letters(self):
        """The waiting letters in the order of the pile."""
        letters = self.delivery_ids._origin | self.notice_ids._origin.delivery_ids
        return letters.filtered(lambda delivery: delivery._is_letter_to_post())._in_printed_order()

    def _letters_name(self):
        return f"letters-{self.env.company._dunning_today()}.pdf"

    def action_post(self):
        """Mark the waiting letters as posted; their deadlines run from that day."""
        self.ensure_one()
        letters = self._letters()
        letters.notice_id.check_access("write")
        if not letters:
            raise UserError(self.env._("None of these notices has a letter that waits for the post."))
        if self.posted_on > min(company._dunning_today() for company in letters.company_id):
            raise UserError(
                self.env._("%s lies in the future. Enter the day on which the letters were posted.", self.posted_on)
            )
        if self.tracking_number and len(letters) > 1:
            raise UserError(
                self.env._("A tracking number belongs to one letter. Enter one number a line in the list instead.")
            )
        numbers = self._numbers(letters)
        for letter in letters.sudo():
            letter._mark_posted(self.posted_on, numbers.get(letter.id) or self.tracking_number)
        return {"type": "ir.actions.act_window_close"}

    # === Scanned or pasted numbers === #

    def _numbers(self, letters):
        """`{delivery id: tracking number}` from the typed list.

        :raise UserError: a number too many, too few or twice, or a reference that is not among the letters
        """
        lines = [line.strip() for line in (self.tracking_numbers or "").splitlines() if line.strip()]
        if not lines:
            return {}
        rows = [SEPARATOR.split(line, maxsplit=1) for line in lines]
        paired = [row for row in rows if len(row) == 2]
        if paired and len(paired) < len(rows):
            alone = next(row[0] for row in rows if len(row) == 1)
            raise UserError(
                self.env._(
                    "“%s” has no reference, other lines have one. Enter either numbers only or pairs only.", alone
                )
            )
        numbers = self._by_reference(letters, rows) if paired else self._by_order(letters, lines)
        self._check_numbers([number for number in numbers.values() if number])
        return numbers

    def _by_order(self, letters, lines):
        if len(lines) != len(letters):
            raise UserError(
                self.env._(
                    "%(numbers)s tracking numbers for %(letters)s letters. Enter one for each letter, or pairs of "
                    "reference and number.",
                    numbers=len(lines),
                    letters=len(letters),
                )
            )
        return dict(zip(letters.ids, lines, strict=True))

    def _by_reference(self, letters, rows):
        by_name = {letter.notice_id.name.casefold(): letter.id for letter in letters}
        unknown = [name for name, _number in rows if name.casefold() not in by_name]
        if unknown:
            raise UserError(self.env._("Not among these letters: %s. Check the reference.", ", ".join(unknown)))
        self._refuse_repeated([name.casefold() for name, _number in rows])
        numbers = {by_name[name.casefold()]: number for name, number in rows}
        without = letters.filtered(lambda letter: letter.id not in numbers)
        if without:
            raise UserError(
                self.env._(
                    "No line for %s. Add it, with nothing after the semicolon if it has no number.",
                    ", ".join(without.notice_id.mapped("name")),
                )
            )
        return numbers

    def _check_numbers(self, numbers):
        self._refuse_repeated(numbers)
        used = self.env["ar.dunning.delivery"].search([("tracking_number", "in", numbers)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "Tracking number %(number)s belongs to %(name)s already.",
                    number=used.tracking_number,
                    name=used.notice_id.name,
                )
            )

    def _refuse_repeated(self, values):
        repeated = [value for value, count in Counter(values).items() if count > 1]
        if repeated:
            raise UserError(self.env._("More than once in the list: %s.", ", ".join(repeated).upper()))
