"""Relationships that a `backref` declares on the model at its other end."""

import ast
from typing import TYPE_CHECKING

from plumb.index.keys import is_referred_to
from plumb.index.models import Attribute, Model, all_models, target_of
from plumb.index.relationships import Relationship
from plumb.index.scope import keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project


def backref_of(project: "Project", model: Model, name: str) -> Attribute | None:
    """The relationship *name* of a model, where another model has declared it with its own."""
    return backrefs(project).get((model.owner.key, name))


def backref_from(project: "Project", model: Model, attribute: Attribute) -> tuple[Model, Attribute] | None:
    """What the `backref` of a relationship declares, and the model that has it; None if that one is not known."""
    found = attribute.relationship
    target = target_of(project, attribute) if found is not None and found.backref else None
    if target is None or found is None:
        return None
    return target, attribute._replace(name=found.backref, relationship=_reversed(model, target, attribute, found))


@view
def backrefs(project: "Project") -> dict[tuple[str, str], Attribute]:
    """All of them, by the model that has them and their name."""
    found: dict[tuple[str, str], Attribute] = {}
    for model in all_models(project):
        for one in model.relationships:
            made = (
                backref_from(project, model, one) if one.relationship is not None and one.relationship.backref else None
            )
            if made is not None:
                found[made[0].owner.key, made[1].name] = made[1]
    return found


def _reversed(model: Model, target: Model, attribute: Attribute, found: Relationship) -> Relationship:
    """The same seen from the other end: one parent of many children, and many of one."""
    text = attribute.field.value.text if attribute.field.value is not None else ""
    many = None
    if "secondary" in text or is_referred_to(target, model):
        many = True
    elif is_referred_to(model, target):
        many = False
    return found._replace(
        target=model.owner,
        target_name=model.name,
        many=many,
        lazy=_lazy(attribute),
        back_populates=attribute.name,
        backref="",
    )


def _lazy(attribute: Attribute) -> str:
    """The loading mode in `backref=backref("parent", lazy="joined")`."""
    value = attribute.field.value.node if attribute.field.value is not None else None
    given = (
        next((one for one in ast.walk(value) if isinstance(one, ast.Call) and _is_backref(one)), None)
        if value
        else None
    )
    lazy = keyword(given, "lazy") if isinstance(given, ast.Call) else None
    if lazy is None:
        return "select"
    return str(lazy.value) if isinstance(lazy, ast.Constant) else "?"


def _is_backref(call: ast.Call) -> bool:
    return (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) == "backref"
