from datetime import date, timedelta

from .common import DUE
from .walk_common import WalkCommon

REMINDED = DUE + timedelta(days=5)


class WalkRecords(WalkCommon):
    """A record of every kind of the base in every state; a member adds those of its own."""

    @classmethod
    def records(cls):
        states = ("draft", "queued", "sent", "failed", "cancelled")
        partners = cls.env["res.partner"].create(
            [{"name": f"Walk {state}", "is_company": True, "email": f"{state}@example.com"} for state in states]
        )
        invoices = [cls.invoice(partner=partner) for partner in partners]
        cls.env["ar.dunning.item"].sudo()._sync(cls.company)
        made = (
            cls.env["ar.dunning.run"].sudo()._make({"date": REMINDED, "state": "running", "company_id": cls.company.id})
        )
        made._prepare(made._due_customers())
        by_partner = {notice.partner_id: notice for notice in made.notice_ids}
        notices = {state: by_partner[partner] for state, partner in zip(states, partners, strict=True)}
        for state in ("queued", "failed"):
            notices[state]._update_state(("draft",), state)
        cls._send_one(notices["sent"])
        notices["cancelled"]._cancel("not wanted")
        server = cls.env["ir.mail_server"].create({"name": "Walk", "smtp_host": "localhost"})
        item = notices["sent"].line_ids.item_id
        customer = item.customer_id
        return {
            "ar.dunning.notice": notices,
            "ar.dunning.notice.line": {state: notice.line_ids[0] for state, notice in notices.items()},
            "ar.dunning.delivery": {"sent": notices["sent"].delivery_ids, "queued": cls._letter(notices["failed"])},
            "ar.dunning.item": {"open": item},
            "ar.dunning.customer": {"with history": customer, "without": cls._lone_customer()},
            "ar.dunning.run": {"done": made},
            "ar.dunning.run.line": {
                "": cls.env["ar.dunning.run.line"].sudo()._make({"run_id": made.id, "kind": "error"})
            },
            "ar.dunning.arrangement": cls._pauses(customer),
            "account.move": {"posted": invoices[2]},
            "account.payment.method.line": {"": cls.env["account.payment.method.line"].search([], limit=1)},
            "res.users": {"": cls.people["accountant"]},
            "ir.mail_server": {"": server},
            "ar.dunning.mail.server": {"": cls.env["ar.dunning.mail.server"]._of(server.id)},
            "res.company": {"": cls.company},
            "res.partner": {"": customer.partner_id},
            **cls._configuration(),
            "ar.dunning.agenda": {"": cls.env["ar.dunning.agenda"].search([], limit=1)},
            "ar.dunning.report": {"": cls.env["ar.dunning.report"].search([], limit=1)},
        }

    @classmethod
    def _send_one(cls, notice):
        notice._update_state(("draft",), "queued")
        delivery = (
            cls.env["ar.dunning.delivery"]
            .sudo()
            ._make(
                {
                    "notice_id": notice.id,
                    "channel": "email",
                    "partner_id": notice.partner_id.id,
                    "address": "a@example.com",
                }
            )
        )
        delivery._update_state(("queued",), "sent", done_on=f"{REMINDED} 09:00:00")
        notice._settle()

    @classmethod
    def _letter(cls, notice):
        return cls.env["ar.dunning.delivery"].sudo()._make({"notice_id": notice.id, "channel": "letter"})

    @classmethod
    def _lone_customer(cls):
        partner = cls.env["res.partner"].create({"name": "Walk alone", "is_company": True})
        return cls.env["ar.dunning.customer"].create({"partner_id": partner.id, "company_id": cls.company.id})

    @classmethod
    def _pauses(cls, customer):
        values = {
            "customer_id": customer.id,
            "date_start": DUE,
            "date_end": date(2031, 1, 1),
            "reason": "goods returned",
        }
        active, ended = cls.env["ar.dunning.arrangement"].create([values, values])
        ended._end("sorted out")
        return {"active": active, "ended": ended, **cls._said(customer)}

    @classmethod
    def _said(cls, customer):
        """Promises and disputes, open and closed."""
        items = {"customer_id": customer.id, "date_start": DUE, "item_ids": customer.item_ids[:1].ids}
        promise = {**items, "kind": "promise", "date_end": date(2031, 1, 1), "promised_amount": 1.0}
        reason = cls.env.ref("ar_dunning.reason_dispute_price")
        dispute = {**items, "kind": "dispute", "reason_id": reason.id}
        made = cls.env["ar.dunning.arrangement"].sudo().create([promise, promise, dispute, dispute])
        made[1]._put({"state": "broken"})
        made[3]._put({"state": "settled"})
        return dict(zip(("promise", "broken", "dispute", "settled"), made.sudo(False), strict=True))

    @classmethod
    def _configuration(cls):
        env = cls.env
        reason = env["ar.dunning.reason"].search([], limit=1)
        found = (cls.policy, cls.policy.level_ids[2], reason)
        return {record._name: {"": record} for record in found}
