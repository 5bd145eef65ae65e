"""The kitchen: a clone of this repository with releases to start from, and one folder in which projects are made."""

import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from scaffold.naming import OWN_NAMES
from scaffold.steps import StepFailed, git, output
from tests.pages import commands, places
from tests.pages.markdown import Page, pages

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = ".copier-answers.yml"
KEPT = {".venv", ".ruff_cache", ".plumb_cache"}
"""What the next project takes over: it is brought up to date, not trusted."""


class Kitchen:
    def __init__(self, folder: Path) -> None:
        self.template = folder / "template"
        self.project = folder / "project"
        git(ROOT, "clone", "--quiet", "--no-tags", str(ROOT), str(self.template))
        self.release("v1.0.0")
        self.project.mkdir()

    def release(self, tag: str) -> None:
        git(self.template, "tag", tag)

    def start(self, **answers: str) -> None:
        """Make a project with these answers, under git, in place of the last one."""
        for path in self.project.iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        data = [f"--data={name}={value}" for name, value in answers.items()]
        copier("copy", "--overwrite", *data, "--vcs-ref=v1.0.0", str(self.template), str(self.project))
        git(self.project, "init", "--quiet")
        self.commit("start")
        git(self.project, "tag", "start")

    def commit(self, message: str) -> None:
        git(self.project, "add", "--all")
        git(self.project, "commit", "--quiet", f"--message={message}")

    def reset(self) -> None:
        """Throw away what was done since the project was made."""
        git(self.project, "reset", "--quiet", "--hard", "start")
        git(self.project, "clean", "--quiet", "--force", "-d")

    def require_own_names(self) -> None:
        """Raise StepFailed where the project still names this repository: only copier's answers have to."""
        traces = list(self._traces())
        if traces:
            raise StepFailed("Names of the template are left:\n" + "\n".join(traces))

    def require_sound_pages(self) -> None:
        """Raise StepFailed where a page of the project names a file, heading or command that it does not have."""
        pages.cache_clear()
        found = [f"{page.name}: {fault}" for page in pages(self.project).values() for fault in faults(page)]
        if found:
            raise StepFailed("Pages that lead nowhere:\n" + "\n".join(found))

    def _traces(self) -> Iterator[str]:
        for file in git(self.project, "ls-files", "-z").split("\0"):
            if not file or file == ANSWERS:
                continue
            lines = [file, *(self.project / file).read_bytes().decode(errors="replace").splitlines()]
            yield from (f"{file}:{number}: {line}" for number, line in enumerate(lines) if OWN_NAMES.search(line))


def faults(page: Page) -> Iterator[str]:
    """What the page points at and the project that it belongs to does not have."""
    yield from places.broken_links(page)
    yield from (f"`{path}` is not there" for path in places.missing_paths(page))
    yield from filter(None, (commands.fault(command, page.root) for command in commands.commands(page)))


@contextmanager
def opened() -> Generator[Kitchen]:
    """A kitchen for a while. What is committed here is what is made there."""
    with TemporaryDirectory(prefix="bake-") as folder:
        yield Kitchen(Path(folder))


def copier(command: str, *arguments: str) -> str:
    """Run copier without questions."""
    return output([Path(sys.executable).with_name("copier"), command, "--trust", "--defaults", *arguments], ROOT)
