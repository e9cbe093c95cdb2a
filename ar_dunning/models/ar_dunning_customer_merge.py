from odoo import models
from odoo.tools import SQL


class ArDunningCustomer(models.Model):
    """Contacts are merged: one record stays and speaks for the others. The strictest value wins, evidence moves along.

    Every stored field has an answer here or in the part that brings it (a test walks them all): `_merge_values` says
    what is kept, `_merge_apart` what is read anew from the ledger or moves with its own records.
    """

    _inherit = "ar.dunning.customer"

    def _merge_values(self, others):
        """What this record says once it stands for `others`, too: values to write."""
        records = self | others
        values = {name: any(records.mapped(name)) for name in ("never", "always_review")}
        for name in ("policy_id", "contact_id", "overdue_reason_id"):
            values[name] = records[name][:1].id
        # Who is merged with his payer pays himself.
        values["payer_id"] = (records.payer_id - records.partner_id)[:1].id
        values["responsible_id"] = (records.responsible_id.filtered("active") or records.responsible_id)[:1].id
        values["audience"] = next((record.audience for record in records if record.audience), False)
        values["note"] = "\n".join(note for note in records.mapped("note") if note) or False
        called = records.filtered("last_call").sorted("last_call", reverse=True)[:1]
        return values | {"last_call": called.last_call, "call_outcome_id": called.call_outcome_id.id}

    def _merge_apart(self):
        """Names of the stored fields that a merge does not choose between."""
        identity = {"partner_id", "company_id"}
        moved = {"item_ids", "notice_ids", "arrangement_ids", "message_ids", "message_follower_ids", "activity_ids"}
        derived = {
            *("level_id", "credit_hold", "last_contact"),
            *("late_0", "late_30", "late_60", "late_90", "late_more", "late_total", "late_foreign", "late_since"),
            *("next_level_id", "next_on", "worth", "figures_kept"),
        }
        return identity | moved | derived

    def _absorb(self, others):
        """Stand for `others` (same company) from now on: take over what they say and what is theirs, and delete them."""
        self.ensure_one()
        names = ", ".join(others.mapped("display_name"))
        self._put(self._merge_values(others))
        self._take_over(others)
        self.message_post(body=self.env._("Merged with the dunning record of %s.", names))
        others._discard()
        self._refresh_level()

    def _take_over(self, others):
        """Items, notices, arrangements, messages and to-dos of `others` become this record's."""
        self.message_subscribe(others.message_partner_ids.ids)
        for table in ("ar_dunning_item", "ar_dunning_arrangement", "ar_dunning_notice"):
            self._move_rows(table, "customer_id", others)
        for table, model in (("mail_message", "model"), ("mail_activity", "res_model"), ("ir_attachment", "res_model")):
            self._move_rows(table, "res_id", others, SQL("AND %s = %s", SQL.identifier(model), self._name))
        self.env.invalidate_all()

    def _move_rows(self, table, column, others, condition=None):
        """Rows of a table that point at `others` point here: evidence that nobody writes otherwise."""
        self.env.flush_all()
        names = {"table": SQL.identifier(table), "column": SQL.identifier(column)}
        query = SQL(
            "UPDATE %(table)s SET %(column)s = %(id)s WHERE %(column)s = ANY(%(ids)s)",
            id=self.id,
            ids=others.ids,
            **names,
        )
        self.env.cr.execute(SQL("%s %s", query, condition or SQL()))

    def _after_merge(self):
        """What is derived from the ledger, read anew once the invoices have their new contact."""
        self.env["ar.dunning.ledger"]._plan_again(self)
