from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import float_round, format_date
from odoo.tools.misc import format_amount

from .facts.notice_facts import TEXTS, Making, one_line, plain

# A subject line names at most so many invoices.
NAMES_IN_TEXT = 4
# What a draft and its lines have beside the facts that it says (`_facts_said`).
PARTIES = ("partner_id", "bank_id", "responsible_id", "salesperson_id", "policy_id", "level_id")
LINE_FACTS = ("is_step", "kind", "held_codes", "days_late", "reference", "discount_until")


class ArDunningNotice(models.Model):
    """From decisions to notices: figures, words and numbers, for a batch of customers at once."""

    _inherit = "ar.dunning.notice"

    @api.model
    def _build(self, decisions, on, run=None):
        """Turn decisions into notices, reusing untouched drafts of the same customer.

        Drafts for which nothing is due any more are cancelled with the reason; those that a run made for a later
        day wait for it; those that say the same as of their own day stay as they are, because what is sent gets the
        figures of the day on which it leaves. One `create` for all notices of the batch.

        :param decisions: `{customer id: Decision}` as decided ignoring untouched drafts
        :return: the notices made, rebuilt or left as they are
        """
        drafts = self._untouched_drafts(list(decisions), run)
        creating, rebuilding, gone, kept = [], [], self.browse(), self.browse()
        makings = {
            (customer_id, position): Making(decision, composition)
            for customer_id, decision in decisions.items()
            for position, composition in enumerate(decision.notices)
        }
        self._read_build(makings, on)
        for customer_id, decision in decisions.items():
            former = list(drafts.get(customer_id, ()))
            for position, composition in enumerate(decision.notices):
                making = makings[customer_id, position]
                vals = self._notice_values(making, on, run)
                same = next((notice for notice in former if notice._is_about(composition, decision)), None)
                if same:
                    former.remove(same)
                    if same._holds(vals):
                        kept |= same
                    else:
                        rebuilding.append((same, making, vals))
                else:
                    creating.append((making, vals))
            gone = gone.union(*former).filtered(lambda notice: notice.date <= on)
        gone._cancel_with_reasons(decisions, on)
        return kept | self._rebuild(rebuilding) | self._create_silently(creating, run)

    @api.model
    def _read_build(self, makings, on):
        """Seam. Read what notices need beside the decisions, once for a batch: a constant number of statements.

        Called before any values are made, on building, rebuilding and looking again. A member reads what it adds and
        puts it into `Making.added` under its name; it writes nothing.

        :param makings: `{key: Making}`, completed here
        :param on: date
        """
        customers = [making.decision.customer for making in makings.values()]
        ids = {customer.partner_id for customer in customers}
        ids.update(making.address.recipient_id for making in makings.values())
        self.env["res.partner"].browse(ids).fetch(["name"])
        self.env["ar.dunning.customer"].browse({customer.id for customer in customers}).fetch(["responsible_id"])
        banks = {item.bank_id for making in makings.values() for item in making.decision.items if item.bank_id}
        self.env["res.partner.bank"].browse(banks).fetch(["active"])

    @api.model
    def _lang_of(self, address, former=None):
        """The language of a notice to this address; `former`: that of the notice so far."""
        return address.lang or former or self.env.lang or "en_US"

    @api.model
    def _built(self, built):
        """Seam. Called once the notices of a batch have their lines, new ones and those made anew.

        A member writes what belongs to the notices beside their lines, from what it has put into `Making.added`.

        :param built: `[(notice, making)]`
        """

    def _unbuild(self):
        """Seam. Called before these unsent notices are made anew: lines go, and so does what `_built` has added."""
        self.line_ids.sudo()._discard()

    @api.model
    def _create_silently(self, creating, run=None):
        if not creating:
            return self.browse()
        names = self._next_names(len(creating), run)
        vals_list = [vals for _making, vals in creating]
        for vals, name in zip(vals_list, names, strict=True):
            vals["name"] = name
            vals.update(self._with_reference(vals, name))
        quiet = self.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        notices = quiet._make([{name: vals[name] for name in vals.keys() - {"line_ids"}} for vals in vals_list])
        notices = notices.with_env(self.env)
        self._insert_lines(list(zip(notices, vals_list, strict=True)))
        self._built([(notice, making) for notice, (making, _vals) in zip(notices, creating, strict=True)])
        return notices

    @api.model
    def _insert_lines(self, pairs):
        """Give each notice of these `(notice, values)` its lines, all in one statement."""
        lines = [dict(line, notice_id=notice.id) for notice, vals in pairs for _command, _id, line in vals["line_ids"]]
        self.env["ar.dunning.notice.line"]._insert(lines)

    @api.model
    def _next_names(self, count, run=None):
        """`count` numbers of the notice sequence in one statement; a rehearsal uses none up."""
        sequence = self.env.ref("ar_dunning.sequence_notice").sudo()
        if run and run.kind == "rehearsal":
            return [sequence.get_next_char(0)] * count
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{sequence.id:03d}", count])
        return [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]

    @api.model
    def _untouched_drafts(self, customer_ids, run=None):
        """Drafts that nobody edited and that this run may rebuild: `{customer id: notices}`."""
        drafts = self.search([("customer_id", "in", customer_ids), ("state", "=", "draft"), ("is_edited", "=", False)])
        if run and run._is_for_another_day():
            drafts = drafts.filtered(lambda notice: notice.date == run.date)
        return drafts.grouped(lambda notice: notice.customer_id.id)

    def _is_about(self, composition, decision):
        """Whether this draft is the one to rebuild for `composition`."""
        if decision.policy.grouping == "customer":
            return True
        if decision.policy.grouping == "contact":
            return self.partner_id.id == decision.address_of(composition).recipient_id
        keys = {key for key, _level in composition.demanded}
        return bool(keys & set(self.line_ids.item_id.ids))

    def _holds(self, vals):
        """Seam. Whether this draft says what `vals` would give it: on another day its deadline and its days late differ."""
        if self.said != vals["said"] or self.is_forced != vals["is_forced"] or self.date != vals["date"]:
            return False
        then = vals | self._with_reference(vals, self.name)
        same = all((self[name] or "") == (then[name] or "") for name in ("deadline", "warning", "lang"))
        same &= all(self[name].id == (then[name] or False) for name in PARTIES)
        same &= all(plain(self[name] or "") == plain(then[name] or "") for name in TEXTS)
        lines = {line.item_id.id: [line[name] or 0 for name in LINE_FACTS] for line in self.line_ids}
        fresh = {line["item_id"]: [line[name] or 0 for name in LINE_FACTS] for _new, _id, line in then["line_ids"]}
        return (
            same
            and lines == fresh
            and {line.level_id.id for line in self.line_ids}
            == {line["level_id"] or False for _new, _id, line in then["line_ids"]}
        )

    @api.model
    def _rebuild(self, rebuilding):
        """Give notices today's figures; their letters no longer fit and go.

        :param rebuilding: `[(notice, making, values)]`
        """
        notices = self.browse([notice.id for notice, _making, _vals in rebuilding])
        letters = notices.letter_id
        notices._unbuild()
        apart = {"name", "state", "send_after", "run_id", "line_ids"}
        for notice, _making, vals in rebuilding:
            kept = {name: vals[name] for name in vals.keys() - apart}
            kept.update(self._with_reference(vals, notice.name))
            notice._put(dict(kept, letter_id=False, letter_sha256=False))
        self._insert_lines([(notice, vals) for notice, _making, vals in rebuilding])
        self._built([(notice, making) for notice, making, _vals in rebuilding])
        letters._discard_of(notices)
        return notices

    @api.model
    def _with_reference(self, vals, reference):
        """Texts are written before the notice has its number; put it where they ask for it."""
        return {name: vals[name].replace("{reference}", reference) for name in ("subject", "text", "closing")}

    @api.model
    def _notice_values(self, making, on, run=None):
        """Seam. The values of the notice that `making` asks for on day `on`, its lines and words included.

        A member adds its own fields of the notice.
        """
        decision, policy = making.decision, making.decision.policy
        level = self.env["ar.dunning.level"].sudo().browse(making.composition.level.key)
        lines = self._lines_of(making, on)
        automatic = policy.mode == "automatic" and not decision.customer.always_review
        company = self.env["res.company"].browse(decision.customer.company_id)
        vals = self._party_values(making) | {
            "policy_id": policy.id,
            "level_id": level.id,
            "highest_level_id": level.id,
            "kind": level.kind,
            "date": on,
            "deadline": self._deadline_of(making, on),
            "recorded_until": decision.recorded_until,
            "run_id": run.id if run else False,
            "state": "queued" if automatic else "draft",
            "send_after": policy._window_on(on, company) if automatic else False,
            "is_forced": bool(decision.ahead),
            "is_repeat": decision.ahead == "repeat",
            "line_ids": [(0, 0, line) for line in lines],
            "said": self._facts_said(making, lines),
        }
        stale = decision.bank_stale and decision.recorded_until
        held = [(line["held_codes"], line["currency_id"], line["amount_held"]) for line in lines]
        named = self._banks_named(making)
        vals["warning"] = self._warning_text(vals, making.address, named, held, stale, decision.note)
        vals.update(self._texts(level, vals["lang"], self._words_of(making, vals, lines)))
        return vals

    @api.model
    def _party_values(self, making):
        """Who the notice is from and to, in which language, and where the money is to go."""
        customer, items = making.decision.customer, making.items
        demanded = [items[key] for key, _own in making.composition.demanded]
        return {
            "customer_id": customer.id,
            "company_id": customer.company_id,
            "partner_id": making.address.recipient_id,
            "lang": self._lang_of(making.address, making.lang),
            "bank_id": self._bank_of(making).id,
            "responsible_id": self.env["ar.dunning.customer"].browse(customer.id)._who_answers().id,
            "salesperson_id": next((item.salesperson_id for item in demanded if item.salesperson_id), False),
        }

    @api.model
    def _words_of(self, making, vals, lines):
        """What the placeholders stand for on this notice."""
        record = self.env["ar.dunning.customer"].browse(making.decision.customer.id)
        return self._placeholder_values(vals, record, lines, self._demands_of(making))

    @api.model
    def _demands_of(self, making):
        """Seam. What a notice made of `making` will demand beside the principal: `[(currency id, amount)]`; base: nothing."""
        return []

    @api.model
    def _lines_of(self, making, on):
        """The values of the lines: what is demanded, each item at its own level, then what is also open."""
        items, steps = making.items, making.steps
        repeat = making.decision.ahead == "repeat"
        lines = []
        for key, own in making.composition.demanded:
            takes = not repeat and (steps is None or key in steps)
            lines.append(self._line_values(items[key], on, own) | {"is_step": takes})
        return lines + [self._line_values(items[key], on) for key in making.composition.listed]

    @api.model
    def _line_values(self, item, on, level=None):
        due = item.open - item.held
        return {
            "item_id": item.id,
            "level_id": level.key if level else None,
            "kind": level.kind.value if level else None,
            "is_demanded": bool(level),
            "is_step": bool(level),
            "move_id": item.move_id,
            "move_name": item.move_name,
            "reference": item.reference,
            "invoice_date": item.invoice_date,
            "due_date": item.due,
            "days_late": max((on - item.due).days, 0),
            "currency_id": item.currency_id,
            "amount_original": item.original,
            "amount_residual": item.residual,
            "amount_credit": float(item.credit),
            "amount_held": float(item.held),
            "held_codes": ",".join(part.code for part in item.step.parts) or None,
            "amount_due": float(due),
            "amount_discounted": float(item.discounted_on(on)),
            "discount_until": item.discount_until if item.discounted_on(on) else None,
            "amount_company": float_round(float(item.in_company(due)), precision_digits=4),
        }

    # === Words === #

    @api.model
    def _texts(self, level, lang, values):
        """Subject, text and closing of `level` in `lang` with the placeholders filled."""
        level = level.with_context(lang=lang)
        return {
            "subject": one_line(level._fill(level.subject, values, html=False)),
            "text": level._fill(level.text, values),
            "closing": level._fill(level.closing, values),
        }

    @api.model
    def _placeholder_values(self, vals, customer, lines, demands=()):
        """The words that may replace placeholders, in the notice's language.

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
            "principal": self._amounts_text(principal, lang),
            "reference": vals.get("name") or "{reference}",
            "responsible": responsible.name or company.name,
            "total": self._amounts_text(totals, lang),
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

    @api.model
    def _deadline_of(self, making, on):
        """The day until which a notice of `on` asks to pay; none where its level gives no days.

        What repeats a notice never asks for the money earlier than that notice did.
        """
        days = making.composition.level.deadline_days
        if not days:
            return False
        deadline = making.decision.calendar.next_working(on + timedelta(days=days))
        if making.decision.ahead != "repeat":
            return deadline
        items = making.items
        granted = [items[key].deadline for key, _own in making.composition.demanded if items[key].deadline]
        return max([deadline, *granted])

    def _deadline_from(self, on):
        self.ensure_one()
        days = self.level_id.deadline_days
        return self.policy_id._calendar(on, self.company_id).next_working(on + timedelta(days=days)) if days else False
