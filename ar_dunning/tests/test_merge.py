from datetime import date, timedelta

from odoo.tests import tagged

from .common import DUE
from .merge_common import MergeCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestMerge(MergeCommon):
    """Contacts that are merged: what was agreed, noted and held stays, the strictest of two wins."""

    def test_every_field_has_an_answer(self):
        """A member that adds a field says what becomes of it, in what is kept or in what is read anew."""
        bookkeeping = {"id", "create_uid", "create_date", "write_uid", "write_date", "website_message_ids"}
        stored = {name for name, field in self.Customer._fields.items() if field.store} - bookkeeping
        kept, apart = set(self.keep._merge_values(self.gone)), self.keep._merge_apart()
        self.assertEqual(stored - kept - apart, set(), "nobody says what becomes of these")
        self.assertEqual(kept & apart, set(), "both chosen and read anew")
        self.assertEqual((kept | apart) - set(self.Customer._fields), set(), "no such field")

    def test_what_a_person_may_write_is_chosen_and_not_read_anew(self):
        for name in self.Customer._fields:
            field = self.Customer._fields[name]
            if field.store and not field.readonly and field.type not in ("one2many", "many2many"):
                self.assertNotIn(name, self.keep._merge_apart())

    def test_the_reason_of_being_late_and_the_last_call_are_kept(self):
        reason = self.env["ar.dunning.reason"].sudo().create({"name": "Short of cash", "kind": "overdue"})
        outcome = self.env["ar.dunning.reason"].sudo().search([("kind", "=", "call")], limit=1)
        self.gone.write({"overdue_reason_id": reason.id})
        self.gone._put({"last_call": date(2026, 3, 4), "call_outcome_id": outcome.id})
        self.keep._put({"last_call": date(2026, 3, 1), "note": "Ask for Ann"})
        self.gone.note = "Pays on Fridays"
        self.merge()
        self.assertEqual(self.keep.overdue_reason_id, reason)
        self.assertEqual((self.keep.last_call, self.keep.call_outcome_id), (date(2026, 3, 4), outcome))
        self.assertEqual(self.keep.note, "Ask for Ann\nPays on Fridays")

    def test_who_is_never_dunned_stays_so(self):
        self.gone.never = True
        self.merge()
        self.assertTrue(self.keep.never)

    def test_who_is_merged_with_his_payer_pays_himself(self):
        other = self.env["res.partner"].create({"name": "Factor"})
        self.keep.payer_id = self.partner_b
        self.gone.payer_id = other
        self.merge()
        self.assertEqual(self.keep.payer_id, other)

    def test_somebody_who_still_works_here_looks_after_the_customer(self):
        left, there = self.env["res.users"].create([{"name": name, "login": name} for name in ("left", "there")])
        self.keep.responsible_id, self.gone.responsible_id = left, there
        left.active = False
        self.merge()
        self.assertEqual(self.keep.responsible_id, there)

    def test_pauses_messages_and_to_dos_move_and_the_figures_follow(self):
        first, second = self.invoice(100.0), self.invoice(250.0, partner=self.partner_b)
        notices = self.day(FIRST)
        self.assertEqual(len(notices), 2)
        reason = self.env["ar.dunning.reason"].search([("kind", "=", "pause")], limit=1)
        today = self.company._dunning_today()
        pauses = self.env["ar.dunning.arrangement"].create(
            [
                {
                    "customer_id": record.id,
                    "date_start": today,
                    "date_end": today + timedelta(days=9),
                    "reason_id": reason.id,
                }
                for record in (self.keep, self.gone)
            ]
        )
        self.gone.message_post(body="Spoke with Bo")
        self.gone.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid, summary="Call Bo")
        self.merge()
        self.assertEqual((pauses.customer_id, notices.customer_id), (self.keep, self.keep))
        self.assertEqual((self.item(first) | self.item(second)).customer_id, self.keep)
        self.assertIn("Spoke with Bo", " ".join(self.keep.message_ids.mapped("body")))
        self.assertIn("Call Bo", self.keep.activity_ids.mapped("summary"))
        self.assertEqual((self.keep.late_total, self.keep.worth), (350.0, 0.0), "the figures of both, and paused")
