"""The statuses of failure that the code of a project may answer with, by what is written anywhere in it."""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

BY_OTHERS = frozenset({400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 421, 422, 426, 429, 431})
"""What the framework, a library of authentication or a server before the application answers by itself."""
_NUMBER = re.compile(r"(?<![\w.])4\d\d(?![\w.])|HTTP_(4\d\d)_")
_NAMES = {status.name: status.value for status in HTTPStatus}


@view
def written_statuses(project: "Project") -> frozenset[int]:
    """Those that any file of the application names as a number or by name, and those that others may answer."""
    found = set(BY_OTHERS)
    for path in project.paths:
        source = project.source(path) if project.kind(path) == "app" else None
        text = source.text if source is not None else ""
        found.update(int(one[1] or one[0]) for one in _NUMBER.finditer(text))
        found.update(value for name, value in _NAMES.items() if name in text)
    return frozenset(found)
