import json
from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestAgenda(DunningCommon):
    """The calendar: what stands on which day, and what moving a step does."""

    def setUp(self):
        super().setUp()
        self.reason = self.env.ref("ar_dunning.reason_pause_agreed")
        self.bill = self.invoice()
        self.other = self.invoice(250, due=DUE + timedelta(days=3))
        self.customer = self.item(self.bill).customer_id
        self.item(self.other)
        self.plan(DUE + timedelta(days=4))

    def plan(self, day):
        with freeze_time(day):
            self.env["ar.dunning.ledger"]._plan_again(self.customer)

    def entries(self, *kinds):
        return self.env["ar.dunning.agenda"].search(
            [("customer_id", "=", self.customer.id), ("kind", "in", kinds)], order="date, id"
        )

    def postpone(self, entry, day, today=DUE + timedelta(days=4)):
        with freeze_time(today):
            wizard = self.env["ar.dunning.postpone.wizard"].create(
                {"agenda_id": entry.id, "date": day, "reason_id": self.reason.id, "reason": "Next batch"}
            )
            return wizard.action_postpone()

    def test_steps_with_their_amounts(self):
        found = [(entry.date, entry.amount, entry.level_id.name) for entry in self.entries("step")]
        self.assertEqual(
            found, [(FIRST, 1000.0, "First reminder"), (FIRST + timedelta(days=3), 250.0, "First reminder")]
        )
        step = self.entries("step")[0]
        self.assertEqual(step.policy_id, self.policy)
        action = step.action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("ar.dunning.customer", self.customer.id))

    def test_a_step_that_nothing_but_a_person_sets_free_is_not_planned(self):
        self.assertEqual(self.customer.next_level_id.name, "First reminder")
        self.customer.never = True
        self.plan(FIRST)
        self.assertEqual(set(self.customer.item_ids.mapped("blocker_codes")), {"never"})
        self.assertFalse(self.entries("step"))
        self.assertFalse(self.customer.next_level_id)
        self.customer.never = False
        self.plan(FIRST)
        self.assertEqual(self.entries("step").mapped("date"), [FIRST, FIRST + timedelta(days=3)])

    def test_a_step_stays_planned_for_the_day_after_a_pause(self):
        end = FIRST + timedelta(days=9)
        self.env["ar.dunning.arrangement"].create(
            {"customer_id": self.customer.id, "date_start": DUE, "reason_id": self.reason.id, "date_end": end}
        )
        self.plan(FIRST)
        self.assertEqual(self.entries("step").mapped("date"), [end + timedelta(days=1)])
        self.assertEqual(self.customer.next_on, end + timedelta(days=1))

    def test_calls_tasks_reviews_and_ends_of_pauses(self):
        user = self.env.user
        call = self.customer.activity_schedule(
            "mail.mail_activity_data_call", date_deadline=date(2026, 3, 20), user_id=user.id
        )
        notice = self.night(FIRST).notice_ids
        notice.activity_schedule("mail.mail_activity_data_todo", date_deadline=date(2026, 3, 21), user_id=user.id)
        death = self.env.ref("ar_dunning.reason_pause_death")
        self.env["ar.dunning.arrangement"].create(
            [
                {
                    "customer_id": self.customer.id,
                    "date_start": DUE,
                    "reason_id": death.id,
                    "review_date": date(2026, 9, 1),
                },
                {
                    "customer_id": self.customer.id,
                    "move_id": self.other.id,
                    "date_start": DUE,
                    "reason_id": self.reason.id,
                    "date_end": date(2026, 3, 30),
                },
            ]
        )
        found = [(entry.kind, entry.date, entry.res_model) for entry in self.entries("call", "task", "review", "pause")]
        self.assertEqual(
            found,
            [
                ("call", date(2026, 3, 20), "ar.dunning.customer"),
                ("task", date(2026, 3, 21), "ar.dunning.notice"),
                ("pause", date(2026, 3, 30), "ar.dunning.arrangement"),
                ("review", date(2026, 9, 1), "ar.dunning.arrangement"),
            ],
        )
        self.assertEqual(self.entries("call").responsible_id, user)
        self.assertEqual(self.entries("task").amount, notice.amount_total)
        self.assertEqual(self.entries("task").action_open()["res_id"], notice.id)
        ids = self.entries("step", "call", "task", "review", "pause").ids
        self.assertEqual(len(ids), len(set(ids)))
        call.action_feedback(feedback="Promised")
        self.assertFalse(self.entries("call"))

    def test_postponing_a_step_pauses_its_invoice_until_the_day_before(self):
        later = date(2026, 3, 20)
        self.postpone(self.entries("step")[0], later)
        pause = self.customer.arrangement_ids
        self.assertEqual(
            (pause.move_id, pause.date_end, pause.reason_id, pause.reason),
            (self.bill, date(2026, 3, 19), self.reason, "Next batch"),
        )
        self.assertEqual(
            [(entry.date, entry.amount) for entry in self.entries("step")],
            [(FIRST + timedelta(days=3), 250.0), (later, 1000.0)],
        )
        self.assertEqual(self.blockers(self.bill, date(2026, 3, 19)), {"paused"})
        self.assertEqual(self.blockers(self.bill, later), set())
        self.assertEqual(self.night(FIRST + timedelta(days=3)).notice_ids.line_ids.move_id, self.other)

    def test_what_does_not_move(self):
        step = self.entries("step")[0]
        for day in (FIRST, FIRST - timedelta(days=1), DUE):
            with self.assertRaisesRegex(UserError, "only be moved to a later day"):
                self.postpone(step, day)
        with self.assertRaisesRegex(UserError, "not to one that has passed"):
            self.postpone(step, FIRST + timedelta(days=2), today=FIRST + timedelta(days=2))
        self.day(FIRST)
        deadline = self.entries("deadline")
        self.assertEqual((deadline.date, deadline.amount), (date(2026, 3, 14), 1000.0))
        with self.assertRaisesRegex(UserError, "Only planned steps"):
            self.postpone(deadline, date(2026, 4, 14))
        self.assertFalse(self.customer.arrangement_ids)

    def test_the_form_offers_a_week_later(self):
        step = self.entries("step")[0]
        with freeze_time(DUE), Form.from_action(self.env, step.action_postpone()) as form:
            self.assertEqual(form.date, FIRST + timedelta(days=7))
            form.reason_id = self.reason
        self.assertEqual(form.record.planned_date, FIRST)


