"""Which types a declarative base gives to annotations: `type_annotation_map`."""

import ast
from typing import TYPE_CHECKING

from plumb.index.modules import ClassInfo, ValueInfo
from plumb.index.scope import Scope, keyword

if TYPE_CHECKING:
    from plumb.project import Project


def type_maps(project: "Project", owner: ClassInfo) -> list[tuple[Scope, ast.expr]]:
    """The maps that hold for a model, each with the scope it is written in: of its bases, and of their registries."""
    maps: list[tuple[Scope, ast.expr]] = []
    found = project.hierarchy.member(owner, "type_annotation_map")
    if found is not None and found.fact.value is not None:
        maps.append(Scope.of_class(project, found.owner).value(found.fact.value.node))
    for known in project.hierarchy.lineage(owner).classes:
        registry = known.field("registry")
        makers = [(Scope(project, known.module), registry.value.node)] if registry and registry.value else []
        for base in project.hierarchy.bases(known):
            if isinstance(base, ValueInfo):
                makers += [(Scope(project, base.module), base.assignment.value.node)]
        for scope, maker in makers:
            home, call = scope.value(maker)
            given = keyword(call, "type_annotation_map") if isinstance(call, ast.Call) else None
            if given is not None:
                maps.append(home.value(given))
    return maps
