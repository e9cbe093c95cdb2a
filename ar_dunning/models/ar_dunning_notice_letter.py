import hashlib

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.screen import say


def sha256(content):
    """The hash that is kept of a file. `content`: bytes, or False of an empty one."""
    return hashlib.sha256(content or b"").hexdigest()


class ArDunningNotice(models.Model):
    """The letter of a notice, and the files that its mails enclose: each kept with its SHA-256, and compared with it
    whenever it is used."""

    _inherit = "ar.dunning.notice"

    letter_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    letter_sha256 = fields.Char("SHA-256 of the Letter", readonly=True)
    invoice_attachment_ids = fields.Many2many("ir.attachment", string="Invoices Enclosed", readonly=True)
    enclosed_sha256 = fields.Json("SHA-256 of the Files Enclosed", readonly=True, copy=False)

    def _freeze_letter(self, pdf):
        """Keep the rendered letter and its SHA-256 with the notice, once.

        A notice that has left by e-mail may still get its letter, when the mail came back.
        """
        self.ensure_one()
        if self.letter_id:
            raise UserError(self.env._("The letter of %s is frozen already.", self.name))
        letter = self.env["ir.attachment"]._keep_for(self, f"{self.name.replace('/', '-')}.pdf", pdf)
        self._add_evidence({"letter_id": letter.id, "letter_sha256": sha256(pdf)})

    def _drop_letter(self):
        """Forget letters drawn before a change: what was approved and taken back must be drawn anew."""
        letters = self.letter_id.sudo()
        if letters:
            self._add_evidence({"letter_id": False, "letter_sha256": False})
            letters._discard_of(self)

    def _own_files(self):
        """What its mail carries beside the documents that invoices have: files of this notice, never somebody else's."""
        files = self.invoice_attachment_ids
        if self.kind == "formal":
            files |= self.letter_id
        return files.filtered(lambda file: (file.res_model, file.res_id) == (self._name, self.id))

    def _has_letter_as_frozen(self):
        """Whether the letter is the notice's own, and byte by byte what was kept."""
        self.ensure_one()
        letter = self.sudo().letter_id
        ours = (letter.res_model, letter.res_id) == (self._name, self.id)
        return ours and sha256(letter.raw) == self.letter_sha256

    def _frozen_letter(self):
        """The kept letter, bytes; None where there is none.

        :raise UserError: it is not what was frozen
        """
        if not self.letter_id:
            return None
        if not self._has_letter_as_frozen():
            raise UserError(self._broken_letter_text())
        return self.sudo().letter_id.raw

    def _with_sound_letter(self):
        """Those of these notices whose letter, if they have one, is as it was frozen; the others are told about."""
        broken = self.filtered(lambda notice: notice.sudo().letter_id and not notice._has_letter_as_frozen())
        for notice in broken:
            told = notice._as_manager_reads()
            told._tell_broken(told.env._("The letter was tampered with"), told._broken_letter_text())
        return self - broken

    # === Enclosed === #

    def _freeze_enclosed(self, files):
        """Keep the SHA-256 of files that a mail of this notice is to enclose, once for each; the letter has its own."""
        kept = self.enclosed_sha256 or {}
        fresh = {str(file.id): sha256(file.raw) for file in files.sudo() - self.letter_id if str(file.id) not in kept}
        if fresh:
            self._add_evidence({"enclosed_sha256": kept | fresh})

    def _has_enclosed_as_frozen(self, files):
        """Whether these files are what was kept of them; if not, it is told."""
        self.ensure_one()
        kept = self.sudo().enclosed_sha256 or {}
        if all(sha256(file.raw) == kept[str(file.id)] for file in files.sudo() if str(file.id) in kept):
            return True
        told = self._as_manager_reads()
        told._tell_broken(told.env._("An enclosed file was tampered with"), told._broken_enclosed_text())
        return False

    def _broken_enclosed_text(self):
        return self.env._(
            "A file that %s encloses is not the one that was frozen: the mail is not sent. Compare it with a backup.",
            ", ".join(self.mapped("name")),
        )

    # === Told === #

    def _as_manager_reads(self):
        return self.sudo().with_context(lang=self.company_id._dunning_manager().lang)

    def _tell_broken(self, summary, text):
        """In the notice's history, and to a manager as long as nobody has looked."""
        manager, notice = self.company_id._dunning_manager(), self
        if summary in notice.activity_ids.mapped("summary"):
            return
        notice.message_post(body=text)
        notice.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=manager.id,
            summary=summary,
            note=text,
            date_deadline=self.company_id._dunning_today(),
        )

    def _broken_letter_text(self):
        return self.env._(
            "The letter of %s is not the one that was frozen: it is neither sent nor printed. Compare it with a backup.",
            ", ".join(self.mapped("name")),
        )

    def _broken_letter_warning(self, go_on=None):
        """What the person at the screen reads; `go_on`: the action that follows."""
        return say(self._broken_letter_text(), "danger", go_on)

    def action_print(self):
        """The letter: the frozen one, or a draft's as it would be."""
        if len(self) != 1 or not self.letter_id:
            return self.env.ref("ar_dunning.action_report_notice").report_action(self)
        self.check_access("read")
        if not self._with_sound_letter():
            return self._broken_letter_warning()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.letter_id.id}?download=true",
            "target": "download",
        }