@tagged("post_install", "-at_install")
class TestAgendaOfMany(DunningCommon):
    """Thousands of entries: the month shows sums of the days that hold many, lists read no more than they show."""

    NAMES = ("display_name", "kind", "date", "color", "responsible_id", "policy_id", "level_id", "amount")

    def setUp(self):
        super().setUp()
        self.agenda = self.env["ar.dunning.agenda"].with_company(self.company)
        self.customer = self.item(self.invoice()).customer_id
        self.env["ar.dunning.ledger"]._plan_again(self.customer)
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.env.cr.execute(
            """
            INSERT INTO mail_activity (res_model, res_model_id, res_id, activity_type_id, user_id, date_deadline, active)
            SELECT 'ar.dunning.customer', %s, %s, %s, %s, DATE '2026-03-01' + n %% 30, TRUE
              FROM generate_series(0, 2999) n
            """,
            [self.env["ir.model"]._get_id("ar.dunning.customer"), self.customer.id, todo.id, self.env.uid],
        )
        self.month = [
            ("date", ">=", "2026-03-01"),
            ("date", "<=", "2026-03-31"),
            ("customer_id", "=", self.customer.id),
        ]

    def days(self, domain=()):
        return self.agenda.calendar_days([*self.month, *domain], list(self.NAMES))

    def test_a_month_is_small(self):
        before = self.env.cr.sql_log_count
        found = self.days()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 15)
        self.assertLessEqual(len(json.dumps(found, default=str)), 300_000)
        self.assertEqual(len(found["groups"]), 30)
        self.assertEqual({group["count"] for group in found["groups"]}, {100})
        first = found["groups"][0]
        self.assertEqual((first["date"], first["kind"], first["amount"]), ("2026-03-01", "task", 0.0))

    def test_a_day_that_holds_few_shows_them(self):
        self.env.cr.execute(
            "DELETE FROM mail_activity WHERE date_deadline <> '2026-03-05' AND res_id = %s", [self.customer.id]
        )
        self.customer.activity_schedule(
            "mail.mail_activity_data_call", date_deadline=date(2026, 3, 20), user_id=self.env.uid
        )
        found = self.days([("kind", "!=", "step")])
        self.assertEqual([(group["date"], group["count"]) for group in found["groups"]], [("2026-03-05", 100)])
        self.assertEqual([(entry["kind"], entry["date"]) for entry in found["entries"]], [("call", date(2026, 3, 20))])

    def test_the_calendar_says_how_much_room_a_day_has(self):
        """A month shows fewer entries than a week, on a phone none: whatever is not shown stands in a sum."""
        self.env.cr.execute(
            "DELETE FROM mail_activity WHERE date_deadline <> '2026-03-05' AND res_id = %s", [self.customer.id]
        )
        self.env.cr.execute(
            "DELETE FROM mail_activity WHERE res_id = %s AND id NOT IN "
            "(SELECT id FROM mail_activity WHERE res_id = %s ORDER BY id LIMIT 6)",
            [self.customer.id, self.customer.id],
        )
        for crowded, shown, counts in ((7, 6, []), (6, 0, [6]), (1, 0, [6]), (1000, 6, [])):
            found = self.agenda.calendar_days([*self.month, ("kind", "=", "task")], list(self.NAMES), crowded)
            self.assertEqual(len(found["entries"]), shown, crowded)
            self.assertEqual([group["count"] for group in found["groups"]], counts, crowded)

    def test_it_opens_on_what_comes(self):
        """From today on, and what should have been done before; the list by day."""
        action = self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_agenda_action")
        self.assertIn("'search_default_coming': 1", action["context"])
        self.assertEqual(
            [mode for _view, mode in action["views"]], ["calendar", "list", "kanban", "form"], "on phones the cards"
        )
        views = self.agenda.get_views([(False, "search"), (False, "list")])["views"]
        (node,) = etree.fromstring(views["search"]["arch"]).xpath("//filter[@name='coming']")
        self.assertEqual(etree.fromstring(views["list"]["arch"]).get("default_group_by"), "date:day")
        day = date(2026, 3, 10)
        with freeze_time(day):
            found = self.agenda.search([*self.month, *safe_eval(node.get("domain"))])
        self.assertEqual(len(found.filtered(lambda entry: entry.date < day)), 900, "tasks whose day has passed")
        self.assertEqual(set(found.filtered(lambda entry: entry.date < day).mapped("kind")), {"task"})

    def test_the_first_of_a_list_are_those_of_the_whole(self):
        """Each source is asked for no more than the list shows; later pages, too."""
        whole = self.agenda.search(self.month).sorted(lambda entry: (entry.date, entry.id))
        for offset in (0, 80, 2980):
            self.assertEqual(self.agenda.search(self.month, offset=offset, limit=80), whole[offset : offset + 80])
        latest = self.agenda.search(self.month, limit=5, order="date desc, id desc")
        self.assertEqual(latest, whole.sorted(lambda entry: (entry.date, entry.id), reverse=True)[:5])
        self.assertEqual(self.agenda.search_count(self.month), len(whole))
        rows = self.agenda.web_search_read(self.month, {"name": {}, "kind": {}}, limit=80, order="date, id")
        self.assertEqual([row["id"] for row in rows["records"]], whole[:80].ids)


