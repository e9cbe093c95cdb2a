from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 500
KEY = "ar_dunning_credit_moved"


class ArDunningCreditQueue(models.Model):
    """Customers about whom something has changed since their credit status was stored: refreshed within the minute.

    Whatever a status rests on says so where it is written: posting, matching, payments, bank lines, limits. It costs
    three statements at the end of the transaction, however much there is, and waits for nobody: rows are only added, and a
    scheduled action takes them away. What says nothing here (a day that has come) is found by the night.
    """

    _name = "ar.dunning.credit.queue"
    _inherit = ["ar.dunning.protected"]
    _description = "Customers Whose Credit Status Is to Be Refreshed"

    partner_id = fields.Many2one("res.partner", ondelete="cascade", help="Empty: everybody, the rules have changed.")

    @api.model
    def _moved(self, partners):
        """Something has changed about these contacts, or about the customers they belong to."""
        self._note(partners.ids)

    @api.model
    def _moved_by(self, records):
        """The same for the contacts of these documents, lines or payments."""
        self._note(records.partner_id.ids)

    @api.model
    def _rules_moved(self):
        """A rule has changed by which everybody is judged."""
        self._note([None])

    @api.model
    def _note(self, ids):
        if not ids:
            return
        waiting = self.env.cr.precommit.data.setdefault(KEY, set())
        if not waiting:
            self.env.cr.precommit.add(self._queue)
        waiting.update(ids)

    @api.model
    def _queue(self):
        """At the end of the transaction: one row for each of them, and the scheduled action is to look."""
        ids = self.env.cr.precommit.data.pop(KEY, set())
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_credit_queue (partner_id)
                SELECT id FROM res_partner WHERE id = ANY(%s) UNION ALL SELECT NULL WHERE %s
                """,
                list(ids - {None}),
                None in ids,
            )
        )
        refresher = self.env["ir.model.data"]._xmlid_to_res_id(
            "ar_dunning_credit.ir_cron_credit"
        )  # env.ref asks the database
        if refresher:
            self.env["ir.cron"].sudo().browse(refresher)._trigger()

    @api.model
    def _cron_refresh(self):
        """Scheduled action: refresh the status of those who wait, in batches of customers."""
        commit, standing = self.env["ir.cron"]._commit_progress, self.env["ar.dunning.standing"]
        while True:
            partners, everybody = self._take()
            if everybody:
                self._refresh_everybody(commit)
            elif not partners:
                break
            else:
                standing._refresh_changed(self._customers_of(partners))
            if not commit(len(partners) or 1, remaining=self.search_count([])):
                break

    @api.model
    def _take(self):
        """Take a batch of rows away: their commercial partners, and whether the rules have changed."""
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM ar_dunning_credit_queue q
                 WHERE q.id IN (SELECT id FROM ar_dunning_credit_queue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
             RETURNING q.partner_id
                """,
                BATCH,
            )
        )
        partners = self.env["res.partner"].browse({key for (key,) in rows if key}).exists()
        return partners.commercial_partner_id, any(key is None for (key,) in rows)

    @api.model
    def _customers_of(self, partners):
        """Their records in every company, and those of whom they pay for."""
        Customer = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        return Customer.search(["|", ("partner_id", "in", partners.ids), ("payer_id", "in", partners.ids)])

    @api.model
    def _refresh_everybody(self, commit):
        """The rules have changed: all customers of the companies that the new ones are about."""
        standing = self.env["ar.dunning.standing"]
        for company in self.env["res.company"].search([("active", "=", True)]):
            if company.sudo().ar_dunning_credit_rules != standing._salt(company):
                for step in standing._steps(company, company._dunning_today()):
                    step()
                    commit()
