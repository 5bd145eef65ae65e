"""The JSON examples in the sections of a page, and how far they fit a shape."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from plumb.analysis.api_pages import VERBS, Endpoint, Fence, Page
from plumb.analysis.endpoints import normal
from plumb.analysis.wire import Shape

_REQUEST = re.compile(r"\b(?:request|body|payload|send|sent|input|accepts?|takes?)\b", re.IGNORECASE)
_RESPONSE = re.compile(r"\b(?:responses?|returns?|answers?|result|output|success|respond\w*)\b", re.IGNORECASE)
_FAILURE = re.compile(
    r"\b(?:errors?|fail\w*|invalid|unauthori[sz]ed|forbidden|not found|conflict|4\d\d|5\d\d)\b", re.IGNORECASE
)
_STATUS = re.compile(r"\b([1-3]\d\d)\b")
_ANSWERED = re.compile(r"^[\s*_]*(?:http )?status\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"^(?:<.*>|\.\.\.|\u2026|\{.*\}|(?:str|string|int|integer|number|float|decimal|bool|boolean|uuid|date|datetime|timestamp"
    r"|null|none|object|array|any)\b.*|.*\|.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CUT = re.compile(r"\.\.\.|\u2026|//|/\*|<\w|^\s*#", re.MULTILINE)
_ELLIPSIS = re.compile(r"\.\.\.|\u2026")
_WORDS = re.compile(r'"(?!(?:\.\.\.|\u2026)")(?:[^"\\\n]|\\.)*"')
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "choice": (str,),
    "list": (list,),
    "map": (dict,),
}
FAILURES = 400


class Example(NamedTuple):
    """`role` is request, response or empty; `first` is the line on which the JSON text begins.

    `asked` is the endpoint whose request stands above it, if that is another one than the section's.
    """

    role: str
    status: int | None
    text: str
    first: int
    asked: Endpoint | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the example leaves something out or comments on itself, outside of its texts."""
        return bool(_CUT.search(_WORDS.sub('""', self.text)))

    @property
    def is_abridged(self) -> bool:
        """Whether a text of the example is cut short: whoever did that may have left out keys, too."""
        return any(_ELLIPSIS.search(text) for text in _WORDS.findall(self.text))

    def line_of(self, key: str) -> int:
        """The line on which *key* is written first, else the first line."""
        lines = self.text.split("\n")
        return self.first + next((index for index, line in enumerate(lines) if f'"{key}"' in line), 0)


class Misfit(NamedTuple):
    """`key` is where: the key that is wrong, or the object that lacks something."""

    key: str
    path: str
    message: str
    fix: str


def examples(page: Page, endpoint: Endpoint) -> Iterator[Example]:
    """The JSON examples below an endpoint's heading, failures left out."""
    last = own_last(page, endpoint)
    before, asked = endpoint.place.line, None
    for fence in page.fences:
        if endpoint.place.line < fence.first <= last + 1 and fence.language in {"json", "http"}:
            asked = _asked(page.text(fence.first, fence.first), endpoint, asked)
            found = _example(page, fence, before)
            if found is not None:
                yield found._replace(asked=asked)
            before = fence.last + 1


def _asked(line: str, endpoint: Endpoint, before: Endpoint | None) -> Endpoint | None:
    """The other endpoint that a block is about: a request turns the page to its endpoint, until the next request."""
    request = re.match(rf"\s*({VERBS})\s+(?:https?://[^/\s]+)?(/\S*)", line)
    if request is None:
        return before
    pairs = zip(reversed(normal(request[2]).split("/")), reversed(normal(endpoint.path).split("/")), strict=False)
    same = all(one == other or "{}" in {one, other} or not one for one, other in pairs)
    if same and request[1] in endpoint.methods:
        return None
    return endpoint._replace(methods=(request[1],), path=request[2], kind="fence", text=line)


def own_last(page: Page, endpoint: Endpoint) -> int:
    """The last line that is about *endpoint* alone."""
    starts = [one.place.line - 1 for one in page.endpoints]
    inner = [line for line in starts if line >= endpoint.place.line]
    return min([endpoint.section.last, *inner])


def misfits(value: object, shape: Shape, path: str = "", key: str = "", *, whole: bool = True) -> list[Misfit]:
    """Where *value* does not fit; keys that are missing count only where the example is to be *whole*."""
    if shape.kind == "any" or (isinstance(value, str) and _PLACEHOLDER.match(value)):
        return []
    if shape.kind == "union":
        return _union(value, shape, path, key, whole=whole)
    if value is None:
        return [] if shape.kind == "null" else [_misfit(key, path, "is null, which it never is", shape)]
    if shape.kind == "object":
        return _object(value, shape, path, key, whole=whole)
    if not _is_of_type(value, shape.kind):
        return [_misfit(key, path, f"is {_called(value)}", shape)]
    return _inside(value, shape, path, key, whole=whole)


