from importlib import import_module

from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.util import get_cc_module

from odoo import models

# The company number of each country as python-stdnum knows it.
REGISTERS = {
    "BE": "vat",
    "CH": "uid",
    "DE": "handelsregisternummer",
    "DK": "cvr",
    "ES": "nif",
    "FI": "ytunnus",
    "FR": "siren",
    "IT": "iva",
    "LT": "pvm",
    "LV": "pvn",
    "NO": "orgnr",
    "PL": "regon",
    "SE": "orgnr",
}


class ArDunningSolvencyCheck(models.Model):
    """Answers by source. Another addon adds a source's service as one method `_check_<source>`.

    Such a method takes one check and returns the values to write on it, e.g. `finding`, `rating`, `result`,
    `recommended_limit`, `valid_until`.
    """

    _inherit = "ar.dunning.solvency.check"

    def _check_register(self):
        """Whether VAT and company number *can* be right: form and check digits, offline.

        It says nothing about solvency, so the result is left alone.
        """
        self.ensure_one()
        partner = self.partner_id
        lines = [self._plausible_vat(partner), self._plausible_registry(partner)]
        if partner._fields.get("vies_valid") and partner.vies_valid:
            lines.append(self.env._("The VAT number is confirmed by VIES."))
        return {"finding": "\n".join(line for line in lines if line)}

    def _plausible_vat(self, partner):
        number, country = partner.vat or "", partner.country_id.code or ""
        if len(number) < 2:
            return self.env._("No VAT number is on file.")
        prefix = number[:2].upper()
        if prefix.isalpha():
            country = {"EL": "GR", "XI": "GB"}.get(prefix, prefix)
        return self._plausible(self.env._("VAT number %s", number), get_cc_module(country.lower(), "vat"), number)

    def _plausible_registry(self, partner):
        number, country = partner.company_registry or "", partner.country_id.code or ""
        if not number:
            return self.env._("No company number is on file.")
        module = None
        if country in REGISTERS:
            module = import_module(f"stdnum.{country.lower()}.{REGISTERS[country]}")
        return self._plausible(self.env._("Company number %s", number), module, number)

    def _plausible(self, what, module, number):
        if not module:
            return self.env._("%s: the form of such numbers is not known for this country.", what)
        try:
            module.validate(number)
        except InvalidNumber:
            return self.env._("%s: cannot be right, its form or check digit is wrong.", what)
        return self.env._("%s: plausible (form and check digit).", what)
