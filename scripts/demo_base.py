"""What the demo's company is: languages, address, bank account, rates and users. The same every day."""

import base64
import io
from datetime import date

from demo_odoo import translate

LANGUAGES = ("nb_NO", "de_DE", "fr_FR")
COMPANY = {
    "name": "Nordlys Kontorsystemer AS",
    "street": "Havnegata 12",
    "zip": "7010",
    "city": "Trondheim",
    "phone": "+47 73 50 00 00",
    "email": "faktura@nordlys.example",
    "website": "https://nordlys.example",
    "vat": "NO 923 609 016 MVA",
    "company_registry": "923 609 016",
}
RATES = {"EUR": 0.0855, "USD": 0.0925, "GBP": 0.0735}  # for one krone
USERS = (  # login (and password), name, groups
    ("accountant", "Kari Holm", ("ar_dunning.group_dunning_user", "ar_dunning_credit.group_credit_override")),
    (
        "manager",
        "Mona Lie",
        ("ar_dunning.group_dunning_manager", "account.group_account_manager", "base.group_partner_manager"),
    ),
    ("sales", "Jonas Dahl", ("sales_team.group_sale_salesman_all_leads",)),
    ("warehouse", "Wenche Moe", ("stock.group_stock_user",)),
)


def build(env) -> None:
    """Everything that does not depend on the day. Commits."""
    _languages(env)
    _company(env)
    _users(env)
    env.cr.commit()


def _languages(env) -> None:
    env["base.language.install"].create(
        {"lang_ids": [(6, 0, [env["res.lang"]._activate_lang(code).id for code in LANGUAGES])], "overwrite": False}
    ).lang_install()


def _company(env) -> None:
    company = env.company
    krone = env["res.currency"].with_context(active_test=False).search([("name", "=", "NOK")])
    krone.active = True
    company.currency_id = krone
    env["product.pricelist"].search([]).write({"currency_id": krone.id})
    company.write(COMPANY | {"country_id": env.ref("base.no").id, "logo": _logo()})
    company.partner_id.write({"tz": "Europe/Oslo", "lang": "nb_NO"})
    company.resource_calendar_id.tz = "Europe/Oslo"
    company.external_report_layout_id = env.ref("web.external_layout_standard")
    company.layout_background = "Blank"
    company.write({"primary_color": "#24507a", "secondary_color": "#5a7d9a", "font": "Roboto", "report_footer": False})
    bank = env["res.bank"].create({"name": "Fjordbanken", "bic": "FJORNO22"})
    account = {"acc_number": "NO93 8601 1117 947", "partner_id": company.partner_id.id, "bank_id": bank.id}
    env["res.partner.bank"].create(account | {"currency_id": False, "allow_out_payment": True})
    for code, rate in RATES.items():
        currency = env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        currency.active = True
        currency.rate_ids.unlink()
        env["res.currency.rate"].create({"currency_id": currency.id, "name": date(2020, 1, 1), "rate": rate})
    tax = company.account_sale_tax_id
    tax.write({"amount": 25, "invoice_label": "25 % MVA", "tax_group_id": tax.tax_group_id.copy().id})
    translate(tax, lambda lang: "25%" if lang == "en_US" else "25 %")
    translate(tax.tax_group_id, lambda lang: {"nb_NO": "25 % MVA"}.get(lang, "VAT 25%"))  # stands under each invoice
    company.alias_domain_id = env["mail.alias.domain"].create({"name": "nordlys.example"})
    env["ir.config_parameter"].set_param("web.base.url", "http://127.0.0.1:8069")
    env["ir.config_parameter"].set_param("web.base.url.freeze", "True")


def _users(env) -> None:
    groups = env["res.groups"]
    for login, name, names in USERS:
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": login,
                "password": login,
                "name": name,
                "email": f"{login}@nordlys.example",
                "lang": "en_US",
                "tz": "Europe/Oslo",
                "company_id": env.company.id,
                "company_ids": [(6, 0, env.company.ids)],
                "group_ids": [(6, 0, groups.union(*(env.ref(xmlid) for xmlid in ("base.group_user", *names))).ids)],
            }
        )
    env["res.users"].search([("share", "=", False)]).odoobot_state = "disabled"  # its greeting covers a telephone
    admin = env.ref("base.user_admin")
    admin.partner_id.write({"email": "admin@nordlys.example", "tz": "Europe/Oslo"})


def _logo() -> bytes:
    """A small mark of bars like northern lights."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (360, 120), "white")
    draw = ImageDraw.Draw(image)
    for position, (top, colour) in enumerate(
        ((70, "#9dc3d9"), (45, "#6fa3c4"), (20, "#3f7ca8"), (40, "#24507a"), (62, "#16344f"))
    ):
        draw.rounded_rectangle((20 + position * 26, top, 38 + position * 26, 105), 9, fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue())
