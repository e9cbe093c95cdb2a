import os

from odoo.tests import tagged

from .soak_driver import SoakCommon

# `make soak` plays more: seeds as a list, days as a number.
SEEDS = [int(seed) for seed in os.environ.get("SOAK_SEEDS", "1").split(",")]
DAYS = int(os.environ.get("SOAK_DAYS", "30"))


@tagged("post_install", "-at_install")
class TestSoak(SoakCommon):
    """Every night and every morning of a made-up ledger brings what the oracle says, to the cent."""

    def test_nights_of_a_made_up_ledger(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                compared = self.soak(seed, DAYS)
                self.assertGreater(compared, DAYS, "enough notices to compare")
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
