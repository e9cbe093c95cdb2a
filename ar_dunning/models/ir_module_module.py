from odoo import api, models
from odoo.tools import SQL

SHIPPED_TEXTS = {
    "ar.dunning.policy": ("name",),
    "ar.dunning.level": ("name", "subject", "text", "closing"),
}


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Translate the copies of the shipped policies, too.

        Odoo finds the records of a translation by their external id. The policies of further companies are
        copies without one; a language installed later would leave them in English.
        """
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "ar_dunning" in modules:
            self._translate_copied_policies()
        return result

    @api.model
    def _translate_copied_policies(self):
        """Give texts that still read like a shipped one in English its further languages; others' words stay."""
        for model, names in SHIPPED_TEXTS.items():
            self.env[model].flush_model(names)
            for name in names:
                self.env.cr.execute(
                    SQL(
                        """
                        UPDATE %(table)s copied
                           SET %(field)s = shipped.%(field)s || copied.%(field)s
                          FROM %(table)s shipped
                          JOIN ir_model_data data ON data.res_id = shipped.id
                         WHERE data.module = 'ar_dunning' AND data.model = %(model)s AND copied.id <> shipped.id
                           AND copied.%(field)s->>'en_US' = shipped.%(field)s->>'en_US'
                           AND copied.%(field)s <> shipped.%(field)s || copied.%(field)s
                        """,
                        table=SQL.identifier(self.env[model]._table),
                        field=SQL.identifier(name),
                        model=model,
                    )
                )
            self.env[model].invalidate_model(names)
