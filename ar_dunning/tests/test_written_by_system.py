from importlib.util import find_spec

from odoo.tests import tagged

from .walk_common import WalkTests
from .walk_records import WalkRecords

DRAFT = {"subject", "text", "closing", "level_id", "line_ids", "deadline", "partner_id", "responsible_id"}
CUSTOMER = {
    *("policy_id", "audience", "contact_id", "payer_id", "responsible_id", "never"),
    *("always_review", "note", "overdue_reason_id"),
}
PAUSE = {
    *("date_start", "date_end", "review_date", "reason_id", "reason", "note", "freeze_before", "addressee_id"),
}
SAID = {"note", "reason", "agreed_by_id", "channel"}
NEW = {
    *(
        "kind",
        "customer_id",
        "move_id",
        "item_ids",
        "agreed_by_id",
        "channel",
        "source",
        "promised_amount",
        "currency_id",
    ),
    *("disputed_amount", "owner_id", "answer_due"),
}
MAIL_SERVER = {"ar_dunning_per_minute", "ar_dunning_per_connection"}


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkTests, WalkRecords):
    """What the system writes no person can write, whatever the user, the way and the state of the record."""

    addon = "ar_dunning"
    of_others = {"res.users", "res.company", "account.payment.method.line", "ir.mail_server"}
    # By hand, from the forms: not read from the code that refuses.
    own = {
        "ar.dunning.notice": {"draft": DRAFT, "cancelled": set(), "": {"responsible_id"}},
        "ar.dunning.customer": {"": CUSTOMER, "new": CUSTOMER | {"partner_id", "company_id"}},
        "ar.dunning.item": {"": {"is_factored", "collection_failed", "overdue_reason_id"}},
        "ar.dunning.arrangement": {
            "active": PAUSE,
            "ended": {"note"},
            "new": PAUSE | NEW,
            "promise": SAID,
            "broken": {"note"},
            "dispute": SAID | {"owner_id", "answer_due", "disputed_amount", "reason_id"},
            "settled": {"note"},
        },
        "account.move": {"": {"ar_dunning_dispute_deadline"}, "new": {"ar_dunning_dispute_deadline"}},
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

    def test_every_addon_walks_its_own_fields(self):
        addons = self.env["ir.module.module"].search([("name", "=like", "ar_dunning%"), ("state", "=", "installed")])
        for name in addons.mapped("name"):
            self.assertTrue(find_spec(f"odoo.addons.{name}.tests.test_written_by_system"), name)
