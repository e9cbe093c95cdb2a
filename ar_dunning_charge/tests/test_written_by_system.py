from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.walk_common import WalkTests
from odoo.addons.ar_dunning.tests.walk_records import WalkRecords

REMINDED = DUE + timedelta(days=5)
POLICY = {"due_agreed", "interest_rule_id", "charge_mode", "charge_cap"}
LEVEL = {"charge_interest", "charge_compensation", "fee_rule_id", "charge_waived_if_paid"}
COMPANY = {"ar_dunning_charge_document", "ar_dunning_charge_journal_id", "ar_dunning_mentions"}


@tagged("post_install", "-at_install")
class TestWrittenBySystemOfCharge(WalkTests, WalkRecords):
    """What the system writes about charges no person can write, whatever the user, the way and the state of the record."""

    addon = "ar_dunning_charge"
    of_others = {"res.users", "res.company"}
    # By hand, from the forms: not read from the code that refuses.
    own = {
        "ar.dunning.customer": {"": {"interest_rule_id"}, "new": {"interest_rule_id"}},
        "ar.dunning.policy": {"": POLICY, "new": POLICY},
        "ar.dunning.level": {"": LEVEL, "new": LEVEL},
        "ar.dunning.reason": {"": {"no_charges"}, "new": {"no_charges"}},
        "ar.dunning.item": {"": {"opening_claimed_until"}},
        "res.company": {"": COMPANY, "new": COMPANY},
        "res.users": {"": {"ar_dunning_waive_limit"}, "new": {"ar_dunning_waive_limit"}},
    }
    settings = {
        "ar.dunning.rate": {"pack_key", "pack_values", "country_code"},
        "ar.dunning.rate.value": {"pack_key", "pack_values", "period_end"},
        "ar.dunning.regime": {"pack_key", "pack_values", "country_code"},
        "ar.dunning.regime.tier": set(),
        "ar.dunning.interest.rule": set(),
        "ar.dunning.fee.rule": set(),
        "ar.dunning.fee.tier": {"is_last"},
    }

    @classmethod
    def records(cls):
        records = super().records()
        return records | cls._charges(records["ar.dunning.notice"]["draft"].line_ids.item_id) | cls._rules()

    @classmethod
    def _charges(cls, item):
        values = {
            "kind": "interest",
            "customer_id": item.customer_id.id,
            "company_id": cls.company.id,
            "item_id": item.id,
            "move_id": item.move_id.id,
            "date": REMINDED,
            "currency_id": cls.company.currency_id.id,
            "amount": 1.5,
            "amount_company": 1.5,
        }
        piece = {
            "date_from": DUE,
            "date_to": REMINDED,
            "days": 5,
            "principal": 1000.0,
            "rate": 9.5,
            "amount": 1.5,
        }
        stages = ("draft", "announced", "booked", "waived", "reversed")
        charges = (
            cls.env["ar.dunning.charge"].sudo()._create_claims([dict(values, slices=[piece]) for _stage in stages])
        )
        found = dict(zip(stages, charges, strict=True))
        for stage, charge in found.items():
            charge._update_stage(("draft",), stage)
        return {
            "ar.dunning.charge": found,
            "ar.dunning.charge.slice": {stage: charge.slice_ids for stage, charge in found.items()},
        }

    @classmethod
    def _rules(cls):
        env = cls.env
        rate = env["ar.dunning.rate"].create({"name": "Walk", "code": "WALK"})
        value = env["ar.dunning.rate.value"].create({"rate_id": rate.id, "date_from": "2026-01-01", "value": 2.0})
        regime = env["ar.dunning.regime"].create(
            {
                "name": "Walk",
                "country_id": env.ref("base.aq").id,
                "audience": "business",
                "fixed_rate": 8.0,
                "tier_ids": [(0, 0, {"kind": "demand", "amount": 5.0})],
            }
        )
        fee = env["ar.dunning.fee.rule"].create({"name": "Walk", "tier_ids": [(0, 0, {"fixed": 5.0})]})
        interest = env["ar.dunning.interest.rule"].create({"name": "Walk", "fixed_rate": 8.0})
        found = (rate, value, regime, regime.tier_ids, interest, fee, fee.tier_ids)
        return {record._name: {"": record} for record in found}
