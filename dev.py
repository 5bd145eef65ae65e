"""Set up and drive the project with nothing but Python 3.11: `python dev.py` lists the commands."""

import ast
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

if sys.version_info < (3, 11):  # noqa: UP036 - a plain sentence for whoever starts this with an older Python
    sys.exit(f"error: Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")

ROOT = Path(__file__).resolve().parent
BACKEND = ROOT / "backend"
PLUMB = ROOT / "tools" / "plumb"
MUTATIONS = ROOT / "tools" / "mutations"
PARTS = ROOT / "tools" / "parts"
SCAFFOLD = ROOT / "tools" / "scaffold"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "set-up.stamp"
RUNTIME_LOCK = ROOT / "requirements.txt"
LOCK = ROOT / "requirements-dev.txt"

Argv = list[str | Path]
COMMANDS: dict[str, Callable[[list[str]], int]] = {}


class Step(NamedTuple):
    """One line of a check: what it is called, what it runs and where."""

    name: str
    argv: Argv
    cwd: Path = ROOT


class Outcome(NamedTuple):
    """How a step ended."""

    name: str
    exit_code: int
    seconds: float


def main() -> int:
    """Run the command named first; without one, print help."""
    if not sys.argv[1:] or sys.argv[1] in {"help", "-h", "--help"}:
        return print_help()
    name, *arguments = sys.argv[1:]
    if name not in COMMANDS:
        return fail(f"There is no command {name!r}. `python dev.py` lists the commands.")
    try:
        return COMMANDS[name](arguments)
    except subprocess.CalledProcessError as error:
        return fail(f"{name}: `{command_line(error.cmd)}` ended with exit code {error.returncode}.")
    except KeyboardInterrupt:
        return 130


def command(function: Callable[[list[str]], int]) -> Callable[[list[str]], int]:
    """Make a function a command; its docstring is its line in the help."""
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


# The commands, in the order in which the help lists them.


@command
def setup(arguments: list[str]) -> int:
    """Make .venv and install what the lock names; a finished set-up is left alone."""
    del arguments
    ensure_environment()
    return 0


@command
def run(arguments: list[str]) -> int:
    """Migrate the database, then serve on HOST:PORT (default 127.0.0.1:8000)."""
    ensure_environment()
    execute([PYTHON, "-m", "alembic", "upgrade", "head"], cwd=BACKEND)
    return hand_over([PYTHON, "-m", "src", *arguments], cwd=BACKEND)


@command
def seed(arguments: list[str]) -> int:
    """Migrate the database, then fill it with demo data: USERS=1000 TASKS=100 python dev.py seed."""
    ensure_environment()
    execute([PYTHON, "-m", "alembic", "upgrade", "head"], cwd=BACKEND)
    return hand_over([PYTHON, "-m", "src.seed", *arguments], cwd=BACKEND)


@command
def test(arguments: list[str]) -> int:
    """Run all tests on all cores, or pytest with exactly the arguments given."""
    ensure_environment()
    return hand_over(tests(arguments).argv, cwd=ROOT)


@command
def check(arguments: list[str]) -> int:
    """Run everything that CI runs: format, lint, arrows, pages, types, rules, tests and scenarios."""
    ensure_environment()
    outcomes = run_side_by_side(static_steps())
    outcomes.append(run_step(tests(arguments), stream=True))
    outcomes.append(run_step(Step("scenarios", [PYTHON, "dev.py", "scenarios"]), stream=True))
    return summarise(outcomes)


@command
def check_fast(arguments: list[str]) -> int:
    """Run the checks that need no tests; types only of what you changed, with --all of everything."""
    if arguments not in ([], ["--all"]):
        return fail("check-fast takes nothing, or --all for the types of everything.")
    ensure_environment()
    try:
        typed = None if arguments else changed_modules("HEAD") or changed_modules(branch_point())
    except subprocess.CalledProcessError:
        return fail("git cannot say what changed. `python dev.py check-fast --all` checks everything.")
    return summarise(run_side_by_side(static_steps(typed)))


@command
def format(arguments: list[str]) -> int:  # noqa: A001 - the command is named format
    """Lay out the code and repair what the linter can repair."""
    ensure_environment()
    paths = arguments or ["."]
    execute([BIN / "ruff", "check", "--fix-only", "--quiet", *paths])
    execute([BIN / "ruff", "format", *paths])
    return 0


@command
def lint(arguments: list[str]) -> int:
    """Lint without changing anything."""
    ensure_environment()
    return hand_over([BIN / "ruff", "check", *arguments], cwd=ROOT)


