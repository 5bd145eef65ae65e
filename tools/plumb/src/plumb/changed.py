"""The files that differ from a git revision, for `--diff-base`."""

import subprocess
from pathlib import Path

from plumb.config import ConfigError


def changed_files(root: Path, base: str) -> frozenset[str]:
    """Paths relative to *root* of files changed since the merge base with *base*, uncommitted and new ones included."""
    merge_base = _git(root, "merge-base", base, "HEAD").strip()
    tracked = _git(root, "diff", "--name-only", "--relative", "-z", "--diff-filter=d", merge_base)
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in (tracked + untracked).split("\0") if path)


def text_at(root: Path, base: str, path: str) -> str | None:
    """The text of a file at the merge base with *base*; None when it did not exist there."""
    merge_base = _git(root, "merge-base", base, "HEAD").strip()
    try:
        return _git(root, "show", f"{merge_base}:./{path}")
    except ConfigError:
        return None


def files_at(root: Path, base: str) -> list[str]:
    """The paths of all files at the merge base with *base*, sorted."""
    merge_base = _git(root, "merge-base", base, "HEAD").strip()
    return sorted(path for path in _git(root, "ls-tree", "-r", "--name-only", "-z", merge_base).split("\0") if path)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    except FileNotFoundError as error:
        raise ConfigError("--diff-base needs git, which is not installed") from error
    if done.returncode != 0:
        raise ConfigError(f"git {arguments[0]}: {done.stderr.strip() or 'failed'}")
    return done.stdout
