from odoo import api, models


class ArDunningLevelGroups(models.AbstractModel):
    """A model that people group by levels: of levels of one name, its groups and pivots say whose they are."""

    _name = "ar.dunning.level.groups"
    _description = "Grouped by Levels"

    @api.model
    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        field = self._fields.get(groupby_spec)
        if field is None or field.comodel_name != "ar.dunning.level":
            return formatter
        return lambda level: formatter(level.with_context(ar_dunning_with_policy=True))
