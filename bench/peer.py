"""The same steps in the peer addon `account_credit_control`, through its own buttons."""

import gc


def _run(env, on):
    policy = env.ref("account_credit_control.credit_control_3_time")
    run = env["credit.control.run"].create({"date": on, "policy_ids": [(6, 0, policy.ids)]})
    env.cr.commit()
    return run


def decide(env, meter, on):
    """Its run: which invoices are at which level, kept as lines."""
    env.ref("account_credit_control.credit_control_3_time").account_ids = env["account.account"].search(
        [("account_type", "=", "asset_receivable")]
    )
    run = _run(env, on)
    gc.collect()
    with meter.running():
        run.generate_credit_lines()
        env.flush_all()
        env.cr.commit()
    meter.note(items=len(run.line_ids))
    env.cr.execute("ANALYZE")
    env.cr.commit()


def communications(env, meter, on, customers=300):
    """Its grouping: one communication per customer, level and currency. Grows with lines times communications."""
    run = env["credit.control.run"].search([], limit=1, order="id desc")
    partners = env["credit.control.line"].search([("run_id", "=", run.id)], order="partner_id").partner_id
    lines = run.line_ids.filtered(lambda line: line.partner_id in partners[: int(customers)])
    lines.write({"state": "to_be_sent"})
    lines = lines.filtered(lambda line: line.channel == "email")
    env.flush_all()
    env.cr.commit()
    gc.collect()
    with meter.running():
        found = env["credit.control.communication"]._generate_comm_from_credit_lines(lines)
        env.flush_all()
        env.cr.commit()
    meter.note(communications=len(found), customers=len(found.partner_id), lines=len(lines))


def mails(env, meter, on, count=100):
    """Its mails, with the PDF report taken off the template: only mail against mail."""
    found = env["credit.control.communication"].search([], limit=int(count) + 5)
    found.policy_level_id.email_template_id.report_template_ids = False
    env.cr.commit()
    _mails_of(env, found[:5])
    with meter.running():
        _mails_of(env, found[5:])
    meter.note(mails=len(found) - 5)


def _mails_of(env, found):
    found.with_context(mail_notify_force_send=False)._generate_emails()
    env.flush_all()
    env.cr.commit()


def letters(env, meter, on, count=2):
    """Its mails as shipped: each with the PDF attached."""
    report = env.ref("account_credit_control.credit_control_summary").sudo()
    found = env["credit.control.communication"].search([], limit=int(count) + 1)
    env.cr.commit()
    env["ir.actions.report"]._render_qweb_pdf(report, found[0].ids)
    with meter.running():
        for one in found[1:]:
            env["ir.actions.report"]._render_qweb_pdf(report, one.ids)
    meter.note(letters=len(found) - 1)
