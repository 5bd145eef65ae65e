"""What changed between two OpenAPI documents, and what of it breaks a client.

`python -m tests.contract.breaking REF` compares `docs/openapi.json` with the one of a git revision. A breaking change
needs a line in CHANGELOG.md that names the operation, and a new major version (before 1.0: a new minor one).
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.document import FILE
from tests.contract.facts import Document, operations

ROOT = Path(__file__).parents[3]

LIMITS = {"maximum": 1, "maxLength": 1, "maxItems": 1, "minimum": -1, "minLength": -1, "minItems": -1}
"""Which way a limit widens: a higher maximum (+1) and a lower minimum (-1) let more through."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `where` is an operation, or an operation and a field of its body or answer."""

    where: str
    text: str
    breaking: bool


def compare(old: Document, new: Document) -> list[Change]:
    """Return every difference that a client can notice, breaking ones first."""
    before, after = dict(operations(old)), dict(operations(new))
    changes = [Change(name, "operation removed", breaking=True) for name in before if name not in after]
    changes += [Change(name, "operation added", breaking=False) for name in after if name not in before]
    for name in before.keys() & after.keys():
        changes += _operation(name, _Side(old, before[name]), _Side(new, after[name]))
    return sorted(changes, key=lambda change: (not change.breaking, change.where, change.text))


@dataclass(frozen=True, slots=True)
class _Side:
    document: Document
    operation: dict[str, Any]

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def inputs(self) -> dict[str, tuple[dict[str, Any], bool]]:
        """Parameters by name, each with whether it is required."""
        return {p["name"]: (p["schema"], p["required"]) for p in self.operation.get("parameters", ())}

    def body(self) -> dict[str, Any] | None:
        content = self.operation.get("requestBody", {}).get("content", {})
        return next((media["schema"] for media in content.values()), None)

    def answer(self, status: str) -> dict[str, Any]:
        content = self.operation["responses"][status].get("content", {})
        return next((media.get("schema", {}) for media in content.values()), {})

    def codes(self, status: str) -> set[str]:
        content = self.operation["responses"][status].get("content", {})
        return {code for media in content.values() for code in media.get("examples", {})}


def _operation(name: str, old: _Side, new: _Side) -> Iterator[Change]:
    if old.operation["operationId"] != new.operation["operationId"]:
        yield Change(name, f"operation id changed to {new.operation['operationId']}", breaking=True)
    if new.operation.get("security") and not old.operation.get("security"):
        yield Change(name, "needs an access token now", breaking=True)
    yield from _members(name, old, new, old.inputs(), new.inputs(), incoming=True)
    yield from _bodies(name, old, new)
    yield from _statuses(name, old, new)


def _bodies(name: str, old: _Side, new: _Side) -> Iterator[Change]:
    before, after = old.body(), new.body()
    if before is None and after is not None:
        yield Change(name, "takes a body now", breaking=True)
    elif before is not None and after is None:
        yield Change(name, "takes no body any more", breaking=True)
    elif before is not None and after is not None:
        yield from _schema(f"{name} body", old, new, before, after, incoming=True)


def _statuses(name: str, old: _Side, new: _Side) -> Iterator[Change]:
    before, after = old.operation["responses"], new.operation["responses"]
    yield from (Change(name, f"status {status} removed", breaking=True) for status in before if status not in after)
    yield from (Change(name, f"status {status} added", breaking=False) for status in after if status not in before)
    for status in before.keys() & after.keys():
        for code in old.codes(status) - new.codes(status):
            yield Change(name, f"error code {code} removed from {status}", breaking=True)
        for code in new.codes(status) - old.codes(status):
            yield Change(name, f"error code {code} added to {status}", breaking=False)
        where = f"{name} {status}"
        yield from _schema(where, old, new, old.answer(status), new.answer(status), incoming=False)


