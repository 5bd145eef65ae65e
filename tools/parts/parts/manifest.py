"""Manifests: what a part of the domain consists of, one TOML file each."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

from parts.draft import PartsError

MANIFESTS = Path(__file__).resolve().parents[1] / "manifests"
KINDS = ("definitions", "arguments", "lines", "every_line", "paragraphs", "sections")
EDITS = {*KINDS, "replace"}
KEYS = {"summary", "needs", "delete", "revisions", "with", *EDITS}


@dataclass(frozen=True, slots=True)
class Replacement:
    file: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What changes in files that stay. The kinds are described in `parts.edits`."""

    removals: Mapping[str, Mapping[str, Sequence[str]]]
    """By kind and file: the names, lines, paragraphs and headings that go."""
    replacements: Sequence[Replacement]


@dataclass(frozen=True, slots=True)
class Part:
    """What goes when the part goes."""

    name: str
    summary: str
    needs: Sequence[str]
    """The parts that it cannot do without."""
    delete: Sequence[str]
    revisions: Sequence[str]
    """Migrations that are left out; those behind them follow what was before."""
    edits: Edits
    beside: Mapping[tuple[str, ...], Edits]
    """Further edits, by the parts whose files they are in: only where all of these are still there."""


def read(path: Path) -> Part:
    """Raises PartsError for a manifest with an unknown key or without a summary."""
    data = tomllib.loads(path.read_text("utf-8"))
    _require_known(path, data.keys(), KEYS)
    if "summary" not in data:
        raise PartsError(f"{path.name}: summary is missing")
    return Part(
        path.stem,
        data["summary"],
        data.get("needs", ()),
        data.get("delete", ()),
        data.get("revisions", ()),
        _edits(path, {key: value for key, value in data.items() if key in EDITS}),
        {tuple(others.split(" and ")): _edits(path, edits) for others, edits in data.get("with", {}).items()},
    )


def read_all(folder: Path = MANIFESTS) -> dict[str, Part]:
    """Every part by its name. A part comes before what it needs, so that this is an order to remove them in."""
    parts = {path.stem: read(path) for path in sorted(folder.glob("*.toml"))}
    for part in parts.values():
        if unknown := {*part.needs, *chain(*part.beside)} - parts.keys():
            raise PartsError(f"{part.name}.toml: names {', '.join(sorted(unknown))}, which is no part")
    order = TopologicalSorter({name: part.needs for name, part in parts.items()}).static_order()
    return {name: parts[name] for name in reversed(list(order))}


def with_dependants(names: Iterable[str], parts: Mapping[str, Part]) -> list[Part]:
    """The parts of these names and all that cannot do without them, in an order to remove them in."""
    going = set(names)
    if unknown := going - parts.keys():
        raise PartsError(f"There is no part {', '.join(sorted(unknown))}. Parts: {', '.join(parts)}.")
    while more := {part.name for part in parts.values() if not going.isdisjoint(part.needs)} - going:
        going |= more
    return [part for part in parts.values() if part.name in going]


def _edits(path: Path, data: Mapping[str, Any]) -> Edits:
    _require_known(path, data.keys(), EDITS)
    pairs = [(file, pair) for file, pairs in data.get("replace", {}).items() for pair in pairs]
    for _, pair in pairs:
        if pair.keys() != {"find", "replace"}:
            raise PartsError(f"{path.name}: an entry of replace has find and replace, got {', '.join(pair)}")
    replacements = [Replacement(file, pair["find"], pair["replace"]) for file, pair in pairs]
    return Edits({kind: data.get(kind, {}) for kind in KINDS}, replacements)


def _require_known(path: Path, keys: Iterable[str], known: set[str]) -> None:
    if unknown := set(keys) - known:
        raise PartsError(f"{path.name}: unknown key {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
