from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged

from .common import DEADLINE, REMINDED, DunningCommon
from .menu_common import MenuCommon

# Measured in Chromium at 1366 x 768: a menu gets at most 70 % of the height, a line takes 27 pixels, a heading 29.
FITS = 18
DAY = ["Worklist", "To Send", "Calendar", "More"]
# Opens the menu, and fails when it has to be scrolled or is not the one expected.
LOOK = """
    document.querySelector("[data-menu-xmlid='ar_dunning.ar_dunning_menu_root']").click();
    setTimeout(() => {
        const menu = document.querySelector(".o-dropdown--menu");
        const names = [...menu.querySelectorAll(".dropdown-item, .dropdown-header")].map((el) => el.textContent.trim());
        if (menu.scrollHeight > menu.clientHeight) {
            console.error(`has to be scrolled: ${menu.scrollHeight} of ${menu.clientHeight}`);
        } else if (names.slice(0, 2).join() !== "Worklist,To Send") {
            console.error(`begins with ${names}`);
        } else {
            console.log("test successful");
        }
    }, 500);
"""


@tagged("post_install", "-at_install")
class TestMenu(MenuCommon, DunningCommon, HttpCase):
    """Who is new sees the work of a day; the rest appears when there is something to look at."""

    def test_a_new_accountant_sees_the_work_of_a_day(self):
        self.reminded()
        menu = self.menu(self.fresh())
        self.assertEqual([name for name, _below in menu], DAY)
        self.assertEqual(dict(menu)["More"], ["Run now / Preview"])

    def test_a_new_manager_sets_up_first_and_configures_last(self):
        user = self.fresh("manager")
        self.env.ref("ar_dunning.ar_dunning_setup_first_menu").active = True
        names = [name for name, _below in self.menu(user)]
        self.assertEqual(names, ["Set up", *DAY, "Configuration"])
        self.assertLessEqual({"Set up", "Policies", "Reasons"}, set(dict(self.menu(user))["Configuration"]))
        self.setup_done()
        self.assertEqual([name for name, _below in self.menu(user)], [*DAY, "Configuration"])

    def setup_done(self):
        self.env.ref("ar_dunning.ar_dunning_setup_first_menu").active = False

    def test_a_night_and_a_mail(self):
        user = self.worker("anna", "user")
        self.assertEqual(self.lines(user), [*DAY, "Run now / Preview"])
        self.reminded()
        lines = self.lines(user)
        self.assertLessEqual({"Notices", "Items", "Deliveries", "Runs", "Reporting", "What Notices Bring"}, set(lines))
        self.assertFalse({"Letters to Post", "Pauses", "Reasons Overdue"} & set(lines), "none of these so far")
        self.assertNotIn("Configuration", lines)
        self.assertTrue(lines.index("More") < lines.index("Notices") < lines.index("Reporting"))

    def test_a_draft_brings_no_report(self):
        user = self.worker("anna", "user")
        self.invoice()
        self.assertEqual(self.night(REMINDED).notice_ids.mapped("state"), ["draft"])
        self.assertIn("Notices", self.lines(user))
        self.assertNotIn("Reporting", self.lines(user), "a folder goes with the last of its entries")

    def test_the_first_letter(self):
        user = self.worker("anna", "user")
        self.policy.level_ids.write({"channel_email": False, "channel_letter": True})
        self.partner_a.write({"street": "Gate 2", "city": "Bergen", "zip": "5003"})
        self.invoice()
        self.assertNotIn("Letters to Post", self.lines(user))
        self.env = self.env(context=dict(self.env.context, force_report_rendering=True))
        notices = self.day(REMINDED)
        self.assertEqual(notices.delivery_ids.mapped("channel"), ["letter"])
        self.assertEqual(
            [name for name, _below in self.menu(user)][:4], ["Worklist", "To Send", "Letters to Post", "Calendar"]
        )

    def test_the_first_pause_and_the_first_reason(self):
        user = self.worker("anna", "user")
        customer = self.item(self.invoice()).customer_id
        asked = self.env["ar.dunning.reason"].search([("kind", "=", "pause")], limit=1)
        self.env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": REMINDED, "date_end": DEADLINE, "reason_id": asked.id}
        )
        self.assertIn("Promises, Disputes, Pauses", self.lines(user))
        self.assertNotIn("Reasons Overdue", self.lines(user))
        customer.overdue_reason_id = self.env["ar.dunning.reason"].search([("kind", "=", "overdue")], limit=1)
        self.assertIn("Reasons Overdue", self.lines(user))

    def test_developers_see_all(self):
        user = self.fresh()
        lines = self.lines(user, debug="1")
        self.assertLessEqual(
            {"Letters to Post", "Notices", "Promises, Disputes, Pauses", "What Notices Bring", "Reasons Overdue"},
            set(lines),
        )
        self.assertEqual([name for name, _below in self.menu(user)], DAY, "and who is none does not, afterwards")

    def test_every_entry_that_waits_exists(self):
        """Whoever adds one names a menu that there is, and records of the model that may be searched."""
        for xmlid, (model, domain) in self.env["ir.ui.menu"]._dunning_first_records().items():
            with self.subTest(menu=xmlid):
                self.assertEqual(self.env.ref(xmlid)._name, "ir.ui.menu")
                self.env[model].search_count(domain, limit=1)

    def test_a_salesperson_sees_none(self):
        groups = "base.group_user" + (",sales_team.group_sale_salesman" if "sale.order" in self.env else "")
        sales = new_test_user(self.env, "menu_sales", groups, company_id=self.company.id)
        self.assertEqual(self.menu(sales), [])

    def test_nothing_else_is_touched(self):
        """Other menus are handed on as Odoo gives them, and so are these from which nothing is left out."""
        Menu = self.env["ir.ui.menu"].with_user(self.worker("anna", "user"))
        menus = Menu.load_menus(False)
        with patch.object(type(Menu), "_dunning_first_records", lambda menu: {}):
            every = Menu.load_menus(False)
        self.assertGreater(len(every), len(menus))
        for key, menu in every.items():
            if not menu.get("xmlid", "").startswith("ar_dunning"):
                self.assertEqual(menus[key], menu)
        for menu in menus.values():
            self.assertLessEqual(set(menu["children"]), menus.keys())

    def test_it_fits_without_scrolling(self):
        self.setup_done()
        user = self.fresh()
        manager = self.worker("boss", "manager", user.company_id)
        action = self.env.ref("ar_dunning.ar_dunning_worklist_action").id
        for who in (user, manager):
            self.assertLessEqual(len(self.lines(who)), FITS)
            ready = "!!document.querySelector(\"[data-menu-xmlid='ar_dunning.ar_dunning_menu_root']\")"
            self.browser_js(f"/odoo/action-{action}", LOOK, ready, login=who.login)
