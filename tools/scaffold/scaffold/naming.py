"""Names: what the repository calls itself, and what a project made of it is called."""

import json
import re
import unicodedata
from dataclasses import dataclass

from parts.draft import PartsError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,48}[A-Za-z0-9]")
LINE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
OWN_NAMES = re.compile(r"(?i:perpetua|copier|plumb-backend)|\bPlumb\b")
"""What no project made of this repository contains."""


@dataclass(frozen=True, slots=True)
class Names:
    """How a project is called: `name` in prose, `slug` in packages and addresses."""

    name: str
    description: str
    author: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise PartsError(
                f"project_name: {self.name!r} is not 2 to 50 letters, digits, blanks, dots, dashes and underscores of "
                "ASCII that start with a letter and end with a letter or digit."
            )
        for field in ("description", "author"):
            if not LINE.fullmatch(getattr(self, field)):
                raise PartsError(f"{field}: expected one line of 1 to 200 characters, got {getattr(self, field)!r}.")

    @property
    def slug(self) -> str:
        plain = unicodedata.normalize("NFKD", self.name).lower()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    @property
    def api(self) -> str:
        return self.name if self.name.upper().endswith("API") else f"{self.name} API"


def renamed(text: str, names: Names) -> str:
    """*text* with the names of the project. Lower-case names are identifiers, capital ones are prose."""
    ours = {
        "Perpetua API": names.api,
        "Perpetua": names.name,
        "perpetua-api": f"{names.slug.removesuffix('-api')}-api",
        "perpetua": names.slug,
        "plumb-backend": names.slug,
        "The Plumb authors": names.author,
        '"A reference FastAPI backend to copy from"': json.dumps(names.description, ensure_ascii=False),
    }
    known = re.compile("|".join(map(re.escape, ours)))
    return known.sub(lambda match: ours[match[0]], text)
