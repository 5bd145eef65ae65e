"""The project as it was at a git revision, read like the present one."""

from pathlib import Path

from plumb.cache import digest
from plumb.changed import changed_files, files_at, text_at
from plumb.discovery import matches
from plumb.project import Project


class Past(Project):
    """Files that did not change are read from the folder, the others from git."""

    def __init__(self, now: Project, base: str) -> None:
        root = now.root
        excluded = now.config.strings("exclude")
        there = [path for path in files_at(root, base) if path.endswith(".py") and not matches(path, excluded)]
        super().__init__(root, now.config, there, now.cache, now.environment)
        self.base = base
        self.changed = changed_files(root, base)

    def raw(self, path: str) -> bytes:
        if path not in self.changed and Path(self.root, path).is_file():
            return super().raw(path)
        content = (text_at(self.root, self.base, path) or "").encode()
        self.digests.raw[path] = digest(content)
        return content
