"""The labels that SQL in a revision compares with or writes into enum columns, and that their types never had."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.column_types import enums_at
from plumb.analysis.migration_enums import created_types, labels_ever
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.source import SourceFile

_LABEL = re.compile(r"'([^']*)'")


class Mislabelled(NamedTuple):
    """A label that a column's type never had, and the one that is spelled almost like it."""

    step: Step
    column: str
    label: str
    right: str


def mislabelled(file: SourceFile) -> Iterator[Mislabelled]:
    """Look through the statements of an upgrade."""
    upgrade = revision_function(file, "upgrade")
    types, ever = created_types(file.project), labels_ever(file.project)
    for step in steps_of(upgrade, file) if upgrade is not None else ():
        for (table, column), name in enums_at(step, file).items() if step.kind == "sql" else ():
            labels = {_plain(label): label for label in types[name].labels} if name in types else {}
            for label in compared(step.text, column):
                if label not in ever and _plain(label) in labels:
                    yield Mislabelled(step, f"{table}.{column}", label, labels[_plain(label)])


def compared(sql: str, column: str) -> list[str]:
    """The labels that a text sets a column to, or compares it with: behind `=`, or in the brackets of `IN`."""
    found = re.finditer(rf"\b{re.escape(column)}\b\s*(?:=|<>|!=|(?:NOT\s+)?IN\s*\()\s*('[^)]*')", sql, re.IGNORECASE)
    labels: list[str] = []
    for one in found:
        all_labels = _LABEL.findall(one[1])
        labels += all_labels if "(" in one[0] else all_labels[:1]
    return labels


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.lower())
