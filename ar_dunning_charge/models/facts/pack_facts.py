"""What the shipped statutory data changes, as it is shown before and carried out."""

from dataclasses import dataclass

from odoo import models


@dataclass(frozen=True, slots=True)
class PackChange:
    """One figure that a pack sets: its name and what it says, in words. `kept`: the user's own stays instead."""

    label: str
    old: str
    new: str
    status: str
    source: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class PackStep:
    """What a pack does with one record. `action`: create, update, same, or keep (the user's own stays as it is)."""

    model: str
    key: str
    name: str
    action: str
    record: models.BaseModel
    values: dict  # what the pack says, whole
    write: dict  # the part of it that is written
    changes: tuple[PackChange, ...] = ()
