"""A response carries an instant as text without the `Z`.

## What it does
Finds `.isoformat()` and `.strftime()` of an instant whose text reaches a response: the return value of a route, a
response class, a field of a response model, an error's detail, a server-sent event, a message of a WebSocket, a
serializer of a pydantic model. The text is followed through literals, variables, loops and functions of the project.

## Why is this bad
`.isoformat()` prints `+00:00` for UTC, and nothing at all for a naive value. Clients that check for an instant in UTC
(such as zod's `z.iso.datetime()`) accept only `Z`: the response is correct JSON and useless. Pydantic prints `Z` by
itself when it is given the datetime.

## Example
```python
from fastapi import APIRouter

router = APIRouter()


@router.get("/tasks/{task_id}")
async def read_task(task_id: int, tasks: "Tasks"):
    task = await tasks.get(task_id)
    return {"data": {"id": task.id, "created_at": task.created_at.isoformat()}}
```

## Use instead
```python
from fastapi import APIRouter

router = APIRouter()


@router.get("/tasks/{task_id}")
async def read_task(task_id: int, tasks: "Tasks"):
    task = await tasks.get(task_id)
    return {"data": {"id": task.id, "created_at": task.created_at.isoformat().replace("+00:00", "Z")}}
```

## Known limits
Three calls deep. Silent where the text lands in a field that is a datetime again (pydantic parses and prints it with
`Z`), for dates, and where the receiver of a method is unknown and several classes have a method of that name. A warning
where the value may be a date, and where the text is put right but the value is naive.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.instant_texts import InstantText, instant_text
from plumb.analysis.payloads import At, Part, Tracer
from plumb.analysis.response_fields import is_parsed
from plumb.analysis.response_sinks import Sink, sinks_in
from plumb.findings import Edit, Good, Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


class Found(NamedTuple):
    text: InstantText
    part: Part
    sink: Sink


@file_rule(
    "PB401",
    "instant-as-text-in-response",
    Severity.ERROR,
    needles=(
        *("outer", "Response", "HTTPException", "erializer", "json_encoders", "jsonable", "app.", "BaseModel"),
        *("ebSocket", "property"),
    ),
    kinds=("app",),
)
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Follow whatever becomes a response back to the instants in it."""
    seen: set[tuple[str, int, int]] = set()
    for sink in sinks_in(file):
        for part in Tracer().parts(sink.value, At(file)):
            text = instant_text(part.node, part.file)
            if text is None or not _arrives(part, sink, file):
                continue
            mark = (part.file.path, text.node.lineno, text.node.col_offset)
            if mark not in seen:
                seen.add(mark)
                yield from _outcome(Found(text, part, sink))


def _arrives(part: Part, sink: Sink, file: SourceFile) -> bool:
    """Whether the text stays text on its way: no field on it is a datetime, and the response has room for it."""
    if part.through:
        inner = is_parsed(file.project, part.through[-1:], part.key)
        if inner is True:
            return False
    if sink.shape is None:
        return True
    parsed = is_parsed(file.project, sink.shape.classes, part.key)
    return sink.shape.open if parsed is None else not parsed


def _outcome(found: Found) -> Iterator[Report | Good]:
    text, file = found.text, found.part.file
    written = file.text_of(text.node)
    if text.put_right and not text.zone.naive:
        yield file.good(text.node)
        return
    if text.put_right:
        yield file.report(
            text.node,
            f"`{file.text_of(text.receiver)}` is naive: its text has no `+00:00` that could be replaced, and reaches "
            f"{found.sink.what} without a suffix",
            f'{file.text_of(text.receiver)}.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")',
            severity=Severity.WARNING,
        )
        return
    yield file.report(
        text.node,
        f"`{written}` reaches {found.sink.what} without the `Z`",
        _fix(text, file),
        edits=_edits(text, file),
        severity=None if found.sink.certain and (text.certain or found.sink.typed) else Severity.WARNING,
    )


def _fix(text: InstantText, file: SourceFile) -> str:
    receiver = file.text_of(text.receiver)
    stamped = f"{receiver}.replace(tzinfo=UTC)" if text.zone.naive else receiver
    return f'{stamped}.isoformat().replace("+00:00", "Z")'


def _edits(text: InstantText, file: SourceFile) -> list[Edit]:
    """Behind `.isoformat()` of a value that is not known to be naive."""
    if text.zone.naive or not isinstance(text.node.func, ast.Attribute) or text.node.func.attr != "isoformat":
        return []
    place = file.place(text.node)
    return [file.insert(place.end_line, place.end_column, '.replace("+00:00", "Z")')]
