from datetime import date, timedelta

from freezegun import freeze_time

from odoo.addons.ar_dunning.tests.common import REMINDED, DunningCommon

BOOKED = date(2026, 3, 10)
LATER = date(2026, 3, 12)


class ChargeCommon(DunningCommon):
    """Charges as a notice announces them, without the service that works them out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env.user
        cls.accountant = cls.make_user("accountant", "ar_dunning.group_dunning_user")
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.income = cls.company_data["default_account_revenue"]

    @classmethod
    def make_user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login.capitalize(),
                "login": login,
                "email": f"{login}@example.com",
                "company_id": cls.company.id,
                "company_ids": [(6, 0, cls.company.ids)],
                "group_ids": [(6, 0, [cls.env.ref(group).id for group in groups])],
            }
        )

    def claim(self, item, kind="fee", amount=5.0, notice=None, **values):
        """A draft charge on `item`, of the notice and its level where one is given."""
        return (
            self.env["ar.dunning.charge"]
            .sudo()
            ._create_claims(
                [
                    {
                        "kind": kind,
                        "customer_id": item.customer_id.id,
                        "company_id": item.company_id.id,
                        "item_id": item.id,
                        "move_id": item.move_id.id,
                        "notice_id": notice.id if notice else False,
                        "level_id": notice.level_id.id if notice else self.policy.level_ids[2].id,
                        "date": REMINDED,
                        "date_from": date(2026, 3, 3) if kind == "interest" else False,
                        "date_to": REMINDED if kind == "interest" else False,
                        "currency_id": item.currency_id.id,
                        "amount": amount,
                        "amount_company": item.currency_id._convert(
                            amount, item.company_id.currency_id, item.company_id, REMINDED
                        ),
                        "slices": [
                            {
                                "date_from": date(2026, 3, 3),
                                "date_to": REMINDED,
                                "days": 5,
                                "principal": 1000,
                                "rate": 9.0,
                                "amount": amount,
                            }
                        ]
                        if kind == "interest"
                        else [],
                        **values,
                    }
                ]
            )
            .sudo(False)
        )

    def announced(self, item, kind="fee", amount=5.0, notice=None, **values):
        """An announced charge on `item`."""
        charge = self.claim(item, kind, amount, notice, **values)
        charge.sudo()._update_stage(("draft",), "announced")
        return charge

    def settle(self, on, company=None):
        """What the night of `on` does for charges; returns what it skipped, as pairs (charges, reason)."""
        with freeze_time(on):
            return self.env["ar.dunning.settlement"].sudo()._settle(company or self.company, on)

    def ledger(self, move):
        """(account, debit, credit) of the move's journal items, receivable first."""
        lines = move.line_ids.sorted(lambda line: (line.account_id.account_type != "asset_receivable", line.id))
        return [(line.account_id, line.debit, line.credit) for line in lines]

    def rate(self, currency, value, day):
        """One unit of company currency is `value` of `currency` from `day` on."""
        return self.env["res.currency.rate"].create(
            {"name": day, "rate": value, "currency_id": currency.id, "company_id": self.company.id}
        )

    def plus(self, days):
        return REMINDED + timedelta(days=days)

    def fee_rule(self, amount):
        """A reminder fee that the customers agreed to, allowed where they live."""
        self.partner_a.country_id = self.env.ref("base.us")
        tier = {"currency_id": self.company.currency_id.id, "fixed": amount}
        return self.env["ar.dunning.fee.rule"].create(
            {"name": "Fee", "method": "fixed", "is_agreed": True, "tier_ids": [(0, 0, tier)]}
        )
