from odoo import api, models


class IrUiMenu(models.Model):
    """An entry of *Dunning* that would open an empty list appears with its first record."""

    _inherit = "ir.ui.menu"

    @api.model
    def load_menus(self, debug):
        """Odoo's menus without the entries whose first record is still to come; in developer mode all of them.

        What Odoo answers here is cached for each user. Whether there is a record is not: it is asked whenever a page
        loads, one short statement an entry, so that no cache has to be told, in whichever process the record was made.
        """
        menus = super().load_menus(debug)
        return menus if debug else self._dunning_with_records(menus)

    @api.model
    def _dunning_first_records(self):
        """Seam. Asked whenever menus are loaded: which entries wait for a first record, and which record that is.

        `{xmlid of the menu: (model, domain)}`; a record counts that the user may see, in any company of the user's.
        """
        return {
            "ar_dunning.ar_dunning_letter_menu": ("ar.dunning.delivery", [("channel", "=", "letter")]),
            "ar_dunning.ar_dunning_notice_menu": ("ar.dunning.notice", []),
            "ar_dunning.ar_dunning_item_menu": ("ar.dunning.item", []),
            "ar_dunning.ar_dunning_arrangement_menu": ("ar.dunning.arrangement", []),
            "ar_dunning.ar_dunning_dispute_menu": ("ar.dunning.arrangement", [("kind", "=", "dispute")]),
            "ar_dunning.ar_dunning_delivery_menu": ("ar.dunning.delivery", []),
            "ar_dunning.ar_dunning_run_menu": ("ar.dunning.run", []),
            "ar_dunning.ar_dunning_report_menu": ("ar.dunning.notice", [("state", "=", "sent")]),
            "ar_dunning.ar_dunning_customer_reason_menu": (
                "ar.dunning.customer",
                [("overdue_reason_id", "!=", False)],
            ),
        }

    def _dunning_with_records(self, menus):
        """`menus` as `load_menus` answers them, without empty entries and without folders that held nothing else."""
        first = self._dunning_first_records()
        gone = {
            key
            for key, menu in menus.items()
            if menu.get("xmlid") in first and not self._dunning_has_record(*first[menu["xmlid"]])
        }
        while folders := {key for key in menus.keys() - gone if self._dunning_holds_only(menus[key], gone)}:
            gone |= folders
        return {
            key: {**menu, "children": [child for child in menu["children"] if child not in gone]}
            for key, menu in menus.items()
            if key not in gone
        }

    def _dunning_has_record(self, model, domain):
        """Whether the user would find a record; those of the user's companies, whichever of them is chosen just now."""
        records = self.env[model].with_context(allowed_company_ids=self.env.user.company_ids.ids)
        return records.has_access("read") and bool(records.search_count(domain, limit=1))

    @staticmethod
    def _dunning_holds_only(menu, gone):
        """Whether nothing is left to open in this folder."""
        return bool(menu["children"]) and not menu.get("action_id") and gone.issuperset(menu["children"])
