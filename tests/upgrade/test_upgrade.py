"""A database of commit 6ff47c9, in use, is brought over: by updating `ar_dunning` alone, by updating everything, by the Apps button."""

import json

import upgrade_facts
import upgrade_old

# What the release took away on purpose: names of records, columns by table.
GONE_XMLIDS = {
    "field_ar_dunning_customer__last_run_id",
    # How charges are printed: the base prints blocks, whoever brings them.
    "notice_mail_charges",
    "report_notice_charges",
    # The timeline reads what had happened; kinds of arrangements are open codes.
    "field_account_move__ar_dunning_line_ids",
    "field_account_bank_statement_line__ar_dunning_line_ids",
    "selection__ar_dunning_arrangement__kind__pause",
}
# Releases and free periods are records of their own now.
RELEASE = {"amount", "currency_id", "note", "on", "partner_id", "reasons", "user_id"}
GONE_XMLIDS_SALE = {
    *(f"field_sale_order__ar_dunning_release_{name}" for name in RELEASE),
    *("constraint_sale_order_ar_dunning_trial_end", "constraint_sale_order_ar_dunning_trial_limit"),
    *(
        f"selection__sale_order__ar_dunning_release__{key}"
        for key in ("requested", "approved", "declined", "overridden")
    ),
    *(f"selection__sale_order__ar_dunning_trial_state__{key}" for key in ("running", "decide", "charged", "ended")),
}
GONE_COLUMNS = {
    "ar_dunning_customer": {"figures_on", "score_on", "credit_on", "last_run_id"},
    "sale_order": {
        *(f"ar_dunning_release_{name}" for name in RELEASE),
        *(f"ar_dunning_trial{name}" for name in ("", "_end", "_limit", "_told", "_asked", "_state")),
    },
}
# What migrations change on purpose: (table, column) -> {before: after}.
CHANGED = {
    ("ar_dunning_delivery", "state"): {"sending": "unconfirmed"},
    ("ar_dunning_delivery", "failure"): {None: "The server stopped while sending; nobody knows whether the mail left."},
}
# Kinds of records that several addons may name: what Odoo keeps about Python code.
SHARED = {
    "ir.model",
    "ir.model.fields",
    "ir.model.fields.selection",
    "ir.model.inherit",
    "ir.model.constraint",
}
# What a person had edited: name, model, column, value.
EDITED = [
    ("product_fee_product_template", "product.template", "name->>'en_US'", "Mahnkosten"),
    ("product_fee_product_template", "product.template", "default_code", "MK-1"),
    ("product_interest_product_template", "product.template", "name->>'en_US'", "Verzugszins"),
    ("product_interest_product_template", "product.template", "list_price::text", "1.5"),
    ("level_business_formal", "ar.dunning.level", "subject->>'en_US'", "Edited: last notice {invoices}"),
    ("reason_pause_agreed", "ar.dunning.reason", "name->>'en_US'", "Edited: agreed by telephone"),
    ("mail_template_notice", "mail.template", "name->>'en_US'", "Edited: notice"),
    ("ir_cron_book", "ir.cron", "interval_number::text", "3"),
    ("ir_cron_book", "ir.cron", "priority::text", "7"),
    ("sequence_notice", "ir.sequence", "prefix", "EDITED/"),
]
EDITED_SALE = [("mail_template_deposit_request", "mail.template", "subject->>'en_US'", "Edited: deposit")]
TAXES = """
    SELECT t.name->>'en_US' FROM ir_model_data d JOIN product_taxes_rel r ON r.prod_id = d.res_id JOIN account_tax t ON t.id = r.tax_id
     WHERE starts_with(d.module, 'ar_dunning') AND d.name = 'product_fee_product_template'
"""
ACCESSORY = """
    SELECT count(*), count(*) FILTER (WHERE m.ar_dunning_accessory IS NOT TRUE) FROM account_move m
      JOIN ar_dunning_charge c ON m.id IN (c.document_id, c.reversal_id)
"""
# As they stood on the orders; the days as text, of the same form in both.
RELEASES = """
    SELECT o.name, r.order_name, r.state, r.amount::float, r.note, r.kinds, c.partner_id, r.currency_id, r.purpose,
           COALESCE(r.decided_by_id, r.asked_by_id), COALESCE(r.decided_on, r.asked_on)::text,
           r.decided_by_id IS NOT NULL, o.ar_dunning_release_id = r.id
      FROM ar_dunning_release r
      JOIN sale_order o ON o.id = r.order_id
      JOIN ar_dunning_customer c ON c.id = r.customer_id
     ORDER BY o.name
"""
TRIALS = """
    SELECT o.name, t.kind, t.until::text, t.free_value::float, t.state, t.start::text, o.ar_dunning_trial_id = t.id
      FROM ar_dunning_trial t JOIN sale_order o ON o.id = t.order_id
"""
CONFIRMED = "SELECT p.name, o.state FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.ar_dunning_release = 'approved'"
NOTICES = """
    SELECT p.name, l.days, n.state, n.amount_total,
           (SELECT sum(c.amount) FROM ar_dunning_charge c WHERE c.notice_id = n.id)
      FROM ar_dunning_notice n
      JOIN ar_dunning_run r ON r.id = n.run_id
      JOIN ar_dunning_level l ON l.id = n.level_id
      JOIN ar_dunning_customer c ON c.id = n.customer_id
      JOIN res_partner p ON p.id = c.partner_id
     WHERE r.date = '2026-04-15' ORDER BY 1
"""


