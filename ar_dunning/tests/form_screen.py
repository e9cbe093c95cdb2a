"""A form as the web client drives it: its views, its field specification, `onchange`, `web_read`, `web_name_search`.

No helper of Odoo's test framework stands between: what the browser asks of the server is asked here, and nothing else.
"""

from datetime import date

from lxml import etree

from odoo.tools.safe_eval import datetime, safe_eval, time

OFF = ("0", "false", "False")
TAGS = ("many2many_tags", "many2many_tags_avatar", "many2many_checkboxes", "many2many_avatar_user")
FILE_WIDGETS = (None, "binary", "image", "pdf_viewer")  # others show what is computed
# A picture of one pixel, for fields that take a file.
FILE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class FormScreen:
    """One form view of a model, in the environment of a user and with the context of an action."""

    def __init__(self, model, view):
        self.model, self.view = model, view
        views = model.get_views([(view.id, "form")], {"toolbar": False})
        self.infos = {name: info["fields"] for name, info in views["models"].items()}
        self.arch = etree.fromstring(views["views"]["form"]["arch"])
        self.spec = self._spec(self.arch, model._name)

    # === What the view shows === #

    def _spec(self, node, model, inner=False):
        """The specification that the client builds from an arch: sub-views included, names of linked records, too."""
        spec = {}
        for child in _fields(node):
            name, info = child.get("name"), self.infos.get(model, {}).get(child.get("name"))
            if info and info["type"] in ("one2many", "many2many"):
                spec.setdefault(name, {"fields": {}})["fields"].update(self._rows_spec(child, info["relation"], inner))
            elif info:
                spec[name] = {"fields": {"display_name": {}}} if info["type"] in ("many2one", "reference") else {}
        return spec

    def _rows_spec(self, node, relation, inner):
        if not len(node) and (inner or node.get("widget") in TAGS):
            return {"display_name": {}}
        self._load_rows_view(node, relation)
        spec = {}
        for view in node.iterchildren(etree.Element):
            spec.update(self._spec(view, relation, inner=True))
        return spec

    def _load_rows_view(self, node, relation):
        """Where the form has no list for its rows, the client asks for the default one, if it is shown at all."""
        if len(node) or node.get("invisible") in ("1", "True"):
            return
        views = self.model.env[relation].get_views([(False, "list")])
        node.append(etree.fromstring(views["views"]["list"]["arch"]))
        for name, info in views["models"].items():
            self.infos.setdefault(name, {}).update(info["fields"])

    def nodes(self, values, record_id=False):
        """`{field: node}` of what a person can change on this record."""
        return self._editable(self.arch, self.model._name, self._evaluation(values, self.model._name, record_id))

    def _editable(self, node, model, known):
        fields = {}
        for child in _fields(node):
            info = self.infos.get(model, {}).get(child.get("name"))
            if info and not self._is(child, "readonly", info, known) and not self._is_hidden(child, node, known):
                fields.setdefault(child.get("name"), child)
        return fields

    def _is_hidden(self, child, top, known):
        while child is not None and child is not top:
            if self._is(child, "invisible", {}, known) or self._is(child, "column_invisible", {}, known):
                return True
            child = child.getparent()
        return False

    def _is(self, node, modifier, info, known):
        expression = node.get(modifier)
        return bool(safe_eval(expression, dict(known))) if expression else bool(info.get(modifier))

    def _evaluation(self, values, model, record_id=False, parent=None):
        """What an expression of the view can name: the record's values, and the client's own names."""
        env = self.model.env
        known = {name: _plain(value) for name, value in values.items()}
        return {
            **dict.fromkeys(self.infos.get(model, ()), False),
            **env.context,
            "context": dict(env.context),
            "uid": env.uid,
            "current_company_id": env.company.id,
            "active_id": record_id,
            "today": date.today().isoformat(),
            "now": f"{date.today()} 12:00:00",
            "current_date": date.today().isoformat(),
            "time": time,
            "datetime": datetime,
            "context_today": date.today,
            **known,
            "id": record_id,
            "parent": Known(parent or {}),
        }

    # === What the client asks === #

    def new(self):
        """The values of a new record."""
        many = ("one2many", "many2many")
        rows = {name: [] for name in self.spec if self.infos[self.model._name][name]["type"] in many}
        return rows | self.model.onchange({}, [], self.spec)["value"]

    def open(self, record):
        """The values of a saved one."""
        return self.model.browse(record.id).web_read(self.spec)[0]

    def lacks(self, values):
        """Whether the client refuses to save: a field that is asked for is empty."""
        known = self._evaluation(values, self.model._name)
        fields = self.infos[self.model._name]
        return any(
            self._is(node, "required", fields[name], known) and not known[name]
            for name, node in self.nodes(values).items()
        )

    def save(self, values):
        """A new record of these values, as the client saves it: without what is read-only, unless the view insists."""
        fields = self.infos[self.model._name]
        known = self._evaluation(values, self.model._name)
        readonly = {
            node.get("name")
            for node in _fields(self.arch)
            if node.get("name") in fields
            and self._is(node, "readonly", fields[node.get("name")], known)
            and not node.get("force_save")
        }
        sent = {name: value for name, value in _commands(values).items() if name in self.spec and name not in readonly}
        return self.model.browse(self.model.web_save(sent, self.spec)[0]["id"])

    def change(self, record, values, name, node):
        """Change a field of a saved or of a new record, as far as there is another value for it; a row where it has rows."""
        info = self.infos[self.model._name][name]
        if info["type"] == "one2many":
            self._change_rows(record, values, name, node, info)
            return
        value = self._other_value(info, node, values.get(name), self._evaluation(values, self.model._name, record.id))
        if value is not None:
            self._send(record, values, name, node, value)

    def _send(self, record, values, name, node, value):
        if node.get("on_change"):
            changes = {name: value} if record else {**_commands(values), name: value}
            context = self._context(node, self._evaluation(values, self.model._name, record.id))
            self.model.browse(record.id).with_context(**context).onchange(changes, [name], self.spec)

    def _change_rows(self, record, values, name, node, info):
        """Add a line, with its own `onchange`, and change the first one field by field."""
        view = next(
            (view for view in node.iterchildren("list", "form") if view.get("editable") or view.tag == "form"), None
        )
        if view is None or view.get("create") in OFF:
            return
        relation, spec = info["relation"], self.spec[name]["fields"]
        parent = ({"id": record.id} if record else _commands(values)) if info.get("relation_field") else None
        link = {info["relation_field"]: parent} if parent is not None else {}
        context = self._context(node, self._evaluation(values, self.model._name, record.id))
        rows = self.model.env[relation].with_context(**context)
        row = rows.onchange(link, [], spec)["value"]
        known = self._evaluation(row, relation, parent=values)
        for field, child in self._editable(view, relation, known).items():
            value = self._other_value(self.infos[relation][field], child, row.get(field), known)
            if value is not None and child.get("on_change"):
                rows.onchange({**_commands(row), **link, field: value}, [field], spec)
        self._send(record, values, name, node, [[0, "virtual_1", _commands(row)]])

    def _context(self, node, known):
        return safe_eval(node.get("context") or "{}", dict(known))

    def _other_value(self, info, node, now, known):
        """A plausible value other than the present one; None where there is none to choose."""
        kind = info["type"]
        if kind in ("many2one", "many2many"):
            return self._other_record(info, node, now, known)
        if kind == "selection":
            return next((key for key, _label in info["selection"] if key != now), None)
        if kind == "boolean":
            return not now
        return {
            "integer": 2,
            "float": 2.5,
            "monetary": 250.0,
            "date": date.today().isoformat(),
            "datetime": f"{date.today()} 12:00:00",
            "char": "Typed by hand",
            "text": "Typed by hand",
            "html": "<p>Typed by hand</p>",
            "binary": FILE if node.get("widget") in FILE_WIDGETS else None,
        }.get(kind)

    def _other_record(self, info, node, now, known):
        """The first record that the field's own search offers, as a person picks it."""
        domain = node.get("domain") or info.get("domain") or []
        if isinstance(domain, str):
            domain = safe_eval(domain, dict(known))
        comodel = self.model.env[info["relation"]].with_context(**self._context(node, known))
        if not comodel.has_access("read"):
            return None
        offered = comodel.web_name_search("", {"display_name": {}}, domain, limit=2)
        ids = [choice["id"] for choice in offered if choice["id"] != _plain(now)]
        if info["type"] == "many2many":
            return [[4, ids[0]]] if ids else None
        return ids[0] if ids else None


class Known:
    """`parent` in an expression: its values as attributes."""

    def __init__(self, values):
        self._values = values

    def __getattr__(self, name):
        return _plain(self._values.get(name, False))


def _fields(node):
    """The fields of a view, without those of the views inside a field."""
    for child in node.iterchildren(etree.Element):
        if child.tag == "field":
            yield child
        else:
            yield from _fields(child)


def _plain(value):
    """A value as expressions compare it: the id of a linked record, the ids of rows."""
    if isinstance(value, dict) and "id" in value:
        return value["id"]
    if isinstance(value, (list, tuple)):
        return [row.get("id") if isinstance(row, dict) else row[1] for row in value if row]
    return value


def _commands(values):
    """What `onchange` answered, as the client sends it back: ids for linked records, commands for rows."""
    return {name: _sent(value) for name, value in values.items() if name != "id"}


def _sent(value):
    if isinstance(value, dict) and "id" in value:
        return value["id"]
    if isinstance(value, (list, tuple)):
        return [
            [row[0], row[1], _commands(row[2])] if len(row) > 2 and isinstance(row[2], dict) else list(row)
            for row in value
        ]
    return value
