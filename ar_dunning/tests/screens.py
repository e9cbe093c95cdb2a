"""What an addon of ours adds to Odoo, found by itself: tests that use this cover members added later, too."""


def models_of(env, addon):
    """Models that the addon defines or extends, in Python or by a view; no abstract ones. Sorted by name."""
    views = env["ir.model.data"].sudo().search([("module", "=", addon), ("model", "=", "ir.ui.view")])
    shown = set(env["ir.ui.view"].sudo().browse(views.mapped("res_id")).exists().mapped("model"))
    return [
        env[name]
        for name in sorted(env.registry)
        if not env[name]._abstract and (name in shown or _is_extended(env[name], addon))
    ]


def _is_extended(model, addon):
    """Whether the addon adds to this very model, and not only to a mixin that half of Odoo inherits."""
    return any(
        part.__module__.startswith(f"odoo.addons.{addon}.") and part.__dict__.get("_name") == model._name
        for part in type(model).__mro__
    )


def unreadable(env, addon):
    """Computed fields of the addon that do not bear a new empty record, several of them, or many saved ones.

    The web client asks for all of them when a form is opened for a new record. Returns a line for each, with the error.
    """
    found = []
    for name in sorted(env.registry):
        model = env[name].sudo()
        computed = [field for field in model._fields.values() if field._module == addon and field.compute]
        if not model._abstract and computed:
            found += [line for field in computed for line in _errors(model, field.name)]
    return found


def _errors(model, field):
    for kind in ("one new record", "new records", "no record", "saved records", "a record being edited"):
        with model.env.cr.savepoint(flush=False) as savepoint:
            model.env.invalidate_all(flush=False)
            try:
                for record in _records(model, kind):
                    record[field]
            except Exception as error:
                yield f"{model._name}.{field} of {kind}: {type(error).__name__}: {error}"
            savepoint.rollback()


def _records(model, kind):
    saved = model.search([], limit=20)
    return {
        "one new record": lambda: model.new({}),
        "new records": lambda: model.new({}) | model.new({}),
        "no record": lambda: [model.browse()],
        "saved records": lambda: saved,
        "a record being edited": lambda: model.union(*(model.new({}, origin=record) for record in saved[:3])),
    }[kind]()
