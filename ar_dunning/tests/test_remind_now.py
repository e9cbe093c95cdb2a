from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DUE
from .remind_common import FIRST, SOON, RemindCommon

# The company of the tests has no bank account, which every draft says.
NO_BANK = " No bank account is known: it cannot say where to pay."


@tagged("post_install", "-at_install")
class TestRemindNow(RemindCommon):
    """*Remind now* never hurries a customer past a deadline that he was given."""

    # === Within a running deadline === #

    def test_within_a_running_deadline_the_same_level_is_said_once_more(self):
        """Two days after a first reminder with a deadline of seven: the first reminder again, with a later deadline."""
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        sent = self.day(FIRST)
        self.assertEqual(sent.deadline, date(2026, 3, 14))
        wizard = self.press(customer, SOON)
        (row,) = self.table(wizard, SOON)
        self.assertEqual(row[:2], ["partner_a", "First reminder, once more and without new charges."])
        self.assertIn("The deadline of the last notice is still running.", row[2])
        self.assertIn("Its last deadline is 03/14/2026.", row[2])
        notice = self.prepare(wizard, SOON)
        self.assertEqual((notice.state, notice.level_id.name, notice.is_repeat), ("draft", "First reminder", True))
        self.assertEqual((notice.deadline, notice.amount_total), (date(2026, 3, 16), 1000.0))
        self.assertEqual(
            notice.warning, "Repeats what was sent: its deadline of 03/14/2026 is still running." + NO_BANK
        )
        self.assertFalse(any(notice.line_ids.mapped("is_step")))

    def test_what_was_repeated_takes_no_level_and_grants_its_deadline(self):
        """Sent, it counts as no further reminder; the second one waits for the later deadline."""
        invoice = self.invoice(1000)
        self.day(FIRST)
        notice = self.prepare(self.press(self.customer(invoice), SOON), SOON)
        self.send(notice, SOON)
        item = self.item(invoice)
        self.assertEqual(
            (notice.state, item.level_id.name, item.rank, item.reminder_count), ("sent", "First reminder", 1, 1)
        )
        self.assertEqual((item.deadline, item.last_date), (date(2026, 3, 16), SOON))
        second = [offset for offset in range(8, 20) if self.day(DUE + timedelta(days=offset))]
        self.assertEqual(second, [17], "deadline 16 March and two days of transit: 19 March")

    def test_never_an_earlier_deadline(self):
        """A level with fewer days does not take back what was granted."""
        invoice = self.invoice(1000)
        notice = self.night(FIRST).notice_ids
        notice.deadline = date(2026, 3, 30)
        self.send(notice, FIRST)
        again = self.prepare(self.press(self.customer(invoice), SOON), SOON)
        self.assertEqual((again.level_id.name, again.deadline), ("First reminder", date(2026, 3, 30)))
        self.leave(again, SOON + timedelta(days=1))
        self.assertEqual(again.deadline, date(2026, 3, 30), "nor when it leaves a day later")

    def test_within_a_contact_gap_what_was_never_reminded_waits(self):
        """A young invoice is overdue while the customer was reminded of an old one: only the old one is repeated."""
        old = self.invoice(1000)
        self.day(FIRST)
        young = self.invoice(200, due=FIRST)
        notice = self.prepare(self.press(self.customer(old), SOON), SOON)
        lines = {line.move_id: (line.is_demanded, line.level_id.name) for line in notice.line_ids}
        self.assertEqual(lines, {old: (True, "First reminder"), young: (False, False)})

    def test_after_deadline_and_gap_the_next_level_goes_early(self):
        """Only the level's day has not come: the next level goes ahead of it, without a dialog."""
        self.policy.level_ids.filtered(lambda level: level.days == 15).days = 20
        invoice = self.invoice(1000)
        self.day(FIRST)
        day = DUE + timedelta(days=16)
        action = self.press(self.customer(invoice), day)
        notice = self.env["ar.dunning.notice"].browse(action["res_id"])
        self.assertEqual((notice.level_id.name, notice.is_repeat), ("Second reminder", False))
        self.assertEqual(notice.warning, "Ahead of its day: it was planned for 03/22/2026." + NO_BANK)

    def test_pauses_hold(self):
        """Neither repeating nor escalating goes past a pause."""
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        self.day(FIRST)
        self.env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": FIRST, "date_end": "2026-12-31", "reason": "Dispute"}
        )
        wizard = self.press(customer, SOON, self.manager)
        (row,) = self.table(wizard, SOON)
        self.assertEqual(row[1], "Left alone.")
        self.assertIn("Dunning is paused.", row[2])
        wizard.write({"escalate": True, "reason": "He is moving abroad"})
        with self.assertRaisesRegex(UserError, "Dunning is paused"):
            self.prepare(wizard, SOON)

    # === A manager escalates === #

    def test_a_manager_escalates_with_a_reason(self):
        """With a written reason a manager goes to the next level; notice and history keep it."""
        invoice = self.invoice(1000)
        customer = self.customer(invoice)
        self.day(FIRST)
        wizard = self.press(customer, SOON, self.manager)
        wizard.escalate = True
        with self.assertRaisesRegex(UserError, "Write down why"):
            self.prepare(wizard, SOON)
        wizard.reason = "He is moving abroad"
        self.assertEqual(self.table(wizard, SOON)[0][1], "Second reminder")
        notice = self.prepare(wizard, SOON)
        self.assertEqual((notice.level_id.name, notice.is_repeat), ("Second reminder", False))
        self.assertEqual(notice.escalation_reason, "He is moving abroad")
        self.assertIn("He is moving abroad", " ".join(notice.message_ids.mapped("body")))
        self.night(SOON + timedelta(days=1))
        self.assertEqual((notice.state, notice.level_id.name), ("draft", "Second reminder"))
        self.send(notice, SOON + timedelta(days=1))
        self.assertEqual((notice.state, self.item(invoice).rank), ("sent", 2))

    def test_nobody_else_escalates(self):
        """An accountant who ticks it over the wire is refused."""
        invoice = self.invoice(1000)
        self.day(FIRST)
        wizard = self.press(self.customer(invoice), SOON)
        wizard.write({"escalate": True, "reason": "Because"})
        self.assertEqual(self.table(wizard, SOON)[0][1], "First reminder, once more and without new charges.")
        with self.assertRaises(AccessError):
            self.prepare(wizard, SOON)

    # === Many === #

    def test_tick_all_on_the_worklist(self):
        """Everybody was reminded this morning: *Remind now* for all drafts not one second reminder."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com", "is_company": True} for n in range(5)]
        )
        invoices = [self.invoice(1000, partner=partner) for partner in partners]
        self.day(FIRST)
        customers = self.customer(invoices[0]).browse([self.customer(invoice).id for invoice in invoices])
        wizard = self.press(customers, FIRST)
        self.assertEqual(
            {row[1] for row in self.table(wizard, FIRST)}, {"First reminder, once more and without new charges."}
        )
        self.prepare(wizard, FIRST)
        drafts = self.env["ar.dunning.notice"].search([("customer_id", "in", customers.ids), ("state", "=", "draft")])
        self.assertEqual(len(drafts), 5)
        self.assertEqual(set(drafts.mapped("level_id.name")), {"First reminder"})

    # === Afterwards === #

    def test_the_night_keeps_a_repetition_until_the_next_level_is_due(self):
        """Left lying, it follows the ledger as a repetition; once the second reminder is due, it becomes that."""
        invoice = self.invoice(1000)
        self.day(FIRST)
        notice = self.prepare(self.press(self.customer(invoice), SOON), SOON)
        self.pay(invoice, 100, SOON)
        self.night(SOON + timedelta(days=1))
        self.assertEqual((notice.is_repeat, notice.level_id.name, notice.amount_total), (True, "First reminder", 900.0))
        self.night(DUE + timedelta(days=15))
        self.assertEqual((notice.is_repeat, notice.level_id.name), (False, "Second reminder"))
        self.assertTrue(all(notice.line_ids.mapped("is_step")))

    def test_a_repetition_is_taken_back_once_paid(self):
        """The last look holds for a repetition as for everything else."""
        invoice = self.invoice(1000)
        self.day(FIRST)
        notice = self.prepare(self.press(self.customer(invoice), SOON), SOON)
        self.leave(notice, SOON)
        self.pay(invoice, 1000, SOON)
        self.assertFalse(self.claim(notice, SOON))
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", f"{invoice.name} is paid."))
