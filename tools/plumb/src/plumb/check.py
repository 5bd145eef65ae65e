"""`plumb check`: settings, files, rules, baseline, fixes and output, in this order."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from plumb import ahead, baseline, catalog, config
from plumb.cache import Cache
from plumb.changed import changed_files
from plumb.config import Config, ConfigError
from plumb.discovery import find_files
from plumb.environment import Environment, site_packages
from plumb.findings import Finding
from plumb.fixes import Rewritten
from plumb.output import machine, text
from plumb.output.shown import Shown, Surroundings
from plumb.project import Project
from plumb.roots import find_roots
from plumb.runner import Result, Runner


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; None leaves a setting to the configuration."""

    paths: tuple[Path, ...]
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    output: str = "text"
    fix: bool = False
    diff: bool = False
    unsafe: bool = False
    diff_base: str | None = None
    baseline: str | None = None
    update_baseline: bool = False
    statistics: bool = False
    python: str | None = None
    cached: bool = True
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """One project's share of a run."""

    project: Project
    paths: list[str]
    result: Result
    findings: list[Finding]


def check(request: Request) -> int:
    """Check every project the paths belong to, print the findings and return the exit code."""
    checked = [_project(request, root, paths) for root, paths in find_roots(_existing(request.paths)).items()]
    if request.fix or request.diff:
        checked = [_fixed(request, one) for one in checked]
        if request.diff:
            return 2 if any(one.result.broken for one in checked) else 0
    shown = [
        found for one in checked for found in Surroundings(one.project.root, one.result.examples).show(one.findings)
    ]
    sys.stdout.write(_rendered(request, shown))
    if request.output == "text":
        sys.stderr.write(text.summary(shown, sum(one.result.files for one in checked)))
    if any(one.result.broken for one in checked):
        return 2
    return 1 if shown else 0


def _existing(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
        yield path.absolute()


def _project(request: Request, root: Path, paths: list[Path]) -> Checked:
    settings = _settings(request, config.load(root, catalog.options()))
    rules = catalog.chosen(settings)
    files = find_files(root, ".py", settings.strings("exclude"))
    wanted = sorted({path for given in paths for path in _below(root, given, files)})
    if request.diff_base is not None:
        changed = changed_files(root, request.diff_base)
        wanted = [path for path in wanted if path in changed]
    cache = Cache(root / settings.text("cache-dir") / "facts" if request.cached else None)
    environment = Environment(site_packages(root, settings.text("python") or None), cache)
    project = Project(root, settings, sorted({*files, *wanted}), cache, environment)
    project.diff_base = request.diff_base
    runner = Runner(project, rules)
    ahead.prepare(runner, wanted, request.jobs)
    result = runner.run(wanted)
    cache.save(complete=wanted == files)
    return Checked(project, wanted, result, _accepted(request, root, settings, result, wanted))


def _settings(request: Request, found: Config) -> Config:
    given = {"select": request.select, "ignore": request.ignore, "python": request.python, "baseline": request.baseline}
    return replace(
        found, values={**found.values, **{name: value for name, value in given.items() if value is not None}}
    )


def _below(root: Path, given: Path, files: list[str]) -> Iterator[str]:
    """The project's files in a folder; a file that is named itself is checked whatever the exclusions say."""
    relative = given.relative_to(root).as_posix()
    if given.is_file():
        yield relative
    elif relative == ".":
        yield from files
    else:
        yield from (path for path in files if path.startswith(f"{relative}/"))


def _accepted(request: Request, root: Path, settings: Config, result: Result, checked: list[str]) -> list[Finding]:
    name = settings.text("baseline")
    if not name:
        if request.update_baseline:
            raise ConfigError("--update-baseline needs --baseline FILE")
        return result.findings
    file = Path(name) if request.baseline else root / name
    if request.update_baseline:
        baseline.update(file, result.findings, checked)
    compared = baseline.compare(result.findings, baseline.read(file), checked)
    for entry in compared.stale:
        print(
            f"plumb: {file}: {entry.code} in {entry.path} no longer occurs; --update-baseline removes it",
            file=sys.stderr,
        )
    return compared.new


def _fixed(request: Request, one: Checked) -> Checked:
    rewritten = Rewritten(one.project.root, one.findings, unsafe=request.unsafe)
    if request.diff:
        sys.stdout.write(rewritten.diff())
        return one
    rewritten.write()
    if not rewritten.fixed:
        return one
    print(f"plumb: fixed {len(rewritten.fixed)} of {len(one.findings)} findings", file=sys.stderr)
    again = replace(request, fix=False, update_baseline=False)
    return _project(again, one.project.root, [one.project.root / path for path in one.paths])


def _rendered(request: Request, shown: list[Shown]) -> str:
    if request.statistics:
        return text.statistics(shown)
    if request.output == "sarif":
        return machine.as_sarif(shown, catalog.everything())
    if request.output == "text":
        return text.full(shown, everything=request.select is not None)
    render = {
        "concise": text.concise,
        "json": machine.as_json,
        "github": machine.as_github,
        "junit": machine.as_junit,
    }
    return render[request.output](shown)
