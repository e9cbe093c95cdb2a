from odoo import api, models
from odoo.tools import format_date

from .facts.notice_facts import TEXTS, Making, plain, with_reference

# What a draft and its lines have beside the facts that it says (`_facts_said`).
PARTIES = ("partner_id", "bank_id", "responsible_id", "salesperson_id", "policy_id", "level_id")
LINE_FACTS = ("is_step", "kind", "held_codes", "days_late", "reference", "discount_until")


class ArDunningBuilder(models.AbstractModel):
    """From decisions to notices: figures, words and numbers, for a batch of customers at once."""

    _name = "ar.dunning.builder"
    _description = "Builder of Notices"

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
        creating, rebuilding, gone, kept = [], [], self._nothing(), self._nothing()
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
                same = next((notice for notice in former if self._is_about(notice, composition, decision)), None)
                if same:
                    former.remove(same)
                    if self._holds(same, vals):
                        kept |= same
                    else:
                        rebuilding.append((same, making, vals))
                else:
                    creating.append((making, vals))
            gone = gone.union(*former).filtered(lambda notice: notice.date <= on)
        self._cancel_with_reasons(gone, decisions, on)
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
        currencies = {item.currency_id for making in makings.values() for item in making.decision.items}
        self.env["res.currency"].browse(currencies).fetch()

    # === What a notice would be === #

    @api.model
    def _notice_values(self, making, on, run=None):
        """Seam. The values of the notice that `making` asks for on day `on`, its lines and words included.

        A member adds its own fields of the notice.
        """
        decision, policy = making.decision, making.decision.policy
        level = self.env["ar.dunning.level"].sudo().browse(making.composition.level.key)
        lines = making.lines(on)
        automatic = policy.mode == "automatic" and not decision.customer.always_review
        company = self.env["res.company"].browse(decision.customer.company_id)
        vals = self._party_values(making) | {
            "policy_id": policy.id,
            "level_id": level.id,
            "highest_level_id": level.id,
            "kind": level.kind,
            "date": on,
            "deadline": making.deadline(on),
            "recorded_until": decision.recorded_until,
            "run_id": run.id if run else False,
            "state": "queued" if automatic else "draft",
            "send_after": policy._window_on(on, company) if automatic else False,
            "is_forced": bool(decision.ahead),
            "is_repeat": decision.ahead == "repeat",
            "line_ids": [(0, 0, line) for line in lines],
            "said": self.env["ar.dunning.look"]._facts_said(making, lines),
        }
        stale = decision.bank_stale and decision.recorded_until
        held = [(line["held_codes"], line["currency_id"], line["amount_held"]) for line in lines]
        named = self._banks_named(making)
        vals["warning"] = self._warning_text(vals, making.address, named, held, stale, decision.note)
        vals.update(self.env["ar.dunning.wording"]._texts(level, vals["lang"], self._words_of(making, vals, lines)))
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
        return self.env["ar.dunning.wording"]._placeholder_values(vals, record, lines, self._demands_of(making))

    @api.model
    def _demands_of(self, making):
        """Seam. What a notice made of `making` will demand beside the principal: `[(currency id, amount)]`; base: nothing."""
        return []

    @api.model
    def _lang_of(self, address, former=None):
        """The language of a notice to this address; `former`: that of the notice so far."""
        return address.lang or former or self.env.lang or "en_US"

    @api.model
    def _banks_named(self, making):
        """The accounts that the demanded invoices name, as `res.partner.bank` records."""
        items = making.items
        found = (items[key].bank_id for key, _own in making.composition.demanded)
        return self.env["res.partner.bank"].browse(dict.fromkeys(bank for bank in found if bank))

    @api.model
    def _bank_of(self, making):
        """The account that a notice made of this asks to pay to; none where nobody knows one."""
        company = self.env["res.company"].browse(making.decision.customer.company_id)
        key, _own = making.composition.demanded[0]
        currency = self.env["res.currency"].browse(making.items[key].currency_id)
        return company._dunning_bank(self._banks_named(making), currency)

    @api.model
    def _nothing(self):
        return self.env["ar.dunning.notice"]

    # === Drafts that stand already === #

    @api.model
    def _untouched_drafts(self, customer_ids, run=None):
        """Drafts that nobody edited and that this run may rebuild: `{customer id: notices}`."""
        drafts = self.env["ar.dunning.notice"].search(
            [("customer_id", "in", customer_ids), ("state", "=", "draft"), ("is_edited", "=", False)]
        )
        if run and run._is_for_another_day():
            drafts = drafts.filtered(lambda notice: notice.date == run.date)
        return drafts.grouped(lambda notice: notice.customer_id.id)

    @api.model
    def _is_about(self, notice, composition, decision):
        """Whether this draft is the one to rebuild for `composition`."""
        if decision.policy.grouping == "customer":
            return True
        if decision.policy.grouping == "contact":
            return notice.partner_id.id == decision.address_of(composition).recipient_id
        keys = {key for key, _level in composition.demanded}
        return bool(keys & set(notice.line_ids.item_id.ids))

    @api.model
    def _holds(self, notice, vals):
        """Seam. Whether this draft says what `vals` would give it: on another day its deadline and its days late differ."""
        if notice.said != vals["said"] or notice.is_forced != vals["is_forced"] or notice.date != vals["date"]:
            return False
        then = vals | with_reference(vals, notice.name)
        same = all((notice[name] or "") == (then[name] or "") for name in ("deadline", "warning", "lang"))
        same &= all(notice[name].id == (then[name] or False) for name in PARTIES)
        same &= all(plain(notice[name] or "") == plain(then[name] or "") for name in TEXTS)
        lines = {line.item_id.id: [line[name] or 0 for name in LINE_FACTS] for line in notice.line_ids}
        fresh = {line["item_id"]: [line[name] or 0 for name in LINE_FACTS] for _new, _id, line in then["line_ids"]}
        return (
            same
            and lines == fresh
            and {line.level_id.id for line in notice.line_ids}
            == {line["level_id"] or False for _new, _id, line in then["line_ids"]}
        )

    @api.model
    def _cancel_with_reasons(self, notices, decisions, on):
        """Cancel these drafts, of which nothing is due any more, each with its reasons."""
        for notice in notices:
            items = {item.id: item for item in decisions[notice.customer_id.id].items}
            reasons = [
                reason
                for line in notice.line_ids.filtered("is_demanded")
                for reason in self.env["ar.dunning.look"]._objections(notice, line, items.get(line.item_id.id), on)
            ]
            reason = "\n".join(dict.fromkeys(reasons)) or self.env._("Nothing of it is due any more.")
            notice._update_state(("draft",), "cancelled", cancel_reason=reason)

    # === Writing them === #

    @api.model
    def _create_silently(self, creating, run=None):
        if not creating:
            return self._nothing()
        names = self._next_names(len(creating), run)
        vals_list = [vals for _making, vals in creating]
        for vals, name in zip(vals_list, names, strict=True):
            vals["name"] = name
            vals.update(with_reference(vals, name))
        quiet = self.env["ar.dunning.notice"].with_context(
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
    def _rebuild(self, rebuilding):
        """Give notices today's figures; their letters no longer fit and go.

        :param rebuilding: `[(notice, making, values)]`
        """
        notices = self.env["ar.dunning.notice"].browse([notice.id for notice, _making, _vals in rebuilding])
        letters = notices.letter_id
        self._unbuild(notices)
        apart = {"name", "state", "send_after", "run_id", "line_ids"}
        for notice, _making, vals in rebuilding:
            kept = {name: vals[name] for name in vals.keys() - apart}
            kept.update(with_reference(vals, notice.name))
            notice._put(dict(kept, letter_id=False, letter_sha256=False))
        self._insert_lines([(notice, vals) for notice, _making, vals in rebuilding])
        self._built([(notice, making) for notice, making, _vals in rebuilding])
        if letters:
            letters._discard_of(notices)
        return notices

    @api.model
    def _built(self, built):
        """Seam. Called once the notices of a batch have their lines, new ones and those made anew.

        A member writes what belongs to the notices beside their lines, from what it has put into `Making.added`.

        :param built: `[(notice, making)]`
        """

    @api.model
    def _unbuild(self, notices):
        """Seam. Called before these unsent notices are made anew: lines go, and so does what `_built` has added."""
        notices.line_ids.sudo()._discard()

    # === Warnings === #

    @api.model
    def _present_warning(self, notice, address):
        """What a person should know before this notice leaves, as things stand."""
        notice.ensure_one()
        policy = notice.policy_id.sudo()
        rules = self.env["ar.dunning.ledger"]._context(notice.company_id, notice.date).rules_of(policy)
        vals = {
            name: notice[name].id for name in ("company_id", "customer_id", "level_id", "bank_id", "responsible_id")
        }
        banks = notice.line_ids.filtered("is_demanded").move_id.sudo().partner_bank_id
        held = [(line.held_codes, line.currency_id.id, line.amount_held) for line in notice.line_ids]
        return self._warning_text(vals, address, banks, held, rules and rules.bank_stale and notice.recorded_until)

    @api.model
    def _warning_text(self, vals, address, banks, held, stale_since, note=False):
        """What a person should know before a notice with these values leaves; False where there is nothing.

        :param address: who is written to (`facts.address.Address`)
        :param banks: the accounts that its invoices name
        :param held: see `_held_sentences`
        :param stale_since: the day of the last bank line, where that is longer ago than the policy allows
        :param note: a sentence on why it comes before its day
        """
        sentences = [note] if note else []
        if stale_since:
            day = format_date(self.env, stale_since)
            sentences.append(self.env._("The last bank line is of %s: the customer may have paid already.", day))
        level = self.env["ar.dunning.level"].sudo().browse(vals["level_id"])
        sentences += self.env["ar.dunning.address"]._warnings(address, level)
        sentences += self._warn_of_bank(self.env["res.partner.bank"].sudo().browse(vals["bank_id"] or ()), banks)
        customer = self.env["ar.dunning.customer"].sudo().browse(vals["customer_id"])
        sentences += self._warn_of_sender(customer.responsible_id, vals["responsible_id"])
        if any(codes for codes, *_amount in held):
            sentences += self.env["ar.dunning.ledger"]._held_sentences(held)
        return " ".join(sentences) or False

    @api.model
    def _warn_of_bank(self, bank, named):
        if not bank:
            yield self.env._("No bank account is known: it cannot say where to pay.")
        archived = named.sudo().filtered(lambda account: not account.active)
        if bank and archived and bank not in named:
            yield self.env._(
                "Account %(archived)s of the invoice is archived: payment is asked to %(account)s.",
                archived=archived[0].acc_number,
                account=bank.acc_number,
            )

    @api.model
    def _warn_of_sender(self, responsible, user_id):
        if responsible and not responsible._is_dunning_person():
            yield self.env._(
                "%(former)s, who looks after this customer, has left: it comes from %(other)s.",
                former=responsible.name,
                other=self.env["res.users"].sudo().browse(user_id).name,
            )
