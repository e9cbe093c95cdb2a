from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DUE, DunningCommon

MODELS = (
    "ar.dunning.policy",
    "ar.dunning.level",
    "ar.dunning.customer",
    "ar.dunning.item",
    "ar.dunning.notice",
    "ar.dunning.delivery",
    "ar.dunning.arrangement",
    "ar.dunning.run",
    "ar.dunning.run.line",
    "ar.dunning.agenda",
    "ar.dunning.report",
    "ar.dunning.reason",
)
WIZARDS = (
    "ar.dunning.pause.wizard",
    "ar.dunning.post.wizard",
    "ar.dunning.postpone.wizard",
    "ar.dunning.level.preview",
    "ar.dunning.cancel.wizard",
    "ar.dunning.run.wizard",
    "ar.dunning.call.wizard",
    "ar.dunning.assign.wizard",
)
MANAGER_WIZARDS = (
    "ar.dunning.level.wizard",
    "ar.dunning.gate.wizard",
    "ar.dunning.resume.wizard",
    "ar.dunning.undo.wizard",
)
MENUS = (
    "ar_dunning.ar_dunning_menu_root",
    "ar_dunning.ar_dunning_notice_to_send_menu",
    "ar_dunning.ar_dunning_customer_menu",
    "ar_dunning.ar_dunning_agenda_menu",
)
CONFIGURATION = (
    "ar_dunning.ar_dunning_configuration_menu",
    "ar_dunning.ar_dunning_setup_menu",
    "ar_dunning.ar_dunning_policy_menu",
)


