"""A copy of the repository in which one mutant at a time lives."""

import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2


class Workspace:
    """A copy of everything that git knows or would add. What is outside of it, the environment too, is not copied."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy the repository at *root* and make the copy its own base: a rule may compare with the last commit."""
        self.folder = folder
        for path in tracked(root):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            copy2(root / path, folder / path)
        for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--no-verify", "-m", "base"]):
            _git(folder, *_AUTHOR, *arguments)

    @contextmanager
    def mutated(self, texts: Mapping[str, str]) -> Generator[Path]:
        """Give files these texts; afterwards everything is as before, also what a test that failed has left behind."""
        try:
            for path, text in texts.items():
                (self.folder / path).write_text(text, "utf-8")
            yield self.folder
        finally:
            _git(self.folder, "checkout", "--quiet", "--", ".")
            _git(self.folder, "clean", "-fdxq", "-e", ".plumb_cache")


def tracked(root: Path) -> list[str]:
    """The files of the repository, those included that are not committed yet."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted({path for path in listed if path and (root / path).is_file()})


_AUTHOR = ("-c", "user.name=mutations", "-c", "user.email=mutations@localhost")


def _git(folder: Path, *arguments: str) -> str:
    # A hook that runs this tool has these variables set, and git would work in the wrong repository.
    settings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=folder, env=settings, check=True, capture_output=True, text=True)
    return done.stdout
