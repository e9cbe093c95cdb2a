import base64
import binascii

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import format_amount

from . import load_file
from .load_text import LoadError, decode, read_table

PREVIEW_ROWS = 10
PREVIEW_PROBLEMS = 20


class ArDunningLoad(models.TransientModel):
    """Load open items from a CSV file.

    Thin: the file is understood and written by `ar.dunning.loader`, which needs no screen.
    """

    _name = "ar.dunning.load"
    _inherit = "ar.dunning.guarded"
    _description = "Load Open Items"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [("file", "File"), ("checked", "Checked"), ("done", "Loaded")], required=True, default="file", readonly=True
    )
    file = fields.Binary("CSV File", attachment=False)
    filename = fields.Char()
    encoding = fields.Selection(
        [("utf-8", "Unicode (UTF-8)"), ("cp1252", "Western European (Windows)"), ("latin-1", "Latin-1")],
        help="Leave empty to find out from the file.",
    )
    delimiter = fields.Selection(
        [(";", "Semicolon"), (",", "Comma"), ("\t", "Tab"), ("|", "Vertical bar")], help="Leave empty to find out."
    )
    date_format = fields.Selection(
        [("ymd", "2020-07-15"), ("dmy", "15.07.2020 or 15/07/2020"), ("mdy", "07/15/2020")],
        help="Leave empty to find out. Dates such as 01/02/2020 can be read in two ways: then you choose.",
    )
    decimal = fields.Selection(
        [(".", "Point (1,234.50)"), (",", "Comma (1.234,50)")], "Decimal Sign", help="Leave empty to find out."
    )
    kind = fields.Selection(
        [("company", "Companies"), ("person", "Individuals"), ("public", "Public bodies")],
        "New Customers Are",
        required=True,
        default="company",
        help="Unless the file says it of each. It decides by which policy they are dunned.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        domain="[('type', '=', 'sale'), ('company_id', '=', company_id)]",
        help="Leave empty for a journal of its own, 'Opening items', made if there is none.",
    )
    account_id = fields.Many2one(
        "account.account",
        "Counterpart Account",
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance')),"
        " ('company_ids', 'parent_of', company_id)]",
        help="Credited against the receivables. Leave empty for the account that opening balances go to, so that "
        "income of former years does not show up again.",
    )
    column_ids = fields.One2many("ar.dunning.load.column", "load_id", string="Columns")
    preview_html = fields.Html(readonly=True, sanitize=False)
    result_html = fields.Html(readonly=True, sanitize=False)
    bad_file = fields.Binary("Lines Not Loaded", readonly=True, attachment=False)
    bad_filename = fields.Char(readonly=True)
    ready_count = fields.Integer(readonly=True)

    # === Engine, without a screen === #

    @api.model
    def _load(self, source, mapping=None, company=None, **options):
        """Load `source`; see `ar.dunning.loader._load`, to which this is the short way."""
        return self.env["ar.dunning.loader"]._load(source, mapping, company, **options)

    # === Screen === #

    @api.onchange("file", "encoding", "delimiter")
    def _onchange_file(self):
        """Show the file's columns, each with what it seems to mean."""
        self.column_ids = [Command.clear()]
        if not self.file:
            return None
        try:
            table = self._read_file()
        except LoadError as problem:
            text = self.env["ar.dunning.loader"]._sentence(problem)
            return {"warning": {"title": self.env._("Load open items"), "message": text}}
        meaning = {position: target for target, position in load_file.guess_columns(table.header).items()}
        self.column_ids = [
            Command.create(
                {
                    "position": position,
                    "name": name or self.env._("Column %s", position + 1),
                    "sample": " · ".join(list(dict.fromkeys(table.column(position)))[:3]),
                    "target": meaning.get(position, False),
                }
            )
            for position, name in enumerate(table.header)
        ]
        self.delimiter = self.delimiter or table.delimiter
        return None

    def action_check(self):
        """Go through the whole file without writing anything, and show what would come of it."""
        result = self._run(dry_run=True)
        self.write(
            {
                "state": "checked",
                "preview_html": self._preview(result),
                "ready_count": sum(len(document.lines) for document in result.ready),
                **self._bad_values(result),
            }
        )
        return self._reopen()

    def action_load(self):
        """Load, batch by batch, and show what became of every line."""
        result = self._run()
        self.write({"state": "done", "result_html": self._summary(result), **self._bad_values(result)})
        return self._reopen()

    def action_back(self):
        """Back to the columns."""
        self.state = "file"
        return self._reopen()

    def action_view_items(self):
        """Open what has been loaded so far."""
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_item_action") | {
            "domain": [("is_loaded", "=", True), ("company_id", "=", self.company_id.id)],
            "context": {},
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Load open items"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_file(self):
        return read_table(decode(self._content(), self.encoding or None), self.delimiter or None)

    def _content(self):
        """The file's bytes.

        :raise LoadError: what was handed over is no file
        """
        try:
            return base64.b64decode(self.file)
        except binascii.Error:
            raise LoadError("not_text") from None

    def _run(self, **options):
        """Check the rights and hand file and choices to the loader, which works with all rights."""
        self.ensure_one()
        if not self.env.user.has_group("ar_dunning.group_dunning_manager") or self.company_id not in self.env.companies:
            raise AccessError(self.env._("Only a dunning manager of the company can load open items."))
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        try:
            content = self._content()
        except LoadError as problem:
            raise UserError(self.env["ar.dunning.loader"]._sentence(problem)) from None
        return self._load(
            content,
            self._mapping(),
            self.company_id,
            encoding=self.encoding or None,
            delimiter=self.delimiter or None,
            date_format=self.date_format or None,
            decimal=self.decimal or None,
            kind=self.kind,
            journal=self.journal_id.sudo(),
            account=self.account_id.sudo(),
            **options,
        )

    def _mapping(self):
        """The columns as chosen; targets that no column has are not guessed again."""
        chosen = dict.fromkeys(load_file.HEADERS)
        for column in self.column_ids.filtered("target"):
            if chosen[column.target] is not None:
                raise UserError(
                    self.env._(
                        "Two columns are chosen for '%s'. Clear one of them.",
                        self.env["ar.dunning.loader"]._target_names()[column.target],
                    )
                )
            chosen[column.target] = column.position
        return chosen

    # === What is shown === #

    def _bad_values(self, result):
        if not result.bad:
            return {"bad_file": False, "bad_filename": False}
        name = (self.filename or "open_items.csv").rsplit(".", 1)[0]
        left = self.env._("not loaded")
        return {
            "bad_file": base64.b64encode(result.bad_csv([self.env._("Line"), self.env._("Reason")])),
            "bad_filename": f"{name}-{left}.csv",
        }

    def _preview(self, result):
        """The first items as understood, and how many lines would be loaded."""
        heads = (
            self.env._("Line"), self.env._("Customer"), self.env._("Document"), self.env._("Date"),
            self.env._("Due"), self.env._("Open"), self.env._("Level reached"),
        )  # fmt: skip
        rows = []
        for document in result.ready[:PREVIEW_ROWS]:
            for line in document.lines:
                level = document.openings[line.due].get("opening_level_id")
                rows.append(
                    (
                        line.number,
                        f"{line.customer} {line.name}",
                        line.document,
                        format_date(self.env, line.date) if line.date else "",
                        format_date(self.env, line.due),
                        format_amount(self.env, float(line.amount), document.currency),
                        self.env["ar.dunning.level"].browse(level).name if level else "",
                    )
                )
        return self._counts(result, self._table_html(heads, rows))

    def _summary(self, result):
        amounts = ", ".join(
            format_amount(self.env, float(amount), self.env["res.currency"].search([("name", "=", code)]))
            for code, amount in sorted(result.amounts.items())
        )
        text = self.env._(
            "%(invoices)s invoices and credit notes over %(amounts)s, %(customers)s new customers.",
            invoices=result.invoices,
            amounts=amounts or "0",
            customers=result.customers,
        )
        return self._counts(result, Markup("<p>%s</p>") % text)

    def _counts(self, result, below):
        """How many lines fared how, then `below`, then the first reasons and notes."""
        ready = result.loaded or sum(len(document.lines) for document in result.ready)
        figures = (
            (self.env._("Lines in the file"), result.total),
            (self.env._("Loaded") if result.invoices else self.env._("To be loaded"), ready),
            (self.env._("Already loaded"), result.already),
            (self.env._("Not loaded"), len(result.bad)),
            (self.env._("Notes"), len(result.notes)),
        )
        head = Markup("").join(
            Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>") % figure for figure in figures
        )
        html = Markup("<table class='table table-sm w-auto'>%s</table>%s") % (head, below)
        bad = [(number, reason) for number, reason, _cells in sorted(result.bad, key=lambda row: row[0])]
        for title, rows in ((self.env._("Not loaded"), bad), (self.env._("Notes"), sorted(result.notes))):
            if rows:
                shown = self._table_html((self.env._("Line"), title), rows[:PREVIEW_PROBLEMS])
                html += shown
            if len(rows) > PREVIEW_PROBLEMS:
                html += Markup("<p class='text-muted'>%s</p>") % self.env._(
                    "… and %s more.", len(rows) - PREVIEW_PROBLEMS
                )
        return html

    def _table_html(self, heads, rows):
        head = Markup("").join(Markup("<th>%s</th>") % text for text in heads)
        body = Markup("").join(
            Markup("<tr>%s</tr>") % Markup("").join(Markup("<td>%s</td>") % cell for cell in row) for row in rows
        )
        return Markup("<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>") % (
            head,
            body,
        )


class ArDunningLoadColumn(models.TransientModel):
    """One column of the file, and what it means."""

    _name = "ar.dunning.load.column"
    _inherit = "ar.dunning.guarded"
    _description = "Column of a File of Open Items"
    _order = "position"

    load_id = fields.Many2one("ar.dunning.load", required=True, ondelete="cascade")
    position = fields.Integer()
    name = fields.Char("Column", readonly=True)
    sample = fields.Char("For Example", readonly=True)
    target = fields.Selection(
        [
            ("customer_number", "Customer number"),
            ("customer_name", "Customer name"),
            ("document", "Document number"),
            ("date", "Document date"),
            ("due_date", "Due date"),
            ("currency", "Currency"),
            ("amount", "Open amount"),
            ("level", "Level reached"),
            ("last_notice", "Date of last notice"),
            ("reminders", "Reminders sent"),
            ("kind", "Kind of customer"),
            ("email", "E-mail"),
            ("street", "Street"),
            ("zip", "Postcode"),
            ("city", "City"),
            ("country", "Country"),
            ("lang", "Language"),
            ("vat", "VAT number"),
        ],
        "Means",
        help="Leave empty to ignore the column.",
    )
