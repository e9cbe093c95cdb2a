from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..models.sql import DUE, OPEN_LINE, TRADE, overdue

AUDIENCES = {"for_business": "business", "for_consumer": "consumer", "for_public": "public"}


class ArDunningSetup(models.TransientModel):
    """Set up in a minute: three questions, what the ledger is missing, then a rehearsal of tonight.

    Everything it does is ordinary data of policies, company and invoices that can be changed elsewhere, too.
    A dunning user sees what is set and may rehearse; only a manager answers the questions.
    """

    _name = "ar.dunning.setup"
    _inherit = "ar.dunning.guarded"
    _description = "Dunning Set-up"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    state = fields.Selection(
        [("questions", "Questions"), ("findings", "Findings")], required=True, default="questions", readonly=True
    )
    is_manager = fields.Boolean(compute="_compute_is_manager")
    for_business = fields.Boolean("Businesses", default=lambda self: self._has_policy("business"))
    for_consumer = fields.Boolean("Consumers", default=lambda self: self._has_policy("consumer"))
    for_public = fields.Boolean("Public administration", default=lambda self: self._has_policy("public"))
    others = fields.Selection(
        [("archive", "Archive their policies"), ("keep", "Keep their policies")],
        required=True,
        default="archive",
        help="What happens to the policies of the kinds not ticked. An archived policy can be brought back at any time.",
    )
    mode = fields.Selection(
        [
            ("review", "Review: every notice waits until somebody presses Send"),
            ("automatic", "Automatic: the night sends by itself"),
        ],
        default=lambda self: self._default_mode(),
        help="Empty where the policies differ: then each stays as it is.",
    )
    not_before = fields.Date(
        "Dun nothing due before",
        default=lambda self: self.env.company.sudo().ar_dunning_not_before,
        help="Items due before this day are left alone. Leave empty to dun whatever is overdue, however old.",
    )
    oldest_due = fields.Date(compute="_compute_older")
    older_count = fields.Integer(compute="_compute_older")

    # === The three questions === #

    def _compute_display_name(self):
        for setup in self:
            setup.display_name = self.env._("Set up dunning for %s", setup.company_id.sudo().name)

    def _compute_is_manager(self):
        self.is_manager = self.env.user.has_group("ar_dunning.group_dunning_manager")

    @api.model
    def _policies(self, company, archived=False):
        """The policies that serve `company`: its own and its parents'."""
        Policy = self.env["ar.dunning.policy"].with_context(active_test=not archived)
        return Policy.search([("company_id", "parent_of", company.id)])

    @api.model
    def _has_policy(self, audience):
        return audience in self._policies(self.env.company).mapped("audience")

    @api.model
    def _default_mode(self):
        """What the policies say with one voice; nothing where they differ."""
        modes = set(self._policies(self.env.company).mapped("mode")) or {"review"}
        return modes.pop() if len(modes) == 1 else False

    @api.depends("not_before", "company_id")
    def _compute_older(self):
        for setup in self:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    """
                    SELECT min(%(due)s), count(*) FILTER (WHERE %(older)s)
                      FROM account_move_line l
                      JOIN account_account a ON a.id = l.account_id
                      JOIN account_move m ON m.id = l.move_id
                     WHERE l.company_id = %(company)s AND %(open)s AND %(trade)s AND l.no_followup IS NOT TRUE
                       AND l.payment_id IS NULL AND l.statement_line_id IS NULL
                       AND m.move_type IN ('out_invoice', 'out_receipt', 'entry')
                    """,
                    due=DUE,
                    older=overdue(setup.not_before) if setup.not_before else SQL("FALSE"),
                    company=setup.company_id.id,
                    open=OPEN_LINE,
                    trade=TRADE,
                )
            )
            setup.oldest_due, setup.older_count = self.env.cr.fetchone()

    def action_questions(self):
        """Back to the questions."""
        self.state = "questions"

    def action_findings(self):
        """Apply the answers, bring the items up to date with the ledger, and show what is missing."""
        self.ensure_one()
        self._apply()
        self.env["ar.dunning.customer"].sudo()._catch_up(self.company_id.sudo())
        self._put_menu_away()
        self.state = "findings"

    def _put_menu_away(self):
        """*Set up* stands first in the menu until a manager has answered; afterwards it is under Configuration."""
        menu = self.env.ref("ar_dunning.ar_dunning_setup_first_menu", raise_if_not_found=False)
        if menu and menu.sudo().active and self.is_manager:
            menu.sudo().active = False

    def action_rehearse(self):
        """Rehearse the coming night for this company."""
        self.ensure_one()
        Wizard = self.env["ar.dunning.run.wizard"]
        company = self.company_id & self.env.companies
        wizard = Wizard.create({"date": Wizard._next_night(company), "company_ids": [(6, 0, company.ids)]})
        return wizard.action_preview()

    def _apply(self):
        """Bring policies and company in line with the answers. Only a manager's answers may change anything."""
        self.ensure_one()
        chosen = {audience for name, audience in AUDIENCES.items() if self[name]}
        if not chosen:
            raise UserError(self.env._("Tick at least one kind of customer."))
        back, away = self._switched_policies(chosen)
        differing = self._differing_policies(chosen) | back.filtered(lambda policy: policy.mode != self.mode)
        company = self.company_id.sudo()
        starts = company.ar_dunning_not_before != self.not_before
        differing = differing if self.mode else differing.browse()
        if not (back or away or differing or starts):
            return
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can change how the company duns."))
        back.action_unarchive()
        away.action_archive()
        differing.write({"mode": self.mode})
        # Managers of dunning need no rights on companies for what belongs to dunning.
        if company.ar_dunning_policy_id in away:
            company.ar_dunning_policy_id = False
        if starts:
            company.ar_dunning_not_before = self.not_before

    def _switched_policies(self, chosen):
        """The policies that come back and those that go away with these kinds of customers."""
        policies = self._policies(self.company_id, archived=True)
        active = policies.filtered("active")
        # A policy comes back only where its kind has none: others were put away on purpose.
        missing = chosen - set(active.mapped("audience"))
        back = policies.filtered(lambda policy: not policy.active and policy.audience in missing)
        away = active.filtered(lambda policy: self.others == "archive" and policy.audience not in chosen)
        return back, away

    def _differing_policies(self, chosen):
        """Active policies of these kinds that are not in the chosen mode."""
        return self._policies(self.company_id).filtered(
            lambda policy: policy.audience in chosen and policy.mode != self.mode
        )
