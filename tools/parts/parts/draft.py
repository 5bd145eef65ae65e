"""A draft: changes to a folder that are written all together, or not at all."""

from pathlib import Path


class PartsError(Exception):
    """Says what is wrong and what to do about it."""


class Draft:
    """The text files of a folder as they will be. Nothing is written before `write`; `undo` takes that back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._new: dict[str, str | None] = {}
        self._old: dict[str, str | None] = {}

    def read(self, file: str) -> str:
        """The text of *file* as it will be. Raises PartsError where there is none."""
        text = self._new[file] if file in self._new else self._on_disk(file)
        if text is None:
            raise PartsError(f"{file} does not exist.")
        return text

    def exists(self, file: str) -> bool:
        return self._new[file] is not None if file in self._new else (self.root / file).is_file()

    def set(self, file: str, text: str) -> None:
        self._new[file] = text

    def delete(self, file: str) -> None:
        self.read(file)
        self._new[file] = None

    def changes(self) -> dict[str, str]:
        """`delete`, `edit` or `add` for each file that will be touched."""
        return {file: self._verb(file) for file in sorted(self._new) if self._new[file] != self._on_disk(file)}

    def write(self) -> None:
        """Write everything. An error on the way puts back what was written before it."""
        self._old = {file: self._on_disk(file) for file in self.changes()}
        try:
            for file in self._old:
                self._put(file, self._new[file])
        except OSError:
            self.undo()
            raise

    def undo(self) -> None:
        """Put every file back as it was before `write`."""
        for file, text in self._old.items():
            self._put(file, text)

    def _verb(self, file: str) -> str:
        if self._new[file] is None:
            return "delete"
        return "edit" if (self.root / file).is_file() else "add"

    def _on_disk(self, file: str) -> str | None:
        path = self.root / file
        return path.read_text("utf-8") if path.is_file() else None

    def _put(self, file: str, text: str | None) -> None:
        path = self.root / file
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        path.unlink(missing_ok=True)
        for folder in path.relative_to(self.root).parents[:-1]:
            if (self.root / folder).is_dir() and not any((self.root / folder).iterdir()):
                (self.root / folder).rmdir()
