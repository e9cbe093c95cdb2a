"""Selects for the timeline of a customer: each source is one table's, and all have the columns of one row.

What a source does not say is empty, so that it names only what it knows.
"""

from odoo.tools import SQL

# The row that all sources have in common, with the type of each column.
COLUMNS = {
    "id": "int",  # of the source's own record
    "kind": "text",  # one of `_timeline_kinds`
    "words": "text",  # the sentence, with places for `parts`; empty: the first line of `html`
    "parts": "jsonb",  # texts for the places; those named `*_on` are days
    "detail": "text",  # what somebody wrote, or why
    "html": "text",  # the same, as a message has it
    "moment": "timestamp",  # UTC; or, where no clock was looked at:
    "day": "date",
    "amount": "numeric",
    "currency_id": "int",
    "user_id": "int",
    "who": "text",  # where it was no user
    "minor": "boolean",  # a step on the way: not told of a whole customer unless asked for
    "customer_id": "int",
    "company_id": "int",
    "notice_id": "int",
    "move_ids": "int[]",  # the invoices that it is about
    "common": "boolean",  # about everything the customer owes: stands on each of his invoices
    "res_model": "text",  # what opens
    "res_id": "int",
}


def source(kind, words, origin, **columns):
    """A select of entries.

    :param str kind: one of `_timeline_kinds`
    :param words: the sentence: a text, or SQL that chooses one; None: the message says it
    :param origin: what is read, from ``FROM`` on: a text of the code, or SQL
    :param columns: the others of `COLUMNS`, each a text of the code, or SQL; `parts` is a dict of them
    :return: SQL
    """
    columns |= {"kind": SQL("%s", kind), "words": SQL("%s", words) if isinstance(words, str) else words or "NULL"}
    columns["parts"] = _object(columns.get("parts") or {})
    columns["minor"] = columns.get("minor", "FALSE")
    columns["common"] = columns.get("common", "FALSE")
    unknown = columns.keys() - COLUMNS.keys()
    if unknown:
        raise ValueError(f"no columns of a timeline: {sorted(unknown)}")
    named = [
        SQL("(%s)::%s AS %s", _sql(columns.get(name, "NULL")), SQL(of_type), SQL.identifier(name))
        for name, of_type in COLUMNS.items()
    ]
    return SQL("SELECT %s %s", SQL(", ").join(named), _sql(origin))


def chosen(column, words):
    """One of several sentences, by the value of a column.

    :param dict words: `{value: text}`; of any other value there is none
    """
    whens = [SQL("WHEN %s THEN %s", value, text) for value, text in words.items()]
    return SQL("CASE %s %s END", _sql(column), SQL(" ").join(whens)) if whens else SQL("NULL")


def label(model, name, column):
    """The label of a selection's value in the reader's language.

    :param model: the model of the field `name`, whose value stands in `column`
    """
    labels = dict(model._fields[name]._description_selection(model.env))
    return SQL("COALESCE(%s, %s)", chosen(column, labels), _sql(column))


def named(model, alias, name="name"):
    """A translated text of a table under this alias, in the reader's language."""
    return model._field_to_sql(alias, name)


def _sql(text):
    return text if isinstance(text, SQL) else SQL(text)


def _object(parts):
    pairs = [SQL("%s, %s", name, _sql(value)) for name, value in parts.items()]
    return SQL("jsonb_build_object(%s)", SQL(", ").join(pairs)) if pairs else SQL("'{}'")
