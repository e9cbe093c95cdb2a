from odoo import api, models

from .facts.regime_groups import GROUPS
from .facts.statutory_files import COUNTRIES, read


class ArDunningStatutory(models.AbstractModel):
    """The shipped statutory data: one file per country and one of all series, each figure with its source."""

    _name = "ar.dunning.statutory"
    _description = "Shipped Statutory Data"

    @api.model
    def _packs(self):
        """The shipped data: {country code: its file as read}. Not to be changed by the caller."""
        return {country: read(country.lower()) for country in COUNTRIES}

    @api.model
    def _preview(self, country_codes, audiences):
        """What applying would create or change, as a list of `PackStep`, series first; nothing is changed.

        :param country_codes: e.g. ["DE", "FR"]; unknown ones raise KeyError
        :param audiences: of "business", "consumer", "public"
        """
        fields = self.env["ar.dunning.regime"]._fields
        regimes = list(self._regime_steps(country_codes, audiences))
        codes = {
            value
            for step in regimes
            for name, value in step.values.items()
            if value and fields[name].type == "many2one" and fields[name].comodel_name == "ar.dunning.rate"
        }
        return self._rate_steps(codes) + regimes

    @api.model
    def _apply(self, country_codes, audiences):
        """Create and update series and rules from the shipped data. Users' edits stay; a second time changes nothing.

        :return: the list of `PackStep` that was carried out
        """
        steps = self._preview(country_codes, audiences)
        rates = {}
        for step in steps:
            if step.model == "ar.dunning.rate":
                rates[step.key] = step.record._pack_apply(step) if step.action in ("create", "update") else step.record
            elif step.model == "ar.dunning.rate.value" and step.action in ("create", "update"):
                rate = rates[step.key.split("/")[0]]
                step.record._pack_apply(step, **({} if step.record else {"rate_id": rate.id}))
            elif step.model == "ar.dunning.regime" and step.action in ("create", "update"):
                country = self.env["res.country"].search([("code", "=", step.key.split("-")[0])], limit=1)
                more = {"country_id": country.id, "audience": step.key.split("/")[1]}
                step.record._pack_apply(step, **({} if step.record else more))
            if step.model in ("ar.dunning.regime", "ar.dunning.rate"):
                step.record._pack_translate_late()
        self._remember_values(steps, rates)
        return steps

    @api.model
    def _remember_values(self, steps, rates):
        """Keep which values each series got, so that one a user deletes does not come back."""
        for code, rate in rates.items():
            if not rate.pack_key:
                continue
            seen = set((rate.pack_values or {}).get("values", ()))
            keys = seen | {
                step.key
                for step in steps
                if step.model == "ar.dunning.rate.value" and step.key.startswith(f"{code}/") and step.action != "keep"
            }
            if keys != seen:
                rate._put({"pack_values": {**rate.pack_values, "values": sorted(keys)}})

    # === Series === #

    @api.model
    def _rate_steps(self, codes):
        data, steps = read("rates"), []
        for row in data["rates"]:
            if row["code"] in codes:
                steps += self._steps_of_rate(row, data)
        return steps

    @api.model
    def _steps_of_rate(self, row, data):
        Rate, Value = self.env["ar.dunning.rate"], self.env["ar.dunning.rate.value"]
        rate = Rate._pack_record(row["code"])
        own = Rate.with_context(active_test=False).search([("code", "=", row["code"]), ("pack_key", "=", False)])
        raw = {
            "name": {"en": row["name"], **row["names"]} if "names" in row else row["name"],
            "code": row["code"],
            "unit": row["unit"],
            "currency_id": row.get("currency"),
            "fixing": row["fixing"],
            "country_id": row.get("country"),
            "note": row["note"],
        }
        steps = [(rate or own)._pack_step(row["code"], row["name"], raw, keep=own.name or "")]
        removed = set(((rate.pack_values or {}) if rate else {}).get("values", ()))
        for value in row["values"] if not own else ():
            key = f"{row['code']}/{value['from']}"
            record = Value._pack_record(key)
            keep = "" if record else (key in removed and "removed") or rate._pack_period_taken(value)
            source = data["sources"][value["source"]]
            steps.append(
                record._pack_step(
                    key,
                    row["name"],
                    {
                        "date_from": value["from"],
                        "date_to": value.get("to"),
                        "value": value["value"],
                        "status": value["status"],
                        "source": source["title"],
                        "address": source["address"],
                        "checked_on": data["checked"],
                    },
                    keep,
                )
            )
        return steps

    # === Rules === #

    @api.model
    def _regime_steps(self, country_codes, audiences):
        packs = self._packs()
        for country in country_codes:
            for row in packs[country]["regimes"]:
                for audience in row["audiences"]:
                    if audience in audiences:
                        yield self._regime_step(packs[country], row, audience)

    @api.model
    def _regime_step(self, pack, row, audience):
        Regime, key = self.env["ar.dunning.regime"], f"{row['key']}/{audience}"
        record = Regime._pack_record(key)
        keep = ""
        if not record:
            country = self.env["res.country"].search([("code", "=", pack["country"])], limit=1)
            probe = Regime.new(
                {
                    "country_id": country.id,
                    "audience": audience,
                    "date_from": row.get("date_from"),
                    "date_to": row.get("date_to"),
                }
            )
            keep = Regime.search(probe._overlapping(), limit=1).name or ""
        raw = self._regime_raw(pack, row, audience)
        name = raw["name"].get((self.env.lang or "en").split("_")[0], raw["name"]["en"])
        return record._pack_step(key, name, raw, keep)

    @api.model
    def _regime_names(self, country_code, english, audience):
        """The name of a rule in English, as the data says it, and in the other languages that are installed."""
        country = self.env["res.country"].search([("code", "=", country_code)], limit=1)
        names = {"en": english}
        for code, _label in self.env["res.lang"].get_installed():
            if not code.startswith("en"):
                spoken = self.with_context(lang=code)
                names[code.split("_")[0]] = spoken._regime_name(country.with_context(lang=code).name, audience)
        return names

    @api.model
    def _regime_name(self, country, audience):
        return {
            "business": self.env._("%s: businesses", country),
            "consumer": self.env._("%s: consumers", country),
            "public": self.env._("%s: public bodies", country),
        }[audience]

    @api.model
    def _regime_raw(self, pack, row, audience):
        """Every field of a rule as the data says it, plain; what the data does not mention is the field's default."""
        Regime = self.env["ar.dunning.regime"]
        raw = {name: row.get(name) for name in ("date_from", "date_to", "note")}
        raw |= {
            "name": self._regime_names(pack["country"], row["names"][audience], audience),
            "checked_on": pack["checked"],
            "tier_ids": [],
        }
        for group, names in GROUPS.items():
            said = row.get(group, {})
            for name in names:
                plain = name.removesuffix("_id") if name.endswith("_id") else name
                default = Regime._fields[name].default
                raw[name] = said.get(plain, default(Regime) if default else None)
            raw["tier_ids"] += said.get("tiers", ())
            raw[f"{group}_status"] = said.get("status")
            raw[f"{group}_sources"] = self._source_text(pack, said.get("sources", ()))
        return raw

    @api.model
    def _source_text(self, pack, keys):
        """One line per source: title, address and the day on which it was checked."""
        lines = []
        for key in keys:
            source = pack["sources"][key]
            address = f", {source['address']}" if source["address"] else ""
            checked = source.get("checked", pack["checked"])
            lines.append(f"{source['title']}{address}" + (f" (checked {checked})" if checked else ""))
        return "\n".join(lines)