@tagged("post_install", "-at_install")
class TestAgendaTour(DunningCommon, HttpCase):
    """Moving entries of the calendar in a real browser, as an accountant."""

    def test_move_a_step(self):
        today = fields.Date.today()
        # In the middle of a row of the month, with a day before and after it; what is due may lie in next month's rows.
        step_day = today + timedelta(days=2 + (today.weekday() in (3, 4)) * 2)
        customer = self.env["res.partner"].create(
            {"name": "Tour Customer", "is_company": True, "email": "t@example.com"}
        )
        bill = self.invoice(
            1234.5, step_day - timedelta(days=5), partner=customer, invoice_date=today - timedelta(days=60)
        )
        record = self.item(bill).customer_id
        self.env["ar.dunning.ledger"]._plan_again(record)
        self.assertEqual(self.item(bill).next_date, step_day)
        user = new_test_user(
            self.env,
            "accountant",
            "ar_dunning.group_dunning_user",
            password="accountant",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        call = record.activity_schedule("mail.mail_activity_data_call", date_deadline=today, user_id=user.id)
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_agenda_action", "ar_dunning_calendar_tour", login="accountant"
        )
        pause = record.arrangement_ids
        self.assertEqual(
            (pause.move_id, pause.date_end, pause.reason_id, pause.create_uid),
            (bill, step_day, self.env.ref("ar_dunning.reason_pause_agreed"), user),
        )
        self.assertEqual(self.item(bill).next_date, step_day + timedelta(days=1))
        self.assertEqual(call.date_deadline, today)
