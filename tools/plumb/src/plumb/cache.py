"""One file that keeps facts and findings by content, so that a second run reads what has not changed.

What another version of plumb has found out is not read: it may have looked for less.
Unpickling is restricted to plumb's own records: a cache found in a foreign repository can carry data, never code.
"""

import hashlib
import io
import pickle
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import plumb
from plumb import findings as findings_module, suppress
from plumb.findings import Finding, Good
from plumb.index import facts as facts_module

FOLDER = ".plumb_cache"
LIBRARY = "library "
"""What is known of installed files is kept until they change, whether a run asks for it or not."""
UNUSABLE = (pickle.UnpicklingError, EOFError, ValueError, IndexError, AttributeError, TypeError, KeyError)
"""What reading a damaged record raises, or one whose fields have changed since."""


Dependencies = tuple[tuple[str, str], ...]
"""What was read, with the digest of each."""


class Kept(NamedTuple):
    """What a value that is not kept itself looks like, good while every dependency has the digest noted here."""

    dependencies: Dependencies
    digest: str


class Remembered(NamedTuple):
    """The outcome of the file-wise rules for one file, good while every dependency still has the digest noted here."""

    dependencies: Dependencies
    findings: tuple[Finding, ...]
    good: tuple[tuple[str, Good], ...]


def _records() -> dict[tuple[str, str], type]:
    members = [*vars(findings_module).values(), *vars(facts_module).values(), suppress.Noqa, Remembered, Kept]
    own = [member for member in members if isinstance(member, type) and member.__module__.startswith("plumb.")]
    return {(member.__module__, member.__name__): member for member in own}


_ALLOWED = _records()


class Cache:
    """*path* is None when nothing is to be kept between runs."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.old: dict[str, bytes] = _load(path) if path is not None else {}
        self.new: dict[str, bytes] = {}
        self.since: dict[str, bytes] = {}

    def get(self, key: str) -> Any:
        """What was kept under *key*, or None; asking keeps it for the next run. An older plumb's record is none."""
        blob = self._blob(key)
        if blob is None:
            return None
        try:
            return _unpickle(blob)
        except UNUSABLE:
            return None

    def put(self, key: str, value: object) -> str:
        """Keep *value* and return the digest of what was kept."""
        blob = self.new[key] = self.since[key] = pickle.dumps(value, protocol=5)
        return digest(blob)

    def has(self, key: str) -> bool:
        """Whether something is kept under *key*; asking keeps it for the next run, too."""
        return self._blob(key) is not None

    def digest(self, key: str) -> str | None:
        blob = self._blob(key)
        return None if blob is None else digest(blob)

    def added(self) -> dict[str, bytes]:
        """What has been put since this was last asked, for another process."""
        since, self.since = self.since, {}
        return since

    def add(self, entries: dict[str, bytes]) -> None:
        """Keep what another process has put."""
        self.new.update(entries)

    def save(self, *, complete: bool) -> None:
        """Write what was used; a run over a part of the project also keeps what it did not look at."""
        if self.path is None:
            return
        kept = self.old if not complete else {key: blob for key, blob in self.old.items() if key.startswith(LIBRARY)}
        self.new = {**kept, **self.new}
        if self.new == self.old:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        (self.path.parent / ".gitignore").write_text("*\n")
        with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as draft:
            pickle.dump((own_version(), self.new), draft, protocol=5)
        Path(draft.name).replace(self.path)

    def _blob(self, key: str) -> bytes | None:
        blob = self.new.get(key)
        if blob is None and key in self.old:
            blob = self.new[key] = self.old[key]
        return blob


def digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=12).hexdigest()


@cache
def own_version() -> str:
    """Changes with plumb's own code, so that an edited rule is never answered from an old run."""
    root = Path(plumb.__file__).parent
    stamps = sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*.py"))
    return digest(repr(stamps).encode())


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place in a cache")
        return _ALLOWED[module_name, global_name]


def _unpickle(blob: bytes) -> Any:
    return _Reader(io.BytesIO(blob)).load()


def _load(path: Path) -> dict[str, bytes]:
    try:
        version, loaded = _unpickle(path.read_bytes())
    except (OSError, *UNUSABLE):
        return {}
    return cast("dict[str, bytes]", loaded) if version == own_version() and isinstance(loaded, dict) else {}
