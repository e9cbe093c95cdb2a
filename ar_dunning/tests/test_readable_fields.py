from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DunningCommon
from .readable_common import ReadableWalk


@tagged("post_install", "-at_install")
class TestReadableFields(ReadableWalk, DunningCommon):
    addon = "ar_dunning"
    colleagues_read = {
        "account.move": {"ar_dunning_level_id"},
        "account.payment.method.line": {"ar_dunning_we_collect"},
        "res.partner": {"ar_dunning_state", "ar_dunning_on_hold"},
    }

    def test_settings_are_refused_over_the_wire(self):
        """Reading, searching and grouping by how the company duns: refused to whoever is not of dunning."""
        field = "ar_dunning_max_notices"
        for user in (*self.outsiders, *self.colleagues):
            company = self.company.with_user(user)
            for call in (
                lambda company=company: company.read([field]),
                lambda company=company: company.search([(field, ">", 0)]),
                lambda company=company: company._read_group([], [field]),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    call()
        self.assertEqual(self.company.with_user(self.accountant).read([field])[0][field], 0)

    def test_the_state_of_a_customer_is_for_every_colleague(self):
        for user in self.colleagues:
            partner = self.partner_a.with_user(user)
            partner.read(["ar_dunning_state", "ar_dunning_on_hold"])
            self.env.invalidate_all()
