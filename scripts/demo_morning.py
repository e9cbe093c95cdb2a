"""A morning of the demo: last evening's mails have left, not all of them well; the night has prepared the next ones."""

from datetime import timedelta

from demo_customers import CUSTOMERS
from demo_night import Night
from demo_odoo import clock, drawing


class Morning(Night):
    """What was approved the day before leaves; what the night prepares stays for a person to read and send."""

    def play(self) -> None:
        """The evening's mails and letters, what came back, and the night."""
        with clock(self.day - timedelta(days=1)), drawing(self.env):
            self.timed("draw and hand over", self.hand_over)
            self.timed("mail", self.deliver)
            self.come_back()
        self.timed("files", self.write_letters)
        with clock(self.day):
            self.timed("prepare", self.prepare)

    @property
    def notices(self):
        """What was approved the day before."""
        return self.env["ar.dunning.notice"].search([("date", "=", self.day - timedelta(days=1))])

    @property
    def drafts(self):
        """What the night prepared."""
        return self.run.notice_ids.filtered(lambda notice: notice.state == "draft")

    def addresses(self, trait) -> set[str]:
        """E-mail addresses of the customers with a trait."""
        return {customer.email for customer in CUSTOMERS if trait in customer.traits}

    def deliver(self) -> None:
        """Into the catch-all, which this once finds a mailbox full, and breaks the line before it answers."""
        self.server.full = self.addresses("mailbox full")
        self.server.silent = self.addresses("answer lost")
        super().deliver()
        self.server.full, self.server.silent = set(), set()

    def come_back(self) -> None:
        """A mail server farther away did not know an address."""
        from odoo.addons.ar_dunning.core.delivery_report import Report

        bounces = self.addresses("bounces")
        for delivery in self.notices.delivery_ids.filtered(lambda sent: sent.address in bounces):
            delivery._come_back(Report(delivery.address, "failed", "5.1.1", "user unknown"))
        self.env.cr.commit()
        for notice in self.env["ar.dunning.dispatch"]._letters_to_make():
            self.env["ar.dunning.dispatch"]._render(notice)
        self.env.cr.commit()

    # === Account === #

    def blocks(self):
        """What was sent, and what waits."""
        yield "Ledger", self.ledger()
        yield "Left the house in the evening", self.departures()
        yield "Wait to be sent, by level", self.levels(self.drafts)
        yield "Wait for you besides", self.waiting()
        yield "Items left alone, by reason", self.reasons()

    def waiting(self):
        """Everything else that the morning brings."""
        deliveries = self.env["ar.dunning.delivery"].search([("is_copy", "=", False)])
        agenda = self.env["ar.dunning.agenda"].search([("date", "<=", self.day)])
        yield "mails that failed", len(deliveries.filtered(lambda delivery: delivery.state == "failed"))
        yield "mails nobody knows of whether they arrived", len(deliveries.filtered(lambda d: d.state == "unconfirmed"))
        yield "letters to post, one for a mail that came back", len(deliveries._letters_to_post())
        yield "calls and tasks", len(agenda.filtered(lambda entry: entry.kind in ("call", "task")))
        yield "pauses that end", len(agenda.filtered(lambda entry: entry.kind == "pause"))
