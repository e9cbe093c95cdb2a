from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.walk_common import WalkCommon, WalkTests


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkTests, WalkCommon):
    """What this addon keeps is a setting of the company, and nothing the system writes."""

    addon = "ar_dunning_sale_stock"
    of_others = {"res.company"}
    settings = {"res.company": set()}

    @classmethod
    def records(cls):
        return {"res.company": {"": cls.company}}
