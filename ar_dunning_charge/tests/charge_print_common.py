from datetime import date, timedelta

import lxml.html

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.pdf_common import texts_of

DAY = DUE + timedelta(days=8)
SIGNS = {
    "&nbsp;": " ",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{ZERO WIDTH NO-BREAK SPACE}": "",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
}
BANK = "Bundesbank, base rate of 1 July 2026"


def fold(text):
    """Blanks folded, without the characters that only keep words together; signs as one types them."""
    for sign, typed in SIGNS.items():
        text = text.replace(sign, typed)
    # A minus sign comes back from a PDF with its invisible companion.
    return " ".join(text.split()).replace("- \N{ZERO WIDTH SPACE} ", "-")


class ChargePrintCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.write({"name": "Kari Lund", "email": "kari@nordlys.example"})
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )
        cls.reports = cls.env["ir.actions.report"].with_context(force_report_rendering=True)

    def notice(self, day=DAY):
        [notice] = self.night(day).notice_ids
        return notice

    def formal_notice(self):
        """The same as a formal notice."""
        self.policy.reminders_before_formal = 0
        self.policy.level_ids.filtered(lambda level: level.days == 5).kind = "formal"
        notice = self.notice()
        self.assertEqual(notice.kind, "formal")
        return notice

    def speak(self, code):
        """The customer speaks this language; the addon's words in it are loaded."""
        self.env["res.lang"]._activate_lang(code)
        self.env["ir.module.module"]._load_module_terms(["ar_dunning", "ar_dunning_charge"], [code])
        self.env.invalidate_all()
        self.partner_a.lang = code

    def values(self, notice, kind, amount, line=None, **values):
        line = line or notice.line_ids[0]
        return {
            "kind": kind,
            "customer_id": notice.customer_id.id,
            "company_id": notice.company_id.id,
            "item_id": line.item_id.id,
            "move_id": line.move_id.id,
            "notice_id": notice.id,
            "level_id": notice.level_id.id,
            "date": notice.date,
            "currency_id": line.currency_id.id,
            "amount": amount,
            "amount_company": amount,
            "slices": [],
            **values,
        }

    def piece(self, first, last, principal, rate, exact, amount, **values):
        """A period; `exact` as text, days counted from the dates."""
        return {
            "date_from": first,
            "date_to": last,
            "days": (last - first).days + 1,
            "principal": principal,
            "rate": rate,
            "source": BANK,
            "basis": "act_365",
            "exact": exact,
            "amount": amount,
            "is_correction": False,
            **values,
        }

    def interest(self, notice, amount, pieces, line=None, **values):
        line = line or notice.line_ids[0]
        own = [piece for piece in pieces if not piece["is_correction"]] or pieces
        return self.values(
            notice,
            "interest",
            amount,
            line,
            date_from=own[0]["date_from"],
            date_to=own[-1]["date_to"],
            default_date=line.due_date,
            default_ground="agreed",
            slices=pieces,
            **values,
        )

    def claim(self, *values):
        """Put these charges on their notices, whose texts follow."""
        charges = self.env["ar.dunning.charge"]._create_claims(list(values))
        self.env.invalidate_all()
        for notice in charges.notice_id:
            notice._put(self.env["ar.dunning.wording"]._text_values(notice))
        return charges

    def mail(self, notice):
        root = lxml.html.fromstring(str(self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]["body"]))
        return fold(" ".join(root.itertext()))

    def pages(self, notice):
        with self.allow_pdf_render():
            pdf, _kind = self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        return [fold(page) for page in texts_of(pdf)]

    def two_periods(self, notice, line=None, **values):
        """1,000 x 10.27 % x 30 / 365 = 8.44 and 1,000 x 10.52 % x 50 / 365 = 14.41."""
        pieces = [
            self.piece(date(2026, 6, 1), date(2026, 6, 30), 1000.0, 10.27, "8.44109589", 8.44),
            self.piece(date(2026, 7, 1), date(2026, 8, 19), 1000.0, 10.52, "14.41095890", 14.41),
        ]
        return self.interest(notice, 22.85, pieces, line, **values)
