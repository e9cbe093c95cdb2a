from datetime import date, timedelta
from importlib.util import find_spec

from odoo.tests import tagged

from .common import DUE
from .walk_common import WalkCommon

REMINDED = DUE + timedelta(days=5)
DRAFT = {"subject", "text", "closing", "level_id", "line_ids", "deadline", "partner_id", "responsible_id"}
CUSTOMER = {
    *("policy_id", "audience", "interest_rule_id", "contact_id", "payer_id", "responsible_id", "never"),
    *("always_review", "note", "overdue_reason_id"),
}
PAUSE = {
    *("date_start", "date_end", "review_date", "reason_id", "reason", "note", "freeze_before", "addressee_id"),
}
MAIL_SERVER = {"ar_dunning_per_minute", "ar_dunning_per_connection"}


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkCommon):
    """What the system writes no person can write, whatever the user, the way and the state of the record."""

    addon = "ar_dunning"
    # By hand, from the forms: not read from the code that refuses.
    own = {
        "ar.dunning.notice": {"draft": DRAFT, "cancelled": set(), "": {"responsible_id"}},
        "ar.dunning.customer": {"": CUSTOMER, "new": CUSTOMER | {"partner_id", "company_id"}},
        "ar.dunning.item": {"": {"is_factored", "collection_failed", "opening_claimed_until"}},
        "ar.dunning.arrangement": {
            "active": PAUSE,
            "ended": {"note"},
            "new": PAUSE | {"kind", "customer_id", "move_id"},
        },
        "account.payment.method.line": {"": {"ar_dunning_we_collect"}, "new": {"ar_dunning_we_collect"}},
        "res.users": {"": {"ar_dunning_waive_limit"}, "new": {"ar_dunning_waive_limit"}},
        "ir.mail_server": {"": MAIL_SERVER, "new": MAIL_SERVER},
    }
    settings = {
        "ar.dunning.policy": set(),
        "ar.dunning.level": set(),
        "ar.dunning.reason": set(),
        "ar.dunning.rate": {"pack_key", "pack_values", "country_code"},
        "ar.dunning.rate.value": {"pack_key", "pack_values", "period_end"},
        "ar.dunning.regime": {"pack_key", "pack_values", "country_code"},
        "ar.dunning.regime.tier": set(),
        "ar.dunning.interest.rule": set(),
        "ar.dunning.fee.rule": set(),
        "ar.dunning.fee.tier": {"is_last"},
        "res.company": set(),
    }
    deletes = {"ar.dunning.notice": {"draft"}, "ar.dunning.notice.line": {"draft"}}

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
            **cls._charges(notices["draft"].line_ids.item_id),
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
    def _charges(cls, item):
        values = {
            "kind": "interest",
            "customer_id": item.customer_id.id,
            "company_id": cls.company.id,
            "item_id": item.id,
            "move_id": item.move_id.id,
            "date": REMINDED,
            "currency_id": cls.company.currency_id.id,
            "amount": 1.5,
            "amount_company": 1.5,
        }
        piece = {
            "date_from": DUE,
            "date_to": REMINDED,
            "days": 5,
            "principal": 1000.0,
            "rate": 9.5,
            "amount": 1.5,
        }
        stages = ("draft", "announced", "booked", "waived", "reversed")
        charges = (
            cls.env["ar.dunning.charge"].sudo()._create_claims([dict(values, slices=[piece]) for _stage in stages])
        )
        found = dict(zip(stages, charges, strict=True))
        for stage, charge in found.items():
            charge._update_stage(("draft",), stage)
        return {
            "ar.dunning.charge": found,
            "ar.dunning.charge.slice": {stage: charge.slice_ids for stage, charge in found.items()},
        }

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
        return {"active": active, "ended": ended}

    @classmethod
    def _configuration(cls):
        env = cls.env
        rate = env["ar.dunning.rate"].create({"name": "Walk", "code": "WALK"})
        value = env["ar.dunning.rate.value"].create({"rate_id": rate.id, "date_from": "2026-01-01", "value": 2.0})
        regime = env["ar.dunning.regime"].create(
            {
                "name": "Walk",
                "country_id": env.ref("base.aq").id,
                "audience": "business",
                "fixed_rate": 8.0,
                "tier_ids": [(0, 0, {"kind": "demand", "amount": 5.0})],
            }
        )
        fee = env["ar.dunning.fee.rule"].create({"name": "Walk", "tier_ids": [(0, 0, {"fixed": 5.0})]})
        interest = env["ar.dunning.interest.rule"].create({"name": "Walk", "fixed_rate": 8.0})
        found = (cls.policy, cls.policy.level_ids[2], rate, value, regime, regime.tier_ids, interest, fee)
        found += (fee.tier_ids, env["ar.dunning.reason"].search([], limit=1))
        return {record._name: {"": record} for record in found}

    def test_every_field_is_refused_or_a_persons_own(self):
        """The fields are those of the registry: what somebody adds later is walked over, too."""
        self.assertFalse(set(self.names) - set(self.found), "models without a record to try")
        self.assertEqual(self.accepted_writes(), [])

    def test_a_server_action_is_a_person(self):
        self.assertEqual(self.accepted_by_action(), [])

    def test_nothing_of_the_systems_comes_with_a_new_record(self):
        self.assertEqual(self.accepted_creations(), [])

    def test_evidence_is_not_deleted(self):
        """The key with which Odoo marks an uninstallation changes nothing."""
        self.assertEqual(self.accepted_deletions(), [])

    def test_what_is_a_persons_own_can_be_written(self):
        foreign = {
            "res.users",
            "res.company",
            "account.payment.method.line",
            "ir.mail_server",
        }  # by who may write those
        self.assertEqual(self.refused_own(self.people["manager"], foreign), [])

    def test_every_addon_walks_its_own_fields(self):
        addons = self.env["ir.module.module"].search([("name", "=like", "ar_dunning%"), ("state", "=", "installed")])
        for name in addons.mapped("name"):
            self.assertTrue(find_spec(f"odoo.addons.{name}.tests.test_written_by_system"), name)