def values_of(facts, table, column):
    """How often each value occurs in a column."""
    found = [row[column] for row in facts.rows[table].values()]
    return {value: found.count(value) for value in set(found)}


def installed(facts):
    """The names of the addons that are installed."""
    return {name for name, (state, _version) in facts.modules.items() if state == "installed"}


def test_the_former_database_is_in_use(upgrade):
    """What is compared below is there: notices in every state, letters with hashes, charges in every stage, checks, holds, pauses."""
    before = upgrade.before
    assert values_of(before, "ar_dunning_notice", "state") == {"sent": 15, "draft": 1}
    assert values_of(before, "ar_dunning_charge", "stage") == {
        "announced": 9, "booked": 9, "waived": 1, "reversed": 1, "draft": 3,
    }  # fmt: skip
    assert values_of(before, "ar_dunning_solvency_check", "result") == {"good": 1, "bad": 1, "insolvent": 1}
    assert [len(before.letters), len(before.rows["ar_dunning_regime"]), len(before.rows["ar_dunning_run"])] == [3, 6, 4]
    scores = values_of(before, "ar_dunning_customer", "score")
    assert len(before.rows["ar_dunning_customer"]) == 8 and scores[None] == 7
    assert len(before.rows["ar_dunning_arrangement"]) == 2  # a pause, and that of the insolvency
    if upgrade.kind == "sale":
        assert values_of(before, "ar_dunning_deposit", "state") == {"requested": 1, "paid": 2}
        assert values_of(before, "sale_order", "ar_dunning_release") == {"approved": 1, "requested": 1, None: 2}


def test_the_log_is_clean(upgrade):
    """Nobody has to read a warning or an error."""
    assert upgrade.trouble() == []


def test_all_are_of_this_version(upgrade):
    """Every addon that was there is of the version in its manifest, and so is every one that they were divided into."""
    expected = {*upgrade_old.KINDS[upgrade.kind], *upgrade_old.divided()}
    found = {name: upgrade.after.modules[name] for name in expected}
    assert found == {name: ("installed", upgrade_old.version(name)) for name in expected}
    assert not [name for name, (state, _version) in upgrade.after.modules.items() if state.startswith("to ")]
    assert installed(upgrade.after) - installed(upgrade.before) == set(upgrade_old.divided())


def test_every_row_is_there_and_says_the_same(upgrade):
    """No row of ours is lost, none doubled, and no column of one changed but by a migration; totals and texts included."""
    before, after = upgrade.before, upgrade.after
    assert set(before.columns) <= set(after.columns)
    for table, names in before.columns.items():
        assert set(names) - set(after.columns[table]) == GONE_COLUMNS.get(table, set()), table
    differences = []
    for table, rows in before.rows.items():
        assert set(rows) <= set(after.rows[table]), table
        differences += [
            (table, id_, column, value, after.rows[table][id_][column])
            for id_, row in rows.items()
            for column, value in row.items()
            if column in after.columns[table] and value != after.rows[table][id_][column]
        ]
    unexpected = [
        (table, id_, column, old, new)
        for table, id_, column, old, new in differences
        if CHANGED.get((table, column), {}).get(old, old) != new
    ]
    assert unexpected == []
    assert {(table, column) for table, _id, column, _old, _new in differences} == set(CHANGED)


def test_what_is_new_was_shipped(upgrade):
    """Rows that were not there before come with the addons, and have their names."""
    shipped = {(model, record) for _name, model, record in upgrade.after.xmlids}
    for table, rows in upgrade.after.rows.items():
        if table.startswith("ar_dunning") and table in upgrade.before.rows:
            new = set(rows) - set(upgrade.before.rows[table])
            assert not {id_ for id_ in new if (table.replace("_", "."), id_) not in shipped}, table
    for table, links in upgrade.before.links.items():
        assert upgrade.after.links[table] == links, table


def test_documents_of_charges_say_so(upgrade):
    """Debit notes and credit notes by which charges were booked and taken back are told from invoices without their addon."""
    assert upgrade_facts.query(upgrade.database, ACCESSORY) == [(11, 0)]  # nine booked, one booked and taken back


