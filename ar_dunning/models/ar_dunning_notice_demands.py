from collections import defaultdict

from odoo import fields, models

from .facts.print_sections import Block, Words


class ArDunningNotice(models.Model):
    """What a notice demands beside its lines: nothing of the base's own; members of the family add to it.

    Once it has left, what it demanded and the blocks that it printed stay as they were, whoever brought them.
    """

    _inherit = "ar.dunning.notice"

    left_with = fields.Json(
        "Demanded Besides",
        readonly=True,
        copy=False,
        help="What it demanded beside the principal when it left, and how that was printed.",
    )

    # === Seams === #

    def _added_demands(self):
        """Seam. What this notice demands beside the principal as things stand: `[(currency, amount)]`; base: nothing."""
        self.ensure_one()
        return []

    def _added_blocks(self, words, currency, due):
        """Seam. The blocks that show what is demanded beside the principal in one currency; base: none.

        :param words: `Words` of the notice's language
        :param due: the principal that is demanded in the currency
        :return: `[Block]`
        """
        self.ensure_one()
        return []

    def _follow_figures(self, on):
        """Seam. Called whenever lines, levels, language or day of these unsent notices have changed, with the day `on`.

        A member works out anew what it demands; what a person has dropped from an edited notice stays dropped.
        """

    def _follow_dropped_lines(self):
        """Seam. Called when a person has taken lines off these drafts: what a member demands on them goes, too."""

    # === What it demands === #

    def _demands(self):
        """What this notice demands beside the principal: `[(currency, amount)]`; once it has left, what it demanded then."""
        self.ensure_one()
        if not self.left_with:
            return self._added_demands()
        Currency = self.env["res.currency"]
        return [(Currency.browse(key), float(amount)) for key, amount in self.left_with["demands"]]

    def _demands_by_currency(self):
        amounts = defaultdict(list)
        for currency, amount in self._demands():
            amounts[currency].append(amount)
        return amounts

    def _print_blocks(self, words, currency, due):
        """The blocks below the demanded items of one currency; once the notice has left, those that it had then."""
        if not self.left_with:
            return tuple(self._added_blocks(words, currency, due))
        return tuple(Block.of(kept) for kept in self.left_with["blocks"].get(str(currency.id), ()))

    def _keep_demands(self):
        """Freeze what these notices demand beside the principal: they have left. Without such demands nothing is kept."""
        for notice in self:
            demands = notice._demands_by_currency()
            if demands and not notice.left_with:
                notice._add_evidence({"left_with": notice._demands_to_keep(demands)})

    def _demands_to_keep(self, demands):
        notice, words = self.with_context(lang=self.lang), Words(self.env, self.lang)
        lines, blocks = self.line_ids.filtered("is_demanded"), {}
        for currency in demands:
            due = sum(line.amount_due for line in lines if line.currency_id == currency)
            blocks[str(currency.id)] = [block.kept() for block in notice._added_blocks(words, currency, due)]
        kept = [[currency.id, repr(amount)] for currency, amounts in demands.items() for amount in amounts]
        return {"v": 1, "demands": kept, "blocks": blocks}
