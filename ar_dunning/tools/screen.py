"""What a button answers to the web client."""

READ_ANEW = {"type": "ir.actions.client", "tag": "soft_reload"}


def say(message, kind="success", go_on=None):
    """A message on the screen; `go_on`: the action that follows, or None: what is shown is read anew.

    A warning or an error (`kind` "warning", "danger") stays until somebody has closed it.
    """
    params = {"type": kind, "message": message, "next": go_on or dict(READ_ANEW)}
    if kind != "success":
        params["sticky"] = True
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}


def form_of(record):
    """Open this record."""
    return {
        "type": "ir.actions.act_window",
        "res_model": record._name,
        "res_id": record.id,
        "view_mode": "form",
    }
