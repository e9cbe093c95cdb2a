from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.walk_common import WalkCommon, WalkTests

OVERRIDE = {"override": "ar_dunning.group_dunning_user,ar_dunning_credit.group_credit_override"}
STANDING = {
    *("legal_case", "solvency_ids", "temporary_limit", "temporary_limit_until"),
    *("insured_amount", "insured_until", "insured_by"),
}
CHECK = {
    *("active", "date", "source", "result", "rating", "recommended_limit", "valid_until", "user_id", "note"),
    *("attachment_ids", "opening_date", "administrator_id"),
}


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkTests, WalkCommon):
    """Scores, forecasts and the status come from the ledger, holds from their dialog; checks are evidence."""

    addon = "ar_dunning_credit"
    of_others = {"res.company"}
    more_people = OVERRIDE
    own = {
        "ar.dunning.customer": {"": STANDING, "new": STANDING},
        "ar.dunning.solvency.check": {"": CHECK, "new": CHECK | {"customer_id"}},
    }
    settings = {
        "ar.dunning.credit.rule": set(),
        "ar.dunning.score.rule": set(),
        "res.company": {"ar_dunning_pool"},
    }

    @classmethod
    def records(cls):
        env, invoice = cls.env, cls.invoice()
        env["ar.dunning.item"].sudo()._sync(cls.company)
        item = env["ar.dunning.item"].search([("move_id", "=", invoice.id)])
        check = env["ar.dunning.solvency.check"].create({"customer_id": item.customer_id.id, "result": "good"})
        score = env["ar.dunning.score.rule"].search([], limit=1) or env["ar.dunning.score.rule"].create({})
        return {
            "ar.dunning.customer": {"": item.customer_id},
            "ar.dunning.item": {"open": item},
            "ar.dunning.solvency.check": {"": check},
            "ar.dunning.credit.queue": {
                "": env["ar.dunning.credit.queue"].sudo()._make({"partner_id": item.customer_id.partner_id.id})
            },
            "ar.dunning.credit.rule": {"": env["ar.dunning.credit.rule"].create({"name": "Walk", "message": "Walk"})},
            "ar.dunning.score.rule": {"": score},
            "res.company": {"": cls.company},
        }

    def test_import(self):
        """A file with the system's columns is refused as a whole."""
        customer = self.found["ar.dunning.customer"][""]
        Customer = self.env(user=self.people["accountant"], su=False)["ar.dunning.customer"]
        for column, value in (("manual_hold", "hold"), ("score", "90"), ("hold_on", str(DUE))):
            self.assertFalse(Customer.load([".id", column], [[str(customer.id), value]])["ids"], column)
        self.assertFalse(customer.manual_hold or customer.hold_on)
