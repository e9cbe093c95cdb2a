"""Addons of the family are uninstalled and installed again, one after another, in a database in use.

What is read after each step is kept in the table ``left_told``, for the tests.
"""

import json
from datetime import timedelta

from upgrade_night import AFTER
from upgrade_process import clock

from odoo.exceptions import UserError

MEMBERS = ("ar_dunning_sale", "ar_dunning_charge", "ar_dunning_credit", "ar_dunning")
INVOICES = """
    SELECT m.name, m.state, m.payment_state, m.amount_total::text, m.amount_residual::text, m.narration,
           array_agg(ARRAY[l.name, l.balance::text, l.amount_residual::text] ORDER BY l.id)
      FROM account_move m JOIN account_move_line l ON l.move_id = m.id GROUP BY m.id ORDER BY m.id
"""
# What an addon that is gone has left behind.
TRACES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname LIKE '%ar\\_dunning%'
     UNION ALL SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_name LIKE '%ar\\_dunning%'
     UNION ALL SELECT model FROM ir_model WHERE model LIKE 'ar.dunning%'
     UNION ALL SELECT model || '.' || name FROM ir_model_fields WHERE name LIKE '%ar\\_dunning%' OR relation LIKE 'ar.dunning%'
     UNION ALL SELECT module || '.' || name FROM ir_model_data WHERE module LIKE 'ar\\_dunning%' AND model NOT LIKE 'product.%'
     UNION ALL SELECT name FROM ir_attachment WHERE res_model LIKE 'ar.dunning%'
     UNION ALL SELECT subject FROM mail_message WHERE model LIKE 'ar.dunning%'
     UNION ALL SELECT key FROM ir_ui_view WHERE key LIKE 'ar\\_dunning%'
"""


class Leaving:
    """The whole way, step by step."""

    def __init__(self, env):
        self.env = env

    def go(self):
        """First one member by itself, then another with what stands on it, both again, at last the whole order down and up."""
        self.env.cr.execute("CREATE TABLE left_told (step text PRIMARY KEY, told jsonb)")
        self.env.cr.commit()
        for name in MEMBERS:
            self.tell(f"refused {name}", self.refusal(name))
        with clock(AFTER, 8):
            self.settle()
        self.tell_all("settled")
        for name in ("ar_dunning_charge", "ar_dunning_credit"):
            self.uninstall(name)
            self.tell_all(f"without {name}")
        (self.module("ar_dunning_charge") + self.module("ar_dunning_credit")).button_immediate_install()
        self.tell_all("again")
        self.night("again", AFTER)
        self.tell("refused at last", self.refusal("ar_dunning"))
        self.as_if_nothing_had_left()
        for name in MEMBERS:
            self.uninstall(name)
        self.env.cr.execute(TRACES)
        self.tell("traces", [row[0] for row in self.env.cr.fetchall()])
        self.tell_all("without all")
        self.module("ar_dunning").button_immediate_install()
        self.tell_all("all again")
        self.night("all again", AFTER + timedelta(days=1))

    def module(self, name):
        """The addon's record."""
        return self.env["ir.module.module"].search([("name", "=", name)])

    def uninstall(self, name):
        """The Apps button."""
        self.module(name).button_immediate_uninstall()

    def refusal(self, name):
        """What *Uninstall* answers, sentence by sentence."""
        try:
            self.uninstall(name)
        except UserError as error:
            self.env.cr.rollback()
            self.env.invalidate_all()
            return str(error).split("\n- ")[1:]
        raise AssertionError(f"{name} was uninstalled")

    def settle(self):
        """What stands is settled: by its buttons, but for what no button takes away."""
        env = self.env
        env["ar.dunning.charge"].search([("stage", "=", "booked")])._reverse("We stop claiming them")
        env["ar.dunning.notice"].search([("state", "in", ("queued", "failed"))])._update_state(
            ("queued", "failed"), "cancelled"
        )
        env["ar.dunning.solvency.check"].search([]).active = False
        env["ar.dunning.customer"].search([("manual_hold", "!=", False)])._lift_hold("Over")
        for deposit in env["ar.dunning.deposit"].search([("state", "=", "paid")]):
            action = deposit.action_release()
            env[action["res_model"]].with_context(**action["context"]).create({}).action_give_back()
        env["sale.order"].search([("ar_dunning_trial_state", "=", "running")]).action_trial_end()
        env["sale.order"].search([("ar_dunning_release", "=", "approved")])._action_cancel()
        env.cr.execute("DELETE FROM ar_dunning_terms")
        env.cr.commit()

    def as_if_nothing_had_left(self):
        """No button does that."""
        self.env.cr.execute("UPDATE ar_dunning_notice SET sent_on = NULL")
        self.env.cr.execute("UPDATE ar_dunning_delivery SET state = 'cancelled'")
        self.env.invalidate_all()
        self.env.cr.commit()

    # === What is told === #

    def tell(self, step, told):
        """Keep what was found after a step."""
        self.env.cr.execute("INSERT INTO left_told VALUES (%s, %s)", [step, json.dumps(told)])
        self.env.cr.commit()

    def tell_all(self, step):
        """Which addons there are, what the books say, and what the notices say that have left."""
        self.env.cr.execute(
            "SELECT name FROM ir_module_module WHERE name LIKE 'ar\\_dunning%%' AND state = 'installed'"
        )
        addons = sorted(name for (name,) in self.env.cr.fetchall())
        self.env.cr.execute(INVOICES)
        books = self.env.cr.fetchall()
        left = self.env["ar.dunning.notice"].search([("sent_on", "!=", False)]) if addons else ()
        self.tell(
            step, {"addons": addons, "books": books, "notices": {notice.name: self.read(notice) for notice in left}}
        )

    def read(self, notice):
        """What a notice demanded, and how it was printed."""
        return {
            "totals": notice.totals,
            "principal": notice.amount_total,
            "demands": sorted([currency.name, amount] for currency, amount in notice._demands()),
            "blocks": [
                block.kept()
                for section in notice.env["ar.dunning.print"]._print_sections(notice)
                for block in section.blocks
            ],
            "texts": [notice.subject, notice.text, notice.closing, str(notice.deadline)],
            "mails": [str(mail.body_html) for mail in notice.delivery_ids.mail_id],
            "letter": [notice.letter_sha256, notice.letter_id.checksum],
        }

    def night(self, step, day):
        """A night, and what it found."""
        with clock(day):
            self.env["ar.dunning.run"]._cron_night()
        run = self.env["ar.dunning.run"].search([("date", "=", day)])
        drafts = run.notice_ids.filtered(lambda notice: notice.state == "draft")
        self.tell(
            f"night {step}",
            {
                "errors": run.error_ids.mapped("reason"),
                "notices": sorted([n.partner_id.name, n.amount_total] for n in drafts),
            },
        )


def leave(env):
    """Uninstall and install again."""
    Leaving(env).go()