def _members(
    where: str,
    old: _Side,
    new: _Side,
    before: Mapping[str, tuple[dict[str, Any], bool]],
    after: Mapping[str, tuple[dict[str, Any], bool]],
    *,
    incoming: bool,
) -> Iterator[Change]:
    """Compare named members: an input must not be missing, a requirement new; an answer must keep what it had."""
    yield from (Change(where, f"`{name}` removed", breaking=True) for name in before if name not in after)
    for name, (schema, required) in after.items():
        if name not in before:
            yield Change(where, f"`{name}` added{' and required' * required}", breaking=incoming and required)
            continue
        was = before[name][1]
        if required != was:
            text = f"`{name}` is {'required' if required else 'optional'} now"
            yield Change(where, text, breaking=required if incoming else was)
        yield from _schema(f"{where} `{name}`", old, new, before[name][0], schema, incoming=incoming)


def _schema(
    where: str, old: _Side, new: _Side, before: dict[str, Any], after: dict[str, Any], *, incoming: bool
) -> Iterator[Change]:
    before, after = old.resolve(before), new.resolve(after)
    lost, gained = _kinds(old, before) - _kinds(new, after), _kinds(new, after) - _kinds(old, before)
    if lost:
        yield Change(where, f"is no longer {_list(lost)}", breaking=incoming)
    if gained:
        yield Change(where, f"can be {_list(gained)} now", breaking=not incoming)
    values, kept = set(before.get("enum", ())), set(after.get("enum", ()))
    if values - kept and kept:
        yield Change(where, f"enum value {_list(values - kept)} removed", breaking=True)
    if kept - values and values:
        yield Change(where, f"enum value {_list(kept - values)} added", breaking=False)
    yield from _limits(where, before, after, incoming=incoming)
    yield from _members(where, old, new, _fields(before), _fields(after), incoming=incoming)
    if "items" in before and "items" in after:
        yield from _schema(f"{where}[]", old, new, before["items"], after["items"], incoming=incoming)


def _limits(where: str, before: dict[str, Any], after: dict[str, Any], *, incoming: bool) -> Iterator[Change]:
    for limit, direction in LIMITS.items():
        was, now = before.get(limit), after.get(limit)
        if was != now:
            wider = now is None if was is None or now is None else (now - was) * direction > 0
            yield Change(where, f"{limit} changed from {was} to {now}", breaking=incoming is not wider)


def _kinds(side: _Side, schema: dict[str, Any]) -> set[str]:
    """The alternatives of a schema: `string (uuid)`, `null`, a constant, the title of an object."""
    schema = side.resolve(schema)
    if "anyOf" in schema:
        return set().union(*(_kinds(side, option) for option in schema["anyOf"]))
    if "const" in schema:
        return {json.dumps(schema["const"])}
    kind = schema.get("type")
    return {f"{kind} ({schema['format']})" if "format" in schema else kind} if kind else set()


def _fields(schema: dict[str, Any]) -> dict[str, tuple[dict[str, Any], bool]]:
    required = schema.get("required", ())
    return {name: (field, name in required) for name, field in schema.get("properties", {}).items()}


def _list(values: set[str]) -> str:
    return ", ".join(sorted(values))


def main(base: str) -> int:
    """Print the changes since *base*; return 1 where a breaking one lacks its line in the changelog or its version."""
    shown = subprocess.run(
        ["git", "show", f"{base}:backend/docs/openapi.json"],  # noqa: S607 git is wherever the reader has it
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    old, new = json.loads(shown.stdout), json.loads(FILE.read_text("utf-8"))
    changes = compare(old, new)
    for change in changes:
        sys.stdout.write(f"{'BREAKING' if change.breaking else 'addition'}  {change.where}: {change.text}\n")
    faults = unannounced(changes, old, new, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def unannounced(changes: list[Change], old: Document, new: Document, changelog: str) -> list[str]:
    """Say what a breaking change still needs."""
    broken = sorted({" ".join(change.where.split()[:2]) for change in changes if change.breaking})
    faults = [f"CHANGELOG.md: say what changes for clients of `{name}`." for name in broken if name not in changelog]
    if broken and not _stepped(old["info"]["version"], new["info"]["version"]):
        faults.append(f"src/main.py: VERSION is still {new['info']['version']}, a breaking change needs a step of it.")
    return faults


def _stepped(old: str, new: str) -> bool:
    """Whether the part of the version that announces a break is higher: the major one, or before 1.0 the minor one."""
    before, after = ([int(part) for part in version.split(".")] for version in (old, new))
    significant = 1 if before[0] == 0 else 0
    return after[: significant + 1] > before[: significant + 1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else "HEAD"))
