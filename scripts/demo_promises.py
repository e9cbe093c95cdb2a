"""What customers of the demo said on the phone: what they promised or dispute, and when they are to be called again."""

from datetime import timedelta

from demo_customers import CUSTOMERS
from demo_odoo import clock

# By trait: days ago, outcome, reason overdue, note, and the day by which they pay, as days before the demo's.
CALLS = {
    "broken promise": (9, "promised", "cash", "Bookkeeping says a large customer of theirs pays this week.", 6),
    "promise due": (3, "promised", "forgotten", "The new manager found the invoice in a drawer.", 0),
    "promise waits": (8, "promised", "cash", "Half the milk money comes at the end of the week.", 4),
    "disputes a part": (2, "disputed", "our_fault", "Twelve of the forty valves were the wrong size."),
    "nobody answered": (2, "nobody", None, "Rang twice. The switchboard is staffed from nine."),
    "call back": (1, "call_back", "approval", "Madame Perrin signs; she is back today."),
}
# After these the customer is called again on the day of the demo; the others are left alone meanwhile.
CALLED_AGAIN = {"broken promise", "nobody answered", "call back"}


class Promises:
    """Logs the calls of the demo, with the promises and disputes that came of them."""

    def __init__(self, ledger) -> None:
        self.ledger = ledger
        self.env = ledger.env(user=ledger.users["accountant"])

    def keep(self, partners) -> None:
        """Log what the traits of the customers say."""
        for customer in CUSTOMERS:
            for trait in sorted(customer.traits & CALLS.keys()):
                self.call(partners[customer], trait, *CALLS[trait])

    def call(self, partner, trait, ago, outcome, reason, note, pays=None) -> None:
        """A call `ago` days ago, by the accountant."""
        day, record = self.ledger.day, self.ledger.record(partner)
        with clock(day - timedelta(days=ago)):
            self.env["ar.dunning.call.wizard"].create(
                {
                    "customer_id": record.id,
                    "outcome_id": self.env.ref(f"ar_dunning.reason_call_{outcome}").id,
                    "overdue_reason_id": reason and self.env.ref(f"ar_dunning.reason_overdue_{reason}").id,
                    "next_call": trait in CALLED_AGAIN and day,
                    "note": note,
                    **({"promised_on": day - timedelta(days=pays)} if pays is not None else {}),
                    **(self.disputed(record) if outcome == "disputed" else {}),
                }
            ).action_log()

    def disputed(self, record):
        """Thirty percent of the oldest open item."""
        item = record.item_ids.filtered("is_open").sorted("due_date")[:1]
        return {
            "item_ids": item.ids,
            "dispute_reason_id": self.env.ref("ar_dunning.reason_dispute_wrong_item").id,
            "disputed_share": 30.0,
        }
