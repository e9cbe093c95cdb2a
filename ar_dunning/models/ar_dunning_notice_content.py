import hashlib
from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.screen import say
from .facts.print_sections import Block, Words


def sha256(content):
    """The hash that is kept of a file. `content`: bytes, or False of an empty one."""
    return hashlib.sha256(content or b"").hexdigest()


class ArDunningNotice(models.Model):
    """What a notice brings: its mail, its letter and the files that its mails enclose, what it demands beside its lines.

    Letter and files are kept with their SHA-256, and compared with it whenever they are used. Beside its lines a notice
    demands nothing of the base's own; members of the family add to it. Once it has left, what it demanded and the blocks
    that it printed stay as they were, whoever brought them.
    """

    _inherit = "ar.dunning.notice"

    letter_id = fields.Many2one("ir.attachment", readonly=True, ondelete="restrict")
    letter_sha256 = fields.Char("SHA-256 of the Letter", readonly=True)
    invoice_attachment_ids = fields.Many2many("ir.attachment", string="Invoices Enclosed", readonly=True)
    enclosed_sha256 = fields.Json("SHA-256 of the Files Enclosed", readonly=True, copy=False)
    left_with = fields.Json(
        "Demanded Besides",
        readonly=True,
        copy=False,
        help="What it demanded beside the principal when it left, and how that was printed.",
    )

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

    # === What members add === #

    def _added_demands(self):
        """Seam. What this notice demands beside the principal as things stand: `[(currency, amount)]`; base: nothing."""
        self.ensure_one()
        return []

    def _added_blocks(self, words, currency, due):
        """Seam. The blocks that show what is demanded beside the principal in one currency; base: none.

        :param words: `Words` of the notice's language
        :param due: the principal that is demanded in the currency
        :return: `[Block]`
        """
        self.ensure_one()
        return []

    def _follow_figures(self, on):
        """Seam. Called whenever lines, levels, language or day of these unsent notices have changed, with the day `on`.

        A member works out anew what it demands; what a person has dropped from an edited notice stays dropped.
        """

    def _follow_dropped_lines(self):
        """Seam. Called when a person has taken lines off these drafts: what a member demands on them goes, too."""

    # === What it demands === #

    def _demands(self):
        """What this notice demands beside the principal: `[(currency, amount)]`; once it has left, what it demanded then."""
        self.ensure_one()
        if not self.left_with:
            return self._added_demands()
        Currency = self.env["res.currency"]
        return [(Currency.browse(key), float(amount)) for key, amount in self.left_with["demands"]]

    def _demands_by_currency(self):
        amounts = defaultdict(list)
        for currency, amount in self._demands():
            amounts[currency].append(amount)
        return amounts

    def _print_blocks(self, words, currency, due):
        """The blocks below the demanded items of one currency; once the notice has left, those that it had then."""
        if not self.left_with:
            return tuple(self._added_blocks(words, currency, due))
        return tuple(Block.of(kept) for kept in self.left_with["blocks"].get(str(currency.id), ()))

    def _keep_demands(self):
        """Freeze what these notices demand beside the principal: they have left. Without such demands nothing is kept."""
        for notice in self:
            demands = notice._demands_by_currency()
            if demands and not notice.left_with:
                notice._add_evidence({"left_with": notice._demands_to_keep(demands)})

    def _demands_to_keep(self, demands):
        notice, words = self.with_context(lang=self.lang), Words(self.env, self.lang)
        lines, blocks = self.line_ids.filtered("is_demanded"), {}
        for currency in demands:
            due = sum(line.amount_due for line in lines if line.currency_id == currency)
            blocks[str(currency.id)] = [block.kept() for block in notice._added_blocks(words, currency, due)]
        kept = [[currency.id, repr(amount)] for currency, amounts in demands.items() for amount in amounts]
        return {"v": 1, "demands": kept, "blocks": blocks}

    # === Its words === #

    def _forget_stale_words(self):
        """A person has read the words and sends them as they are."""
        for notice in self.filtered("stale_words"):
            base = dict(notice.said["base"], was=[])
            notice._put({"said": dict(notice.said, base=base)})

    # === Its mail === #

    def _answering_user(self):
        """Whose name it bears and who gets the replies; what has left keeps its own. Empty: the company."""
        self.ensure_one()
        own = self.responsible_id.sudo()
        return own if not own or self.sent_on or own._is_dunning_person() else self.customer_id._who_is_asked()

    def _mail_author(self):
        """Who the mail is from, and whose name replies are addressed to: the responsible, else the company."""
        self.ensure_one()
        return self._answering_user().partner_id or self.company_id.partner_id

    def _mail_template(self):
        self.ensure_one()
        return self.level_id.mail_template_id or self.env.ref("ar_dunning.mail_template_notice")

    def _render_mail_body(self):
        """The body between the mail template's own words: text, items, deadline, how to pay, closing."""
        self.ensure_one()
        notice = self.with_context(lang=self.lang)
        return notice.env["ir.qweb"]._render(
            "ar_dunning.notice_mail_body", notice.env["ar.dunning.print"]._mail_body_values(notice)
        )

    def _render_correction_body(self):
        """The words of the correcting mail, in the customer's language."""
        self.ensure_one()
        notice = self.with_context(lang=self.lang)
        values = {"notice": notice, "day": self.env["ar.dunning.print"]._print_date(self, self.sent_on)}
        return notice.env["ir.qweb"]._render("ar_dunning.notice_mail_correction", values)
