from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DUE, REMINDED
from .worklist_common import WorklistCommon, morning

ON = DUE + timedelta(days=35)
MONEY = ("amount_currency", "balance", "amount_residual_currency", "amount_residual")


class ItemListCommon(WorklistCommon):
    def setUp(self):
        super().setUp()
        self.user.group_ids |= self.env.ref("base.group_multi_currency")
        self.model = self.env["ar.dunning.item"].with_user(self.user).with_company(self.company)
        self.cash = self.env.ref("ar_dunning.reason_overdue_cash")

    def sheet(self, invoice):
        return self.item(invoice).with_user(self.user).with_company(self.company)

    def arch(self, view_type):
        return etree.fromstring(self.model.get_view(view_type=view_type)["arch"])

    def shown(self, name, day=ON):
        """The invoices that a filter of the list shows on a day."""
        (node,) = self.arch("search").xpath(f"//filter[@name='{name}']")
        with morning(day):
            domain = safe_eval(node.get("domain"), {"uid": self.user.id})
            return self.model.search([*domain, ("company_id", "=", self.company.id)]).move_id


@tagged("post_install", "-at_install")
class TestItemList(ItemListCommon):
    """The classic sheet: one row an invoice, what is late and why, what comes next and who sees to it."""

    def test_a_row_says_it_all(self):
        invoice = self.invoice(1000)
        self.pay(invoice, 400, DUE)
        self.send(self.night(REMINDED).notice_ids, REMINDED)
        item = self.sheet(invoice)
        item.customer_id.sudo().responsible_id = self.manager
        with morning(REMINDED + timedelta(days=1)):
            self.assertEqual(
                (item.amount_currency, item.balance, item.amount_residual_currency, item.amount_residual),
                (1000.0, 1000.0, 600.0, 600.0),
            )
            self.assertEqual((item.invoice_date, item.due_date, item.days_late), (invoice.invoice_date, DUE, 6))
        self.assertEqual((item.level_id.name, item.next_level_id.name), ("First reminder", "Second reminder"))
        self.assertEqual(item.next_date, DUE + timedelta(days=15))
        self.assertEqual(item.responsible_id, self.manager)
        action = item.action_open_move()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", invoice.id))

    def test_every_column_of_the_sheet_stands_in_the_list(self):
        names = [node.get("name") for node in self.arch("list").iter("field")]
        for name in (
            *MONEY,
            *("customer_id", "sent_on", "due_date", "days_late", "overdue_reason_id", "level_id"),
            *("next_level_id", "next_date", "responsible_id"),
        ):
            self.assertIn(name, names)

    def test_there_is_a_total_under_every_amount(self):
        """In company currency where an invoice is in another; the browser converts where a column mixes currencies."""
        pounds = self.setup_other_currency("GBP", rounding=0.01, rates=[("2016-01-01", 2.0)])
        items = self.sheet(self.invoice(1000)) | self.sheet(self.invoice(500, currency=pounds))
        columns = {node.get("name"): node for node in self.arch("list").iter("field")}
        self.assertTrue(all(columns[name].get("sum") for name in MONEY))
        aggregates = ["balance:sum", "amount_residual:sum", "amount_residual_currency:sum"]
        ((_customer, balance, residual, _open),) = self.model._read_group(
            [("id", "in", items.ids)], ["customer_id"], aggregates
        )
        self.assertEqual((balance, residual), (1250.0, 1250.0))

    def test_the_day_on_which_the_invoice_was_sent(self):
        invoice, unsent = self.invoice(1000), self.invoice(1, sent=False)
        loaded = self.item(self.invoice(2))
        loaded.sudo()._put({"is_loaded": True})
        self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
                "raw": b"%PDF-",
            }
        )._write({"create_date": "2026-02-03 23:30:00"})
        self.company.partner_id.tz = self.company.resource_calendar_id.tz = "Europe/Oslo"
        self.env.invalidate_all()
        self.assertEqual(str(self.sheet(invoice).sent_on), "2026-02-04", "the day on the company's clock")
        self.assertFalse(self.sheet(unsent).sent_on)
        self.assertEqual(loaded.sent_on, loaded.move_id.invoice_date, "the customer has it from before")

    def test_eighty_rows_in_a_constant_number_of_statements(self):
        for number in range(80):
            self.invoice(100 + number, partner=self.partner_a if number % 2 else self.partner_b)
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        names = {node.get("name"): {} for node in self.arch("list").iter("field")}

        def statements(limit):
            for _time in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                with morning(ON):
                    rows = self.model.web_search_read([("company_id", "=", self.company.id)], names, limit=limit)
                self.assertEqual(len(rows["records"]), limit)
            return self.env.cr.sql_log_count - before

        few = statements(8)
        self.assertLessEqual(statements(80), few)
        self.assertLessEqual(few, 26)


