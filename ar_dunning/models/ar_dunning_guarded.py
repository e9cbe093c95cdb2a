from odoo import Command, api, models


class ArDunningGuarded(models.AbstractModel):
    """What a form is told to look at, by its fields, by a default or over the wire, its user may see.

    Every dialog of ours inherits this. Related fields and our own code read with all rights; so the ids are checked when
    they come in, before anything is read: those of a company that the user does not work in are refused as Odoo refuses
    to read them.
    """

    _name = "ar.dunning.guarded"
    _description = "Form That Shows Only What Its User May See"

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self._check_shown(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_shown(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_shown(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_shown({name: value for name, value in values.items() if not self._is_kept(name, value)})
        return super().onchange(values, field_names, fields_spec)

    def _is_kept(self, name, value):
        """Whether a saved record holds this value already: it was checked when it came."""
        field = self._fields.get(name)
        return bool(self) and field and field.type == "many2one" and self.sudo()[name].id == value

    @api.model
    def _check_shown(self, vals):
        """:raise AccessError: a value points at a record that this user may not read"""
        if self.env.su:
            return
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or not field or not field.relational:
                continue
            Model = self.env[field.comodel_name]
            ids, told = self._given_one(value) if field.type == "many2one" else self._given_many(value)
            Model.browse([given for given in ids if isinstance(given, int)]).check_access("read")
            if hasattr(Model, "_check_shown"):
                for further in told:
                    Model._check_shown(further)

    @api.model
    def _given_one(self, value):
        """The id, and what is told of that record: a line's form tells its dialog's values along."""
        return ([value.get("id")], [value]) if isinstance(value, dict) else ([value], [])

    @api.model
    def _given_many(self, value):
        """The ids of records that exist already among the commands (or ids), and what is told of these and of new ones."""
        ids, told = [], []
        for command in value:
            if isinstance(command, int):
                ids.append(command)
                continue
            code, one, more = (*command, None, None)[:3]
            if code in (Command.CREATE, Command.UPDATE):
                told.append(more)
            if code in (Command.LINK, Command.UPDATE):
                ids.append(one)
            if code == Command.SET:
                ids.extend(more)
        return ids, told
