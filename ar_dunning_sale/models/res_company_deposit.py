from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS

LIABILITIES = ("liability_current", "liability_non_current")
# Where charts of accounts keep deposits received: chart, or the first part of its name, and the account's id in it.
CHARTS = {
    "de_skr03": "account_1732",
    "de_skr04": "chart_skr04_3550",
    "es": "account_common_560",
    "be": "a488",
    "fr": "pcg_1651",
}


class ResCompany(models.Model):
    """Where security deposits are booked. A branch books as its root does."""

    _inherit = "res.company"

    ar_dunning_deposit_account_id = fields.Many2one(
        "account.account",
        "Account of Security Deposits",
        check_company=True,
        help="A liability: the money is the customer's. Reconciliation is allowed on it by choosing it, as its open "
        "items are the deposits that are held.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_deposit_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Security Deposits",
        check_company=True,
        help="Leave empty for the journal of miscellaneous operations.",
        groups=SETTINGS_GROUPS,
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._dunning_open_deposit_items()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.get("ar_dunning_deposit_account_id"):
            self._dunning_open_deposit_items()
        return result

    @api.constrains("ar_dunning_deposit_account_id", "ar_dunning_deposit_journal_id")
    def _check_ar_dunning_deposit(self):
        for company in self.sudo():
            account, journal = company.ar_dunning_deposit_account_id, company.ar_dunning_deposit_journal_id
            if account and account.account_type not in LIABILITIES:
                raise ValidationError(
                    self.env._("Security deposits are a liability; %s is none. Choose another.", account.display_name)
                )
            if journal and journal.type != "general":
                raise ValidationError(
                    self.env._(
                        "Security deposits are booked in a journal of the type 'Miscellaneous'; %s is none.",
                        journal.display_name,
                    )
                )

    def _dunning_open_deposit_items(self):
        """Receipts and returns are matched on this account: what is open on it is what is held."""
        accounts = self.sudo().ar_dunning_deposit_account_id
        accounts.filtered(lambda account: not account.reconcile).reconcile = True

    def _dunning_deposit_account(self, look=False):
        """The account of security deposits, the chart's own where none was chosen; it is kept on first use.

        :param bool look: only look: keep nothing, raise nothing
        :raise UserError: none is known, or it does not fit any more; says where to choose one
        """
        root = self.sudo().root_id
        account = root.ar_dunning_deposit_account_id or root._dunning_chart_deposit_account()
        if look:
            return account
        if not account:
            raise UserError(
                self.env._(
                    "No account for security deposits is chosen for %s. Choose a liability account under Accounting > "
                    "Configuration > Settings > Orders and Deposits > Security Deposits.",
                    root.name,
                )
            )
        if account.account_type not in LIABILITIES or not account.active:
            raise UserError(
                self.env._(
                    "%s, chosen for security deposits, is no liability account in use any more. Choose another under "
                    "Accounting > Configuration > Settings > Orders and Deposits > Security Deposits.",
                    account.display_name,
                )
            )
        if account != root.ar_dunning_deposit_account_id or not account.reconcile:
            root.ar_dunning_deposit_account_id = account
        return account.with_env(self.env)

    def _dunning_chart_deposit_account(self):
        chart = self.chart_template or ""
        xmlid = CHARTS.get(chart) or CHARTS.get(chart.split("_")[0])
        account = xmlid and self.env["account.chart.template"].with_company(self).ref(xmlid, raise_if_not_found=False)
        fits = account and account.active and account.account_type in LIABILITIES
        return account if fits else self.env["account.account"]

    def _dunning_deposit_journal(self):
        """The journal of security deposits: the chosen one, or that of miscellaneous operations.

        :raise UserError: there is no such journal
        """
        root = self.sudo().root_id
        journal = root.ar_dunning_deposit_journal_id
        if not journal:
            special = root.currency_exchange_journal_id | root.tax_cash_basis_journal_id | root._dunning_own_journals()
            journal = self.env["account.journal"].sudo().search(
                [("company_id", "=", root.id), ("type", "=", "general"), ("id", "not in", special.ids)], limit=1
            )  # fmt: skip
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no journal of the type 'Miscellaneous'. Create one, or install a chart of accounts.",
                    root.name,
                )
            )
        return journal.with_env(self.env)
