from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.walk_common import WalkCommon


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkCommon):
    """What this addon keeps is a setting of the company, and nothing the system writes."""

    addon = "ar_dunning_sale_stock"
    settings = {"res.company": set()}

    @classmethod
    def records(cls):
        return {"res.company": {"": cls.company}}

    def test_every_field_is_refused_or_a_persons_own(self):
        self.assertFalse(set(self.names) - set(self.found), "models without a record to try")
        self.assertEqual(self.accepted_writes() + self.accepted_by_action() + self.accepted_creations(), [])
