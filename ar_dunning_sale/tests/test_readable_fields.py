from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon
from odoo.addons.ar_dunning.tests.readable_common import ReadableWalk


@tagged("post_install", "-at_install")
class TestReadableFields(ReadableWalk, DunningCommon):
    addon = "ar_dunning_sale"
    colleagues_read = {
        "account.move": {"ar_dunning_deposit_id", "ar_dunning_deposit_kind", "ar_dunning_deposit_undoable"},
        "account.payment": {"ar_dunning_deposit_id"},
        "sale.order": {
            "ar_dunning_relied",
            "ar_dunning_status",
            "ar_dunning_verdict",
            "ar_dunning_stopped",
            "ar_dunning_banner",
            "ar_dunning_deposit",
            "ar_dunning_received",
            "ar_dunning_deposit_ids",
            "ar_dunning_deposit_count",
            "ar_dunning_deposit_share",
            "ar_dunning_checked",
            "ar_dunning_release",
            "ar_dunning_release_id",
            "ar_dunning_release_ids",
            "ar_dunning_release_count",
            "ar_dunning_may_request",
            "ar_dunning_parked",
            "ar_dunning_waits",
            "ar_dunning_waits_banner",
            "ar_dunning_trial_ids",
            "ar_dunning_trial_id",
            "ar_dunning_trial_told",
            "ar_dunning_trial_asked",
        },
    }
    customers_read = {
        "sale.order": {
            "ar_dunning_trial",
            "ar_dunning_trial_end",
            "ar_dunning_trial_limit",
            "ar_dunning_trial_used",
            "ar_dunning_trial_state",
        },
        "sale.order.line": {"ar_dunning_trial"},
    }
