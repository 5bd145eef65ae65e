"""The project's own pages about rules: Markdown files that `guides` names, each for the rules whose codes it holds."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from plumb import catalog, config
from plumb.roots import find_root


@dataclass(frozen=True, slots=True)
class Guide:
    path: Path
    text: str

    @property
    def title(self) -> str:
        """Its first heading, else its file name."""
        heading = re.search(r"^# (.+?) *$", self.text, re.MULTILINE)
        return heading[1] if heading else self.path.name

    def link(self, folder: Path) -> str:
        """A link to the page from a page in *folder*."""
        return f"[{self.title}]({Path(os.path.relpath(self.path, folder)).as_posix()})"


def find(start: Path) -> list[Guide]:
    """The guides of the project around *start*, by name."""
    root = find_root(start)
    globs = config.load(root, catalog.options()).strings("guides")
    paths = sorted({path for pattern in globs for path in root.glob(pattern)})
    return [Guide(path, path.read_text(encoding="utf-8")) for path in paths]


def about(guides: list[Guide], code: str) -> Guide | None:
    """The first guide that holds the code of a rule."""
    return next((guide for guide in guides if re.search(rf"\b{code}\b", guide.text)), None)
