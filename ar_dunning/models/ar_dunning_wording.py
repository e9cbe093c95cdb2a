from collections import defaultdict

from markupsafe import escape

from odoo import api, models
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import format_amount

from ..tools.mail_header import unbroken
from .facts.notice_facts import NUMBER, TEXTS, figures_pattern, moved_figures, plain

# A subject line names at most so many invoices.
NAMES_IN_TEXT = 4
SUMS = ("total", "principal", "charges")


class ArDunningWording(models.AbstractModel):
    """The words of notices: a level's texts, with figures in them. Where amounts and dates of a notice change, so do those
    that its words name.

    Words that nobody edited are written anew. In the words of a person, what stood for a figure is replaced by what
    that figure is now; what cannot be replaced for certain is remembered, and named before the notice is sent.
    """

    _name = "ar.dunning.wording"
    _description = "Words of Notices"

    # === A level's texts, filled === #

    @api.model
    def _texts(self, level, lang, values):
        """Subject, text and closing of `level` in `lang` with the placeholders filled."""
        level = level.with_context(lang=lang)
        return {
            "subject": unbroken(level._fill(level.subject, values, html=False)),
            "text": level._fill(level.text, values),
            "closing": level._fill(level.closing, values),
        }

    @api.model
    def _placeholder_values(self, vals, customer, lines, demands=()):
        """Seam. The words that may replace placeholders, in the notice's language; a member adds what its own stand for.

        :param demands: `[(currency id, amount)]` of everything demanded beside the principal
        """
        lang = vals["lang"]
        demanded = [line for line in lines if line["is_demanded"]]
        principal, claimed = defaultdict(float), defaultdict(float)
        for line in demanded:
            principal[line["currency_id"]] += line["amount_due"]
            claimed[line["currency_id"]] += 0.0
        for currency, amount in demands:
            claimed[currency] += amount
        totals = {currency: principal.get(currency, 0.0) + amount for currency, amount in claimed.items()}
        principal_text = self._amounts_text(principal, lang)
        recipient = self.env["res.partner"].browse(vals["partner_id"])
        company = self.env["res.company"].browse(vals["company_id"])
        responsible = self.env["res.users"].browse(vals["responsible_id"])
        return {
            "charges": self._amounts_text(claimed, lang),
            "company": company.name,
            "customer": customer.partner_id.name or "",
            "contact": recipient.name or customer.partner_id.name or "",
            "count": str(len(demanded)),
            "deadline": format_date(self.env, vals["deadline"], lang_code=lang) if vals["deadline"] else "",
            "invoices": self._names_text([line["move_name"] or "" for line in demanded], lang),
            "oldest_due_date": format_date(self.env, min(line["due_date"] for line in demanded), lang_code=lang)
            if demanded
            else "",
            "principal": principal_text,
            "reference": vals.get("name") or "{reference}",
            "responsible": responsible.name or company.name,
            "total": self._amounts_text(totals, lang) if totals != principal else principal_text,
        }

    @api.model
    def _names_text(self, names, lang):
        """Invoice numbers for a sentence or a subject line: the first ones, and how many there are besides."""
        names = list(dict.fromkeys(names))
        if len(names) <= NAMES_IN_TEXT:
            return ", ".join(names)
        shown = names[: NAMES_IN_TEXT - 1]
        return self.with_context(lang=lang).env._(
            "%(names)s and %(count)s more", names=", ".join(shown), count=len(names) - len(shown)
        )

    @api.model
    def _amounts_text(self, totals, lang):
        """Amounts per currency as one text, e.g. '1 200,00 EUR + 300,00 NOK'."""
        currencies = self.env["res.currency"].browse(totals)
        return " + ".join(
            format_amount(self.env, totals[currency.id], currency, lang_code=lang) for currency in currencies
        )

    # === The words as a notice's figures are now === #

    @api.model
    def _total_text(self, notice, lang=None):
        """The demanded total per currency, with what is demanded beside the principal, as one text."""
        notice.ensure_one()
        totals = defaultdict(float)
        for line in notice.line_ids.filtered("is_demanded"):
            totals[line.currency_id.id] += line.amount_due
        for currency, amount in notice._demands():
            totals[currency.id] += amount
        return self._amounts_text(totals, lang or self.env.lang)

    @api.model
    def _text_values(self, notice):
        """The texts of the notice's level with its present figures."""
        return self._texts(notice.level_id, notice.lang, self._present_values(notice))

    @api.model
    def _present_values(self, notice):
        """The words that may replace placeholders in the texts of this notice, as its figures are now."""
        notice.ensure_one()
        lines = [
            {
                "is_demanded": line.is_demanded,
                "currency_id": line.currency_id.id,
                "amount_due": line.amount_due,
                "move_name": line.move_name,
                "due_date": line.due_date,
            }
            for line in notice.line_ids
        ]
        vals = {
            "lang": notice.lang,
            "partner_id": notice.partner_id.id,
            "company_id": notice.company_id.id,
            "responsible_id": notice.responsible_id.id,
            "deadline": notice.deadline,
            "name": notice.name,
        }
        demands = [(currency.id, amount) for currency, amount in notice._demands()]
        return self._placeholder_values(vals, notice.customer_id, lines, demands)

    # === Before and after a change of figures === #

    @api.model
    def _words_before(self, notices):
        """What `_follow_words` needs to know of these notices from before their figures change."""
        return {notice: (self._following_texts(notice), self._figures(notice)) for notice in notices}

    @api.model
    def _following_texts(self, notice):
        """Names of the texts that still are those that the level gives for the notice's figures."""
        notice.ensure_one()
        return {
            name
            for name, text in self._text_values(notice).items()
            if html2plaintext(notice[name] or "") == html2plaintext(text or "")
        }

    @api.model
    def _follow_words(self, before, typed=()):
        """Let the words of these notices follow their figures.

        :param dict before: what `_words_before` answered
        :param typed: names of texts that a person has just written: they are his, whatever they were before
        """
        for notice, (following, former) in before.items():
            fresh = self._text_values(notice)
            names = following - set(typed)
            values = {name: fresh[name] for name in names}
            present = self._figures(notice)
            values |= self._with_moved_figures(notice, set(TEXTS) - names, moved_figures(former, present))
            if set(TEXTS) - names:
                self._remember(notice, former, present)
            notice._put({name: text for name, text in values.items() if text != notice[name]})

    @api.model
    def _figures(self, notice):
        """Amounts, dates and numbers that words of this notice may name: `{what: text}`, in its language."""
        notice.ensure_one()
        values, lang = self._present_values(notice), notice.lang
        figures = {name: values[name] for name in SUMS if name != "charges" or notice._demands()}
        days = {name: values[name] and day for name, day in self._figure_days(notice).items()}
        for line in notice.line_ids.filtered("is_demanded"):
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

    @api.model
    def _figure_days(self, notice):
        due = notice.line_ids.filtered("is_demanded").mapped("due_date")
        return {"deadline": notice.deadline, "oldest_due_date": min(due) if due else False}

    @api.model
    def _with_moved_figures(self, notice, names, moved):
        """These texts with each former figure replaced: not inside a longer number, however its spaces were written."""
        if not moved:
            return {}
        pattern = figures_pattern(moved)
        return {
            name: pattern.sub(
                lambda found, name=name: (
                    moved[plain(found[0])] if name == "subject" else escape(moved[plain(found[0])])
                ),
                notice[name] or "",
            )
            for name in names
        }

    # === What no longer fits === #

    @api.model
    def _remember(self, notice, former, present):
        """Keep what figures were called, so that words which still name them are found."""
        base = dict((notice.said or {}).get("base") or {})
        now = {plain(text) for text in present.values()}
        gone = {plain(text) for text in former.values()} | set(base.get("was", ()))
        base["was"] = sorted(gone - now)
        notice._put({"said": dict(notice.said or {}, base=base)})

    @api.model
    def _find_stale_words(self, notice):
        """Former figures that the edited words still name, in the order in which they are read."""
        was = ((notice.said or {}).get("base") or {}).get("was")
        if not (notice.is_edited and was):
            return []
        words = " ".join(
            (notice.subject or "", html2plaintext(notice.text or ""), html2plaintext(notice.closing or ""))
        )
        pattern = figures_pattern(set(was) - {plain(text) for text in self._figures(notice).values()})
        return list(dict.fromkeys(found[0] for found in pattern.finditer(plain(words))))
