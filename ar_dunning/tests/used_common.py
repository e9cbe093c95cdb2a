from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import DunningCommon


class UsedCommon(DunningCommon):
    """A manager who deletes, and is refused with a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "deleter",
            "ar_dunning.group_dunning_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def refused(self, record, sentence):
        with self.assertRaisesRegex(UserError, sentence) as told, self.env.cr.savepoint():
            record.with_user(self.manager).unlink()
        self.assertNotIn("constraint", str(told.exception).lower())
        self.env.invalidate_all()
        self.assertTrue(record.exists())
