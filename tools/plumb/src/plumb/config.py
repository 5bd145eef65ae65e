"""The settings of `[tool.plumb]` in the nearest pyproject.toml, checked key by key."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from plumb.rule import Option, OptionValue

OPTIONS = (
    Option("select", ("PB",), "codes or prefixes of the rules to run"),
    Option("ignore", (), "codes or prefixes of the rules not to run"),
    Option("exclude", (), "globs of files and folders that are not checked and not part of the project"),
    Option("source-roots", (), "folders that imports start from, beside those found by their `__init__.py`"),
    Option(
        "tests",
        ("tests/**", "test/**", "**/tests/**", "**/test/**", "test_*.py", "*_test.py", "conftest.py"),
        "globs of test files",
    ),
    Option("migrations", ("**/migrations/**", "**/alembic/**", "migrations", "alembic"), "globs of migration files"),
    Option("python", "", "an interpreter or environment folder whose libraries are read for class hierarchies"),
    Option("guides", (), "globs of the project's own pages about rules, shown with the rules that they name"),
    Option("baseline", "", "a file of findings that are accepted for now"),
    Option("cache-dir", ".plumb_cache", "where facts and findings are kept between runs"),
)
TABLES = {
    "per-file-ignores": "codes or prefixes to ignore, by glob",
    "severity": 'code or prefix = "error", "warning" or "off"',
}
SEVERITIES = ("error", "warning", "off")
TYPE_NAMES = {str: "a string", bool: "true or false", int: "a number", tuple: "a list of strings"}


class ConfigError(Exception):
    """A setting that cannot be obeyed; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Config:
    values: dict[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    severity: dict[str, str] = field(default_factory=dict[str, str])

    def strings(self, name: str) -> tuple[str, ...]:
        value = self.values[name]
        assert isinstance(value, tuple), name
        return value

    def text(self, name: str) -> str:
        value = self.values[name]
        assert isinstance(value, str), name
        return value

    def flag(self, name: str) -> bool:
        return self.values[name] is True

    def number(self, name: str) -> int:
        value = self.values[name]
        assert isinstance(value, int), name
        return value

    def severity_of(self, code: str) -> str | None:
        """The configured severity of a rule, by its longest matching prefix."""
        prefixes = [prefix for prefix in self.severity if code.startswith(prefix)]
        return self.severity[max(prefixes, key=len)] if prefixes else None


def has_settings(folder: Path) -> bool:
    """Whether the pyproject.toml of a folder has settings for plumb."""
    return "plumb" in _tool_tables(folder / "pyproject.toml")


def load(root: Path, options: Iterable[Option]) -> Config:
    """The configuration of the project at *root*; *options* are those of the rules, beside plumb's own."""
    known = {option.name: option for option in (*OPTIONS, *options)}
    file = root / "pyproject.toml"
    table = _as_table(_tool_tables(file).get("plumb", {}))
    if table is None:
        raise ConfigError(f"{file}: [tool.plumb] must be a table")
    values = {name: option.default for name, option in known.items()}
    for key, value in table.items():
        if key in TABLES:
            continue
        if key not in known:
            raise ConfigError(f"{file}: {unknown('key', key, [*known, *TABLES])} in [tool.plumb]")
        values[key] = _checked(file, known[key], value)
    return Config(values, _ignores(file, table), _severities(file, table))


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """A sentence such as "unknown key 'x', did you mean 'y'?", for a message."""
    near = get_close_matches(given, list(known), n=1, cutoff=0.5)
    return f"unknown {what} '{given}'" + (f", did you mean '{near[0]}'?" if near else "")


def _checked(file: Path, option: Option, value: object) -> OptionValue:
    strings = _as_strings(value)
    if isinstance(option.default, tuple):
        if strings is not None:
            return strings
    elif isinstance(value, str | bool | int) and type(value) is type(option.default):
        return value
    wanted = TYPE_NAMES[type(option.default)]
    raise ConfigError(f"{file}: '{option.name}' in [tool.plumb] must be {wanted}: {option.help}")


def _as_strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    strings = tuple(item for item in items if isinstance(item, str))
    return strings if len(strings) == len(items) else None


def _as_table(value: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _ignores(file: Path, table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    ignores: dict[str, tuple[str, ...]] = {}
    for glob, given in _table(file, table, "per-file-ignores").items():
        codes = _as_strings(given)
        if codes is None:
            raise ConfigError(f"{file}: per-file-ignores of '{glob}' must be {TYPE_NAMES[tuple]}")
        ignores[glob] = codes
    return ignores


def _severities(file: Path, table: dict[str, Any]) -> dict[str, str]:
    severities = _table(file, table, "severity")
    for code, severity in severities.items():
        if severity not in SEVERITIES:
            raise ConfigError(f"{file}: severity of '{code}' must be one of {', '.join(SEVERITIES)}")
    return severities


def _table(file: Path, table: dict[str, Any], name: str) -> dict[str, Any]:
    value = _as_table(table.get(name, {}))
    if value is None:
        raise ConfigError(f"{file}: '{name}' in [tool.plumb] must be a table: {TABLES[name]}")
    return value


def _tool_tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
