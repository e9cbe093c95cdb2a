from odoo import Command
from odoo.tests import new_test_user

from .common import DunningCommon


class EvidenceCommon(DunningCommon):
    """Who might want to change what is kept as evidence: an accountant, and an administrator who is a dunning manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        groups = "ar_dunning.group_dunning_user"
        cls.accountant = new_test_user(cls.env, "clerk", groups, email="clerk@example.com", **company)
        cls.admin = new_test_user(cls.env, "boss", "base.group_system,ar_dunning.group_dunning_manager", **company)
