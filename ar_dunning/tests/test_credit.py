from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..core.credit_status import Code, Status, Way
from .common import DUE, DunningCommon

ON = DUE + timedelta(days=10)


class CreditCommon(DunningCommon):
    """A customer with a credit limit of 1,000 in a company that holds orders over the limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "ar_dunning_limit_effect": "hold",
                "ar_dunning_overdue_effect": "hold",
                "ar_dunning_overdue_days": 30,
                "ar_dunning_overdue_amount": 0.0,
                "ar_dunning_post_over_limit": "ignore",
            }
        )
        cls.limit(1000.0)
        users = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.seller = new_test_user(cls.env, "plain_seller", "base.group_user", **users)
        cls.controller = new_test_user(cls.env, "credit_controller", "ar_dunning.group_dunning_user", **users)

    @classmethod
    def limit(cls, amount, partner=None, company=None):
        (partner or cls.partner_a).with_company(company or cls.company).credit_limit = amount

    def customer(self, partner=None, company=None):
        return self.env["ar.dunning.customer"]._of_partners(
            partner or self.partner_a, company or self.company, create=True
        )

    def state(self, on=ON, extra=None, partner=None, company=None, user=None):
        customer = self.customer(partner, company)
        given = {customer.id: Decimal(extra)} if extra is not None else None
        return customer._credit_state(on, given, user=user)[customer.id]

    def codes(self, state):
        return [reason.code for reason in state.reasons]


@tagged("post_install", "-at_install")
class TestExposure(CreditCommon):
    """What counts against the limit."""

    def test_within_the_limit_nothing_is_said(self):
        self.invoice(1000.0)
        state = self.state()
        self.assertEqual((state.status, state.used, state.available, state.excess), (Status.OK, 1000, 0, 0))

    def test_one_order_too_many_and_the_way_out(self):
        invoice = self.invoice(900.0)
        state = self.state(extra="340.50")
        self.assertEqual((state.status, state.used, state.excess), (Status.HOLD, Decimal("1240.5"), Decimal("240.5")))
        (reason,) = state.reasons
        self.assertEqual(reason.code, Code.OVER_LIMIT)
        self.assertEqual(
            (reason.unlock.way, reason.unlock.amount, reason.unlock.names),
            (Way.PAY, Decimal("240.5"), (invoice.name,)),
        )

    def test_credits_and_partial_payments_count_at_once(self):
        """1,500 invoiced, 300 paid on it, 250 unmatched: 950, and the payment is in the same transaction."""
        invoice = self.invoice(1500.0)
        self.assertEqual(self.state().used, 1500)
        self.pay(invoice, 300.0, DUE)
        self.unmatched_payment(250.0, DUE)
        self.assertEqual(self.state().used, 950)

    def test_oracle_of_three_currencies(self):
        """The same figure from the ORM's own sum of residuals, and by hand: 100 + 50/2 + 12,345/100 - 30."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        yen = self.setup_other_currency("JPY", rates=[("2020-01-01", 100.0)])
        self.invoice(100.0)
        self.invoice(50.0, currency=euro)
        self.invoice(12345.0, currency=yen)
        self.unmatched_payment(30.0, DUE)
        used = self.state().used
        self.assertEqual(used, Decimal("218.45"))
        [[total]] = self.env["account.move.line"]._read_group(
            [
                ("partner_id", "=", self.partner_a.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ],
            [],
            ["amount_residual:sum"],
        )
        self.assertAlmostEqual(float(used), total, places=2)

    def test_contacts_owe_for_their_company(self):
        contact = self.env["res.partner"].create({"name": "Shop 2", "parent_id": self.partner_a.id})
        self.invoice(700.0, partner=contact)
        self.invoice(600.0)
        self.assertEqual(self.state(partner=contact).used, 1300)
        self.assertEqual(self.customer(contact), self.customer())
        self.assertEqual(contact.ar_dunning_credit_status, "hold")

    def test_branches_share_the_ledger_but_not_the_limit(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()
        self.invoice(700.0)
        self.invoice(600.0, company=branch)
        at_root, at_branch = self.state(), self.state(company=branch)
        self.assertEqual((at_root.used, at_branch.used), (1300, 1300))
        self.assertEqual((at_root.limit, at_branch.limit), (1000, 1000))  # the branch has none of its own
        self.limit(2000.0, company=branch)
        self.assertEqual(self.state(company=branch).limit, 2000)
        self.assertEqual(self.state().limit, 1000)
        self.assertEqual(self.state(company=branch).status, Status.OK)

    def test_another_company_is_another_ledger(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self.invoice(5000.0, company=other)
        self.assertEqual(self.state().used, 0)
        state = self.state(company=other)
        self.assertEqual((state.used, state.limit, state.status), (5000, None, Status.OK))

    def test_drafts_only_where_the_company_counts_them(self):
        self.invoice(900.0).copy({"invoice_date": DUE})
        self.assertEqual(self.state().used, 900)
        self.company.ar_dunning_count_drafts = True
        state = self.state()
        self.assertEqual((state.used, state.exposure.drafts), (1800, 900))

    def test_temporary_limit_and_insured_part_end_on_their_day(self):
        self.invoice(1400.0, due=ON + timedelta(days=60))
        customer = self.customer()
        customer.write({"temporary_limit": 1500.0, "temporary_limit_until": ON})
        self.assertEqual(self.state().status, Status.OK)
        self.assertEqual(self.state(ON + timedelta(days=1)).status, Status.HOLD)
        customer.write({"insured_amount": 400.0, "insured_until": ON + timedelta(days=1)})
        state = self.state(ON + timedelta(days=1))
        self.assertEqual((state.limit, state.insured, state.status), (1400, 400, Status.OK))
        self.assertEqual(self.state(ON + timedelta(days=2)).excess, 400)

    def test_no_limit_is_not_a_limit_of_zero(self):
        self.limit(0.0)
        self.invoice(1e6)
        state = self.state()
        self.assertEqual((state.limit, state.available, state.status), (None, None, Status.OK))
        self.customer().write({"temporary_limit": 0.0, "temporary_limit_until": ON})
        self.assertEqual((self.state().limit, self.state().status), (0, Status.HOLD))

    def test_eighty_customers_cost_as_much_as_one(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}", "credit_limit": 50.0} for n in range(80)])
        for partner in partners[::10]:
            self.invoice(100.0, partner=partner)
        customers = self.customer(partners)
        self.assertEqual(len(customers), 80)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            states = records._credit_state(ON)
            return self.env.cr.sql_log_count - before, states

        customers[:1]._credit_state(ON)  # what the registry caches
        few, _states = count(customers[:2])
        many, states = count(customers)
        self.assertEqual(many, few)
        self.assertLessEqual(many, 25)
        self.assertEqual(sum(state.status is Status.HOLD for state in states.values()), 8)

        def shown(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.seller).mapped("ar_dunning_credit_status")
            return self.env.cr.sql_log_count - before

        shown(partners[:1])
        self.assertEqual(shown(partners), shown(partners[:2]))
