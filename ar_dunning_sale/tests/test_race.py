import threading
from contextlib import contextmanager

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError


@tagged("post_install", "-at_install")
class TestRace(BaseCase):
    """Two people confirm at the same time, over two connections, what fits only once. Works on committed data."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.environment() as env:
            company = env.ref("base.main_company")
            self.before = company.ar_dunning_limit_effect
            company.ar_dunning_limit_effect = "hold"
            partner = env["res.partner"].create({"name": "Raced", "is_company": True})
            goods = env["product.product"].create({"name": "Raced goods", "taxes_id": False})
            orders = env["sale.order"].create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": company.id,
                        "order_line": [Command.create({"product_id": goods.id, "price_unit": 1000.0})],
                    }
                ]
                * 2
            )
            self.partner_id, self.goods_id, self.order_ids = partner.id, goods.id, orders.ids
        self.addCleanup(self.clean)

    def clean(self):
        with self.environment() as env:
            env.ref("base.main_company").ar_dunning_limit_effect = self.before
            orders = env["sale.order"].browse(self.order_ids)
            orders._action_cancel()
            orders.unlink()
            env["ar.dunning.deposit.rule"].search([("name", "=", "Raced")]).unlink()
            payments = env["account.payment"].search([("partner_id", "=", self.partner_id)])
            payments.action_draft()
            payments.unlink()
            env["ar.dunning.customer"].search([("partner_id", "=", self.partner_id)])._discard()
            env["product.product"].browse(self.goods_id).product_tmpl_id.unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    @contextmanager
    def environment(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def confirm_both(self):
        """The first connection confirms and waits; the second has begun before and must find out. Results by order."""
        results = {}
        begun, decided = threading.Event(), threading.Event()

        def second():
            with self.environment() as env:
                env.cr.execute("SELECT count(*) FROM sale_order")  # its picture of the world is from now on fixed
                begun.set()
                decided.wait(20)
                order = env["sale.order"].browse(self.order_ids[1])
                try:
                    retrying(order.action_confirm, env)
                    results[1] = "sale"
                except CreditRefusedError as error:
                    results[1] = str(error)

        thread = threading.Thread(target=second)
        thread.start()
        try:
            begun.wait(20)
            with self.environment() as env:
                env["sale.order"].browse(self.order_ids[0]).action_confirm()
                decided.set()
                thread.join(0.5)  # the second one runs into the lock now
                self.assertTrue(thread.is_alive(), "the second confirmation waits for the first")
        finally:
            decided.set()
            thread.join(60)
        with self.environment() as env:
            states = env["sale.order"].browse(self.order_ids).mapped("state")
        return states, results[1]

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_limit_fits_one_order_only(self):
        with self.environment() as env:
            env["res.partner"].browse(self.partner_id).credit_limit = 1500.0
        states, message = self.confirm_both()
        self.assertEqual(states, ["sale", "draft"])
        self.assertIn("2,000.00 used of", message.replace("\xa0", " "))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_money_without_a_name_covers_one_order_only(self):
        with self.environment() as env:
            env["ar.dunning.deposit.rule"].create({"name": "Raced", "share": 0.5, "audience": "business"})
            payment = env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner_id,
                    "amount": 600.0,
                    "company_id": env.ref("base.main_company").id,
                }
            )
            payment.action_post()
        states, message = self.confirm_both()
        self.assertEqual(states, ["sale", "draft"])
        self.assertIn("400.00 missing", message)
