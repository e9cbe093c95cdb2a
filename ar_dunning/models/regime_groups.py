"""The groups of a statutory rule: each has its figures, a status and sources of its own."""

STATUS = [
    ("P", "Official source"),
    ("S", "Secondary source"),
    ("D", "Calculated from a verified rate"),
    ("M", "Not verified"),
]
# Fields of each group of rules; where a user edits one, the group's sources no longer prove it.
GROUPS = {
    "ground": (
        "ground_agreed",
        "ground_notice",
        "ground_invoice_days",
        "invoice_needs_mention",
        "shift_non_banking",
        "interest_start_days",
        "ground_note",
    ),
    "interest": (
        "interest_source",
        "fixed_rate",
        "interest_rate_id",
        "factor",
        "margin",
        "reference_step",
        "total_step",
        "frozen",
        "basis",
        "compounding",
        "rounding",
        "agreed_floor_rate_id",
        "agreed_floor_factor",
        "agreed_cap_rate_id",
        "agreed_cap_factor",
        "agreed_cap_margin",
        "interest_note",
        "interest_hint",
    ),
    "compensation": (
        "compensation_kind",
        "compensation_amount",
        "compensation_currency_id",
        "compensation_rate_id",
        "bound_currency_id",
        "offsets_reminder_fees",
        "compensation_note",
        "compensation_hint",
    ),
    "fee": (
        "fee_allowed",
        "fee_amount",
        "fee_currency_id",
        "fee_rate_id",
        "fee_factor",
        "fee_step",
        "demand_amount",
        "demand_factor",
        "fee_max_count",
        "fee_spacing_days",
        "fee_min_days",
        "fee_missed_deadline_days",
        "fee_deadline_days",
        "free_reminders",
        "fee_note",
    ),
    "notice": ("notice_name", "notice_deadline_days", "notice_runs_from", "notice_note"),
    "mention": (
        "mention_text",
        "mention_for_interest",
        "mention_for_compensation",
        "mention_for_ground",
        "mention_note",
    ),
    "charge": ("charge_cap_percent", "charge_currency_id", "charge_note"),
    "collection": ("collection_currency_id", "collection_after_notice", "collection_note"),
    "allocation": ("allocation", "allocation_note"),
}
# The bands that belong to each group.
TIER_GROUPS = {"compensation": "compensation", "demand": "fee", "penalty": "charge", "collection": "collection"}
# What is claimed: such figures ship only with a source.
CLAIMS = ("interest", "compensation")
