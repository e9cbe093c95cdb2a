from odoo.tests import TransactionCase

LADDER = {"business": [7, 21, 33, 44], "consumer": [10, 29, 47, 62], "public": [14, 35, 54, 72]}
LANGUAGES = ("de", "es", "fr", "nb", "nl")


class PoliciesCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")
        cls.policies = {name: cls.env.ref(f"ar_dunning.policy_{name}") for name in LADDER}

    def load_language(self, code):
        """Install the language and the addon's words in it, as adding a language does."""
        self.env["res.lang"]._activate_lang(code)
        self.env["ir.module.module"]._load_module_terms(["ar_dunning"], [code])
        self.env.invalidate_all()
