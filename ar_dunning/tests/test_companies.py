from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestCompanies(DunningCommon):
    """Two companies, a branch, three currencies."""

    def test_two_companies_dun_for_themselves(self):
        other_data = self.setup_other_company()
        other = other_data["company"]
        self.env.user.company_ids |= other
        self.env["ar.dunning.policy"].sudo().search([("company_id", "=", other.id)]).unlink()
        self.make_policy(other)
        mine = self.invoice(100.0)
        theirs = self.invoice(200.0, company=other)
        for company in (self.company, other):
            notice = self.night(FIRST, company=company).sudo().notice_ids
            self.assertEqual(notice.company_id, company)
            self.assertEqual(notice.policy_id.company_id, company)
        items = (self.item(mine) | self.item(theirs)).sudo()
        self.assertEqual(len(items.customer_id), 2)
        self.assertEqual(items.customer_id.partner_id, self.partner_a)
        self.assertEqual(sorted(items.mapped("company_id.id")), sorted((self.company | other).ids))

    def test_a_payment_in_the_parent_pays_the_branch(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()  # gives the branch its parent's accounts
        invoice = self.invoice(500.0, company=branch)
        self.env["ar.dunning.item"].sudo()._sync(branch)
        notice = self.night(FIRST, company=branch).notice_ids
        self.assertEqual((notice.company_id, notice.amount_total), (branch, 500.0))
        self.unmatched_payment(500.0, DUE)
        self.assertEqual(self.blockers(invoice, FIRST) - {"notice_pending"}, {"money_coming"})

    def test_three_currencies_on_one_notice(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        yen = self.setup_other_currency("JPY", rates=[("2020-01-01", 100.0)])
        self.invoice(100.0)
        self.invoice(50.0, currency=euro)
        self.invoice(12345.0, currency=yen)
        notice = self.night(FIRST).notice_ids
        self.assertEqual(
            {line.currency_id: line.amount_due for line in notice.line_ids},
            {self.company.currency_id: 100.0, euro: 50.0, yen: 12345.0},
        )
        # 100 + 50 / 2 + 12,345 / 100 in company currency.
        self.assertAlmostEqual(notice.amount_total, 100 + 25 + 123.45, places=2)
        self.assertIn("12,345", notice.totals)

    def test_merging_partners_keeps_the_history(self):
        first, second = self.invoice(100.0), self.invoice(200.0, partner=self.partner_b)
        self.partner_b.write({"email": "bo@example.com", "is_company": True})
        self.day(FIRST)
        keep, gone = self.item(first).customer_id, self.item(second).customer_id
        gone.write({"never": True, "responsible_id": self.env.user.id})
        notices = self.env["ar.dunning.notice"].search([("customer_id", "in", (keep | gone).ids)])
        self.assertEqual(len(notices), 2)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.partner_a | self.partner_b).ids, self.partner_a, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual(notices.customer_id, keep)
        self.assertEqual(keep.partner_id, self.partner_a)
        self.assertTrue(keep.never)
        self.assertEqual(keep.responsible_id, self.env.user)
        self.assertEqual((self.item(first) | self.item(second)).mapped("rank"), [1, 1])
        self.assertEqual((self.item(first) | self.item(second)).customer_id, keep)

    def test_merging_into_a_partner_without_a_record(self):
        invoice = self.invoice(100.0)
        self.day(FIRST)
        customer = self.item(invoice).customer_id
        fresh = self.env["res.partner"].create({"name": "Fresh", "is_company": True})
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.partner_a | fresh).ids, fresh, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(customer.exists().partner_id, fresh)
        self.assertEqual(self.item(invoice).rank, 1)

    def test_re_parenting_keeps_the_history(self):
        invoice = self.invoice(100.0)
        notice = self.day(FIRST)
        item, former = self.item(invoice), self.item(invoice).customer_id
        parent = self.env["res.partner"].create({"name": "Group", "is_company": True, "email": "group@example.com"})
        self.env.cr.execute("UPDATE account_move_line SET partner_id = %s WHERE move_id = %s", [parent.id, invoice.id])
        self.env.invalidate_all()
        self.item(invoice)
        self.assertEqual(item.customer_id.partner_id, parent)
        self.assertEqual((item.rank, notice.customer_id), (1, former))
        later = self.day(DUE + timedelta(days=15))
        self.assertEqual((later.level_id.name, later.customer_id.partner_id), ("Second reminder", parent))

    def test_entries_count_once_follow_up_is_switched_on(self):
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DUE,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_receivable"].id,
                            "partner_id": self.partner_a.id,
                            "debit": 300.0,
                            "date_maturity": DUE,
                        }
                    ),
                    Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": 300.0}),
                ],
            }
        )
        entry.action_post()
        self.assertFalse(self.item(entry))
        entry.line_ids.filtered("debit").no_followup = False
        self.assertEqual(self.item(entry).amount_residual, 300.0)
        self.assertEqual(self.night(FIRST).notice_ids.amount_total, 300.0)

    def test_a_payment_is_no_debt(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 70.0,
                "date": DUE,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        self.assertFalse(self.night(DUE + timedelta(days=90)).notice_ids)
