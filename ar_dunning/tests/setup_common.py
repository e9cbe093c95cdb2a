from contextlib import contextmanager
from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


class SetupCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.manager = new_test_user(
            cls.env, "setup_manager", "ar_dunning.group_dunning_manager", password="setup_manager", **values
        )
        cls.user = new_test_user(
            cls.env, "setup_user", "ar_dunning.group_dunning_user", password="setup_user", **values
        )
        cls.consumer_policy = cls.make_policy(cls.company, name="Gentle", audience="consumer")
        cls.company.write({"email": "ar@example.com"})

    def setup_wizard(self, user=None, **values):
        return self.env["ar.dunning.setup"].with_user(user or self.manager).create(values)

    def findings(self, wizard):
        """The findings that hold, with their counts."""
        wizard.invalidate_recordset()
        return {name: wizard[name] for name in wizard._finding_fields() if wizard[name]}

    @classmethod
    def opening_entry(cls, amount, due, partner):
        receivable = cls.company_data["default_account_receivable"]
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DUE - timedelta(days=60),
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {"account_id": receivable.id, "partner_id": partner.id, "debit": amount, "date_maturity": due}
                    ),
                    Command.create({"account_id": cls.company_data["default_account_revenue"].id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        return entry

    def untouched(self, moves):
        """Forget that the moves were written to, so that any recalculation from now on shows."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET is_manually_modified = FALSE WHERE id = ANY(%s)", [moves.ids])
        moves.invalidate_recordset(["is_manually_modified"])

    @contextmanager
    def rehearsing(self):
        """The rehearsal's own connection sees what the test has written."""
        with self.enter_registry_test_mode():
            yield
