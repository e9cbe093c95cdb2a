from datetime import timedelta

from odoo.tests import new_test_user

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)
SECOND = DUE + timedelta(days=15)


class DeskCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.manager = new_test_user(cls.env, "desk_manager", "ar_dunning.group_dunning_manager", **company)
        cls.clerk = new_test_user(
            cls.env, "desk_clerk", "ar_dunning.group_dunning_user", email="clerk@example.com", **company
        )
        cls.levels = cls.policy.level_ids.filtered(lambda level: level.days > 0).sorted("days")

    def customer(self, name, **values):
        return self.env["res.partner"].create(
            {"name": name, "is_company": True, "email": f"{name.lower()}@example.com", "lang": "en_US", **values}
        )
