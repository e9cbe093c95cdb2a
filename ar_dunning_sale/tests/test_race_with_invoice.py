import threading

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import test_race


@tagged("post_install", "-at_install")
class TestRaceWithInvoice(test_race.TestRace):
    """One person confirms an order while another posts an invoice: there is room for one of them."""

    test_the_limit_fits_one_order_only = None
    test_money_without_a_name_covers_one_order_only = None

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            company = env.ref("base.main_company")
            self.policy = company.ar_dunning_post_over_limit
            company.ar_dunning_post_over_limit = "block"
            env["res.partner"].browse(self.partner_id).credit_limit = 1500.0
            line = {"name": "Goods", "quantity": 1, "price_unit": 1000.0, "tax_ids": []}
            self.move_id = (
                env["account.move"]
                .create(
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.partner_id,
                        "company_id": company.id,
                        "invoice_line_ids": [Command.create(line)],
                    }
                )
                .id
            )

    def clean(self):
        with self.environment() as env:
            env.ref("base.main_company").ar_dunning_post_over_limit = self.policy
            move = env["account.move"].browse(self.move_id)
            if move.state == "posted":
                move.button_draft()
            move.with_context(force_delete=True).unlink()
        return super().clean()

    def both(self, first, second):
        """`first` is done and waits; `second` has begun before and must find out. What became of the second."""
        result = []
        begun, decided = threading.Event(), threading.Event()

        def other():
            with self.environment() as env:
                env.cr.execute("SELECT count(*) FROM sale_order")
                begun.set()
                decided.wait(20)
                try:
                    retrying(lambda: second(env), env)
                    result.append("done")
                except UserError as error:
                    result.append(str(error).replace("\xa0", " "))

        thread = threading.Thread(target=other)
        thread.start()
        try:
            begun.wait(20)
            with self.environment() as env:
                first(env)
                decided.set()
                thread.join(0.5)
                self.assertTrue(thread.is_alive(), "the second one waits for the first")
        finally:
            decided.set()
            thread.join(60)
        return result[0]

    def confirm(self, env):
        env["sale.order"].browse(self.order_ids[0]).action_confirm()

    def post(self, env):
        env["account.move"].browse(self.move_id).action_post()

    def states(self):
        with self.environment() as env:
            return env["sale.order"].browse(self.order_ids[0]).state, env["account.move"].browse(self.move_id).state

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_invoice_after_order(self):
        self.assertIn("2,000.00 of", self.both(self.confirm, self.post))
        self.assertEqual(self.states(), ("sale", "draft"))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_order_after_invoice(self):
        self.assertIn("2,000.00 used of", self.both(self.post, self.confirm))
        self.assertEqual(self.states(), ("draft", "posted"))
