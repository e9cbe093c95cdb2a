from odoo import api, fields, models

from odoo.addons.ar_dunning.tools.authority import as_system

from .facts.pack_facts import PackChange, PackStep


class ArDunningPackMixin(models.AbstractModel):
    """A record that the shipped statutory data creates and later brings up to date.

    Remembered is what the data last wrote, field by field. A field that no longer says so was edited by a user and
    is never written again; the others follow the data.
    """

    _name = "ar.dunning.pack.mixin"
    _inherit = ["ar.dunning.settings"]
    _description = "Shipped Statutory Record"

    pack_key = fields.Char(copy=False, index="btree_not_null", readonly=True)
    pack_values = fields.Json(copy=False, readonly=True, help="What the statutory data last wrote here.")
    is_pack = fields.Boolean("Shipped", compute="_compute_is_pack", help="Came with the statutory data.")

    _pack_key_unique = models.UniqueIndex(
        "(pack_key) WHERE pack_key IS NOT NULL", "This shipped record exists already."
    )

    @api.depends("pack_key")
    def _compute_is_pack(self):
        for record in self:
            record.is_pack = bool(record.pack_key)

    @api.model
    def _pack_record(self, key):
        return self.with_context(active_test=False).search([("pack_key", "=", key)], limit=1)

    def _pack_step(self, key, name, raw, keep=""):
        """Compare the record with what the data says (`raw`: field -> plain value).

        :param str keep: what of the user's own stands in its place, or empty
        """
        raw = {field: self._pack_plain(field, value) for field, value in raw.items()}
        if keep:
            return PackStep(self._name, key, name, "keep", self, raw, {})
        if not self:
            return PackStep(self._name, key, name, "create", self, raw, raw, self._pack_changes(raw, raw, {}))
        now = {field: self._pack_read(field) for field in raw}
        base = self.pack_values or {}
        differing = [field for field, value in raw.items() if value != now[field]]
        mine = [field for field in differing if now[field] != base.get(field, now[field])]
        write = {field: raw[field] for field in differing if field not in mine}
        changes = self._pack_changes(write, raw, now) + self._pack_changes(mine, raw, now, kept=True)
        action = "update" if write else "keep" if mine else "same"
        return PackStep(self._name, key, name, action, self, raw, write, changes)

    @api.model
    def _pack_apply(self, step, **more):
        """Carry out one step; returns the record. `more`: further values of a new record."""
        Model = step.record.with_context(lang="en_US", tracking_disable=True)
        if step.action == "create":
            vals = {"pack_key": step.key, "pack_values": step.values, **more, **Model._pack_vals(step.write)}
            record = Model._make(vals)
        else:
            record = Model
            if step.write:
                record._put(
                    {"pack_values": {**(record.pack_values or {}), **step.write}, **Model._pack_vals(step.write)}
                )
        record._pack_translate(step.write)
        return record

    # === Between plain values and fields === #

    def _pack_plain(self, name, value):
        """The plain value as it compares: dates as text, figures to six places, nothing as None."""
        field = self._fields[name]
        if field.type == "boolean":
            return bool(value)
        if field.type == "integer":
            return int(value or 0)
        if field.type in ("float", "monetary"):
            return round(float(value or 0), 6)
        if field.type == "one2many":
            return sorted(([self._pack_row(row) for row in value or ()]), key=lambda row: (row["kind"], row["order"]))
        return value or None

    @api.model
    def _pack_row(self, row):
        """A band as plain values."""
        up_to = round(float(row.get("up_to") or 0), 2)
        plain = {name: round(float(row.get(name) or 0), 6) for name in ("amount", "percent", "minimum", "maximum")}
        return {"kind": row["kind"], "order": [not up_to, up_to], "up_to": up_to, **plain}

    def _pack_read(self, name):
        """What the record says now, as a plain value."""
        self.ensure_one()
        record = self.with_context(lang="en_US")
        field, value = self._fields[name], record[name]
        if field.type == "many2one":
            return value[self._pack_code(field.comodel_name)] or None
        if field.type == "date":
            return value.isoformat() if value else None
        if field.type == "one2many":
            value = value.read(["kind", "up_to", "amount", "percent", "minimum", "maximum"])
        if name in self._pack_translated() and self.pack_values:
            # Translations follow the English text: only that one tells whether somebody edited it.
            shipped = (self.pack_values or {}).get(name)
            return shipped if isinstance(shipped, dict) and shipped.get("en") == value else value or None
        return self._pack_plain(name, value)

    @api.model
    def _pack_vals(self, raw):
        """Values to create or write from plain ones."""
        vals = {}
        for name, value in raw.items():
            field = self._fields[name]
            if field.type == "many2one" and value:
                Comodel = self.env[field.comodel_name].with_context(active_test=False)
                value = Comodel.search([(self._pack_code(field.comodel_name), "=", value)], limit=1).id
            elif field.type == "one2many":
                rows = [{key: row[key] for key in row if key != "order"} for row in value]
                value = [(5, 0, 0), *((0, 0, {**row, "sequence": 10 * at}) for at, row in enumerate(rows, 1))]
            elif isinstance(value, dict):
                value = value["en"]
            vals[name] = value or False if field.type not in ("integer", "float", "monetary") else value
        return vals

    def _pack_translate(self, raw):
        """Give a text its other languages, as far as they are installed."""
        for name in self._pack_translated() & set(raw):
            texts = raw[name] if isinstance(raw[name], dict) else {}
            installed = [code for code, _label in self.env["res.lang"].get_installed()]
            found = {code: texts[code.split("_")[0]] for code in installed if code.split("_")[0] in texts}
            if found:
                self._pack_say(name, found)

    def _pack_translate_late(self):
        """Bring the languages that were installed since: where a text still stands in English, nobody translated it."""
        for name in self._pack_translated() & set(self.pack_values or {}):
            texts = self.pack_values[name]
            if isinstance(texts, dict) and self.with_context(lang="en_US")[name] == texts.get("en"):
                missing = {
                    code: texts[code.split("_")[0]]
                    for code, _label in self.env["res.lang"].get_installed()
                    if texts.get(code.split("_")[0], texts["en"]) != texts["en"]
                    and self.with_context(lang=code)[name] == texts["en"]
                }
                if missing:
                    self._pack_say(name, missing)

    def _pack_say(self, name, texts):
        """Write a text in further languages, as the system: it stays what the data says."""
        with as_system():
            self.update_field_translations(name, texts)

    @api.model
    def _pack_translated(self):
        return set()

    @api.model
    def _pack_code(self, model):
        """The field of `model` by which the data names its records."""
        return {"res.currency": "name", "ar.dunning.rate": "code"}.get(model, "code")

    # === In words === #

    def _pack_changes(self, names, raw, now, kept=False):
        """The changes of these fields as a person reads them; what is empty before and after is left out."""
        names = [name for name in self._pack_shown() if name in names]
        return tuple(
            PackChange(
                label=self._fields[name]._description_string(self.env),
                old=self._pack_words(name, now.get(name)),
                new=self._pack_words(name, raw[name]),
                kept=kept,
                **self._pack_evidence(name, raw),
            )
            for name in names
            if self._pack_words(name, raw[name]) or self._pack_words(name, now.get(name))
        )

    @api.model
    def _pack_shown(self):
        return list(self._fields)

    @api.model
    def _pack_evidence(self, name, raw):
        return {"status": raw.get("status") or "", "source": raw.get("source") or ""}

    @api.model
    def _pack_words(self, name, value):
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("Yes") if value else ""
        if field.type in ("integer", "float", "monetary"):
            return f"{value:g}" if value else ""
        if field.type == "one2many":
            return "; ".join(self._pack_row_words(row) for row in value or ())
        if isinstance(value, dict):
            return value["en"]
        return value or ""

    @api.model
    def _pack_row_words(self, row):
        words = [f"{row['amount']:g}"] if row["amount"] or not row["percent"] else []
        words += [f"{row['percent']:g} %"] if row["percent"] else []
        bound = self.env._("up to %s", f"{row['up_to']:g}") if row["up_to"] else self.env._("above")
        limits = [self.env._("at least %s", f"{row['minimum']:g}")] if row["minimum"] else []
        limits += [self.env._("at most %s", f"{row['maximum']:g}")] if row["maximum"] else []
        return f"{bound}: {' + '.join(words)}" + (f" ({', '.join(limits)})" if limits else "")
