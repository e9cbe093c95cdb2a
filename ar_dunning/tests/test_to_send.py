from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext
from odoo.tools.misc import format_amount

from .desk_common import FIRST, SECOND, DeskCommon


class ToSendCommon(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without an account to pay to, every draft comes with a warning.
        cls.env["res.partner.bank"].create(
            {"acc_number": "NO9386011117947", "partner_id": cls.company.partner_id.id, "allow_out_payment": True}
        )

    def drafts(self, *amounts, day=FIRST):
        """One draft for each amount, each of a customer of its own, in this order."""
        invoices = [self.invoice(amount, partner=self.customer(f"C{number}")) for number, amount in enumerate(amounts)]
        notices = self.night(day).notice_ids
        self.assertEqual(set(notices.mapped("state")), {"draft"})
        return [notices.filtered(lambda one, bill=bill: bill in one.line_ids.move_id) for bill in invoices]

    def as_clerk(self, notice):
        return notice.with_user(self.clerk).with_company(self.company)

    def found(self, value):
        domain = [("company_id", "=", self.company.id), ("needs_opening", "=", value)]
        return self.env["ar.dunning.notice"].search(domain)


@tagged("post_install", "-at_install")
class TestWhatToOpen(ToSendCommon):
    """Only what is changed, edited, a key account's, large or comes with a warning needs opening."""

    def test_each_reason(self):
        plain, changed, edited, warned, key, large = self.drafts(100, 200, 300, 400, 500, 5000.01)
        changed.sudo()._put({"is_outdated": True})
        edited.write({"closing": "<p>Kind regards</p>"})
        warned.sudo()._put({"warning": "The last bank line is of February."})
        key.customer_id.always_review = True
        self.assertEqual(large.needs_opening, False, "off by default")
        self.policy.open_over = 5000
        reasons = [one.open_reasons for one in (plain, changed, edited, warned, key, large)]
        self.assertEqual(reasons, ["", "Changed", "Edited", "Warning", "Key account", "Large"])
        edited.customer_id.always_review = True
        self.assertEqual(edited.open_reasons, "Edited, Key account")

    def test_the_filter_finds_the_same(self):
        notices = self.drafts(100, 200, 5000, 5000.01)
        notices[1].customer_id.always_review = True
        self.policy.open_over = 5000
        both = self.env["ar.dunning.notice"].concat(*notices)
        for value in (True, False):
            self.assertEqual(self.found(value) & both, both.filtered(lambda one, v=value: one.needs_opening == v))
        self.assertEqual(self.found(True), notices[1] | notices[3], "the limit itself may go")

    def test_what_has_left_needs_none(self):
        (notice,) = self.drafts(100)
        notice.customer_id.always_review = True
        self.send(notice, FIRST)
        self.assertFalse(notice.needs_opening)
        self.assertNotIn(notice, self.found(True))

    def test_eighty_rows_in_a_constant_number_of_statements(self):
        self.policy.open_over = 150
        self.drafts(*(100.0 + number for number in range(80)))
        names = {"customer_id": {"fields": {"display_name": {}}}, "totals": {}, "open_reasons": {}, "warning": {}}

        def statements(limit):
            for _time in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                domain = [("company_id", "=", self.company.id), ("state", "=", "draft")]
                rows = self.env["ar.dunning.notice"].web_search_read(domain, names, limit=limit)["records"]
                self.assertEqual(len(rows), limit)
            return self.env.cr.sql_log_count - before

        few = statements(8)
        self.assertLessEqual(statements(80), few)
        self.assertLessEqual(few, 20)


@tagged("post_install", "-at_install")
class TestInBrief(ToSendCommon):
    """A draft says why it has its level, when the customer was last in touch, and how its figures add up."""

    def brief(self, notice):
        self.env.invalidate_all()
        return html2plaintext(self.as_clerk(notice).brief_html)

    def test_why_this_level_and_last_contact(self):
        invoice = self.invoice(1000)
        self.send(self.night(FIRST).notice_ids, FIRST)
        notice = self.night(SECOND).notice_ids
        text = self.brief(notice)
        self.assertIn(f"Second reminder: {invoice.name} is 15 days late.", text)
        self.assertIn("First reminder was sent on 03/07/2026 and gave until 03/14/2026.", text)
        self.assertIn("Last notice to the customer: 03/07/2026.", text)
        self.assertNotIn("Last call", text)
        promised = self.env.ref("ar_dunning.reason_call_promised")
        notice.customer_id.sudo()._put({"last_call": SECOND, "call_outcome_id": promised.id})
        self.assertIn("Last call: 03/17/2026, Promised to pay.", self.brief(notice))

    def test_the_first_one(self):
        (notice,) = self.drafts(1000)
        self.assertIn("No reminder of it was sent so far.", self.brief(notice))

    def test_a_lowered_level_says_so(self):
        self.invoice(1000)
        self.send(self.night(FIRST).notice_ids, FIRST)
        notice = self.night(SECOND).notice_ids
        notice.write({"level_id": self.levels[0].id})
        self.assertIn("Lowered from Second reminder.", self.brief(notice))

    def test_money_on_its_way_and_figures_that_add_up(self):
        """1,000 and 300 open, 100 on its way: 1,200 are demanded, and the mail demands the same."""
        self.invoice(1000)
        self.invoice(300)
        self.unmatched_payment(100, FIRST, partner=self.partner_a)
        notice = self.night(FIRST).notice_ids
        (amounts,) = notice._amounts_demanded().values()
        # What a member of the family adds beside the principal is its own to test.
        self.assertEqual(amounts[:3], (1300.0, 100.0, 0.0))
        text = self.brief(notice)
        for amount in (1300, -100, notice._total_of(amounts)):
            self.assertIn(format_amount(self.env, amount, self.company.currency_id), text)
        self.assertEqual(format_amount(self.env, notice._total_of(amounts), self.company.currency_id), notice.totals)
        self.assertEqual(notice._total_of(amounts) - amounts[3], 1200.0)
        self.assertIn(notice.totals, html2plaintext(notice.mail_preview))

    def test_each_currency_adds_up(self):
        pounds = self.setup_other_currency("GBP", rounding=0.01, rates=[("2016-01-01", 2.0)])
        self.invoice(1000)
        self.invoice(500, currency=pounds)
        notice = self.night(FIRST).notice_ids
        sums = [one["total"] for one in notice._brief_values()["sums"]]
        self.assertEqual(len(sums), 2)
        self.assertEqual(set(sums), set(notice.totals.split(" + ")))

    def test_what_has_left_has_no_brief(self):
        (notice,) = self.drafts(1000)
        self.send(notice, FIRST)
        self.assertFalse(notice.brief_html)


@tagged("post_install", "-at_install")
class TestSendAndNext(ToSendCommon):
    """From draft to draft without the list between them: those that must be opened first."""

    def then(self, notice):
        with freeze_time(FIRST):
            return self.as_clerk(notice).action_send_next()["params"]["next"]["params"]["action"]

    def test_those_to_open_come_first(self):
        first, second, third, last = self.drafts(100, 200, 300, 400)
        second.customer_id.always_review = last.customer_id.always_review = True
        then = self.then(second)
        self.assertEqual((then["res_model"], then["res_id"]), ("ar.dunning.notice", last.id))
        self.assertEqual(then["context"], {"to_send": True})
        self.assertEqual((second.state, second.approved_by_id), ("queued", self.clerk))
        self.assertIn(self.then(last)["res_id"], (first | third).ids)
        self.assertEqual((first | third).mapped("state"), ["draft", "draft"], "opened, not sent")

    def test_the_list_after_the_last(self):
        (only,) = self.drafts(100)
        then = self.then(only)
        self.assertEqual(then["xml_id"], "ar_dunning.ar_dunning_notice_to_send_action")

    def test_those_of_others_are_left_alone(self):
        mine, other = self.drafts(100, 200)
        mine.responsible_id, other.responsible_id = self.clerk, self.manager
        self.assertFalse(self.then(mine).get("res_id"), "back to the list")

    def test_a_question_comes_first(self):
        first, _second = self.drafts(100, 200)
        with freeze_time(FIRST - timedelta(days=1)):
            answer = self.as_clerk(first).action_send_next()
        self.assertEqual((answer["res_model"], first.state), ("ar.dunning.send.wizard", "draft"))


@tagged("post_install", "-at_install")
class TestSendTheRest(ToSendCommon):
    """What needs no opening leaves together, once a person has read how many and how much."""

    def ask(self, notices=None, day=FIRST, **context):
        Notice = self.as_clerk(self.env["ar.dunning.notice"]).with_context(**context)
        with freeze_time(day):
            action = (self.as_clerk(notices) if notices else Notice).action_send_rest()
        return self.env[action["res_model"]].with_user(self.clerk).browse(action["res_id"])

    def test_count_and_sum_are_named(self):
        first, second, key = self.drafts(100, 200.5, 300)
        key.customer_id.always_review = True
        wizard = self.ask()
        rest = first | second
        self.assertEqual((wizard.count, wizard.left_count), (2, 1))
        total = sum(one._total_of(amounts) for one in rest for amounts in one._amounts_demanded().values())
        self.assertEqual(wizard.totals, format_amount(self.env, total, self.company.currency_id))
        self.assertEqual(rest.mapped("state"), ["draft", "draft"], "nothing leaves before the answer")
        with freeze_time(FIRST):
            told = wizard.action_send()
        self.assertIn("2 notices are on their way", told["params"]["message"])
        self.assertEqual((rest.mapped("state"), key.state), (["queued", "queued"], "draft"))
        self.assertEqual(rest.approved_by_id, self.clerk)

    def test_what_came_to_need_opening_meanwhile_stays(self):
        first, second = self.drafts(100, 200)
        wizard = self.ask()
        first.write({"closing": "<p>Kind regards</p>"})
        with freeze_time(FIRST):
            wizard.action_send()
        self.assertEqual((first.state, second.state), ("draft", "queued"))

    def test_the_filters_of_the_list_hold(self):
        first, second, third = self.drafts(100, 200, 300)
        domain = [("customer_id", "in", (first | second).customer_id.ids)]
        self.assertEqual(self.ask(active_domain=domain).notice_ids, first | second)
        self.assertEqual(self.ask(third).notice_ids, third, "or what was chosen in it")

    def test_a_notice_for_a_later_day_stays(self):
        self.drafts(100)
        with self.assertRaisesRegex(UserError, "may leave unread"):
            self.ask(day=FIRST - timedelta(days=1))

    def test_nothing_is_left_but_what_must_be_opened(self):
        (key,) = self.drafts(100)
        key.customer_id.always_review = True
        with self.assertRaisesRegex(UserError, "may leave unread"):
            self.ask()
        self.assertEqual(key.state, "draft")

    def test_nobody_sends_for_a_company_that_is_not_his(self):
        (notice,) = self.drafts(100)
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env, "stranger", "ar_dunning.group_dunning_user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        with freeze_time(FIRST):
            with self.assertRaises(UserError):
                self.env["ar.dunning.notice"].with_user(stranger).action_send_rest()
            with self.assertRaises(AccessError):
                self.env["ar.dunning.send.rest.wizard"].with_user(stranger).create({"notice_ids": [(6, 0, notice.ids)]})
