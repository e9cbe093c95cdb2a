import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import pdf
from ..tools.screen import form_of, say


class ArDunningDelivery(models.Model):
    """Letters: printed as one file in address order, then marked as posted in the order of that file.

    The place in the printed file is kept, because tracking numbers are scanned from the pile as it lies on
    the desk; an address corrected meanwhile must not change the order.
    """

    _inherit = "ar.dunning.delivery"

    printed_on = fields.Datetime("Printed", readonly=True, help="When this letter was last printed for the post.")
    print_number = fields.Integer("No. in the Pile", readonly=True, help="Place of the letter in the printed file.")
    country_id = fields.Many2one(related="partner_id.country_id")
    zip = fields.Char(related="partner_id.zip")
    city = fields.Char(related="partner_id.city")
    street = fields.Char(related="partner_id.street")

    def _is_letter_to_post(self):
        self.ensure_one()
        return self.channel == "letter" and self.state == "queued"

    @api.model
    def _letters_to_post(self):
        """All letters that wait for the post and that this user may see."""
        return self.search([("channel", "=", "letter"), ("state", "=", "queued")])

    def _in_address_order(self):
        """By country, postal code, town and street, so that the pile can be handed over sorted."""
        return self.sorted(
            lambda delivery: (
                delivery.country_id.code or "",
                delivery.zip or "",
                (delivery.city or "").casefold(),
                (delivery.street or "").casefold(),
                delivery.id,
            )
        )

    def _in_printed_order(self):
        """As they lie in the pile, the latest pile last; what was never printed follows in address order."""
        printed = self.filtered("printed_on")
        pile = printed.sorted(lambda delivery: (delivery.printed_on, delivery.print_number, delivery.id))
        return pile + (self - printed)._in_address_order()

    def action_print_for_post(self):
        """One PDF of these letters (none chosen: of all that wait) in address order."""
        letters = (self or self._letters_to_post()).filtered(lambda delivery: delivery._is_letter_to_post())
        if not letters:
            raise UserError(self.env._("No letter waits for the post."))
        letters.notice_id.check_access("write")
        waiting = letters.notice_id.filtered(lambda notice: not notice.sent_on).sudo()
        held = waiting.env["ar.dunning.revision"]._hold_letters(waiting)
        letters = letters.filtered(lambda letter: letter._is_letter_to_post())._in_address_order()
        if not letters:
            return self._tell_held(held)
        letters._draw_missing()
        sound = letters.notice_id._with_sound_letter()
        broken = letters.notice_id - sound
        letters = letters.filtered(lambda letter: letter.notice_id in sound)
        if not letters:
            return broken._broken_letter_warning()
        file = self.env["ar.dunning.post.wizard"].create(
            {"delivery_ids": [(6, 0, letters.ids)], "letters_file": base64.b64encode(letters._joined_letters())}
        )
        now = fields.Datetime.now()
        for number, letter in enumerate(letters.sudo(), start=1):
            letter._put({"printed_on": now, "print_number": number})
        download = {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{file._name}/{file.id}/letters_file/{file._letters_name()}?download=true",
            "target": "download",
        }
        then = self._tell_held(held, download) if held else download
        return broken._broken_letter_warning(then) if broken else then

    @api.model
    def _tell_held(self, held, go_on=None):
        """Which letters were not printed, and why; `go_on`: the action that follows."""
        reasons = "\n".join(f"{notice.name}: {told}" for notice, told in held.items())
        return say(self.env._("Not printed, because something has changed:\n%s", reasons), "warning", go_on)

    def _draw_missing(self):
        """Letters of mails that came back are drawn by the sender; whoever prints earlier draws them now."""
        for notice in self.notice_id.filtered(lambda notice: not notice.letter_id).sudo():
            self.env["ar.dunning.dispatch"].sudo()._render(notice)
        missing = self.notice_id.filtered(lambda notice: not notice.letter_id)
        if missing:
            raise UserError(
                self.env._("The letter of %s could not be made. Look at the notice.", ", ".join(missing.mapped("name")))
            )

    def _joined_letters(self):
        """The frozen letters one after the other, page by page as they were kept."""
        return pdf.join([delivery.notice_id._frozen_letter() for delivery in self.sudo()])

    def action_open_notice(self):
        """Open the notice of this letter."""
        self.ensure_one()
        return form_of(self.notice_id)

    def action_mark_posted(self):
        """Ask for day and tracking numbers of these letters (none chosen: of all that were printed)."""
        letters = self or self._letters_to_post().filtered("printed_on")
        letters = letters.filtered(lambda delivery: delivery._is_letter_to_post())
        if not letters:
            raise UserError(
                self.env._("No printed letter waits for the post. Print the letters first, or choose some.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as posted"),
            "res_model": "ar.dunning.post.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_delivery_ids": letters.ids, "default_of_all": not self},
        }
