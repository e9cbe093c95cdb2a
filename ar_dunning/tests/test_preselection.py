from datetime import timedelta

from odoo.tests import tagged

from ..tools.authority import as_system
from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestPreselection(DunningCommon):
    """What dialogs propose before anybody chooses."""

    def test_no_letter_ticked_means_those_that_were_printed(self):
        """Of two letters that wait one was printed: without a tick that one is posted, and the dialog says so."""
        self.env = self.env(context=dict(self.env.context, force_report_rendering=True))
        self.policy.level_ids[2].write({"channel_email": False, "channel_letter": True})
        other = self.partner_b
        other.write({"street": "Gata 2", "zip": "0155", "city": "Oslo", "is_company": True})
        self.invoice()
        self.invoice(partner=other)
        letters = self.day(FIRST).sudo().delivery_ids.filtered(lambda delivery: delivery.channel == "letter")
        self.assertEqual(letters.mapped("state"), ["queued", "queued"])
        printed = letters[0]
        with as_system():
            printed.write({"printed_on": "2026-03-07 10:00:00", "print_number": 1})
        action = letters.browse().action_mark_posted()
        wizard = self.env["ar.dunning.post.wizard"].with_context(**action["context"]).create({"posted_on": FIRST})
        self.assertEqual((wizard.of_all, wizard.letter_count), (True, 1))
        wizard.action_post()
        self.assertEqual((printed.state, (letters - printed).state), ("posted", "queued"))
        chosen = (letters - printed).action_mark_posted()
        self.assertFalse(self.env["ar.dunning.post.wizard"].with_context(**chosen["context"]).create({}).of_all)
