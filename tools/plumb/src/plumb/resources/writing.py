"""Writing: laid out by the project's own ruff, shown as a diff, and then all of it or nothing."""

import difflib
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from plumb.resources.refusal import Refusal

ORDER = ("I", "F401", "RUF022")
"""Imports in order and none unused, `__all__` in order."""

Texts = Mapping[str, str]


def laid_out(root: Path, texts: Texts) -> dict[str, str]:
    """Each text as the project's ruff lays it out."""
    return {path: _laid_out(root, path, text) if path.endswith(".py") else text for path, text in texts.items()}


def _laid_out(root: Path, path: str, text: str) -> str:
    ruff = binary(root, "ruff")
    for step in (["check", "--fix-only", "--quiet", f"--select={','.join(ORDER)}"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *step, f"--stdin-filename={path}", "-"],
            input=text,
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise Refusal(f"{path}: ruff cannot lay out what was written: {done.stderr.strip()}")
        text = done.stdout
    return text


def binary(root: Path, name: str) -> str:
    """A program of the project's environment, else of the path."""
    folder = root / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    found = shutil.which(name, path=os.pathsep.join([str(folder), str(Path(sys.executable).parent)])) or shutil.which(
        name
    )
    if found is None:
        raise Refusal(f"there is no {name} to lay out the code with: run `python dev.py setup` first")
    return found


def shown(root: Path, texts: Texts) -> Iterator[str]:
    """What would be written: new files by name and length, changed ones as a diff."""
    for path, text in texts.items():
        if not (root / path).exists():
            yield f"new      {path} ({len(text.splitlines())} lines)\n"
    for path, text in texts.items():
        if (root / path).exists():
            before = (root / path).read_text("utf-8").splitlines(keepends=True)
            yield f"changed  {path}\n"
            yield from difflib.unified_diff(before, text.splitlines(keepends=True), f"a/{path}", f"b/{path}", n=1)


@contextmanager
def written(root: Path, texts: Texts) -> Generator[None]:
    """Write every text; if that fails, or what is done meanwhile does, everything is as it was."""
    before = {path: _read(root / path) for path in texts}
    try:
        for path, text in texts.items():
            _write(root / path, text)
        yield
    except BaseException:
        for path, text in before.items():
            _restore(root / path, text)
        raise


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, "utf-8", newline="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)
