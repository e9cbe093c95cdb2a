from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from .common import DUE
from .incoming_common import IncomingCommon

# A promise made on the first day of a ladder, for ten days later; the policy's tolerance is two days.
MADE = DUE + timedelta(days=3)
PROMISED = DUE + timedelta(days=13)
LAST = PROMISED + timedelta(days=2)
BIG = 1000.0


class ArrangementCommon(IncomingCommon):
    """Promises and disputes over simulated days, with real payments and a bank that is late."""

    def at(self, day, hour=10):
        return freeze_time(datetime.combine(day, time(hour)))

    def promise(self, invoice, amount=BIG, day=PROMISED, made=MADE, **values):
        """A promise about the invoice's items."""
        items = self.item(invoice)
        with self.at(made):
            return self.env["ar.dunning.arrangement"].create(
                {
                    "kind": "promise",
                    "customer_id": items.customer_id.id,
                    "item_ids": items.ids,
                    "date_start": made,
                    "date_end": day,
                    "promised_amount": amount,
                    **values,
                }
            )

    def dispute(self, invoice, part=0.0, made=MADE, reason="price", **values):
        """A dispute about the invoice's items, or a part of its only one."""
        items = self.item(invoice)
        with self.at(made):
            return self.env["ar.dunning.arrangement"].create(
                {
                    "kind": "dispute",
                    "customer_id": items.customer_id.id,
                    "item_ids": items.ids,
                    "date_start": made,
                    "disputed_amount": part,
                    "reason_id": self.env.ref(f"ar_dunning.reason_dispute_{reason}").id,
                    **values,
                }
            )

    def bank_reaches(self, day):
        """A line of the bank about something else, dated `day`."""
        return self.bank_line(-1.0, "Bank fee", day)

    def judged(self, promise, day):
        """The promise's state on the day, after the night's evaluation."""
        with self.at(day, 2):
            self.env["ar.dunning.judgement"].sudo()._judge(promise.company_id)
            self.env.invalidate_all()
        return promise.state

    def days_after(self, count, start=DUE):
        return start + timedelta(days=count)


assert date(2026, 3, 5) == MADE
