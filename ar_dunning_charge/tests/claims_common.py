from datetime import date

from odoo.addons.ar_dunning.tests.common import DunningCommon

FIRST = date(2026, 3, 7)  # five days late
SECOND = date(2026, 3, 17)  # fifteen days late
THIRD = date(2026, 3, 27)  # twenty-five days late


class ClaimsCommon(DunningCommon):
    """Laws of five countries with charges from the second reminder on; the figures of the tests are worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ar.dunning.statutory"]._apply(["DE", "NO", "FR", "GB", "CH"], ["business", "consumer", "public"])
        cls.policy.due_agreed = True
        cls.first, cls.second, cls.third = cls.policy.level_ids.sorted("days")[2:5]
        (cls.second | cls.third).write({"charge_interest": True, "charge_compensation": True})
        cls.euro, cls.pound, cls.krone, cls.dollar = (
            cls.env.ref(f"base.{code}") for code in ("EUR", "GBP", "NOK", "USD")
        )
        (cls.euro | cls.pound | cls.krone).active = True
        for currency, rate in ((cls.euro, 0.8), (cls.pound, 0.7), (cls.krone, 10.0)):
            cls.env["res.currency.rate"].create({"currency_id": currency.id, "name": "2026-01-01", "rate": rate})
        cls.fee_rule = cls.env["ar.dunning.fee.rule"].create({"name": "Statutory reminder fee", "method": "statute"})

    def debtor(self, country, is_company=True, **values):
        return self.env["res.partner"].create(
            {
                "name": f"Debtor {country}",
                "is_company": is_company,
                "email": f"debtor.{country.lower()}@example.com",
                "country_id": self.env["res.country"].search([("code", "=", country)]).id,
                **values,
            }
        )

    def charges(self, notice):
        return {charge.kind: charge.amount for charge in notice.sudo().charge_ids}

    def until_second(self, invoice):
        """First reminder sent, the second prepared: its notice."""
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        self.assertEqual(notice.line_ids.move_id, invoice)
        return notice