@command
def types(arguments: list[str]) -> int:
    """Check the types."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "basedpyright", *arguments], cwd=ROOT)


@command
def migrate(arguments: list[str]) -> int:
    """Bring the database of DATABASE_URL to the newest revision, or to the one given."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "alembic", "upgrade", *(arguments or ["head"])], cwd=BACKEND)


@command
def migration(arguments: list[str]) -> int:
    """Write a new revision from the difference between models and chain; takes its message."""
    if not arguments:
        return fail('Say what changes: python dev.py migration "add a due date to tasks"')
    ensure_environment()
    return hand_over([PYTHON, "-m", "migrations.draft", *arguments], cwd=BACKEND)


@command
def migrate_lint(arguments: list[str]) -> int:
    """Find what is dangerous in the revisions, and say what to do instead."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "migrations.lint", *arguments], cwd=BACKEND)


@command
def migrate_release(arguments: list[str]) -> int:
    """Record what is being released: from then on nobody edits it."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "migrations.released", *arguments], cwd=BACKEND)


@command
def backfill(arguments: list[str]) -> int:
    """Fill rows in batches while the application serves; takes the name of a backfill."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "migrations.backfill", *arguments], cwd=BACKEND)


@command
def docs(arguments: list[str]) -> int:
    """Refresh what pages say of the code: facts and answers of the API, line numbers, code, what programs print."""
    del arguments
    ensure_environment()
    execute([PYTHON, "-m", "tests.contract.update"], cwd=BACKEND)
    return hand_over([PYTHON, "-m", "tests.pages.update"], cwd=BACKEND)


@command
def rules_docs(arguments: list[str]) -> int:
    """Write the pages of docs/rules from the docstrings of plumb's rules."""
    ensure_environment()
    return hand_over([BIN / "plumb", "rules", "--write", "docs/rules", *arguments], cwd=ROOT)


@command
def api_diff(arguments: list[str]) -> int:
    """List what changed in the API since a git revision (default HEAD); fail for an unannounced break."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "tests.contract.breaking", *arguments], cwd=BACKEND)


@command
def client(arguments: list[str]) -> int:
    """Generate a typed TypeScript client with Zod schemas into frontend/generated."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "tests.contract.client", *arguments], cwd=BACKEND)


@command
def scenarios(arguments: list[str]) -> int:
    """Walk the pages of docs/scenarios, each in a copy of the project; takes pytest's arguments: -k greenlet."""
    ensure_environment()
    execute([PYTHON, "-c", "from tests.contract import node; node.install()"], cwd=BACKEND)
    walks = [PYTHON, "-m", "pytest", "--quiet", "backend/tests/scenarios"]
    return hand_over([*walks, *(arguments or ["-n", "auto"])], cwd=ROOT)


@command
def fuzz(arguments: list[str]) -> int:
    """Send many more generated requests than the tests do (FUZZ_EXAMPLES, default 200 per operation)."""
    ensure_environment()
    os.environ.setdefault("FUZZ_EXAMPLES", "200")
    return hand_over([PYTHON, "-m", "pytest", "backend/tests/contract/test_fuzz.py", *arguments], cwd=ROOT)


