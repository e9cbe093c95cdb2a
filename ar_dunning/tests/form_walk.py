"""Every form of every model that an addon defines or extends, opened and typed in by every kind of user."""

import re
import traceback
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools.safe_eval import safe_eval, time

from .common import REMINDED
from .form_screen import OFF, FormScreen
from .screens import models_of

MOVE_TYPES = ("out_invoice", "out_refund", "out_receipt", "in_invoice", "in_refund", "in_receipt", "entry")
TECHNICAL = re.compile(r"Traceback|singleton|\w+\(\d*,?\)|\(id=\d+\)|\b\w+\.\w+\.?\w*\)|\b_\w+|\bFalse\b")
OURS = "ar.dunning."
LOG_FIELDS = ("create_uid", "write_uid")
# What fails without our addons, too: (view, field).
NOT_OURS = {
    # Its domain compares with the path of a company that is not saved yet; Odoo opens this form for saved ones only.
    ("account.res_company_form_view_onboarding_sale_tax", "account_sale_tax_id"),
    # A line without an order; Odoo shows this form for lines of an order only.
    ("sale.sale_order_line_view_form_readonly", "product_id"),
}
SALESPERSON = "sales_team.group_sale_salesman"  # where sales are not installed: an employee who looks after contacts


class FormWalk:
    """Mixin: `walk` opens the forms and returns a line for everything that is no sentence for the user.

    The test sets `people` (`make_people`) and `kept`, the records to open.
    """

    addon = "ar_dunning"
    without = ()  # addons whose models are walked over elsewhere
    opened_new = set()  # models of which at least a new record must have been opened
    opened_saved = set()  # likewise a saved one

    def keep_reminded(self):
        """An invoice and its notice, a bill and a draft to open: `kept`. Returns invoice and notice."""
        invoice, notice = self.reminded()
        bill = self.init_invoice("in_invoice", partner=self.partner_b, amounts=[200.0], post=True)
        draft = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[100.0], invoice_date=REMINDED)
        self.kept = {
            "account.move": [invoice.id, bill.id, draft.id],
            "res.partner": self.partner_a.ids,
            "ar.dunning.notice": notice.ids,
        }
        return invoice, notice

    def test_every_form_opens_and_takes_what_is_typed(self):
        """New records of each kind of entry and of each action's defaults, and saved ones; each field changed once."""
        new, saved, complaints = self.walk(self.addon, self.people, self.without)
        self.assertEqual(complaints, [])
        self.assertGreaterEqual(new, self.opened_new)
        self.assertGreaterEqual(saved, self.opened_saved)
        self.assert_seen(self.addon, saved)

    def test_a_dialog_without_a_record_answers_with_a_sentence(self):
        self.assertEqual(self.press(self.addon, self.people), [])

    @classmethod
    def make_people(cls, **more):
        """`{login: user}`: who works with these forms, each with no more rights than the name says."""
        sales = SALESPERSON if cls.env.ref(SALESPERSON, False) else "base.group_user,base.group_partner_manager"
        groups = {
            "accountant": "ar_dunning.group_dunning_user,base.group_partner_manager",
            "manager": "ar_dunning.group_dunning_manager,base.group_partner_manager",
            "salesperson": sales,
            "clerk": "account.group_account_invoice",
            **more,
        }
        own = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        people = {
            login: new_test_user(cls.env, f"walk_{login}", f"base.group_user,{names}", **own)
            for login, names in groups.items()
        }
        admin = cls.env.ref("base.user_admin")
        admin.write(own)
        return {**people, "administrator": admin}

    def walk(self, addon, people, without=()):
        """Open the forms of the addon's models, but those of the addons in `without`.

        :return: the names of the models of which a new and of which a saved record was opened, and the complaints
        """
        others = {model._name for other in without for model in models_of(self.env, other)}
        self.new, self.saved, self.complaints = set(), set(), []
        for model in models_of(self.env, addon):
            for user in people.values() if model._name not in others else ():
                mine = self.as_user(model, user)
                if mine.has_access("read"):
                    self._walk_model(mine)
        return self.new, self.saved, self.complaints

    def assert_seen(self, addon, saved):
        """A saved record of every model of the addon's own was opened: nothing to look at proves nothing."""
        own = {model._name for model in models_of(self.env, addon) if model._original_module == addon}
        unseen = {name for name in own - saved if not self.env[name]._transient}
        self.assertEqual(unseen, set())

    def as_user(self, model, user):
        """The model as the user's browser asks it."""
        context = {"lang": "en_US", "allowed_company_ids": self.company.ids}
        return self.env(user=user, su=False, context=context)[model._name]

    def _walk_model(self, model):
        for view, context in self._openings(model.sudo()):
            if not self._may_open(view, model.env.user):
                continue
            where = f"{model.env.user.login} {model._name} {view.xml_id or 'default view'} {context or ''}".strip()
            screen = self._try(where, lambda view=view, context=context: self._screen(model, view, context))
            if not screen:
                continue
            if screen.arch.get("create") not in OFF:
                self._use(screen, model.browse(), f"{where}: new")
            if not context:
                for record in self._records(model):
                    self._use(screen, record, f"{where}: {record.id}")

    def _screen(self, model, view, context):
        return FormScreen(model.with_context(**context), view)

    def _use(self, screen, record, where):
        """Open the form on the record, or on a new one, and change every field that can be changed."""
        values = self._try(where, lambda: screen.open(record) if record else screen.new())
        if values is None:
            return
        (self.saved if record else self.new).add(record._name)
        if record and (screen.arch.get("edit") in OFF or not record.has_access("write")):
            return
        nodes = self._try(where, lambda: screen.nodes(values, record.id)) or {}
        for name, node in nodes.items():
            if (screen.view.xml_id, name) not in NOT_OURS:
                self._try(f"{where}: {name}", lambda name=name, node=node: screen.change(record, values, name, node))

    def _try(self, where, call):
        """What the call returns; None after an error, which is a complaint if it is no sentence for a person."""
        try:
            with self.env.cr.savepoint():
                self.env.invalidate_all()
                return call()
        except Exception as error:
            if not is_sentence(error):
                self.complaints.append(f"{where}: {type(error).__name__}: {str(error)[:300]} ({_place(error)})")
        return None

    def press(self, addon, people):
        """Open each dialog of the addon on nothing, save it and press its buttons; return the complaints."""
        self.complaints = []
        dialogs = [model for model in models_of(self.env, addon) if model._transient and model._name.startswith(OURS)]
        for model in dialogs:
            for user in people.values():
                mine = self.as_user(model, user)
                if mine.has_access("create"):
                    self._press_all(mine)
        return self.complaints

    def _press_all(self, model):
        where = f"{model.env.user.login} {model._name}"
        screen = FormScreen(model, self.env["ir.ui.view"])
        for button in sorted({node.get("name") for node in screen.arch.iter("button") if node.get("type") == "object"}):
            self._try(f"{where}: {button}", lambda button=button: self._press(screen, button))

    def _press(self, screen, button):
        values = screen.new()
        if not screen.lacks(values):
            record = screen.save(values)
            getattr(record, button)()

    # === What there is to open === #

    def _openings(self, model):
        """`[(view, context)]`: each form view by itself, and each set of defaults that a window action brings."""
        View = self.env["ir.ui.view"].sudo()
        views = View.search([("model", "=", model._name), ("type", "=", "form"), ("mode", "=", "primary")])
        if not views and not model._name.startswith(OURS):
            return []  # what Odoo would make up, nobody opens
        openings = {(view.id, ()): (view, {}) for view in views or [View]}
        for view, context in [*self._defaults(model), *self._actions(model)]:
            key = tuple(sorted((name, str(value)) for name, value in context.items() if name.startswith("default_")))
            if key:
                openings.setdefault((view.id, key), (view, context))
        return list(openings.values())

    def _defaults(self, model):
        """The kinds of journal entries; and a dialog of ours as it is opened from one record of each kind it names."""
        View = self.env["ir.ui.view"].sudo()
        if model._name == "account.move":
            yield from ((View, {"default_move_type": kind}) for kind in MOVE_TYPES)
        if model._transient and model._name.startswith(OURS):
            linked = {}
            for name, field in model._fields.items():
                if field.type in ("many2one", "many2many") and not field.compute and name not in LOG_FIELDS:
                    record = self._records(self.env[field.comodel_name].sudo())[:1]
                    value = record.ids if field.type == "many2many" else record.id
                    linked.update({f"default_{name}": value} if record else {})
                    if record and field.required:
                        linked |= {"active_model": record._name, "active_id": record.id, "active_ids": record.ids}
            yield View, linked

    def _actions(self, model):
        Action = self.env["ir.actions.act_window"].sudo()
        for action in Action.search([("res_model", "=", model._name)]):
            bound = action.binding_model_id.model
            record = self._records(self.env[bound].sudo())[:1] if bound in self.env else model.browse()
            form = next((view for view, kind in action.views if kind == "form"), False)
            yield self.env["ir.ui.view"].sudo().browse(form or ()), self._context_of(action, record)

    def _context_of(self, action, record):
        names = {"uid": self.env.uid, "active_id": record.id, "active_ids": record.ids, "active_model": record._name}
        return safe_eval(
            action.context or "{}",
            {**names, "time": time, "context_today": date.today, "allowed_company_ids": self.company.ids},
        )

    def _records(self, model):
        """Saved records to look at: those that the test keeps for it, otherwise one of its company, or any."""
        if model._name in self.kept:
            return model.browse(self.kept[model._name])._filtered_access("read")
        own = [("company_id", "in", (self.company.id, False))] if "company_id" in model._fields else []
        return model.search(own, limit=1)

    def _may_open(self, view, user):
        return not view.group_ids or bool(view.group_ids & user.all_group_ids)


def _place(error):
    """Where it happened: the last line of our own addons, if there is one."""
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "/ar_dunning" in step.filename and "/tests/" not in step.filename]
    step = (ours or steps)[-1]
    return f"{step.filename}:{step.lineno}"


def is_sentence(error):
    """Whether a person can read it: an error for users, in words, without names from the program.

    Odoo's own words for a missing right name models and numbers: a screen that a user may open shows what he may see.
    """
    text = str(error).strip()
    if isinstance(error, IntegrityError):  # Odoo's own layer names the field and the rule in words
        return True
    if not isinstance(error, UserError):
        return False
    return bool(re.match(r"[A-Z\"'0-9]", text)) and not TECHNICAL.search(text)
