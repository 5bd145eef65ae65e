"""Foreign keys: which of two models refers to the other."""

import re

from plumb.index.models import Attribute, Model

_KEY = re.compile(r"""(?:ForeignKey\(|foreign_key\s*=)\s*["'](?:\w+\.)?(\w+)\.\w+["']""")


def foreign_table(attribute: Attribute) -> str:
    """The table that a column refers to."""
    found = _KEY.search(attribute.field.value.text) if attribute.field.value is not None else None
    return found[1] if found is not None else ""


def is_referred_to(model: Model, other: Model) -> bool:
    """Whether only *other* has a key: then its row is found by a query, never by the key that *model* holds."""
    return _refers(other, model) and not _refers(model, other)


def _refers(model: Model, other: Model) -> bool:
    return bool(other.table) and any(foreign_table(one) == other.table for one in model.columns)
