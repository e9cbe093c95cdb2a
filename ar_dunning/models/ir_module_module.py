from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

SHIPPED_TEXTS = {
    "ar.dunning.policy": ("name",),
    "ar.dunning.level": ("name", "subject", "text", "closing"),
}


# Notices that reached the customer, or may have.
LEFT = [
    "|",
    ("sent_on", "!=", False),
    ("delivery_ids.state", "in", ["sending", "unconfirmed", "sent", "posted", "acknowledged", "bounced"]),
]


class IrModuleModule(models.Model):
    """What an addon of the family takes along when it is uninstalled, and the shipped texts in further languages."""

    _inherit = "ir.module.module"

    # === Uninstalling === #

    def button_uninstall(self):
        """Odoo deletes what an addon has brought without asking anybody; evidence stays, and so does its addon.

        :raise UserError: evidence would go, of one of these addons or of one that depends on them
        """
        leaving = self | self.downstream_dependencies()
        result = super().button_uninstall()
        kept = [sentence for module in leaving.sudo() for sentence in module._dunning_evidence_kept()]
        if kept:
            told = "\n".join(f"- {sentence}" for sentence in kept)
            raise UserError(self.env._("Uninstalling would delete evidence:\n%s", told))
        return result

    def _dunning_evidence_kept(self):
        """Seam. What stands that would go with this addon: `[sentence]`, each with what to do first, if anything can be done.

        Called as superuser, for all companies, before the addon is uninstalled; each addon of the family answers for itself.
        """
        self.ensure_one()
        found = self.env["ar.dunning.notice"].search_count(LEFT) if self.name == "ar_dunning" else 0
        return [self.env._("Notices that have left: %s. They stay on record.", found)] if found else []

    # === Further languages === #

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