@command
def mutate(arguments: list[str]) -> int:
    """Break our own code rule by rule, and see what plumb and the tests say; `--help` lists the choices."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "mutations", *arguments], cwd=MUTATIONS / "src")


@command
def trial(arguments: list[str]) -> int:
    """Write three resources into a copy of the project with `plumb new resource`, and check the copy."""
    ensure_environment()
    return hand_over([PYTHON, "-m", "pytest", "tools/plumb/tests/trial_resources.py", *arguments], cwd=ROOT)


@command
def remove_part(arguments: list[str]) -> int:
    """Take a part of the example domain out; without a name, list the parts; `--dry-run` only shows the files."""
    return hand_over([Path(sys.executable), PARTS, "remove", *arguments], cwd=ROOT)


@command
def parts_docs(arguments: list[str]) -> int:
    """Write docs/parts.md from the manifests in tools/parts."""
    return hand_over([Path(sys.executable), PARTS, "docs", *arguments], cwd=ROOT)


@command
def bake(arguments: list[str]) -> int:
    """Make projects of this repository, run their checks and update one; `--help` shows what can be chosen."""
    ensure_environment()
    return hand_over([PYTHON, SCAFFOLD, "bake", *arguments], cwd=ROOT)


@command
def drill(arguments: list[str]) -> int:
    """Take each part out alone and run what is left; with names, only those parts."""
    ensure_environment()
    return hand_over([PYTHON, SCAFFOLD, "drill", *arguments], cwd=ROOT)


@command
def lock(arguments: list[str]) -> int:
    """Lock what pyproject.toml asks for; `--upgrade` also moves what is locked to the newest."""
    if not LOCK.exists():
        return fail(f"{LOCK.name} is missing: restore it from git.")
    ensure_environment()
    # The runtime lock takes the versions of the whole lock, so that the two never differ.
    compile_lock("--group", "dev", "--output-file", LOCK.name, *arguments)
    compile_lock("--constraint", LOCK.name, "--output-file", RUNTIME_LOCK.name, *arguments)
    ensure_environment()
    return 0


@command
def clean(arguments: list[str]) -> int:
    """Remove .venv and every cache."""
    del arguments
    for name in (".venv", ".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0


def print_help() -> int:
    """Print the first line of every command."""
    print("usage: python dev.py COMMAND [ARGUMENT ...]\n")
    for name, function in COMMANDS.items():
        print(f"  {name:<15} {function.__doc__}")
    return 0


# The checks.


def static_steps(typed: list[str] | None = None) -> list[Step]:
    """Return the checks that only read the code, slowest first; *typed* are the only modules to check the types of.

    Types take as long as all the others together, several times over; the others are as fast on the whole as on a part.
    """
    types_step = Step("types", [PYTHON, "-m", "basedpyright", *(typed or [])])
    steps = [
        *([] if typed == [] else [types_step]),
        Step("format", [BIN / "ruff", "format", "--check", "."]),
        Step("lint", [BIN / "ruff", "check", "."]),
        Step("arrows", [BIN / "lint-imports", "--config", ROOT / "pyproject.toml"], BACKEND),
        Step("pages", [PYTHON, "-m", "tests.pages.update", "--check"], BACKEND),
        Step("revisions", [PYTHON, "-m", "migrations.lint"], BACKEND),
    ]
    if has_plumb():
        sources = ["backend/src", "backend/tests", "backend/migrations"]
        steps.append(Step("rules", [BIN / "plumb", "check", *sources]))
    return steps


def branch_point() -> str:
    """Return the commit at which this branch left main; HEAD on main, and where there is no main."""
    argv = ["git", "-C", str(ROOT), "merge-base", "HEAD", "main"]
    found = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return found.stdout.strip() or "HEAD"


def changed_modules(base: str) -> list[str] | None:
    """Return the modules with types that differ from *base* or are new; None where their settings differ: then all do.

    Raises CalledProcessError where there is no git repository, or no revision yet.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["basedpyright"]
    left_out = [f":(exclude,glob){path}/**" for path in settings["exclude"]]
    scope = ["--", "pyproject.toml", *settings["include"], *left_out]
    git = ["git", "-C", str(ROOT)]
    listings = (
        [*git, "diff", "--name-only", "-z", "--diff-filter=d", base, *scope],
        [*git, "ls-files", "--others", "--exclude-standard", "-z", *scope],
    )
    found = [subprocess.run(listing, stdout=subprocess.PIPE, text=True, check=True).stdout for listing in listings]
    paths = "".join(found).split("\0")
    return None if "pyproject.toml" in paths else sorted(path for path in paths if path.endswith(".py"))


def tests(arguments: list[str]) -> Step:
    """Return the test run; a whole run uses all cores, a chosen part starts faster on one."""
    return Step("tests", [PYTHON, "-m", "pytest", *(arguments or ["-n", "auto"])])


