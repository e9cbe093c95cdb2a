from datetime import date

from odoo.tests import TransactionCase

COUNTRIES = ["NO", "SE", "DK", "FI", "DE", "AT", "CH", "FR", "BE", "NL", "IT", "ES", "IE", "GB", "PL", "LU", "PT"]
AUDIENCES = ["business", "consumer", "public"]
MARCH = date(2026, 3, 2)
NOVEMBER = date(2026, 11, 22)


class PackCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Regime = cls.env["ar.dunning.regime"]
        cls.Regime.with_context(active_test=False).search([]).unlink()
        cls.env["ar.dunning.rate"].with_context(active_test=False).search([]).unlink()

    @classmethod
    def apply(cls, *countries, audiences=AUDIENCES):
        return cls.env["ar.dunning.statutory"]._apply(list(countries), audiences)

    @classmethod
    def regime(cls, country, audience="business"):
        return cls.Regime.search([("country_code", "=", country), ("audience", "=", audience)])

    def actions(self, steps):
        return {step.action for step in steps}
