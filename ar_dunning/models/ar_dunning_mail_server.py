from odoo import api, fields, models

from ..core.outage import Outage
from ..tools.mail_courier import NOBODY, WHOLE


class ArDunningMailServer(models.Model):
    """What our mails meet at one outgoing server: whether it works, and since when it does not.

    Trouble with a server or a sender is nobody's bounce. The mails wait; a manager gets one to-do for each server, which
    closes by itself when mails pass again.
    """

    _name = "ar.dunning.mail.server"
    _description = "Outgoing Mail Server of Dunning"
    _inherit = ["mail.thread", "mail.activity.mixin", "ar.dunning.protected"]
    _order = "id"

    mail_server_id = fields.Many2one(
        "ir.mail_server",
        "Server",
        readonly=True,
        ondelete="cascade",
        help="Empty: the server of the configuration file.",
    )
    name = fields.Char(compute="_compute_name")
    cron_id = fields.Many2one("ir.cron", "Scheduled Action", readonly=True, ondelete="set null")
    outages = fields.Json(readonly=True)
    is_down = fields.Boolean("In Trouble", readonly=True)
    trouble = fields.Text(compute="_compute_trouble")
    next_try = fields.Datetime(compute="_compute_trouble")
    waiting_count = fields.Integer("Mails Waiting", compute="_compute_waiting_count")

    _one_per_server = models.UniqueIndex("(COALESCE(mail_server_id, 0))")

    def _person_writes(self):
        return set()

    @api.depends("mail_server_id.name")
    def _compute_name(self):
        for server in self:
            server.name = server.sudo().mail_server_id.name or self.env._("Server of the configuration file")

    @api.depends("outages")
    def _compute_trouble(self):
        for server in self:
            outages = server._outages()
            lines = [
                outage.words if sender in (WHOLE, NOBODY) else f"{sender}: {outage.words}"
                for sender, outage in outages.items()
            ]
            server.trouble = "\n".join(lines)
            server.next_try = min((outage.until for outage in outages.values()), default=False)

    def _compute_waiting_count(self):
        Delivery = self.env["ar.dunning.delivery"]
        for server in self:
            server.waiting_count = Delivery.search_count([("server_id", "=", server.id), ("state", "=", "queued")])

    @api.model
    def _of(self, mail_server_id):
        """The record of an outgoing server; made when it is first needed."""
        domain = [("mail_server_id", "=", mail_server_id or False)]
        found = self.sudo().search(domain)
        if not found:
            # Whoever makes it at the same time makes this transaction begin anew.
            self.env.cr.execute(
                "INSERT INTO ar_dunning_mail_server (mail_server_id) VALUES (%s) ON CONFLICT DO NOTHING",
                [mail_server_id or None],
            )
            found = self.sudo().search(domain)
        return found

    def unlink(self):
        actions = self.sudo().cron_id
        result = super().unlink()
        actions.unlink()
        return result

    def _wake(self, at=None):
        """Let this server's scheduled action send, now or at a moment."""
        for server in self.sudo():
            if not server.cron_id:
                server._put({"cron_id": server._make_action().id})
            server.cron_id._trigger(at)

    def _make_action(self):
        return self.env["ir.cron"].create(
            {
                "name": self.env._("Dunning: mails through %s", self.name),
                "model_id": self.env["ir.model"]._get_id(self._name),
                "state": "code",
                "code": f"model.browse({self.id})._hand_over()",
                "user_id": self.env.ref("base.user_root").id,
                "interval_number": 30,
                "interval_type": "minutes",
            }
        )

    # === Trouble === #

    def _outages(self):
        """`{sender, or WHOLE: Outage}`"""
        return {sender: Outage.from_json(kept) for sender, kept in (self.outages or {}).items()}

    def _waits_until(self, sender):
        """When mails of this sender may be tried again; False: now."""
        outages = self._outages()
        ends = [outages[key].until for key in (WHOLE, sender) if key in outages]
        end = max(ends, default=None)
        return end if end and end > fields.Datetime.now() else False

    def _fails(self, sender, words):
        """Nothing passes (of this sender, or at all): wait, and tell a manager where nobody knows yet.

        :param sender: its address, or WHOLE
        :return: when to try again
        """
        self.ensure_one()
        now, outages = fields.Datetime.now(), self._outages()
        outages[sender] = outages[sender].again(words, now) if sender in outages else Outage.begin(words, now)
        self._keep(outages)
        return outages[sender].until

    def _passes(self, sender):
        """A mail of this sender was accepted."""
        outages = self._outages()
        better = {key: outage for key, outage in outages.items() if key not in (WHOLE, sender)}
        if better != outages:
            self._keep(better)

    def _keep(self, outages):
        self._put(
            {
                "outages": {sender: outage.as_json() for sender, outage in outages.items()},
                "is_down": bool(outages),
            }
        )
        self._tell_manager()

    def _tell_manager(self):
        """One open to-do while there is trouble, none where there is none."""
        alarms = self.sudo().activity_ids
        if not self.is_down:
            alarms.action_feedback(feedback=self.env._("Mails pass again."))
        elif not alarms:
            waiting = (
                self.env["ar.dunning.delivery"].sudo().search([("server_id", "=", self.id)], order="id desc", limit=1)
            )
            company = waiting.company_id or self.env.company
            manager = company._dunning_manager()
            told = self.with_context(lang=manager.lang)
            told.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=company._dunning_today(),
                summary=told.env._("Reminders cannot be sent: %s", told.name),
                note=told._alarm_note(),
                user_id=manager.id,
            )

    def _alarm_note(self):
        return self.env._(
            "The mail server does not take our mails: %(words)s They wait and leave by themselves once it does.",
            words=self.trouble,
        )

    def action_try_now(self):
        """Somebody has put it right: do not wait any longer."""
        self.check_access("read")
        now = fields.Datetime.now().isoformat()
        # Who holds the lease is trying at this moment.
        for server in self.sudo().try_lock_for_update():
            server._put({"outages": {key: kept | {"until": now} for key, kept in (server.outages or {}).items()}})
        self.env["ar.dunning.delivery"].sudo().search([("server_id", "in", self.ids)])._hurry()