@tagged("post_install", "-at_install")
class TestReasonOfItem(ItemListCommon):
    """Why one invoice is late is chosen in its row, by whoever works the list."""

    def test_chosen_in_the_row(self):
        late, other = self.sheet(self.invoice(1000)), self.sheet(self.invoice(500))
        late.write({"overdue_reason_id": self.cash.id})
        self.assertEqual(late.overdue_reason_id, self.cash)
        self.assertFalse(other.overdue_reason_id)
        self.assertFalse(late.customer_id.overdue_reason_id, "of one invoice, not of its customer")
        (node,) = self.arch("list").xpath("//field[@name='overdue_reason_id']")
        self.assertEqual(self.arch("list").get("editable"), "bottom")
        self.assertFalse(node.get("readonly"))

    def test_nothing_else_of_the_row_is_written(self):
        item = self.sheet(self.invoice(1000))
        for vals in ({"level_id": False}, {"next_date": ON}, {"due_date": ON}):
            with self.assertRaises(AccessError):
                item.write(vals)
        editable = [
            node.get("name")
            for node in self.arch("list").iter("field")
            if not (node.get("readonly") or self.model._fields[node.get("name")].readonly)
        ]
        self.assertEqual(editable, ["overdue_reason_id"])

    def test_a_reason_of_another_kind_is_refused(self):
        item = self.sheet(self.invoice(1000))
        with self.assertRaisesRegex(UserError, "why an invoice is overdue"):
            item.write({"overdue_reason_id": self.env.ref("ar_dunning.reason_call_promised").id})

    def test_a_reason_of_another_company_is_refused(self):
        other = self.setup_other_company()["company"]
        reason = self.env["ar.dunning.reason"].create({"name": "Theirs", "company_id": other.id})
        with self.assertRaises(UserError):
            self.sheet(self.invoice(1000)).write({"overdue_reason_id": reason.id})

    def test_a_reason_in_use_stays(self):
        reason = self.env["ar.dunning.reason"].create({"name": "Strike"})
        self.sheet(self.invoice(1000)).write({"overdue_reason_id": reason.id})
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            reason.unlink()

    def test_the_form_has_it(self):
        with Form(self.sheet(self.invoice(1000))) as form:
            form.overdue_reason_id = self.cash
        self.assertEqual(form.record.overdue_reason_id, self.cash)


@tagged("post_install", "-at_install")
class TestFiltersOfItems(ItemListCommon):
    """Who works the list finds what is due today, what is old, what nobody has asked about, and what is his."""

    def setUp(self):
        super().setUp()
        self.late = {
            days: self.invoice(100 + days, due=ON - timedelta(days=days)) for days in (0, 1, 30, 31, 60, 61, 91)
        }
        for invoice in self.late.values():
            self.item(invoice)

    def days(self, name):
        moves = self.shown(name)
        return [days for days, invoice in self.late.items() if invoice in moves]

    def test_by_age(self):
        expected = {
            "due_today": [0],
            "overdue": [1, 30, 31, 60, 61, 91],
            "late_30": [1, 30],
            "late_60": [31, 60],
            "late_90": [61],
            "late_more": [91],
        }
        self.assertEqual({name: self.days(name) for name in expected}, expected)

    def test_by_level(self):
        self.item(self.late[60]).sudo()._put({"level_id": self.policy.level_ids[2].id})
        self.item(self.late[91]).sudo()._put({"level_id": self.policy.level_ids[5].id})
        self.assertEqual(self.days("reminded"), [60])
        self.assertEqual(self.days("formally"), [91])
        self.assertEqual(self.days("no_level"), [0, 1, 30, 31, 61])

    def test_without_reason(self):
        """Neither the invoice nor its customer says why."""
        self.item(self.late[31]).write({"overdue_reason_id": self.cash.id})
        self.assertEqual(self.days("no_reason"), [1, 30, 60, 61, 91])
        self.item(self.late[31]).customer_id.overdue_reason_id = self.cash
        self.assertEqual(self.days("no_reason"), [])

    def test_mine(self):
        self.item(self.late[31]).customer_id.responsible_id = self.user
        self.assertEqual(self.days("mine"), list(self.late))
        self.item(self.late[31]).customer_id.responsible_id = self.manager
        self.assertEqual(self.days("mine"), [])

    def test_every_group(self):
        """Customer, reason, level, responsible, month due; with sums."""
        self.item(self.late[31]).write({"overdue_reason_id": self.cash.id})
        groups = {
            safe_eval(node.get("context"))["group_by"] for node in self.arch("search").xpath("//filter[@context]")
        }
        wanted = {"customer_id", "overdue_reason_id", "level_id", "responsible_id", "due_date:month"}
        self.assertLessEqual(wanted, groups)
        for name in wanted:
            rows = self.model.formatted_read_group(
                [("company_id", "=", self.company.id)], [name], ["amount_residual:sum"]
            )
            self.assertEqual(sum(row["amount_residual:sum"] for row in rows), 700 + 274, name)

    def test_what_is_exported(self):
        self.user.group_ids |= self.env.ref("base.group_allow_export")
        names = [
            "customer_id/display_name",
            "amount_residual",
            "sent_on",
            "overdue_reason_id/name",
            "responsible_id/name",
        ]
        rows = self.model.search([("company_id", "=", self.company.id)]).export_data(names)["datas"]
        self.assertEqual(len(rows), 7)
        self.assertEqual({row[1] for row in rows}, {100.0 + days for days in self.late})


@tagged("post_install", "-at_install")
class TestItemsOfOthers(ItemListCommon):
    def test_a_user_of_another_company_sees_and_writes_none(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env, "stranger", "ar_dunning.group_dunning_user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        item = self.item(self.invoice(1000))
        with self.assertRaises(AccessError):
            item.with_user(stranger).write({"overdue_reason_id": self.cash.id})
