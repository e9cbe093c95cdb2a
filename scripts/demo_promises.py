"""What customers of the demo said on the phone, and when they are to be called again."""

from datetime import timedelta

from demo_customers import CUSTOMERS
from demo_odoo import clock

# By trait: days ago, outcome, reason overdue, note.
CALLS = {
    "broken promise": (
        6,
        "promised",
        "cash",
        "Bookkeeping says a large customer of theirs pays this week; ours follows the day before the next call at the latest.",
    ),
    "nobody answered": (2, "nobody", None, "Rang twice. The switchboard is staffed from nine."),
    "call back": (1, "call_back", "approval", "Madame Perrin signs; she is back today."),
}


class Promises:
    """Logs the calls of the demo, each with the next call on the day of the demo."""

    def __init__(self, ledger) -> None:
        self.ledger = ledger
        self.env = ledger.env(user=ledger.users["accountant"])

    def keep(self, partners) -> None:
        """Log what the traits of the customers say."""
        for customer in CUSTOMERS:
            for trait in sorted(customer.traits & CALLS.keys()):
                self.call(partners[customer], *CALLS[trait])

    def call(self, partner, ago, outcome, reason, note) -> None:
        """A call `ago` days ago, by the accountant."""
        with clock(self.ledger.day - timedelta(days=ago)):
            self.env["ar.dunning.call.wizard"].create(
                {
                    "customer_id": self.ledger.record(partner).id,
                    "outcome_id": self.env.ref(f"ar_dunning.reason_call_{outcome}").id,
                    "overdue_reason_id": reason and self.env.ref(f"ar_dunning.reason_overdue_{reason}").id,
                    "next_call": self.ledger.day,
                    "note": note,
                }
            ).action_log()
