from odoo import api, models
from odoo.exceptions import UserError


class ArDunningUsed(models.AbstractModel):
    """What is in use is not deleted, and who tries is told by whom it is used.

    Asks every relation in the registry that would refuse (`ondelete="restrict"`), also those that point at what would be
    deleted along (`ondelete="cascade"`): a policy's levels, for instance. So a relation that is added later is covered.
    """

    _name = "ar.dunning.used"
    _description = "Not Deleted While in Use"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.env["ar.dunning.used"]._refuse_used(self)

    @api.model
    def _refuse_used(self, records):
        """:raise UserError: names one of the records, and what uses it"""
        for model, name, ondelete in self._pointing_at(records._name):
            Model = self.env[model].sudo().with_context(active_test=False)
            users = Model.search([(name, "in", records.ids)], limit=None if ondelete == "cascade" else 1)
            if ondelete == "cascade":
                if users:
                    self._refuse_used(users)
            elif users:
                self._refuse(users[name].sudo(False), users)

    @api.model
    def _refuse(self, record, user):
        label = self.env["ir.model"]._get(user._name).name
        text = self.env._(
            "%(record)s cannot be deleted: it is used by %(kind)s %(user)s.",
            record=record.sudo().display_name,
            kind=label,
            user=user.display_name if user.with_env(self.env).has_access("read") else "",
        )
        if "active" in record._fields:
            text = " ".join((text, self.env._("Archive it instead.")))
        raise UserError(text)

    @api.model
    def _pointing_at(self, comodel):
        """`(model, field, what happens)` of the stored relations of ours, and to ours, that point at a model."""
        found = []
        for name, model in self.env.registry.items():
            if model._transient or model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                if field.type != "many2one" or not field.store or field.comodel_name != comodel:
                    continue
                ours = any(module.startswith("ar_dunning") for module in field._modules)
                if ours and field.ondelete in ("restrict", "cascade"):
                    found.append((name, field.name, field.ondelete))
        # What refuses is asked before what goes along.
        return sorted(found, key=lambda row: (row[2] == "cascade", *row))
