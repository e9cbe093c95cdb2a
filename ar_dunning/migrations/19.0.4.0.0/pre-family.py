"""Charges and credit become addons of their own: what they bring is theirs from here on, and stays the same record.

``family.txt`` says what: below the heading of an addon the names that were of ``ar_dunning``, and those of constraints and of
tables that link others. A line ``stem: a b`` stands for the names ``stema`` and ``stemb``.

The addons are marked *to upgrade*, not *to install*: what a person has edited is protected only where an addon is upgraded. With
``-u all`` Odoo has marked some of them *to install* before this; for these the protected rows are kept aside and put back at the end.
"""

import re
from collections import defaultdict
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.modules import Manifest, adapt_version

FORMER = "ar_dunning"
LIST = Path(__file__).with_name("family.txt")
# Kinds of records that people's own views and server actions may name.
NAMED = ("ir.ui.view", "res.groups", "ir.ui.menu", "mail.template", "product.product", "product.template")
NAMED_LIKE = "ir.actions.%"


def migrate(cr, version):
    """Give each addon what is its own, and have it upgraded together with all that stands on it."""
    family = read_list(LIST.read_text())
    env = api.Environment(cr, SUPERUSER_ID, {})
    know_addons(env, family)
    for addon, names in family.items():
        re_own(cr, addon, names)
        keep_protected(env, addon, names["names"])
        rename_references(cr, addon, names["names"])
        mark(cr, addon)
    mark_descendants(cr, list(family))
    empty_views(cr, [name for names in family.values() for name in names["names"]])


def read_list(text):
    """{addon: {"names": [...], "constraints": [...], "relations": [...]}} of the list."""
    family = defaultdict(lambda: {"names": [], "constraints": [], "relations": []})
    for line in text.splitlines():
        if line.startswith("["):
            addon, kind = line.strip("[]").split()
        elif line.strip() and not line.startswith("#"):
            stem, colon, rest = line.partition(":")
            family[addon][kind] += [stem + name for name in rest.split()] if colon else [stem]
    return family


def know_addons(env, family):
    """Have the new addons on the list of addons; usually Odoo has just looked."""
    Module = env["ir.module.module"]
    if Module.search_count([("name", "in", list(family))]) < len(family):
        Module.update_list()


def re_own(cr, addon, names):
    """Names, constraints and tables change hands; where the addon has the name already, that stays."""
    cr.execute(
        """
        UPDATE ir_model_data d SET module = %(addon)s
         WHERE d.module = %(former)s AND d.name = ANY(%(names)s)
           AND NOT EXISTS (SELECT FROM ir_model_data x WHERE x.module = %(addon)s AND x.name = d.name)
        """,
        {"addon": addon, "former": FORMER, "names": names["names"]},
    )
    for table, kind in (("ir_model_constraint", "constraints"), ("ir_model_relation", "relations")):
        cr.execute(
            f"UPDATE {table} t SET module = new.id FROM ir_module_module new, ir_module_module former"
            " WHERE new.name = %s AND former.name = %s AND t.module = former.id AND t.name = ANY(%s)",
            [addon, FORMER, names[kind]],
        )


def rename_references(cr, addon, names):
    """Templates are called by their key, and people's own views and server actions name records of ours."""
    cr.execute(
        "UPDATE ir_ui_view SET key = %s || '.' || split_part(key, '.', 2)"
        " WHERE split_part(key, '.', 1) = %s AND split_part(key, '.', 2) = ANY(%s)",
        [addon, FORMER, names],
    )
    cr.execute(
        "SELECT name FROM ir_model_data WHERE module = %s AND name = ANY(%s) AND (model = ANY(%s) OR model LIKE %s)",
        [addon, names, list(NAMED), NAMED_LIKE],
    )
    found = "|".join(re.escape(name) for (name,) in cr.fetchall())
    pattern, new = rf"\m{FORMER}\.({found})\M", rf"{addon}.\1"
    for table, column in (("ir_ui_view", "arch_db"), ("ir_act_server", "code")) if found else ():
        kind = "jsonb" if column == "arch_db" else "text"
        cr.execute(
            f"UPDATE {table} SET {column} = regexp_replace({column}::text, %s, %s, 'g')::{kind}"
            f" WHERE {column}::text ~ %s",
            [pattern, new, pattern],
        )


