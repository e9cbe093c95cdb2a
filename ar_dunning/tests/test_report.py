from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo.tests import new_test_user, tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestReport(DunningCommon):
    """What notices bring, to the cent."""

    def rows(self, *domain):
        return self.env["ar.dunning.report"].search([("company_id", "=", self.company.id), *domain], order="date, id")

    def test_paid_within_days_after_each_notice(self):
        bill, small = self.invoice(1000), self.invoice(200, partner=self.partner_b)
        self.partner_b.email = "b@example.com"
        self.item(bill)
        self.item(small)
        self.day(FIRST)
        self.pay(bill, 100, FIRST)  # on the day itself: not because of the notice
        self.pay(bill, 250, FIRST + timedelta(days=7))
        self.pay(small, 200, FIRST + timedelta(days=8))
        second = self.day(date(2026, 3, 17))
        self.pay(bill, 50, date(2026, 3, 20))
        self.pay(bill, 600, date(2026, 4, 10))
        self.assertEqual(second.amount_total, 650.0)
        found = {
            (row.customer_id.partner_id, row.level_id.name): (
                row.outcome,
                row.date,
                row.amount_demanded,
                row.paid_7,
                row.paid_14,
                row.paid_30,
            )
            for row in self.rows()
        }
        self.assertEqual(
            found,
            {
                (self.partner_a, "First reminder"): ("sent", FIRST, 1000.0, 250.0, 300.0, 300.0),
                (self.partner_b, "First reminder"): ("sent", FIRST, 200.0, 0.0, 200.0, 200.0),
                (self.partner_a, "Second reminder"): ("sent", date(2026, 3, 17), 650.0, 50.0, 50.0, 650.0),
            },
        )
        Report = self.env["ar.dunning.report"]
        shares = Report._read_group(
            [("company_id", "=", self.company.id)],
            ["level_id"],
            ["__count", "amount_demanded:sum", "paid_14:sum", "share_14:avg", "share_30:avg"],
        )
        by_name = {level.name: figures for level, *figures in shares}
        # The group's share is paid over demanded (500 of 1,200), not the mean of 30 % and 100 %.
        self.assertEqual(by_name["First reminder"][:3], [2, 1200.0, 500.0])
        self.assertAlmostEqual(by_name["First reminder"][3], 500 / 1200, places=6)
        self.assertAlmostEqual(by_name["Second reminder"][4], 1.0, places=6)

    def test_a_share_that_nobody_knows_yet_is_empty(self):
        """Three days after it was sent nothing is known: no 0 %, neither of the notice nor of its group nor of all."""
        self.invoice(1000)
        self.day(FIRST)
        Report, mine = self.env["ar.dunning.report"], [("company_id", "=", self.company.id)]
        shares = ["share_7:avg", "share_14:avg", "share_30:avg"]
        for days, known in ((3, (False, False, False)), (7, (0.0, False, False)), (30, (0.0, 0.0, 0.0))):
            with freeze_time(FIRST + timedelta(days=days, hours=12)):
                self.env.invalidate_all()
                for groupby in ([], ["level_id"], ["policy_id", "level_id"]):
                    [row] = Report.formatted_read_group(mine, groupby, shares)
                    self.assertEqual(
                        [(row[share], row[share] is False) for share in shares], [(v, v is False) for v in known]
                    )
        for view_type in ("pivot", "graph", "list"):
            arch = etree.fromstring(Report.get_view(view_type=view_type)["arch"])
            widgets = {
                node.get("name"): node.get("widget") for node in arch.iter("field") if node.get("name")[:5] == "share"
            }
            self.assertEqual(set(widgets.values()), {"ar_dunning_share"}, view_type)

    def test_only_notices_that_are_old_enough_count(self):
        """Two of 1,000 sent 40 days apart, each half paid after five days; read three days after the second was sent."""
        later = FIRST + timedelta(days=40)
        self.partner_b.email = "b@example.com"
        old, young = self.invoice(1000), self.invoice(1000, partner=self.partner_b, due=DUE + timedelta(days=40))
        self.item(old), self.item(young)
        self.policy.level_ids.filtered(lambda level: level.days > 5 or level.days <= 0).unlink()
        self.day(FIRST)
        self.pay(old, 500, FIRST + timedelta(days=5))
        self.day(later)
        self.pay(young, 500, later + timedelta(days=1))
        found = {}
        for days in (3, 6, 7, 30):
            with freeze_time(later + timedelta(days=days, hours=12)):
                self.env.invalidate_all()
                [row] = self.env["ar.dunning.report"]._read_group(
                    [("company_id", "=", self.company.id)],
                    [],
                    ["old_7:sum", "paid_7:sum", "share_7:avg", "old_30:sum", "share_30:avg", "amount_demanded:sum"],
                )
                found[days] = row
        # The day the notices were sent counts as day 0: the seventh day is over when seven have passed.
        self.assertEqual(found[3], (1, 500.0, 0.5, 1, 0.5, 2000.0))
        self.assertEqual(found[6], found[3])
        self.assertEqual(found[7], (2, 1000.0, 0.5, 1, 0.5, 2000.0))
        self.assertEqual(found[30], (2, 1000.0, 0.5, 2, 0.5, 2000.0))
        with freeze_time(later + timedelta(days=3, hours=12)):
            self.env.invalidate_all()
            self.assertEqual(
                self.rows().mapped("paid_7"), [500.0, 0.0], "what came so far is not told as all that comes"
            )

    def test_credit_notes_are_not_payments(self):
        bill = self.invoice(1000)
        self.item(bill)
        self.day(FIRST)
        refund = bill._reverse_moves([{"invoice_date": FIRST + timedelta(days=1), "date": FIRST + timedelta(days=1)}])
        refund.action_post()
        lines = (bill | refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if not all(lines.mapped("reconciled")):
            lines.reconcile()
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertEqual(self.rows().mapped("paid_30"), [0.0])

    def test_outcomes(self):
        outcomes = {}
        for number, outcome in enumerate(("waiting", "sent", "bounced", "failed", "cancelled")):
            partner = self.env["res.partner"].create({"name": outcome, "email": f"o{number}@example.com"})
            self.item(self.invoice(partner=partner))
            outcomes[outcome] = partner
        notices = self.night(FIRST).notice_ids
        of = {notice.commercial_partner_id.name: notice for notice in notices}
        self.send(of["sent"] | of["bounced"] | of["failed"], FIRST)
        of["bounced"].sudo().delivery_ids._update_state(("sent",), "bounced", failure="550 unknown")
        of["failed"].sudo().delivery_ids._update_state(("sent",), "failed", failure="no server")
        (of["bounced"] | of["failed"])._settle()
        of["cancelled"]._cancel("Not wanted")
        self.assertEqual(
            {row.customer_id.partner_id.name: row.outcome for row in self.rows()}, {n: n for n in outcomes}
        )

    def test_rights(self):
        self.item(self.invoice())
        self.night(FIRST)
        values = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        user = new_test_user(self.env, "rita", "base.group_user,ar_dunning.group_dunning_user", **values)
        row = self.rows().with_user(user)
        self.assertEqual((len(row), row.amount_demanded), (1, 1000.0))
        self.assertEqual(row.action_open()["res_id"], row.notice_id.id)
        other = (
            self.company_data_2["company"]
            if hasattr(self, "company_data_2")
            else self.env["res.company"].create({"name": "Elsewhere"})
        )
        stranger = new_test_user(
            self.env,
            "otto",
            "base.group_user,ar_dunning.group_dunning_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.env["ar.dunning.report"].with_user(stranger).search([]))
