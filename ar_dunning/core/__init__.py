"""The rules people argue about: dates and money, without Odoo, clock or translation."""
