"""Letters on any wkhtmltopdf.

Debian's wkhtmltopdf is built without patched Qt: it draws no header and footer, takes one document
per call, and turns web fonts into outlines without text. Letters of this addon therefore are made one
by one, with the letterhead of the company's layout inside the document, the style sheet within (so
that nothing is fetched from the server, which may hold locks), fonts of the system, and the foot of
each page stamped on the finished PDF. Other reports are left alone.
"""

import base64
import io
import re
from collections import OrderedDict

import lxml.html
from markupsafe import Markup
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo import api, models
from odoo.tools import file_open

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..tools import pdf as pdf_tools

REPORT = "ar_dunning.report_notice"
# Classes of a layout's article that stay in a letter: its own, the company's colours, the background.
LETTER_CLASSES = ("article", "o_company_", "o_report_layout_background")
# Fonts with most of Europe's letters, one of which a Linux machine has; Helvetica only knows Latin 1.
STAMP_FONTS = ("LiberationSans-Regular.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf", "FreeSans.ttf")
# Without patched Qt a page is laid out wider than it is and shrunk: 100 mm come out as 76.87 mm.
UNPATCHED_ZOOM = 1.301
FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")
FETCHED = re.compile(r"""url\(\s*["']?(?!data:)[^)]*\)""")
STATIC = re.compile(r"""url\(\s*["']?/(\w+/static/[\w./-]+\.(png|jpg|jpeg|svg))["']?\s*\)""")


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Letters one at a time; a frozen letter comes as it is kept, never drawn again."""
        report = self._get_report(report_ref)
        if report.report_name != REPORT or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = OrderedDict()
        for notice in self.env["ar.dunning.notice"].browse(dict.fromkeys(res_ids)):
            frozen = notice.state != "draft" and notice._frozen_letter()
            streams[notice.id] = {
                "stream": io.BytesIO(frozen or self._letter_pdf(notice)),
                "attachment": None,
            }
        return streams

    def _letter_pdf(self, notice):
        """Draw one letter."""
        notice = notice.with_context(lang=notice.lang)
        html = self._render_qweb_html(REPORT, notice.ids, data={"report_type": "pdf"})[0]
        pdf = self.with_context(ar_dunning_letter=True)._run_wkhtmltopdf(
            [self._letter_page(html, notice)], report_ref=REPORT
        )
        footer = notice.env["ar.dunning.print"]._print_footer(notice)
        draft = notice.state == "draft" and self.env._("Draft")

        def label(number, total):
            page = notice.env._("Page %(number)s of %(total)s", number=number, total=total)
            return f"{draft} · {page}" if draft else page

        return self._stamp(pdf, footer, label, {"/Title": notice.subject or "", "/Author": notice.company_id.name})

    @api.model
    def _letter_page(self, html, notice, screen=False):
        """The document that wkhtmltopdf gets: the layout's letterhead, and below it the letter and nothing else.

        What layouts put around a document (addresses, a title) they place for an invoice, not for a window.

        :param bool screen: for a frame in the web client: a sheet with its margins, as wide as the frame
        """
        root = lxml.html.fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
        [article], letters = root.find_class("article"), root.find_class("ar_letter")
        # Their styles are made for an invoice, too, and would draw boxes around everything or push it aside.
        kept = [c for c in article.get("class").split() if c.startswith(LETTER_CLASSES)]
        article.set("class", " ".join(kept))
        article.text = None
        article[:] = [self._letterhead(root.find_class("header"), notice.company_id.sudo()), *letters]
        direction = notice.env["res.lang"]._get_data(code=notice.lang).direction or "ltr"
        return notice.env["ir.qweb"]._render(
            "ar_dunning.report_notice_page",
            {
                "article": Markup(STATIC.sub(self._inline, lxml.html.tostring(article, encoding="unicode"))),
                "css": Markup(self._letter_css(direction == "rtl")),
                "direction": direction,
                "lang": notice.lang,
                "screen": screen,
                "zoom": 1 if screen or _wkhtml().is_patched_qt else UNPATCHED_ZOOM,
            },
        )

    @api.model
    def _letterhead(self, headers, company):
        """The layout's header in the height that a window leaves it: logo on the left, the company's details beside it."""
        head = lxml.html.Element("div", {"class": "ar_letterhead"})
        for header in headers:
            # Ornaments are placed for a header of its own and would push the text aside.
            for ornament in [*header.findall(".//svg"), *header.find_class("o_folder_header_container")]:
                if ornament.getparent() is not None:
                    ornament.drop_tree()
            for logo in header.findall(".//img"):
                logo.drop_tree()
                if not company.uses_default_logo:  # Odoo's placeholder is no logo
                    logo.attrib.pop("style", None)
                    head.append(logo)
            header.set("class", " ".join(c for c in header.get("class").split() if c.startswith("o_company_")))
            head.append(header)
        return head

    @api.model
    def _letter_css(self, rtl):
        """The reports' style sheet without what would be fetched: web fonts, pictures."""
        bundle = self.env["ir.qweb"]._get_asset_bundle("web.report_assets_common", css=True, js=False, rtl=rtl)
        css = FONT_FACE.sub("", bundle.css().raw.decode())
        return FETCHED.sub("none", STATIC.sub(self._inline, css)).replace("</", "<\\/")

    @api.model
    def _inline(self, match):
        """A picture of an addon as data URI."""
        try:
            with file_open(match[1], "rb") as picture:
                content = base64.b64encode(picture.read()).decode()
        except (OSError, ValueError):
            return "none"
        kind = {"jpg": "jpeg", "svg": "svg+xml"}.get(match[2], match[2])
        return f"url(data:image/{kind};base64,{content})"

    @api.model
    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        command = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("ar_dunning_letter"):
            # No script runs in a letter, so that there is nothing to wait for.
            command[command.index("--javascript-delay") + 1] = "0"
            if _wkhtml().is_patched_qt:
                command.append("--disable-smart-shrinking")
        return command

    # === Foot of the page === #

    @api.model
    def _stamp(self, pdf, footer, label, metadata):
        """Write the footer lines and `label(number, total)` on each page.

        :param label: callable that words the page number
        """

        def draw(total, width, height):
            labels = [label(number, total) for number in range(1, total + 1)]
            return self._footers(footer, labels, width, height)

        return pdf_tools.stamped(pdf, draw, metadata)

    @api.model
    def _footers(self, lines, labels, width, height):
        font, buffer = self._stamp_font(), io.BytesIO()
        canvas = Canvas(buffer, pagesize=(width, height))
        for label in labels:
            canvas.setStrokeGray(0.6)
            canvas.setLineWidth(0.4)
            canvas.line(25 * mm, 18 * mm, width - 15 * mm, 18 * mm)
            canvas.setFillGray(0.3)
            canvas.setFont(font, 7.5)
            canvas.drawRightString(width - 15 * mm, 14.4 * mm, self._encodable(label, font))
            room = width - 40 * mm - pdfmetrics.stringWidth(label, font, 7.5) - 5 * mm
            for index, line in enumerate(lines[:2]):
                text, size = self._fitting(self._encodable(line, font), font, room if not index else width - 40 * mm)
                canvas.setFont(font, size)
                canvas.drawString(25 * mm, (14.4 - 3.6 * index) * mm, text)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    @api.model
    def _fitting(self, text, font, room):
        """The text and the size in which it fits; below 5.5 points it is cut."""
        size = 7.5
        while size > 5.5 and pdfmetrics.stringWidth(text, font, size) > room:
            size -= 0.5
        while len(text) > 1 and pdfmetrics.stringWidth(text, font, size) > room:
            text = text[:-2] + "…"
        return text, size

    @api.model
    def _encodable(self, text, font):
        """Helvetica, the last resort, knows Latin 1 only."""
        return text if font != "Helvetica" else text.encode("cp1252", "replace").decode("cp1252")

    @api.model
    def _stamp_font(self):
        """Name of the first font that the machine has, registered with reportlab."""
        registered = pdfmetrics.getRegisteredFontNames()
        for name in STAMP_FONTS:
            if name not in registered:
                try:
                    pdfmetrics.registerFont(TTFont(name, name))
                except TTFError:
                    continue
            return name
        return "Helvetica"
