"""What this addon does, measured: one function per figure."""

import gc
from datetime import timedelta

from odoo import fields
from odoo.tools import split_every

BATCH = 50
WARM_UP = 50


def seed(env, meter, on, count):
    from ledger import seed as fill

    with meter.running(items=int(count)):
        fill(env, int(count), on)


def floor(env, meter, on):
    """The physical limit: one statement finds the overdue lines and fetches every column a decision reads from them."""
    runs = []
    for _unused in range(5):
        with meter.running():
            env.cr.execute(FLOOR, {"on": on, "company": env.company.id})
            rows = env.cr.fetchall()
        runs.append(meter.result)
        meter.result = {}
        found = len(rows)
        del rows
    meter.result = sorted(runs, key=lambda run: run["wall"])[2]
    meter.note(items=found)


FLOOR = """
    SELECT l.id, l.move_id, l.partner_id, l.company_id, COALESCE(l.date_maturity, l.date), l.amount_residual_currency,
           l.amount_residual, l.amount_currency, l.currency_id, l.no_followup, m.name, m.move_type, m.invoice_date,
           m.payment_state, m.is_move_sent, m.invoice_user_id, m.preferred_payment_method_line_id,
           m.payment_reference, m.partner_bank_id, p.email_normalized, p.street, p.city, p.zip, p.country_id, p.lang,
           p.is_company, p.vat, %(on)s::date - COALESCE(l.date_maturity, l.date)
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id
      JOIN account_move m ON m.id = l.move_id
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0
       AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE AND l.company_id = %(company)s
       AND COALESCE(l.date_maturity, l.date) < %(on)s
"""


def sync(env, meter, on):
    """Items and customer records for a ledger that has none yet."""
    with meter.running():
        env["ar.dunning.item"]._sync(env.company)
        env.cr.commit()
    meter.note(items=env["ar.dunning.item"].search_count([]), customers=env["ar.dunning.customer"].search_count([]))
    # What the database server does by itself within a minute or so.
    env.cr.execute("ANALYZE ar_dunning_item; ANALYZE ar_dunning_customer")
    env.cr.commit()


def mail_only(env, meter, on):
    """Let every level go by e-mail alone and enclose nothing: the invoices' PDFs are Odoo's work, not ours."""
    levels = env["ar.dunning.level"].search([])
    with meter.running():
        levels.write({"channel_email": True, "channel_letter": False, "attach_invoices": "none"})
        env.cr.commit()


def decide(env, meter, on, batch=BATCH):
    """The decision for every customer, as the night asks for it: in batches."""
    ids = env["ar.dunning.customer"].search([("company_id", "=", env.company.id)]).ids
    env.invalidate_all()
    gc.collect()
    items = due = 0
    with meter.running():
        for part in split_every(int(batch), ids):
            customers = env["ar.dunning.customer"].browse(part)
            for decision in env["ar.dunning.ledger"]._decide(customers, on).values():
                items += len(decision.items)
                due += sum(item.step.due for item in decision.items)
            env.invalidate_all()
    meter.note(items=items, due=due, customers=len(ids))


def claims(env, meter, on, batch=BATCH):
    """Interest on every overdue item of the ledger, as the night asks for it: read, worked out, nothing written."""
    from odoo.addons.ar_dunning_charge.models.facts.claim_facts import Asked

    rule = env["ar.dunning.interest.rule"].create({"name": "Terms", "interest_source": "fixed", "fixed_rate": 9.5})
    policy = env["ar.dunning.policy"].search([("company_id", "=", env.company.id)], limit=1)
    policy.interest_rule_id = rule
    level = policy.level_ids.filtered(lambda level: level.kind == "formal")
    level.charge_interest = True
    ids = env["ar.dunning.customer"].search([("company_id", "=", env.company.id)]).ids
    items = slices = 0
    with meter.running():
        for part in split_every(int(batch), ids):
            found = env["ar.dunning.item"].search([("customer_id", "in", part), ("due_date", "<", on)])
            asked = [Asked(item.id, item.id, level, policy, "en_US", None) for item in found]
            for worked in env["ar.dunning.claims"]._work_out(asked, env.company, on).values():
                items += len(worked.charges)
                slices += sum(len(charge["slices"]) for charge in worked.charges)
            env.invalidate_all()
    env.cr.rollback()
    meter.note(items=items, slices=slices)


