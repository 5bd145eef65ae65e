"""The statuses of failure that a file names, as numbers or as `HTTPStatus` and its kin do."""

import re
from http import HTTPStatus

_NUMBER = re.compile(r"(?<![\w.])4\d\d(?![\w.])|HTTP_(4\d\d)_")
_NAMES = {status.name: status.value for status in HTTPStatus}


def statuses_in(text: str) -> tuple[int, ...]:
    """Each once, in order; what is written in comments and strings counts."""
    found = {int(one[1] or one[0]) for one in _NUMBER.finditer(text)}
    found.update(value for name, value in _NAMES.items() if name in text)
    return tuple(sorted(found))
