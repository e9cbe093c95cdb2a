"""What a database says, to be compared with what it said before."""

import hashlib
import re
from contextlib import closing
from dataclasses import dataclass

import psycopg2
from devenv import databases, postgres

# Columns of ours, and tables of ours with what links them.
COLUMNS = """
    SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
      FROM information_schema.columns
     WHERE table_schema = 'public' AND (strpos(table_name, 'ar_dunning') > 0 OR strpos(column_name, 'ar_dunning') > 0
           OR column_name = 'id')
     GROUP BY table_name
    HAVING bool_or(strpos(table_name, 'ar_dunning') > 0 OR strpos(column_name, 'ar_dunning') > 0)
"""
XMLIDS = """
    SELECT name, model, res_id, array_agg(module::text ORDER BY module) FROM ir_model_data
     WHERE starts_with(module, 'ar_dunning')
     GROUP BY name, model, res_id
"""
FILES = """
    SELECT id, name, res_model, res_id, checksum, store_fname FROM ir_attachment
     WHERE res_model LIKE 'ar.dunning%' OR res_field = 'invoice_pdf_report_file'
"""
LETTERS = (
    "SELECT n.id, n.letter_sha256, a.store_fname FROM ar_dunning_notice n JOIN ir_attachment a ON a.id = n.letter_id"
)
TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) |^Traceback")


def trouble(log):
    """Warnings and errors of a log, from where the work begins."""
    text = log.read_text(errors="replace").rpartition("the work begins")[2]
    return [line for line in text.splitlines() if TROUBLE.search(line)]


@dataclass(frozen=True)
class Facts:
    """One look at a database."""

    columns: dict  # table -> names of its columns
    rows: dict  # table with ids -> {id: {column: value as text}}
    links: dict  # table without -> set of rows
    xmlids: dict  # (name, model, id) -> addons
    files: dict  # id -> (name, model, id, checksum)
    contents: dict  # id -> SHA-1 of what lies on the disk
    letters: dict  # notice -> (SHA-256 as kept, SHA-256 of the file)
    modules: dict  # addon -> (state, version)


def connect(database):
    """A connection to a database of this environment."""
    server = postgres.environment()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    given = {name: server[variable] for name, variable in names.items() if variable in server}
    return closing(psycopg2.connect(dbname=database, **given))


def query(database, statement, values=()):
    """The rows of a statement."""
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def read(database):
    """Everything."""
    columns = dict(query(database, COLUMNS))
    files = query(database, FILES)
    return Facts(
        columns=columns,
        rows={table: _rows(database, table, names) for table, names in columns.items() if "id" in names},
        links={table: _links(database, table, names) for table, names in columns.items() if "id" not in names},
        xmlids={(name, model, record): addons for name, model, record, addons in query(database, XMLIDS)},
        files={row[0]: row[1:5] for row in files},
        contents={row[0]: _hash(database, row[5], "sha1") for row in files},
        letters={id_: (kept, _hash(database, file, "sha256")) for id_, kept, file in query(database, LETTERS)},
        modules={
            name: (state, version)
            for name, state, version in query(database, "SELECT name, state, latest_version FROM ir_module_module")
        },
    )


def _rows(database, table, names):
    """The rows of a table with ids."""
    listed = ", ".join(f'"{name}"::text' for name in names)
    found = query(database, f'SELECT id, {listed} FROM "{table}"')
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _links(database, table, names):
    """The rows of a table that only links others."""
    listed = ", ".join(f'"{name}"' for name in sorted(names))
    return set(query(database, f'SELECT {listed} FROM "{table}"'))


def _hash(database, file, method):
    """The hash of a file of the database."""
    return hashlib.new(method, (databases.filestore(database) / file).read_bytes()).hexdigest()
