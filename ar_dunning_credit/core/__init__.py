"""Standing in figures: payment score, forecast and credit status, without Odoo, clock or translation."""
