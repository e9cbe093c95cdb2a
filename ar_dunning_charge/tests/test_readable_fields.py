from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon
from odoo.addons.ar_dunning.tests.readable_common import ReadableWalk


@tagged("post_install", "-at_install")
class TestReadableFieldsOfCharge(ReadableWalk, DunningCommon):
    addon = "ar_dunning_charge"
    customers_read = {"account.move": {"ar_dunning_mention"}}

    def test_what_somebody_may_waive_is_nobody_elses_business(self):
        self.assertEqual(
            self.accountant.with_user(self.accountant).read(["ar_dunning_waive_limit"])[0]["id"], self.accountant.id
        )
        with self.assertRaises(AccessError):
            self.accountant.with_user(self.colleagues[0]).read(["ar_dunning_waive_limit"])
