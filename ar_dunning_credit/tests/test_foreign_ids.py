from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon
from odoo.addons.ar_dunning.tests.foreign_common import ForeignIdsWalk


@tagged("post_install", "-at_install")
class TestForeignIds(ForeignIdsWalk, DunningCommon):
    addon = "ar_dunning_credit"
    least = 2