def test_releases_are_records(upgrade):
    """What was asked and decided on the orders: the same people, days, amounts and reasons."""
    if upgrade.kind != "sale":
        return
    before = {id_: row for id_, row in upgrade.before.rows["sale_order"].items() if row["ar_dunning_release"]}
    found = upgrade_facts.query(upgrade.database, RELEASES)
    assert len(found) == len(before) == 2
    for row, old in zip(found, sorted(before.values(), key=lambda row: int(row["id"])), strict=True):
        kept = {name: old[f"ar_dunning_release_{name}"] for name in RELEASE}
        assert row[0] == row[1]
        assert row[2:] == (
            old["ar_dunning_release"],
            float(kept["amount"]),
            kept["note"],
            json.loads(kept["reasons"]),
            int(kept["partner_id"]),
            int(kept["currency_id"]),
            "confirm",
            int(kept["user_id"]),
            kept["on"],
            old["ar_dunning_release"] == "approved",
            True,
        )


def test_free_periods_are_records(upgrade):
    """Free until the end of May; confirmed on the day of the seed, so it runs."""
    if upgrade.kind != "sale":
        return
    ((_name, *row),) = upgrade_facts.query(upgrade.database, TRIALS)
    assert row == ["trial", "2026-05-31", 0.0, "running", row[4], True]
    (old,) = (row for row in upgrade.before.rows["sale_order"].values() if row["ar_dunning_trial"])
    assert (old["ar_dunning_trial_end"], old["ar_dunning_trial_state"]) == ("2026-05-31", "running")
    assert row[4]


def test_names_lead_to_the_same_records(upgrade):
    """What had a name in an addon has it still, in whichever addon of ours it is now; and in one only."""
    before, after = upgrade.before.xmlids, upgrade.after.xmlids
    gone = GONE_XMLIDS | (GONE_XMLIDS_SALE if upgrade.kind == "sale" else set())
    assert {name for name, model, record in before.keys() - after.keys()} == gone
    twice = {key: addons for key, addons in after.items() if len(addons) > 1 and key[1] not in SHARED}
    assert twice == {}
    named = [(model, record) for _name, model, record in after if model not in SHARED]
    assert len(named) == len(set(named))


def test_letters_and_files_are_the_same(upgrade):
    """Letters, invoices and the documents of checks: the same names, owners and bytes; a letter's hash is that of its file."""
    before, after = upgrade.before, upgrade.after
    assert {id_: after.files.get(id_) for id_ in before.files} == before.files
    assert {id_: after.contents.get(id_) for id_ in before.contents} == before.contents
    assert before.contents == {id_: file[3] for id_, file in before.files.items()}
    assert after.letters == before.letters
    assert all(kept == hashed for kept, hashed in after.letters.values())


def test_what_a_person_edited_stays(upgrade):
    """Products with their taxes, levels, reasons, templates, scheduled actions, numbers, laws and rates."""
    for name, model, column, value in EDITED + EDITED_SALE * (upgrade.kind == "sale"):
        table = model.replace(".", "_")
        statement = (
            f"SELECT t.{column} FROM {table} t JOIN ir_model_data d ON d.res_id = t.id AND d.model = %s"
            " WHERE starts_with(d.module, 'ar_dunning') AND d.name = %s"
        )
        assert upgrade_facts.query(upgrade.database, statement, (model, name)) == [(value,)], (name, column)
    assert upgrade_facts.query(upgrade.database, TAXES) == [("Edited 19 %",)]
    edited = "SELECT compensation_amount::float, note FROM ar_dunning_regime WHERE note LIKE 'Edited%'"
    assert upgrade_facts.query(upgrade.database, edited) == [(35.0, "Edited: agreed with our customers")]
    edited = "SELECT count(*) FROM ar_dunning_rate_value WHERE source = 'Edited by a person'"
    assert upgrade_facts.query(upgrade.database, edited) == [(1,)]


def test_the_night_goes_on_where_it_was(upgrade, night):
    """The night of 15 April, 44 days after most due dates, decides what the ladder says, without a line of trouble in the log.

    Formal notices to Adler and Biber with 11 days of interest at 10.27 % (3.09 of 1,000, 6.19 of 2,000) and a fee of 5; the first
    reminder to Castor, 7 days late. Dachs is paused, Falke insolvent, Elster's edited draft waits, Hase and Igel are not due.
    """
    assert upgrade_facts.trouble(night) == []
    found = [(*row[:3], *map(float, (row[3], row[4] or 0))) for row in upgrade_facts.query(upgrade.database, NOTICES)]
    assert found == [
        ("Adler Maschinen GmbH", 44, "draft", 1000.0, 8.09),
        ("Biber Holz GmbH", 44, "draft", 2000.0, 11.19),
        ("Castor Technik AG", 7, "draft", 700.0, 0.0),
    ]
    assert upgrade_facts.query(upgrade.database, "SELECT reason FROM ar_dunning_run_line WHERE kind = 'error'") == []
    kept = "SELECT text FROM ar_dunning_notice WHERE is_edited AND state = 'draft'"
    assert upgrade_facts.query(upgrade.database, kept) == [("<p>Edited: we spoke on the telephone.</p>",)]


def test_what_was_approved_is_confirmed(upgrade, night):
    """Elster is overdue, and has paid no deposit: the salesperson confirms by the approval of before."""
    if upgrade.kind == "sale":
        assert upgrade_facts.query(upgrade.database, CONFIRMED) == [("Elster Handel GmbH", "sale")]
