"""Deposits and releases: what is asked for, what has come in, and what a person lets pass; without Odoo, clock or translation."""
