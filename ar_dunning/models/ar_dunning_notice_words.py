import re
from collections import defaultdict

from markupsafe import escape

from odoo import api, fields, models
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import format_amount

from .facts.notice_facts import SPACE, TEXTS, plain

# The digits of an amount, with at least one place behind a separator.
NUMBER = re.compile(r"\d[\d.,' \u00a0\u202f]*[.,]\d+")
SUMS = ("total", "principal", "charges")
DAYS = ("deadline", "oldest_due_date")


class ArDunningNotice(models.Model):
    """Figures in words: where amounts and dates of a notice change, so do those that its words name.

    Words that nobody edited are written anew. In the words of a person, what stood for a figure is replaced by what
    that figure is now; what cannot be replaced for certain is remembered, and named before the notice is sent.
    """

    _inherit = "ar.dunning.notice"

    stale_words = fields.Char(
        compute="_compute_stale_words",
        help="Amounts, dates and invoices in edited words that the notice no longer has.",
    )

    @api.depends("subject", "text", "closing", "said", "is_edited")
    def _compute_stale_words(self):
        for notice in self:
            notice.stale_words = ", ".join(notice._find_stale_words()) or False

    # === Before and after a change of figures === #

    def _words_before(self):
        """What `_follow_words` needs to know of these notices from before their figures change."""
        return {notice: (notice._following_texts(), notice._figures()) for notice in self}

    def _following_texts(self):
        """Names of the texts that still are those that the level gives for the notice's figures."""
        self.ensure_one()
        return {
            name
            for name, text in self._text_values().items()
            if html2plaintext(self[name] or "") == html2plaintext(text or "")
        }

    @api.model
    def _follow_words(self, before, typed=()):
        """Let the words of these notices follow their figures.

        :param dict before: what `_words_before` answered
        :param typed: names of texts that a person has just written: they are his, whatever they were before
        """
        for notice, (following, former) in before.items():
            fresh = notice._text_values()
            names = following - set(typed)
            values = {name: fresh[name] for name in names}
            present = notice._figures()
            values |= notice._with_moved_figures(set(TEXTS) - names, self._moved_figures(former, present))
            if set(TEXTS) - names:
                notice._remember(former, present)
            notice._put({name: text for name, text in values.items() if text != notice[name]})

    def _figures(self):
        """Amounts, dates and numbers that words of this notice may name: `{what: text}`, in its language."""
        self.ensure_one()
        values, lang = self._present_values(), self.lang
        figures = {name: values[name] for name in SUMS if name != "charges" or self._demands()}
        days = {name: values[name] and day for name, day in self._figure_days().items()}
        for line in self.line_ids.filtered("is_demanded"):
            key = line.item_id.id
            figures[f"amount {key}"] = format_amount(self.env, line.amount_due, line.currency_id, lang_code=lang)
            days[f"due {key}"] = line.due_date
            figures[f"number {key}"] = line.move_name or ""
        figures |= {f"{name} bare": found[0] for name, text in figures.items() if (found := NUMBER.search(text))}
        for name, day in days.items():
            if day:
                figures[name] = format_date(self.env, day, lang_code=lang)
                figures[f"{name} long"] = format_date(self.env, day, lang_code=lang, date_format="long")
        return {name: text for name, text in figures.items() if text}

    def _figure_days(self):
        due = self.line_ids.filtered("is_demanded").mapped("due_date")
        return {"deadline": self.deadline, "oldest_due_date": min(due) if due else False}

    @api.model
    def _moved_figures(self, former, present):
        """`{former text: present text}` of what changed and stands for one thing only."""
        found = defaultdict(set)
        for name, text in former.items():
            if not name.startswith("number"):
                found[plain(text)].add(present.get(name))
        moved = {}
        for text, answers in found.items():
            answers.discard(None)
            if len(answers) == 1 and plain(answer := answers.pop()) != text:
                moved[text] = answer
        return moved

    def _with_moved_figures(self, names, moved):
        """These texts with each former figure replaced: not inside a longer number, however its spaces were written."""
        if not moved:
            return {}
        pattern = figures_pattern(moved)
        return {
            name: pattern.sub(
                lambda found, name=name: (
                    moved[plain(found[0])] if name == "subject" else escape(moved[plain(found[0])])
                ),
                self[name] or "",
            )
            for name in names
        }

    # === What no longer fits === #

    def _remember(self, former, present):
        """Keep what figures were called, so that words which still name them are found."""
        base = dict((self.said or {}).get("base") or {})
        now = {plain(text) for text in present.values()}
        gone = {plain(text) for text in former.values()} | set(base.get("was", ()))
        base["was"] = sorted(gone - now)
        self._put({"said": dict(self.said or {}, base=base)})

    def _forget_stale_words(self):
        """A person has read the words and sends them as they are."""
        for notice in self.filtered("stale_words"):
            base = dict(notice.said["base"], was=[])
            notice._put({"said": dict(notice.said, base=base)})

    def _find_stale_words(self):
        """Former figures that the edited words still name, in the order in which they are read."""
        was = ((self.said or {}).get("base") or {}).get("was")
        if not (self.is_edited and was):
            return []
        words = " ".join((self.subject or "", html2plaintext(self.text or ""), html2plaintext(self.closing or "")))
        pattern = figures_pattern(set(was) - {plain(text) for text in self._figures().values()})
        return list(dict.fromkeys(found[0] for found in pattern.finditer(plain(words))))

    # === The words as the figures are now === #

    def _total_text(self, lang=None):
        """The demanded total per currency, with what is demanded beside the principal, as one text."""
        self.ensure_one()
        totals = defaultdict(float)
        for line in self.line_ids.filtered("is_demanded"):
            totals[line.currency_id.id] += line.amount_due
        for currency, amount in self._demands():
            totals[currency.id] += amount
        return self._amounts_text(totals, lang or self.env.lang)

    def _text_values(self):
        """The texts of the notice's level with its present figures."""
        return self._texts(self.level_id, self.lang, self._present_values())

    def _present_values(self):
        """The words that may replace placeholders in the texts of this notice, as its figures are now."""
        self.ensure_one()
        lines = [
            {
                "is_demanded": line.is_demanded,
                "currency_id": line.currency_id.id,
                "amount_due": line.amount_due,
                "move_name": line.move_name,
                "due_date": line.due_date,
            }
            for line in self.line_ids
        ]
        vals = {
            "lang": self.lang,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "responsible_id": self.responsible_id.id,
            "deadline": self.deadline,
            "name": self.name,
        }
        demands = [(currency.id, amount) for currency, amount in self._demands()]
        return self._placeholder_values(vals, self.customer_id, lines, demands)


def figures_pattern(texts):
    """A pattern that finds these texts, longest first, where no digit goes on before or after them."""
    if not texts:
        return re.compile(r"(?!)")
    either = "|".join(re.escape(text).replace("\\ ", SPACE) for text in sorted(texts, key=len, reverse=True))
    return re.compile(rf"(?<!\d)(?<!\d[.,'])(?:{either})(?!\d)(?![.,']\d)")
