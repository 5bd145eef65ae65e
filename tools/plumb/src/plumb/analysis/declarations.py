"""Relationship declarations in class bodies: where they stand, and how one reads with another loading mode."""

import ast
from collections.abc import Iterator

from plumb.findings import Place
from plumb.index.models import DECLARED, Attribute, Model, mixins_in, models_in
from plumb.index.relationships import PASSED, RELATIONSHIPS
from plumb.index.scope import entry, keyword
from plumb.source import SourceFile

HOOKS = frozenset({"__init_subclass__", "__pydantic_init_subclass__", "__declare_first__", "__declare_last__"})


def declared(file: SourceFile) -> Iterator[tuple[Model, Attribute]]:
    """The relationships that the classes of this file declare in their own bodies."""
    mixins = mixins_in(file.project, file.path) if DECLARED in file.text else []
    for model in [*models_in(file.project, file.path), *mixins]:
        for attribute in model.relationships:
            if attribute.owner == model.owner:
                yield model, attribute


def place_of(attribute: Attribute) -> Place:
    """The whole assignment in the class body, or what a function there returns."""
    field = attribute.field
    return Place(attribute.owner.path, field.line, field.column, field.end_line, field.end_column)


def argument_place(attribute: Attribute, name: str, file: SourceFile) -> Place:
    """What the declaration gives to an option of the relationship; all of it where that does not show it."""
    value = attribute.field.value
    for call in file.nodes(ast.Call) if value is not None else ():
        place = file.place(call)
        if value is not None and (place.line, place.column) == (value.line, value.column):
            given = keyword(call, name) or entry(keyword(call, PASSED), name)
            return file.place(given) if given is not None else place_of(attribute)
    return place_of(attribute)


def with_lazy(attribute: Attribute, lazy: str, file: SourceFile) -> str:
    """The declaration with another `lazy`, on one line; nothing where a helper of the project makes it."""
    field, scope = attribute.field, attribute.scope(file.project)
    annotation = f": {field.annotation.text}" if field.annotation else ""
    call = field.value.node if field.value else None
    if not isinstance(call, ast.Call) or not scope.is_call_to(call, *RELATIONSHIPS):
        return ""
    written = [ast.unparse(part) for part in call.args]
    if scope.is_call_to(call, "sqlmodel.Relationship", "sqlmodel.main.Relationship"):
        written += [ast.unparse(word) for word in call.keywords if word.arg != "sa_relationship_kwargs"]
        options = [*_other_options(call), f'"lazy": "{lazy}"']
        written.append(f"sa_relationship_kwargs={{{', '.join(options)}}}")
    else:
        written += [ast.unparse(word) for word in call.keywords if word.arg != "lazy"]
        written.append(f'lazy="{lazy}"')
    if field.name in attribute.owner.fact.methods:
        return f"return {ast.unparse(call.func)}({', '.join(written)})"
    return f"{field.name}{annotation} = {ast.unparse(call.func)}({', '.join(written)})"


def sets_lazy_for_all(model: Model, file: SourceFile) -> bool:
    """Whether a base class rewrites what its subclasses declare, so that the declaration does not show the mode."""
    return any(
        HOOKS & set(known.fact.methods)
        for known in file.project.hierarchy.lineage(model.owner).classes
        if not known.module.library
    )


def _other_options(call: ast.Call) -> list[str]:
    given = keyword(call, "sa_relationship_kwargs")
    if isinstance(given, ast.Dict):
        pairs = zip(given.keys, given.values, strict=True)
        return [
            f"**{ast.unparse(value)}" if key is None else f"{ast.unparse(key)}: {ast.unparse(value)}"
            for key, value in pairs
            if not (isinstance(key, ast.Constant) and key.value == "lazy")
        ]
    if isinstance(given, ast.Call):
        return [f'"{word.arg}": {ast.unparse(word.value)}' for word in given.keywords if word.arg != "lazy"]
    return []