@tagged("post_install", "-at_install")
class TestViews(DunningCommon):
    """Each kind of user opens each screen as the web client does: load the views, read what they show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.accountant = new_test_user(cls.env, "anna", "base.group_user,ar_dunning.group_dunning_user", **values)
        cls.manager = new_test_user(
            cls.env, "max", "base.group_user,ar_dunning.group_dunning_manager,account.group_account_manager", **values
        )
        # A salesperson's rights on contacts, and nothing of accounting.
        groups = "base.group_user" + (",sales_team.group_sale_salesman" if "sale.order" in cls.env else "")
        cls.salesperson = new_test_user(cls.env, "sam", groups, **values)
        cls.first = cls.invoice()
        cls.second = cls.invoice(250, partner=cls.partner_b)

    def setUp(self):
        super().setUp()
        self.first_item = self.item(self.first)
        self.night_run = self.night(DUE.replace(day=9))
        self.env["ar.dunning.run.line"].sudo()._make(
            {
                "run_id": self.night_run.id,
                "kind": "error",
                "customer_id": self.first_item.customer_id.id,
                "reason": "broken",
            }
        )
        self.notice = self.night_run.notice_ids.filtered(lambda notice: notice.commercial_partner_id == self.partner_a)
        self.env["ar.dunning.delivery"].sudo()._make(
            {"notice_id": self.notice.id, "channel": "letter", "partner_id": self.partner_a.id}
        )
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(self.second).customer_id.id,
                "date_start": DUE,
                "date_end": DUE.replace(day=30),
                "reason": "Goods returned",
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def shown(self, env, model, view_type, view_id=False):
        """The arch of a view as the user gets it, and the `web_read` specification of its fields."""
        views = env[model].get_views([(view_id, view_type)])
        arch = etree.fromstring(views["views"][view_type]["arch"])
        return arch, self.specification(arch, views["models"], model)

    def specification(self, node, models, model):
        fields, spec = models[model]["fields"], {}
        for child in node.iterchildren(etree.Element):
            name = child.get("name")
            if child.tag != "field":
                spec.update(self.specification(child, models, model))
            elif name in fields and fields[name]["type"] in ("one2many", "many2many"):
                lists = child.xpath("./list")
                inner = self.specification(lists[0], models, fields[name]["relation"]) if lists else {}
                spec[name] = {"fields": inner or {"display_name": {}}}
            elif name in fields:
                spec[name] = {"fields": {"display_name": {}}} if fields[name]["type"] == "many2one" else {}
        return spec

    def test_dunning_users_read_every_screen(self):
        for user in (self.accountant, self.manager):
            env = self.env(user=user, context={"lang": "en_US", "allowed_company_ids": self.company.ids})
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    arch, spec = self.shown(env, model, "list")
                    self.assertEqual(arch.tag, "list")
                    self.assertGreater(len(spec), 2)
                    records = env[model].web_search_read([], spec)["records"]
                    self.assertTrue(records, "nothing to look at proves nothing")
                    _arch, spec = self.shown(env, model, "form")
                    env[model].browse(records[0]["id"]).web_read(spec)
                    search, _spec = self.shown(env, model, "search")
                    self.assertTrue(search.xpath("//filter[contains(@context, 'group_by')]"))

    def test_every_filter_and_group_by_works(self):
        env = self.env(user=self.accountant, context={"lang": "en_US", "allowed_company_ids": self.company.ids})
        for model in MODELS:
            for node in self.shown(env, model, "search")[0].xpath("//filter"):
                with self.subTest(model=model, filter=node.get("name")):
                    if node.get("domain"):
                        env[model].search_count(safe_eval(node.get("domain"), {"uid": self.accountant.id}))
                    elif "group_by" in (node.get("context") or ""):
                        groupby = node.get("context").split(":", 1)[1].strip(" '}")
                        self.assertTrue(env[model].formatted_read_group([], [groupby], ["__count"]))

    def test_other_views_of_records(self):
        env = self.env(user=self.accountant)
        for model, kinds in {
            "ar.dunning.customer": ("kanban", "activity"),
            "ar.dunning.notice": ("kanban", "pivot", "graph", "activity"),
            "ar.dunning.item": ("kanban",),
            "ar.dunning.agenda": ("calendar",),
        }.items():
            for kind in kinds:
                with self.subTest(model=model, kind=kind):
                    arch, spec = self.shown(env, model, kind)
                    self.assertEqual(arch.tag, kind)
                    if kind in ("kanban", "calendar"):
                        self.assertTrue(env[model].web_search_read([], spec)["records"])

    def test_wizards_load(self):
        for user, models in ((self.accountant, WIZARDS), (self.manager, WIZARDS + MANAGER_WIZARDS)):
            for model in models:
                with self.subTest(model=model, user=user.login):
                    arch, _spec = self.shown(self.env(user=user), model, "form")
                    self.assertTrue(arch.xpath("//footer/button[@special='cancel']"))
                    self.assertTrue(arch.xpath("//button[@type='object']"))

    def test_wizards_of_managers_are_refused_to_accountants(self):
        for model in MANAGER_WIZARDS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.shown(self.env(user=self.accountant), model, "form")

    def test_set_up_loads_with_its_steps(self):
        arch, _spec = self.shown(self.env(user=self.accountant), "ar.dunning.setup", "form")
        names = set(arch.xpath("//button[@type='object']/@name"))
        self.assertTrue(names >= {"action_findings", "action_rehearse", "action_questions"}, names)

    def test_drafts_of_all_levels_are_unfolded(self):
        """Sending is by ticks: a draft in a folded group would be left behind unseen."""
        context = safe_eval(self.env.ref("ar_dunning.ar_dunning_notice_to_send_action").context)
        self.assertGreater(context["max_number_opened_groups"], self.env["ar.dunning.level"].search_count([]))
        arch = self.env["ar.dunning.notice"].get_view(
            self.env.ref("ar_dunning.ar_dunning_notice_to_send_view_list").id, "list"
        )["arch"]
        self.assertIn('expand="1"', arch)

    def test_only_managers_see_run_now(self):
        for user, expected in ((self.accountant, 0), (self.manager, 1)):
            arch, _spec = self.shown(self.env(user=user), "ar.dunning.run.wizard", "form")
            self.assertEqual(len(arch.xpath("//button[@name='action_run']")), expected)

    def test_menus_by_group(self):
        """Who dunns does not configure; a salesperson does neither."""
        seen = {self.accountant: set(MENUS), self.manager: {*MENUS, *CONFIGURATION}, self.salesperson: set()}
        for user, expected in seen.items():
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            self.assertEqual({menu.get("xmlid") for menu in menus.values()} & {*MENUS, *CONFIGURATION}, expected)

    def test_salesperson_reads_no_record(self):
        env = self.env(user=self.salesperson)
        for model in MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                env[model].search_count([])

    def test_salesperson_sees_state_on_partner(self):
        self.first_item.customer_id.sudo()._put({"credit_hold": True, "never": True})
        self.env.flush_all()
        env = self.env(user=self.salesperson, context={"allowed_company_ids": self.company.ids})
        arch, spec = self.shown(env, "res.partner", "form")
        self.assertIn("ar_dunning_state", spec)
        self.assertFalse(arch.xpath("//button[@name='action_view_ar_dunning']"))
        read = env["res.partner"].browse(self.partner_a.id).web_read(spec)[0]
        self.assertEqual(read["ar_dunning_state"], "on hold, never dunned")
        self.assertTrue(read["ar_dunning_on_hold"])
        self.assertEqual(
            env["res.partner"].search(
                [("ar_dunning_on_hold", "=", True), ("id", "in", [self.partner_a.id, self.partner_b.id])]
            ),
            self.partner_a,
        )

    def test_accountant_finds_dunning_on_partner_and_invoice(self):
        env = self.env(user=self.accountant, context={"allowed_company_ids": self.company.ids})
        arch, _spec = self.shown(env, "res.partner", "form")
        self.assertTrue(arch.xpath("//button[@name='action_view_ar_dunning']"))
        action = env["res.partner"].browse(self.partner_a.id).action_view_ar_dunning()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("ar.dunning.customer", self.first_item.customer_id.id)
        )
        arch, spec = self.shown(env, "account.move", "form")
        self.assertTrue(arch.xpath("//page[@name='ar_dunning']"))
        wanted = {name: value for name, value in spec.items() if name.startswith("ar_dunning")}
        wanted |= {node.get("field"): {} for node in arch.iter("widget") if node.get("name") == "ar_dunning_lazy"}
        read = env["account.move"].browse(self.first.id).web_read(wanted)[0]
        self.assertTrue(arch.xpath("//page[@name='ar_dunning']//widget[@name='ar_dunning_timeline']"))
        steps = env["ar.dunning.timeline"].entries("account.move", self.first.id)["steps"]
        self.assertEqual([step["amount"] for step in steps], ["$\N{NO-BREAK SPACE}1,000.00"])
        self.assertIn("A notice about this item waits", read["ar_dunning_plan_html"])

    def test_invoice_form_without_dunning_rights(self):
        clerk = new_test_user(self.env, "carl", "base.group_user,account.group_account_invoice")
        arch, spec = self.shown(self.env(user=clerk), "account.move", "form")
        self.assertFalse(arch.xpath("//page[@name='ar_dunning']"))
        self.assertFalse([name for name in spec if name.startswith("ar_dunning")])

    def test_new_policy_and_pause_can_be_typed_in(self):
        with Form(self.env["ar.dunning.policy"].with_user(self.manager)) as form:
            self.assertFalse(form.gate_warning)
            form.name = "Typed"
            with form.level_ids.new() as level:
                level.name = "Only"
                level.days = 4
                level.subject = "Reminder"
        self.assertEqual(form.record.level_ids.kind, "reminder")
        with Form(self.env["ar.dunning.arrangement"].with_user(self.accountant)) as form:
            form.customer_id = self.first_item.customer_id
            form.date_end = DUE.replace(day=20)
            form.date_start = DUE
            form.reason_id = self.env.ref("ar_dunning.reason_pause_dispute")
        self.assertEqual(form.record.state, "active")

    def test_letter_waits_only_while_unposted(self):
        self.assertTrue(self.notice.letter_waits)
        self.notice.sudo().delivery_ids._mark_posted(DUE.replace(day=10))
        self.assertFalse(self.notice.letter_waits)