def _union(value: object, shape: Shape, path: str, key: str, *, whole: bool) -> list[Misfit]:
    """What is wrong with the part that comes nearest; null is near only to null."""
    parts = shape.parts if value is None else tuple(part for part in shape.parts if part.kind != "null")
    return min((misfits(value, part, path, key, whole=whole) for part in parts), key=len, default=list[Misfit]())


def _is_of_type(value: object, kind: str) -> bool:
    if kind in {"integer", "number"} and isinstance(value, bool):
        return False
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES.get(kind, object))


def _inside(value: object, shape: Shape, path: str, key: str, *, whole: bool) -> list[Misfit]:
    if shape.kind == "choice" and value not in shape.values:
        return [_misfit(key, path, f'is "{value}", which `{shape.name or "the literal"}` does not have', shape)]
    if shape.kind != "list":
        return []
    items = enumerate(cast("list[object]", value))
    return [one for at, item in items for one in misfits(item, shape.parts[0], f"{path}[{at}]", key, whole=whole)]


def _object(value: object, shape: Shape, path: str, key: str, *, whole: bool) -> list[Misfit]:
    if not isinstance(value, dict):
        return [_misfit(key, path, f"is {_called(value)}", shape)]
    given = cast("dict[str, Any]", value)
    accepted = {name: one for one in shape.members for name in (one.name, one.other) if name}
    found: list[Misfit] = []
    for name, inner in given.items():
        if name in {"...", "\u2026"}:
            continue
        where = f"{path}.{name}" if path else name
        if name in accepted:
            found += misfits(inner, accepted[name].shape, where, name, whole=whole)
        else:
            fields = ", ".join(one.name for one in shape.members)
            found.append(Misfit(name, where, f"`{where}` is no field of `{shape.name}`", f"{shape.name} has: {fields}"))
    for one in shape.members if whole else ():
        if one.required and one.name not in given and one.other not in given:
            where = f"{path}.{one.name}" if path else one.name
            found.append(
                Misfit(key, where, f"`{where}` of `{shape.name}` is missing", f'"{one.name}": {_sample(one.shape)}')
            )
    return found


def _misfit(key: str, path: str, message: str, shape: Shape) -> Misfit:
    return Misfit(
        key,
        path,
        f"`{path or 'the example'}` {message}; the schema says {described(shape)}",
        f'"{key}": {_sample(shape)}',
    )


def described(shape: Shape) -> str:
    """A shape in a few words."""
    if shape.kind == "choice":
        return " or ".join(f'"{value}"' for value in shape.values)
    if shape.kind == "list":
        return f"a list of {described(shape.parts[0])}"
    if shape.kind == "union":
        return " or ".join(described(part) for part in shape.parts)
    return shape.name if shape.kind == "object" else shape.kind


def _sample(shape: Shape) -> str:
    samples = {"text": '"..."', "integer": "1", "number": "1.5", "boolean": "true", "list": "[]", "null": "null"}
    if shape.kind == "choice":
        return f'"{shape.values[0]}"'
    if shape.kind == "union":
        return _sample(shape.parts[0])
    return samples.get(shape.kind, "{}" if shape.kind in {"object", "map"} else "...")


def _called(value: object) -> str:
    kinds = {"bool": "a boolean", "str": "a text", "int": "an integer", "float": "a number", "list": "a list"}
    return kinds.get(type(value).__name__, "an object")


def _example(page: Page, fence: Fence, before: int) -> Example | None:
    text = page.text(fence.first, fence.last)
    role, status, failed = _said(page, fence, before)
    if fence.language == "http":
        head, _, body = text.partition("\n\n")
        if not body.strip():
            return None
        answered = re.match(r"\s*HTTP/[\d.]+\s+(\d{3})", head)
        asked = re.match(rf"\s*(?:{VERBS})\s", head)
        if answered:
            status, failed = int(answered[1]), int(answered[1]) >= FAILURES
        role = "response" if answered else "request" if asked else role
        failed = failed and not asked
        return None if failed else Example(role, status, body, fence.first + head.count("\n") + 2)
    return None if failed else Example(role, status, text, fence.first)


def _said(page: Page, fence: Fence, before: int) -> tuple[str, int | None, bool]:
    """What the lines between the block before and this one say of it, the nearest first."""
    role, status = "", None
    for number in range(fence.first - 2, before, -1):
        line = page.lines[number - 1]
        found = _STATUS.search(line)
        if found and status is None:
            status = int(found[1])
        if _FAILURE.search(line) and not role and status is None and not line.lstrip().startswith("|"):
            return "response", None, True
        if not role and found and _ANSWERED.match(line):
            role = "response"
        if (
            not role
            and (_REQUEST.search(line) or _RESPONSE.search(line))
            and not line.lstrip().startswith(("|", "<!--"))
        ):
            asked, answered = _REQUEST.search(line), _RESPONSE.search(line)
            role = "response" if answered and (not asked or asked.start() > answered.start()) else "request"
    return role or ("response" if status else ""), status, False


def parsed(example: Example) -> tuple[bool, object]:
    """Whether the example is JSON, and its value."""
    try:
        return True, json.loads(example.text)
    except json.JSONDecodeError:
        return False, None
