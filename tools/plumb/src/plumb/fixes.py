"""Applies the edits of findings to files, or shows them as a diff."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from plumb.findings import Edit, Finding
from plumb.parsing import decode, parse


class Rewritten:
    """The texts of files before and after the edits of a set of findings."""

    def __init__(self, root: Path, findings: Iterable[Finding], *, unsafe: bool) -> None:
        self.root = root
        self.fixed: list[Finding] = []
        edits: dict[str, list[Edit]] = defaultdict(list)
        for finding in findings:
            if finding.edits and (finding.safe or unsafe) and _fits(finding.edits, edits):
                self.fixed.append(finding)
                for edit in finding.edits:
                    if edit not in edits[edit.place.path]:
                        edits[edit.place.path].append(edit)
        self.texts = {path: self._rewrite(path, of_file) for path, of_file in sorted(edits.items())}

    def diff(self) -> str:
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for path, (before, after) in self.texts.items()
            for line in unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), path, path)
        )

    def write(self) -> None:
        """Write the files with the line ends they had; what would no longer parse raises before it is touched."""
        for path, (_, after) in self.texts.items():
            if path.endswith(".py"):
                parse(after)
            file = self.root / path
            raw = file.read_bytes()
            ends = b"\r\n" if b"\r\n" in raw else b"\n"
            mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
            file.write_bytes(mark + after.encode().replace(b"\n", ends))

    def _rewrite(self, path: str, edits: list[Edit]) -> tuple[str, str]:
        before = decode((self.root / path).read_bytes()).removeprefix("\ufeff")
        return before, apply(before, edits)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """*text* with the edits made, the last one first so that the places of the others stay true."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.place[1:], reverse=True):
        start = starts[edit.place.line - 1] + edit.place.column - 1
        end = starts[edit.place.end_line - 1] + edit.place.end_column - 1
        text = text[:start] + edit.text + text[end:]
    return text


def _fits(edits: Iterable[Edit], made: dict[str, list[Edit]]) -> bool:
    """Whether none of these edits overlaps one that is already to be made (the same edit twice is one edit)."""
    return not any(
        other != edit and edit.place[1:3] < other.place[3:] and other.place[1:3] < edit.place[3:]
        for edit in edits
        for other in made[edit.place.path]
    )
