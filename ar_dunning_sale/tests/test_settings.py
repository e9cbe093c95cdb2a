from lxml import etree

from odoo.tests import TransactionCase, tagged

TITLES = ["Dunning", "Late Fees and Interest", "Credit", "Orders and Deposits", "Deliveries"]
OURS = "starts-with(@id, 'ar_dunning')"


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    """Each addon has one block of its own in the settings of Invoicing, in the order in which they build on each other."""

    def test_one_block_for_each(self):
        self.env.user.group_ids |= self.env.ref("ar_dunning.group_dunning_manager")
        Settings = self.env["res.config.settings"]
        view = self.env.ref("base.res_config_settings_view_form")
        arch = etree.fromstring(Settings.get_view(view.id, "form")["arch"])
        titles = [block.get("title") for block in arch.xpath(f"//app[@name='account']/block[{OURS}]")]
        self.assertEqual(titles, [title for title in TITLES if title in titles])
        self.assertLessEqual({"Dunning", "Credit", "Orders and Deposits"}, set(titles))
        for setting in arch.xpath(f"//setting[{OURS}]"):
            with self.subTest(setting=setting.get("id")):
                self.assertIn(setting.getparent().get("title"), titles, "none is scattered over other blocks")
        mine = arch.xpath("//block[@title='Orders and Deposits']//field/@name")
        fields = ["ar_dunning_deposit_account_id", "ar_dunning_deposit_journal_id", "ar_dunning_trial_days"]
        self.assertEqual([name for name in mine if name.startswith("ar_dunning")], fields)