def night(env, meter, on):
    """A whole night, commits included. One that is played again leaves its day free first: a company has one night a day."""
    env.cr.execute("UPDATE ar_dunning_run SET date = date - 1000 WHERE kind = 'night' AND date = %s", [on])
    env.invalidate_all()
    run = env["ar.dunning.run"]._make({"date": on, "kind": "night", "company_id": env.company.id})
    env.cr.commit()
    with meter.running():
        run._work()
    meter.note(
        items=run.item_count,
        customers=run.customer_count,
        notices=len(run.notice_ids),
        errors=len(run.error_ids),
        left_alone=sum((run.skipped_counts or {}).values()),
    )


def send(env, meter, on):
    """Look again, make deliveries and queue mails for every notice that goes by e-mail: the memory must not grow."""
    drafts = env["ar.dunning.notice"].search([("state", "=", "draft"), ("partner_id.email", "!=", False)])
    env.cr.execute(
        "UPDATE ar_dunning_notice SET state = 'queued', send_after = now() AT TIME ZONE 'UTC' - interval '1 minute',"
        " approved_by_id = %s WHERE id = ANY(%s)",
        [env.uid, drafts.ids],
    )
    env.cr.commit()
    gc.collect()
    with meter.running():
        env["ar.dunning.dispatch"]._cron_send()
    mails = env["mail.mail"].search_count([("model", "=", "ar.dunning.notice"), ("state", "=", "outgoing")])
    meter.note(notices=len(drafts), mails=mails)


def notices(env, meter, on, count=500):
    """Prepare, approve and queue the mail for customers with an address, in batches with commits; no PDF; warm."""
    customers = env["ar.dunning.customer"].search(
        [("company_id", "=", env.company.id), ("partner_id.email", "!=", False)], limit=int(count) + WARM_UP
    )
    mail_only(env, meter, on)
    run = env["ar.dunning.run"]._make({"date": on, "kind": "manual", "company_id": env.company.id})
    env.cr.commit()
    _notices_of(env, run, on, customers[:WARM_UP].ids)
    gc.collect()
    todo = customers[WARM_UP:].ids
    with meter.running():
        for part in split_every(BATCH, todo):
            _notices_of(env, run, on, part)
    made = run.notice_ids.filtered(lambda notice: notice.customer_id.id in set(todo))
    meter.note(customers=len(todo), notices=len(made), lines=len(made.line_ids), mails=len(made.delivery_ids.mail_id))


def _notices_of(env, run, on, customer_ids):
    before = run.notice_ids.ids
    run._prepare(customer_ids)
    env.cr.commit()
    new = env["ar.dunning.notice"].search([("run_id", "=", run.id), ("id", "not in", before)])
    new._approve()
    env.cr.commit()
    env["ar.dunning.dispatch"]._send(new.ids, on)
    env.cr.commit()


def letters(env, meter, on, count=20):
    """Letters from approved notices, one after another, as the sending phase makes them."""
    chosen = env["ar.dunning.notice"].search([("letter_id", "=", False)], limit=int(count) + 1)
    Report = env["ir.actions.report"]
    env.cr.commit()
    Report._render_qweb_pdf("ar_dunning.action_report_notice", chosen[0].ids)
    size = 0
    with meter.running():
        for notice in chosen[1:]:
            pdf, kind = Report._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
            size += len(pdf)
    meter.note(letters=len(chosen) - 1, kilobytes=size / 1024 / max(len(chosen) - 1, 1), kind=kind)


def finish(env, meter, on):
    """Not measured work: every notice has been sent, so that the next nights find nothing to do."""
    with meter.running():
        env.cr.execute(
            "UPDATE ar_dunning_notice SET state = 'sent', sent_on = %s WHERE state IN ('draft', 'queued')", [on]
        )
        env.invalidate_all(flush=False)
        for part in split_every(1000, env["ar.dunning.item"].search([]).ids):
            env["ar.dunning.item"].browse(part)._refresh_progress()
        env.cr.commit()
    env.cr.execute("ANALYZE ar_dunning_item; ANALYZE ar_dunning_notice; ANALYZE ar_dunning_notice_line")
    env.cr.commit()


def night_after(env, meter, on, days=1):
    """A night some days later."""
    night(env, meter, on + timedelta(days=int(days)))


def now(env, meter, on):
    meter.note(today=str(fields.Date.context_today(env.user)))
