"""Who reads a function of a module: its own code, whoever holds the module, or only those who imported it by name."""

import re
from typing import TYPE_CHECKING

from plumb.index.modules import Module
from plumb.views import view

if TYPE_CHECKING:
    from plumb.index.facts import Import
    from plumb.project import Project

STAR = "*"


@view
def importers(project: "Project", path: str, name: str) -> tuple[str, ...]:
    """The files that imported the function *name* of the file when they were loaded; none if others may read it.

    Tests are not asked: what another test reads there is nothing to this one.
    """
    home = project.module(path)
    source = project.source(path)
    if source is None or len(re.findall(rf"\b{name}\b", source.text)) > 1:
        return ()
    found: list[str] = []
    others = [one for one in project.modules() if one.path != path and project.kind(one.path) == "app"]
    for module in others:
        for one in module.imports:
            if one.name == STAR or one.attribute is None or one.attribute == home.dotted.rpartition(".")[2]:
                if _brings(project, module, one, home) and _reads(project, module, name):
                    return ()
            elif one.attribute == name and _is_of(project, module, one, home):
                if one.scope or one.type_checking:
                    return ()
                found.append(module.path)
    return tuple(sorted(found))


def _brings(project: "Project", module: Module, one: "Import", home: Module) -> bool:
    """Whether an import brings the module itself, a package that it may be reached through, or all its names."""
    if one.attribute is None:
        return f"{home.dotted}.".startswith(f"{one.module}.")
    if one.name == STAR:
        symbol = project.names.target(module, one.module, one.level)
    else:
        symbol = project.names.resolve(module, one.name, one.scope)
    return isinstance(symbol, Module) and symbol.path == home.path


def _reads(project: "Project", module: Module, name: str) -> bool:
    source = project.source(module.path)
    return source is None or re.search(rf"\b{name}\b", source.text) is not None


def _is_of(project: "Project", module: Module, one: "Import", home: Module) -> bool:
    symbol = project.names.resolve(module, one.name, one.scope)
    return getattr(getattr(symbol, "module", None), "path", "") == home.path
