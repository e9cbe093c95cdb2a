from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


def morning(day):
    return freeze_time(datetime.combine(day, time(9)))


class WorklistCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.user = new_test_user(cls.env, "dun_user", "ar_dunning.group_dunning_user", **company)
        cls.manager = new_test_user(cls.env, "dun_manager", "ar_dunning.group_dunning_manager", **company)

    def customer(self, invoice):
        return self.item(invoice).customer_id

    def figures(self, customer, day):
        with morning(day):
            self.env["ar.dunning.customer"].sudo()._refresh_figures(self.company)
        return [customer[name] for name in ("late_0", "late_30", "late_60", "late_90", "late_more", "late_total")]
