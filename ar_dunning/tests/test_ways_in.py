from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.tools.authority import as_system, is_system

from .common import DUE, DunningCommon

REMINDED = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestWaysIn(DunningCommon):
    """Forged facts do not come in by the side: commands of a parent, defaults, imports, copies, archiving, code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.accountant = new_test_user(cls.env, "clerk", "ar_dunning.group_dunning_user", **company)

    def setUp(self):
        super().setUp()
        self.bill = self.invoice()
        self.notice = self.night(REMINDED).notice_ids.with_user(self.accountant)
        self.customer = self.notice.customer_id

    def by_rpc(self, record, method, *args, **context):
        env = self.env(user=self.accountant, su=False)
        return call_kw(env[record._name], method, [*([record.ids] if record else []), *args], {"context": context})

    def test_a_sent_notice_keeps_its_words(self):
        """A sent notice set back to draft, rewritten and set to sent again: each step is refused."""
        self.send(self.notice, REMINDED)
        self.assertEqual(self.notice.state, "sent")
        subject = self.notice.subject
        for vals in (
            {"state": "draft", "sent_on": False},
            {"subject": "Other words"},
            {"partner_id": self.partner_b.id},
        ):
            with self.assertRaises(UserError):
                self.by_rpc(self.notice, "write", vals)
        self.assertEqual((self.notice.state, self.notice.sent_on, self.notice.subject), ("sent", REMINDED, subject))

    def test_a_forged_level_makes_no_formal_notice(self):
        """`highest_level_id` decides how high a draft may go; whoever writes it makes a first reminder formal."""
        formal = self.policy.level_ids.filtered(lambda level: level.kind == "formal")
        with self.assertRaises(AccessError):
            self.by_rpc(self.notice, "write", {"highest_level_id": formal.id})
        with self.assertRaisesRegex(UserError, "above what is due"):
            self.by_rpc(self.notice, "write", {"level_id": formal.id})

    def test_lines_by_commands_of_the_notice(self):
        """Lines are taken off and nothing else, whatever the command and the form that sends it."""
        line = self.notice.line_ids
        due = line.amount_due
        for command in (
            Command.update(line.id, {"amount_due": 1.0}),
            Command.create({"item_id": line.item_id.id, "currency_id": line.currency_id.id}),
            Command.link(self.env["ar.dunning.notice.line"].search([("id", "!=", line.id)], limit=1).id),
        ):
            with self.assertRaises(UserError):
                self.by_rpc(self.notice, "write", {"line_ids": [command]})
            with self.assertRaises(UserError):
                self.by_rpc(self.notice, "web_save", {"line_ids": [command]}, {"id": {}})
        self.assertEqual(line.amount_due, due)
        self.by_rpc(self.notice, "write", {"line_ids": [Command.delete(line.id)]})
        self.assertFalse(self.notice.line_ids)
        self.assertTrue(self.notice.is_edited)

    def test_a_line_deleted_by_itself_marks_its_notice(self):
        line = self.notice.line_ids
        self.by_rpc(line, "unlink")
        self.assertFalse(line.exists())
        self.assertTrue(self.notice.is_edited)

    def test_lines_of_an_approved_notice_stay(self):
        self.notice._approve()
        for method, target, args in (
            ("write", self.notice, [{"line_ids": [Command.clear()]}]),
            ("unlink", self.notice.line_ids, []),
            ("unlink", self.notice, []),
        ):
            with self.assertRaises(UserError):
                self.by_rpc(target, method, *args, _force_unlink=True)

    def test_a_customer_by_commands(self):
        """Items and notices are not changed by way of their customer."""
        item = self.notice.line_ids.item_id
        for vals in (
            {"item_ids": [Command.update(item.id, {"rank": 9})]},
            {"notice_ids": [Command.update(self.notice.id, {"state": "sent"})]},
        ):
            with self.assertRaises(UserError):
                self.by_rpc(self.customer, "write", vals)
            with self.assertRaises(UserError):
                self.by_rpc(self.customer, "web_save", vals, {"id": {}})

    def test_a_journal_entry_by_commands(self):
        with self.assertRaises(UserError):
            item = self.notice.line_ids.item_id
            self.bill.with_user(self.accountant).sudo().write(
                {"ar_dunning_item_ids": [Command.update(item.id, {"rank": 9})]}
            )

    def test_defaults_smuggle_nothing_in(self):
        """A key of the context and a default that a user has set give no state to a pause, neither a person's nor ours."""
        self.env["ir.default"].with_user(self.accountant).set("ar.dunning.arrangement", "ended_on", "2020-01-01", True)
        vals = {"customer_id": self.customer.id, "date_end": "2031-01-01", "reason": "goods returned"}
        forged = {"default_state": "ended", "default_ended_on": "2020-01-01"}
        made = self.env["ar.dunning.arrangement"].browse(
            self.by_rpc(self.env["ar.dunning.arrangement"], "create", [vals], **forged)
        )
        self.assertEqual((made.state, made.ended_on), ("active", False))
        ours = self.env["ar.dunning.arrangement"].with_user(self.accountant).with_context(**forged)._make(vals)
        self.assertEqual((ours.state, ours.ended_on), ("active", False))
        shown = self.by_rpc(self.env["ar.dunning.arrangement"], "default_get", ["state", "ended_on"], **forged)
        self.assertEqual(shown, {"state": "active"})

    def test_import(self):
        """A file with the system's columns is refused as a whole."""
        Customer = self.env(user=self.accountant, su=False)["ar.dunning.customer"]
        for column, value in (
            ("credit_hold", "1"),
            ("level_id/.id", str(self.policy.level_ids[2].id)),
            ("last_contact", "2026-01-01"),
        ):
            result = Customer.load([".id", column], [[str(self.customer.id), value]])
            self.assertFalse(result["ids"], column)
        self.assertFalse(self.customer.credit_hold)
        result = Customer.load([".id", "note"], [[str(self.customer.id), "calls back"]])
        self.assertEqual((result["ids"], self.customer.note), ([self.customer.id], "calls back"))

    def test_no_copy_of_a_notice(self):
        for record in (self.notice, self.notice.line_ids, self.notice.line_ids.item_id):
            with self.assertRaises(AccessError):
                record.sudo().copy()

    def test_a_copy_begins_without_what_the_system_wrote(self):
        vals = {"customer_id": self.customer.id, "date_end": "2031-01-01", "reason": "goods returned"}
        pause = self.env["ar.dunning.arrangement"].with_user(self.accountant).create(vals)
        pause.sudo()._end("sorted out")
        made = self.env["ar.dunning.arrangement"].browse(self.by_rpc(pause, "copy"))
        self.assertEqual((made.state, made.ended_on, made.reason), ("active", False, "goods returned"))
        with self.assertRaises(AccessError):
            self.by_rpc(pause, "copy", {"ended_on": "2020-01-01"})

    def test_a_pause_outlives_its_invoice(self):
        """Whoever deletes an invoice deletes no pause with it; what is left ends and is not the whole customer's."""
        vals = {"customer_id": self.customer.id, "move_id": self.bill.id, "date_end": "2031-01-01"}
        vals["reason_id"] = self.env.ref("ar_dunning.reason_pause_insolvency").id
        pause = self.env["ar.dunning.arrangement"].with_user(self.accountant).create(vals)
        other = self.invoice()
        number = self.bill.name
        self.bill.with_user(self.accountant).button_draft()
        self.bill.with_user(self.accountant).with_context(force_delete=True).unlink()
        self.env.flush_all()
        self.assertEqual((pause.exists().state, pause.move_id.id, pause.lost_invoice), ("ended", False, number))
        self.assertEqual(pause.display_name, f"{number} until 01/01/2031")
        self.assertIn("was deleted", pause.message_ids[0].body)
        self.assertFalse(self.blockers(other, REMINDED))
        with self.assertRaises(AccessError):
            self.by_rpc(pause, "write", {"lost_invoice": "INV/1"})

    def test_moved_to_another_company_or_partner(self):
        for vals in (
            {"company_id": self.env["res.company"].search([("id", "!=", self.company.id)], limit=1).id},
            {"partner_id": self.partner_b.id},
            {"credit_hold": True},
        ):
            with self.assertRaises(AccessError):
                self.by_rpc(self.customer, "write", vals)

    def test_archiving(self):
        """A customer's record is as active as its contact, whoever archives it."""
        self.by_rpc(self.customer, "action_archive")
        self.env.invalidate_all()
        self.assertTrue(self.customer.active)
        self.assertTrue(self.customer.partner_id.active)

    def test_an_automation_inside_a_write_of_ours_is_a_person(self):
        """The system's right ends where typed code begins: a rule that fires while we write cannot write our fields."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Forge",
                "model_id": self.env["ir.model"]._get_id("ar.dunning.notice"),
                "state": "code",
                "code": "record.write({'approved_by_id': env.uid})",
            }
        )
        context = {"active_model": "ar.dunning.notice", "active_id": self.notice.id}
        with as_system():
            with self.assertRaises(AccessError):
                action.with_context(**context).run()
            self.assertTrue(is_system())
        self.assertFalse(is_system())

    def test_the_refusal_is_a_sentence(self):
        with self.assertRaises(AccessError) as refused:
            self.by_rpc(self.notice, "write", {"approved_by_id": self.accountant.id})
        self.assertEqual(str(refused.exception), f"{self.notice.name}: Approved by cannot be written by hand.")
