from importlib.util import find_spec

from odoo.tests import tagged

from .walk_records import WalkRecords

DRAFT = {"subject", "text", "closing", "level_id", "line_ids", "deadline", "partner_id", "responsible_id"}
CUSTOMER = {
    *("policy_id", "audience", "contact_id", "payer_id", "responsible_id", "never"),
    *("always_review", "note", "overdue_reason_id"),
}
PAUSE = {
    *("date_start", "date_end", "review_date", "reason_id", "reason", "note", "freeze_before", "addressee_id"),
}
MAIL_SERVER = {"ar_dunning_per_minute", "ar_dunning_per_connection"}


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkRecords):
    """What the system writes no person can write, whatever the user, the way and the state of the record."""

    addon = "ar_dunning"
    # By hand, from the forms: not read from the code that refuses.
    own = {
        "ar.dunning.notice": {"draft": DRAFT, "cancelled": set(), "": {"responsible_id"}},
        "ar.dunning.customer": {"": CUSTOMER, "new": CUSTOMER | {"partner_id", "company_id"}},
        "ar.dunning.item": {"": {"is_factored", "collection_failed"}},
        "ar.dunning.arrangement": {
            "active": PAUSE,
            "ended": {"note"},
            "new": PAUSE | {"kind", "customer_id", "move_id"},
        },
        "account.payment.method.line": {"": {"ar_dunning_we_collect"}, "new": {"ar_dunning_we_collect"}},
        "ir.mail_server": {"": MAIL_SERVER, "new": MAIL_SERVER},
    }
    settings = {
        "ar.dunning.policy": set(),
        "ar.dunning.level": set(),
        "ar.dunning.reason": set(),
        "res.company": set(),
    }
    deletes = {"ar.dunning.notice": {"draft"}, "ar.dunning.notice.line": {"draft"}}

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
