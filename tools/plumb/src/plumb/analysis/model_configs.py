"""What the settings of a pydantic class make of its keys on the wire: other names, or keys of its own."""

import ast
import re
from typing import TYPE_CHECKING

from plumb.index.modules import ClassInfo, External
from plumb.index.scope import Scope, entry, has_double_star

if TYPE_CHECKING:
    from plumb.project import Project

PLACES = ("pydantic.alias_generators", "pydantic.config")
GENERATORS = frozenset({"to_camel", "to_pascal", "to_snake"})


def generator_of(project: "Project", owner: ClassInfo) -> str | None:
    """The generator of pydantic that a class or its nearest ancestor names; "" for none, None for another one."""
    config = project.hierarchy.member(owner, "model_config")
    given = entry(config.fact.value.node, "alias_generator") if config is not None and config.fact.value else None
    if given is None or config is None:
        return ""
    symbol = Scope.of_class(project, config.owner).resolve(given)
    known = isinstance(symbol, External) and symbol.key.rpartition(".")[0] in PLACES and symbol.name in GENERATORS
    return symbol.name if known and isinstance(symbol, External) else None


def generated(generator: str, name: str) -> str:
    """The alias of a field, as pydantic makes it."""
    if generator == "to_snake" or not generator:
        return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower() if generator else ""
    pascal = re.sub(r"([0-9A-Za-z])_(?=[0-9A-Z])", r"\1", name.title())
    if generator == "to_pascal":
        return pascal
    return re.sub(r"^_*[A-Z]", lambda found: found[0].lower(), pascal) if "_" in name else name


def is_plain(config: ast.expr | None) -> bool:
    """Whether the settings of a class leave its keys alone, but for their names: no extra keys."""
    if isinstance(config, ast.Call) and has_double_star(config):
        return False
    extra = entry(config, "extra")
    allows = extra is not None and not (isinstance(extra, ast.Constant) and extra.value in {"forbid", "ignore"})
    return isinstance(config, ast.Call | ast.Dict) and not allows
