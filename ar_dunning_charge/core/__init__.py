"""Late-payment law in figures: default, interest, fees and their limits, without Odoo, clock or translation."""
