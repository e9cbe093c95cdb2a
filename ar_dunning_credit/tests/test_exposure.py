from datetime import timedelta
from decimal import Decimal

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE

from ..core.credit_status import Code, Status, Way
from .credit_common import ON, CreditCommon


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


@tagged("post_install", "-at_install")
class TestExposureTraps(CreditCommon):
    """What counts, where it is easily counted wrongly."""

    @classmethod
    def entry(cls, amount, day):
        """An opening balance: an entry on the receivable account, followed up, without a due date of its own."""
        account = cls.company_data["default_account_receivable"]
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": cls.partner_a.id, "debit": amount}),
                    Command.create({"account_id": cls.company_data["default_account_revenue"].id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        line = entry.line_ids.filtered(lambda line: line.account_id == account)
        line.no_followup = False
        return line

    @classmethod
    def branch(cls):
        branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids |= branch
        cls.env.cr.precommit.run()
        return branch

    def test_an_opening_balance_is_overdue_from_its_own_day(self):
        line = self.entry(400.0, DUE)
        self.assertFalse(line.date_maturity)
        self.assertEqual(self.state(DUE + timedelta(days=30)).status, Status.OK)
        (reason,) = self.state(DUE + timedelta(days=31)).reasons
        self.assertEqual((reason.code, reason.unlock.amount, reason.values["days"]), (Code.OVERDUE, 400, 31))

    def test_what_to_pay_is_named_however_low_the_threshold(self):
        """At 40 % of 1,000.00, with 450.00 open and nothing overdue."""
        self.company.ar_dunning_limit_percent = 40.0
        invoice = self.invoice(450.0, due=ON + timedelta(days=20))
        (reason,) = self.state().reasons
        self.assertEqual((reason.unlock.amount, reason.unlock.names), (50, (invoice.name,)))

    def test_money_paid_back_uses_up_the_credit_note(self):
        """An unmatched credit of 400 that was paid out: the 400 overdue are as overdue as before."""
        invoice = self.invoice(400.0)
        self.unmatched_payment(400.0, DUE)
        day = DUE + timedelta(days=31)
        self.assertEqual(self.state(day).status, Status.OK)
        payout = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 400.0,
                "date": DUE + timedelta(days=1),
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payout.action_post()
        state = self.state(day)
        self.assertEqual((state.used, self.codes(state)), (400, [Code.OVERDUE]))
        self.assertEqual((state.reasons[0].unlock.amount, state.reasons[0].unlock.names), (400, (invoice.name,)))

    def test_paying_what_is_named_unlocks_beside_a_disputed_invoice(self):
        """The money is not matched yet: it must not be taken for the older, disputed invoice."""
        disputed = self.invoice(400.0)
        disputed.ar_dunning_excluded = True
        owed = self.invoice(300.0, due=DUE + timedelta(days=1))
        day = DUE + timedelta(days=40)
        (reason,) = self.state(day).reasons
        self.assertEqual((reason.unlock.amount, reason.unlock.names), (300, (owed.name,)))
        self.unmatched_payment(300.0, day)
        self.assertEqual(self.state(day).status, Status.OK)

    def test_an_ended_special_limit_of_a_branch_hides_nothing(self):
        """Own temporary limit and cover have ended: what the root company grants holds."""
        branch = self.branch()
        here, there = self.customer(), self.customer(company=branch)
        ended = ON - timedelta(days=1)
        there.write(
            {
                "temporary_limit": 10.0,
                "temporary_limit_until": ended,
                "insured_amount": 10.0,
                "insured_until": ended,
            }
        )
        here.write({"temporary_limit": 3000.0, "temporary_limit_until": ON, "insured_amount": 500.0})
        state = self.state(company=branch)
        self.assertEqual((state.limit, state.insured), (3500, 500))

    def test_a_branchs_own_limit_is_not_replaced_by_its_roots_temporary_one(self):
        branch = self.branch()
        self.limit(2000.0, company=branch)
        self.customer().write({"temporary_limit": 50.0, "temporary_limit_until": ON})
        self.assertEqual((self.state().limit, self.state(company=branch).limit), (50, 2000))

    def test_a_rule_of_a_company_between_root_and_branch(self):
        branch = self.branch()
        below = self.env["res.company"].create({"name": "Below", "parent_id": branch.id})
        self.env.user.company_ids |= below
        self.env["ar.dunning.credit.rule"].create({"name": "Ask", "company_id": branch.id, "effect": "hold"})
        self.assertEqual(self.state(company=below).status, Status.HOLD)
        self.assertEqual(self.state().status, Status.OK)

    def test_every_hold_of_the_family_is_told(self):
        """A hold that has ended hides none that stands, and lifting one shows the other."""
        branch = self.branch()
        here, there = self.customer(), self.customer(company=branch)
        here._hold("blocked", "Fraud", ON - timedelta(days=1))
        there._hold("hold", "Ask first")
        state = self.state(company=branch)
        self.assertEqual((state.status, self.codes(state)), (Status.HOLD, [Code.MANUAL]))
        here._hold("blocked", "Fraud", ON)
        state = self.state(company=branch)
        self.assertEqual([reason.values["reason"] for reason in state.reasons], ["Fraud", "Ask first"])

    def test_the_first_rate_is_used_for_days_before_it_as_in_the_ledger(self):
        """Core values a document before the first rate by that rate; so does the limit."""
        currency = self.setup_other_currency("CHF", rates=[("2026-03-01", 4.0)])
        before = fields.Date.to_date("2026-02-01")
        self.assertEqual(self.company._dunning_in_company_currency(10.0, currency, before), 2.5)
        self.assertEqual(currency._convert(10.0, self.company.currency_id, self.company, before), 2.5)
