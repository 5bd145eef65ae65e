"""Which databases a project's files name, in addresses, imports or anywhere else."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumb.project import Project


def uses(project: "Project", database: str, kinds: tuple[str, ...] = ("app", "test", "migration")) -> bool:
    """Whether a file of these kinds names "sqlite" or "postgresql" or a driver of it."""
    found = project.memo(("databases",), lambda: _collect(project))
    return any((kind, database) in found for kind in kinds)


def _collect(project: "Project") -> frozenset[tuple[str, str]]:
    return frozenset(
        (project.kind(module.path), "sqlite" if "sqlite" in name else "postgresql")
        for module in project.modules()
        for name in module.facts.databases
    )
