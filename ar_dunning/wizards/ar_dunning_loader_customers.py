import re

from odoo import api, fields, models

from .load_result import CREDIT_NOTE, INVOICE
from .load_text import LoadError

KINDS = {
    "company": "company", "business": "company", "b2b": "company", "bedrift": "company", "unternehmen": "company",
    "person": "person", "individual": "person", "consumer": "person", "private": "person", "privat": "person",
    "public": "public", "offentlig": "public",
}  # fmt: skip


class ArDunningLoaderCustomers(models.AbstractModel):
    """The customers of a file of open items: who they are, whose rules they fall under, how far dunning went."""

    _name = "ar.dunning.loader.customers"
    _description = "Loader of Open Items: Customers"

    @api.model
    def _partners(self, company, numbers):
        """`{customer number: contact}` of the contacts this company can see; its own before shared ones."""
        found = {}
        domain = [
            ("ref", "in", list(numbers)),
            ("parent_id", "=", False),
            ("company_id", "in", [False, company.id, company.root_id.id]),
        ]
        for partner in self.env["res.partner"].search(domain, order="company_id, id"):
            found.setdefault(partner.ref, partner)
        return found

    @api.model
    def _known(self, company, partners):
        """Pairs of customer and document number for which there is an invoice."""
        rows = self.env["account.move"]._read_group(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", [partner.id for partner in partners.values()]),
                ("move_type", "in", (INVOICE, CREDIT_NOTE)),
                ("state", "!=", "cancel"),
            ],
            ["commercial_partner_id", "ref", "name"],
        )
        return {(partner.id, number) for partner, *numbers in rows for number in numbers if number}

    # === How far dunning went elsewhere === #

    @api.model
    def _policy_finder(self, company, partners, kind):
        """A function `(contact or None, document) -> policy`."""
        records = self.env["ar.dunning.customer"].search(
            [("partner_id", "in", [partner.id for partner in partners.values()]), ("company_id", "=", company.id)]
        )
        chosen = {record.partner_id: record.effective_policy_id for record in records}
        find = self.env["ar.dunning.ledger"]._policy_finder(company)
        audience_of = self.env["ar.dunning.customer"]._audience_of

        def policy_of(partner, document):
            if partner in chosen:
                return chosen[partner]
            values = self._partner_values(document, kind, company)
            if partner:
                values = {name: partner[name] for name in ("is_company", "vat")}
                values |= {"industry_id": partner.industry_id.id, "country_id": partner.country_id.id}
            audience, _unclear = audience_of(False, values["is_company"], values.get("vat"), values.get("industry_id"))
            return find(audience, values.get("country_id"))

        return policy_of

    @api.model
    def _ladder(self, policy):
        """The levels after the due date, and `{name in any language: how many levels were taken with it}`."""
        ladder, names = policy.level_ids.filtered(lambda level: level.days > 0).sorted("days"), {}
        for code, _name in self.env["res.lang"].get_installed():
            for level in policy.level_ids.with_context(lang=code):
                names[level.name.strip().lower()] = ladder.ids.index(level.id) + 1 if level.days > 0 else 0
        return ladder, names

    @api.model
    def _opening(self, line, ladder):
        """What an item brings along: levels taken, day and deadline of the last notice, reminders.

        Without a level, the number of reminders tells it.
        """
        levels, names = ladder
        reminders = levels.filtered(lambda level: level.kind == "reminder")
        if not line.level:
            rank = min(line.reminders, len(reminders))
        elif re.fullmatch(r"\d{1,3}", line.level):
            rank = int(line.level)
        else:
            rank = names.get(line.level.strip().lower(), -1)
        if not 0 <= rank <= len(levels):
            known = ", ".join(f"{position} {level.name}" for position, level in enumerate(levels, 1))
            raise LoadError("bad_level", {"level": line.level, "known": known})
        if not rank:
            return {}
        level = levels[rank - 1]
        deadline = (
            line.last_notice and level.deadline_days and fields.Date.add(line.last_notice, days=level.deadline_days)
        )
        return {
            "opening_rank": rank,
            "opening_level_id": level.id,
            "opening_date": line.last_notice or False,
            "opening_deadline": deadline or False,
            "opening_reminders": line.reminders or len(levels[:rank] & reminders),
        }

    # === Customers === #

    @api.model
    def _partner_values(self, document, kind, company):
        """A new contact as the document's lines describe it."""
        extra = {}
        for line in document.lines:
            extra = line.extra | extra
        line = document.lines[0]
        kind = KINDS.get(extra.get("kind", "").lower(), kind)
        public = self.env.ref("base.res_partner_industry_O", raise_if_not_found=False)
        return {
            "name": line.name or line.customer,
            "ref": line.customer,
            "company_id": company.root_id.id,
            "is_company": kind != "person",
            "industry_id": public.id if public and kind == "public" else False,
            "email": extra.get("email", False),
            "street": extra.get("street", False),
            "zip": extra.get("zip", False),
            "city": extra.get("city", False),
            "vat": extra.get("vat", False),
            "country_id": self._country(extra.get("country", "")),
            "lang": self._lang(extra.get("lang", "")),
        }

    @api.model
    def _country(self, text):
        if not text:
            return False
        domain = [("code", "=", text.upper())] if len(text) == 2 else [("name", "=ilike", text)]
        return self.env["res.country"].search(domain, limit=1).id

    @api.model
    def _lang(self, text):
        """An installed language by its code, or by the first letters of it ('nb' for 'nb_NO')."""
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        text = text.replace("-", "_").lower()
        fitting = [code for code in codes if code.lower() == text or (text and code.lower().split("_")[0] == text)]
        return fitting[0] if fitting else self.env.lang or False
