"""The command `plumb`: check, rule, explain, rules, new."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from plumb import __version__, catalog, pages
from plumb.check import Request, check
from plumb.config import ConfigError
from plumb.resources import command as resources

NESTED = 4_000
"""How deep the calls of the checker may go: a long chain of `elif` is as deep as it is long."""
INTERRUPTED = 130
FORMATS = ("text", "concise", "json", "sarif", "github", "junit")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 clean, 1 findings, 2 nothing could be decided."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    gc.disable()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, NESTED))
    try:
        return options.run(options)
    except ConfigError as error:
        print(f"plumb: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("plumb: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 2
    finally:
        gc.enable()
        sys.setrecursionlimit(limit)


def _check(options: argparse.Namespace) -> int:
    if options.explain:
        return _explain(options.explain)
    request = Request(
        paths=tuple(Path(path) for path in options.paths),
        select=_codes(options.select),
        ignore=_codes(options.ignore),
        output=options.output_format,
        fix=options.fix,
        diff=options.diff,
        unsafe=options.unsafe_fixes,
        diff_base=options.diff_base,
        baseline=options.baseline,
        update_baseline=options.update_baseline,
        statistics=options.statistics,
        python=options.python,
        cached=not options.no_cache,
        jobs=options.jobs,
    )
    return check(request)


def _rule(options: argparse.Namespace) -> int:
    return _explain(options.code)


def _rules(options: argparse.Namespace) -> int:
    if options.write is not None:
        changed = pages.write(Path(options.write))
        print(f"changed: {', '.join(changed)}" if changed else "every page is current")
        return 0
    for rule in catalog.everything():
        print(f"{rule.code}  {rule.severity:<7}  {rule.name:<40}  {rule.title}")
    return 0


def _explain(code: str) -> int:
    print(pages.explanation(catalog.find(code), Path.cwd()), end="")
    return 0


def _codes(values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


def _jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes")
    return int(text)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plumb", description="Checks FastAPI code bases on SQLModel or async SQLAlchemy."
    )
    parser.add_argument("--version", action="version", version=f"plumb {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_check(commands.add_parser("check", help="check files and folders"))
    for name in ("rule", "explain"):
        rule = commands.add_parser(name, help="explain a rule")
        rule.add_argument("code", help="its code or name")
        rule.set_defaults(run=_rule)
    rules = commands.add_parser("rules", help="list the rules")
    rules.add_argument("--write", metavar="FOLDER", help="write a page for each rule and an index into this folder")
    rules.set_defaults(run=_rules)
    resources.add_to(commands.add_parser("new", help="write a new part of a project"))
    return parser


def _add_check(check: argparse.ArgumentParser) -> None:
    add = check.add_argument
    add("paths", nargs="*", default=["."], help="files and folders (default: the working folder)")
    add("--select", action="append", metavar="CODES", help="run only these codes or prefixes")
    add("--ignore", action="append", metavar="CODES", help="do not run these codes or prefixes")
    add("--output-format", choices=FORMATS, default="text")
    add("--statistics", action="store_true", help="print how often each rule was found instead of the findings")
    add("--fix", action="store_true", help="apply the safe fixes")
    add("--diff", action="store_true", help="show the fixes as a diff and write nothing")
    add("--unsafe-fixes", action="store_true", help="with --fix or --diff, the fixes that may change behaviour too")
    add("--diff-base", metavar="REF", help="report only on files changed since this git revision")
    add("--baseline", metavar="FILE", help="accept the findings listed in this file")
    add("--update-baseline", action="store_true", help="write the baseline; one that exists only shrinks")
    add("--python", metavar="PATH", help="the interpreter or environment whose libraries the project uses")
    add("--no-cache", action="store_true", help="neither read nor write the cache")
    add(
        "--jobs",
        metavar="N",
        type=_jobs,
        default=_processors(),
        help="processes for a large project (default: %(default)s)",
    )
    add("--explain", metavar="CODE", help="explain a rule")
    check.set_defaults(run=_check)
