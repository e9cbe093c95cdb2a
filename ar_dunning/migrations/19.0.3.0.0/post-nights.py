"""Each company has its own night: runs of before are given to theirs, and the scheduled action looks every quarter of an hour."""

from datetime import time

from odoo import SUPERUSER_ID, api

SHIPPED = time(2)


def migrate(cr, version):
    """Give what is clear to its company; what was run for several stays readable as that, for who works in all of them."""
    give_runs(cr)
    name_companies(cr)
    end_runs_of_several(cr)
    env = api.Environment(cr, SUPERUSER_ID, {})
    keep_hour(env)
    env.ref("ar_dunning.ir_cron_night").write({"interval_number": 15, "interval_type": "minutes"})


def give_runs(cr):
    """A run of one company (chosen, or the only one there is) is that company's; of two nights of a day, the first."""
    cr.execute(
        """
        UPDATE ar_dunning_run r SET company_id = found.company_id
          FROM (SELECT run.id, one.company_id,
                       row_number() OVER (PARTITION BY run.kind, run.date, one.company_id ORDER BY run.id) AS nth, run.kind
                  FROM ar_dunning_run run
                  JOIN LATERAL (
                       SELECT min(c.id) AS company_id
                         FROM res_company c
                         LEFT JOIN ar_dunning_run_res_company_rel chosen
                                ON chosen.res_company_id = c.id AND chosen.ar_dunning_run_id = run.id
                        WHERE chosen.res_company_id IS NOT NULL
                           OR NOT EXISTS (SELECT FROM ar_dunning_run_res_company_rel x WHERE x.ar_dunning_run_id = run.id)
                       HAVING count(*) = 1) one ON TRUE
                 WHERE run.company_id IS NULL) found
         WHERE r.id = found.id AND (found.kind <> 'night' OR found.nth = 1)
        """
    )


def name_companies(cr):
    """A run of all companies names those there were: its counts are sums over them."""
    cr.execute(
        """
        INSERT INTO ar_dunning_run_res_company_rel (ar_dunning_run_id, res_company_id)
        SELECT r.id, c.id
          FROM ar_dunning_run r
          JOIN res_company c ON c.create_date IS NULL OR c.create_date <= r.create_date
         WHERE r.company_id IS NULL
           AND NOT EXISTS (SELECT FROM ar_dunning_run_res_company_rel x WHERE x.ar_dunning_run_id = r.id)
        """
    )


def end_runs_of_several(cr):
    """A run of several companies that was stopped ends here: the next night of each of them looks at everything."""
    cr.execute(
        """
        UPDATE ar_dunning_run SET state = 'done', remaining_count = 0
         WHERE company_id IS NULL AND state IN ('queued', 'running')
        """
    )


def keep_hour(env):
    """Where somebody has moved the night from its hour as shipped (in UTC), each company keeps that moment on its own clock."""
    moment = env.ref("ar_dunning.ir_cron_night").nextcall
    if not moment or moment.time() == SHIPPED:
        return
    for company in env["res.company"].search([]):
        local = company._dunning_local(moment)
        company.ar_dunning_night_hour = local.hour + local.minute / 60
