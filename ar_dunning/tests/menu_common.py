from odoo import Command
from odoo.tests import new_test_user

ROOT = "ar_dunning.ar_dunning_menu_root"


class MenuCommon:
    """What stands under *Dunning* for whom, as the web client draws it."""

    def worker(self, login, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            f"base.group_user,ar_dunning.group_dunning_{group}",
            password=login,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def fresh(self, group="user"):
        """Who works in a company that has nothing yet, beside another one's records."""
        company = self.env["res.company"].create({"name": f"Fresh company of a {group}"})
        return self.worker(f"fresh_{group}", group, company)

    def menu(self, user, debug=False):
        """`[(entry, [what it holds])]` of the first level, by name; empty for who has no *Dunning*."""
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(debug)
        root = next((menu for menu in menus.values() if menu.get("xmlid") == ROOT), None)
        return [(menus[key]["name"], self._below(menus, key)) for key in root["children"]] if root else []

    def lines(self, user, debug=False):
        """Every line of the menu, headings of folders among them, in their order."""
        return [line for name, below in self.menu(user, debug) for line in (name, *below)]

    def _below(self, menus, key):
        return [line for child in menus[key]["children"] for line in (menus[child]["name"], *self._below(menus, child))]