def run_side_by_side(steps: list[Step]) -> list[Outcome]:
    """Run independent steps two at a time and return every outcome."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(run_step, steps))


def run_step(step: Step, *, stream: bool = False) -> Outcome:
    """Run one step to its end; its output is printed live, or in one piece when it ends."""
    started = time.perf_counter()
    output = None if stream else subprocess.PIPE
    done = subprocess.run(
        step.argv, cwd=step.cwd, env=environment(), stdout=output, stderr=output and subprocess.STDOUT, check=False
    )
    outcome = Outcome(step.name, done.returncode, time.perf_counter() - started)
    printed = done.stdout.decode(errors="replace").strip() if done.stdout else ""
    print("\n".join(filter(None, [verdict(outcome), printed if done.returncode else ""])), flush=True)
    return outcome


def summarise(outcomes: list[Outcome]) -> int:
    """Print one line for each step and return 1 if any of them failed."""
    print("\n".join(["", "summary", *map(verdict, outcomes)]), flush=True)
    return int(any(outcome.exit_code for outcome in outcomes))


def verdict(outcome: Outcome) -> str:
    """Describe how a step ended and how long it took."""
    return f"  {'FAIL' if outcome.exit_code else 'ok':<4} {outcome.name:<9} {outcome.seconds:6.1f} s"


# The environment.


def ensure_environment() -> None:
    """Bring .venv to the state that the lock describes, from scratch if a set-up broke off."""
    made, _, installed = STAMP.read_text("utf-8").partition("\n") if STAMP.exists() else ("", "", "")
    if (made, installed) == (interpreter(), locked()):
        return
    say(f"setting up {VENV}")
    STAMP.unlink(missing_ok=True)
    if made != interpreter():
        make_environment()
    try:
        install()
    except subprocess.CalledProcessError:
        # The environment itself is sound: the next attempt need not start from scratch.
        STAMP.write_text(f"{interpreter()}\n", "utf-8")
        raise
    STAMP.write_text(f"{interpreter()}\n{locked()}", "utf-8")


def interpreter() -> str:
    """Name the Python that .venv is made with and the folder that its scripts point to."""
    return f"{sys.version_info.major}.{sys.version_info.minor} {VENV}"


def locked() -> str:
    """Digest everything that decides what is installed."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + LOCK.read_bytes())
    if has_plumb():
        digest.update((PLUMB / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def has_plumb() -> bool:
    """Tell whether the rule checker is part of this checkout."""
    return (PLUMB / "pyproject.toml").exists()


def make_environment() -> None:
    """Make an empty .venv that holds pip and the locked uv."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(fail("This Python cannot make virtual environments: install your system's python3-venv package."))
    # The interpreter below an active environment, since that may be the very one to be replaced.
    base = getattr(sys, "_base_executable", sys.executable)
    execute([base, "-m", "venv", "--clear", VENV])
    only_uv = VENV / "uv.txt"
    only_uv.write_text(locked_entry("uv"), "utf-8")
    quietly = ["--quiet", "--no-input", "--disable-pip-version-check"]
    execute([PYTHON, "-m", "pip", "install", *quietly, "--require-hashes", "-r", only_uv])


def locked_entry(name: str) -> str:
    """Return the lines of the lock that pin one package and its hashes."""
    lines = iter(LOCK.read_text("utf-8").splitlines())
    entry = [next(line for line in lines if line.startswith(f"{name}=="))]
    for line in lines:
        if not entry[-1].endswith("\\"):
            break
        entry.append(line)
    return "\n".join(entry) + "\n"


def install() -> None:
    """Install exactly what is locked, and the rule checker from this checkout."""
    common: Argv = ["--python", PYTHON, "--quiet", "--compile-bytecode"]
    uv("pip", "sync", *common, "--require-hashes", LOCK)
    if has_plumb():
        # Its build backend is in the lock, so that nothing unlocked is fetched to build it.
        uv("pip", "install", *common, "--no-deps", "--no-build-isolation", "--editable", PLUMB)


def compile_lock(*arguments: str) -> None:
    """Resolve pyproject.toml for every platform into a file of hashes without addresses."""
    scope = ["--universal", "--python-version", "3.11", "--generate-hashes"]
    looks = ["--quiet", "--annotation-style", "line", "--custom-compile-command", "python dev.py lock"]
    uv("pip", "compile", *scope, *looks, *arguments, "pyproject.toml")


def uv(*arguments: str | Path) -> None:
    """Run uv with pip's index and certificates, which uv does not look up by itself."""
    listing = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True, env=environment()
    )
    settings = environment()
    # ":env:" sorts first and wins, as it does in pip.
    for line in sorted(listing.stdout.splitlines()):
        key, _, value = line.partition("=")
        name = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}.get(key.rpartition(".")[2])
        if name:
            settings.setdefault(name, ast.literal_eval(value))
    settings.setdefault("UV_SYSTEM_CERTS", "1")
    execute([BIN / "uv", *arguments], settings=settings)


# Processes.


def environment() -> dict[str, str]:
    """Return this process's environment with .venv first on the path."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    path = os.pathsep.join([str(BIN), inherited.get("PATH", os.defpath)])
    return inherited | {"VIRTUAL_ENV": str(VENV), "PATH": path}


def execute(argv: Argv, *, cwd: Path = ROOT, settings: dict[str, str] | None = None) -> None:
    """Run a command to its end and raise CalledProcessError if it failed."""
    subprocess.run(argv, cwd=cwd, env=settings or environment(), check=True)


def hand_over(argv: Argv, *, cwd: Path) -> int:
    """Let a command take this process's place, so that signals reach it and the exit code is its own."""
    if os.name == "posix":
        os.chdir(cwd)
        os.execve(argv[0], [str(part) for part in argv], environment())  # noqa: S606 - no shell is wanted
    child = subprocess.Popen(argv, cwd=cwd, env=environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # Windows sends Ctrl-C to the child as well: wait until it has shut down.
            continue


def command_line(argv: Argv) -> str:
    """Render a command for a message."""
    return " ".join(str(part) for part in argv)


def say(message: str) -> None:
    """Tell the person what is going on, apart from what a command prints."""
    print(message, file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Report an error and return the exit code that goes with it."""
    say(f"error: {message}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
