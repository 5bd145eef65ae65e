"""Steps: commands that are run one after the other, each timed, and counted in one closing line."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Argv = Sequence[str | Path]
FULL = (("check",),)
"""The commands of a project that leave out nothing."""


class StepFailed(Exception):
    """Carries what the failing command has printed, or what is wrong."""


def output(argv: Argv, cwd: Path) -> str:
    """What a command prints. Raises StepFailed with it where the command fails."""
    # The environment of this repository must not decide what happens in another one.
    inherited = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "GIT_DIR"}}
    done = subprocess.run(
        argv, cwd=cwd, env=inherited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        command = " ".join(str(part) for part in argv)
        raise StepFailed(f"`{command}` in {cwd} ended with exit code {done.returncode}:\n{done.stdout.rstrip()}")
    return done.stdout


def git(cwd: Path, *arguments: str) -> str:
    """What git prints, with an author of its own: a machine may have none."""
    author = ("-c", "user.name=Bake", "-c", "user.email=bake@example.com", "-c", "commit.gpgsign=false")
    return output(["git", *author, *arguments], cwd)


def dev(cwd: Path, *arguments: str) -> str:
    """What a command of a project's dev.py prints."""
    return output([sys.executable, "dev.py", *arguments], cwd)


@dataclass
class Tally:
    """Which steps have passed and which have not."""

    passed: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])

    def step(self, name: str, work: Callable[[], object]) -> bool:
        """Run a step and say how it went. A step that fails does not keep the next one from running."""
        started = time.perf_counter()
        try:
            work()
        except StepFailed as error:
            self.failed.append(name)
            print(f"  FAIL {name:<40} {time.perf_counter() - started:6.1f} s\n{error}", flush=True)
            return False
        self.passed.append(name)
        print(f"  ok   {name:<40} {time.perf_counter() - started:6.1f} s", flush=True)
        return True

    def commands(self, subject: str, project: Path, commands: Iterable[Sequence[str]]) -> None:
        """Run commands of a project's dev.py, each as a step."""
        for command in commands:
            self.step(f"{subject}: {command[0]}", lambda command=command: dev(project, *command))

    def close(self) -> int:
        """Print the closing line and return the exit code."""
        print(f"{len(self.passed)} passed, {len(self.failed)} failed", flush=True)
        return int(bool(self.failed) or not self.passed)