def empty_views(cr, names):
    """Extensions that stay in the former addon and name a field that has left are empty until their file is read again.

    While an addon is upgraded Odoo checks each view together with the others of its tree, those that wait for their file, too.
    """
    models = {name.removeprefix("model_") for name in names if name.startswith("model_")}
    places = [name.removeprefix("field_").rsplit("__", 1) for name in names if name.startswith("field_")]
    left = sorted({field for model, field in places if model not in models})
    cr.execute(
        """
        UPDATE ir_ui_view v SET arch_db = '{"en_US": "<data/>"}' FROM ir_model_data d
         WHERE d.model = 'ir.ui.view' AND d.res_id = v.id AND d.module = %s AND NOT d.noupdate
           AND v.inherit_id IS NOT NULL AND v.mode = 'extension' AND v.arch_db::text ~ %s
        """,
        [FORMER, rf"\m({'|'.join(map(re.escape, left))})\M"],
    )


# === What people have edited === #


def keep_protected(env, addon, names):
    """Keep aside the protected rows of an addon that is to be installed: installing would write them anew."""
    cr = env.cr
    cr.execute("SELECT FROM ir_module_module WHERE name = %s AND state = 'to install'", [addon])
    if not cr.rowcount:
        return
    cr.execute("CREATE TABLE IF NOT EXISTS ar_dunning_kept (place text, link text, id integer, value jsonb)")
    cr.execute(
        "SELECT model, array_agg(res_id) FROM ir_model_data"
        " WHERE module = %s AND noupdate AND name = ANY(%s) GROUP BY model",
        [addon, names],
    )
    for model, ids in cr.fetchall():
        table = env[model]._table if model in env else model.replace(".", "_")
        cr.execute(
            f'INSERT INTO ar_dunning_kept SELECT %s, NULL, id, to_jsonb(t) FROM "{table}" t WHERE id = ANY(%s)',
            [table, ids],
        )
        for relation, column in relations_of(cr, model):
            cr.execute(
                "INSERT INTO ar_dunning_kept SELECT %s, %s, ids.id,"
                f' (SELECT jsonb_agg(to_jsonb(r)) FROM "{relation}" r WHERE r."{column}" = ids.id)'
                "  FROM unnest(%s) AS ids(id)",
                [relation, column, ids],
            )


def relations_of(cr, model):
    """The tables that link a model to others, each with the column of the model's ids."""
    cr.execute(
        "SELECT DISTINCT relation_table, column1 FROM ir_model_fields"
        " WHERE model = %s AND ttype = 'many2many' AND store AND to_regclass(quote_ident(relation_table)) IS NOT NULL",
        [model],
    )
    return cr.fetchall()


# === Marking === #


def mark(cr, addon):
    """As if the addon had been there in this version, and is to be upgraded."""
    version = adapt_version(Manifest.for_addon(addon)["version"])
    cr.execute(
        "UPDATE ir_module_module SET state = 'to upgrade', latest_version = %s"
        " WHERE name = %s AND state IN ('uninstalled', 'to install')",
        [version, addon],
    )


def mark_descendants(cr, addons):
    """What is installed and stands on the new addons is upgraded with them."""
    cr.execute(
        """
        WITH RECURSIVE above AS (
            SELECT module_id FROM ir_module_module_dependency WHERE name = ANY(%s)
             UNION
            SELECT d.module_id
              FROM above JOIN ir_module_module m ON m.id = above.module_id
              JOIN ir_module_module_dependency d ON d.name = m.name
        )
        UPDATE ir_module_module SET state = 'to upgrade' WHERE id IN (SELECT module_id FROM above) AND state = 'installed'
        """,
        [addons],
    )
