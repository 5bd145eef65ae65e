"""The words of a report: what was read, which query did not load it, and how the snippet reads when it is right."""

from plumb.analysis.orm.frame import Misread
from plumb.analysis.orm.state import Expiry, Link, Obj
from plumb.findings import Place, Related
from plumb.index.models import Attribute

_MADE = {
    "query": "the query is here",
    "get": "it is loaded here",
    "held": "it is asked for once more here",
    "new": "it is made here",
    "merge": "it comes from here",
    "parameter": "it is given here",
}


def unloaded(text: str, obj: Obj, attribute: Attribute, place: Place, reader: str = "") -> Misread:
    """A relationship that no path has loaded is read, by *reader* if not by an attribute."""
    name = attribute.name
    read = f"{reader} reads `{text}`" if reader else f"`{text}` is read"
    path = f"{obj.model.name}.{name}"
    why = {
        "new": f"but `{path}` was never loaded for the new object",
        "get": f"but `session.get()` does not load `{path}`",
        "held": f"but the session has the `{obj.model.name}` already, and `session.get()` loads no `options` for it",
        "merge": f"but `session.merge()` does not load `{path}`",
    }.get(obj.origin.kind, f"but the query does not load `{path}`")
    return Misread("PB201", place, f"{read}, {why}", _load(obj, path, name, text), _keys(obj), _made(obj))


def expired(text: str, obj: Obj, expiry: Expiry, place: Place, reader: str = "") -> Misread:
    """An attribute is read that a rollback, a commit or the function itself has expired."""
    read = f"{reader} reads `{text}`" if reader else f"`{text}` is read"
    subject, _, name = text.rpartition(".")
    kept = f"{subject.rpartition('.')[2]}_{name}".replace("[", "").replace("]", "")
    if expiry.kind in {"rollback", "failure"}:
        why = "has expired it" if expiry.kind == "rollback" else "has failed, which rolls back and expires it"
        message = f"{read} after `{expiry.text}` {why}"
        fix = f"{kept} = {text}\n...\nawait {expiry.text}\n...  # {kept} from here on"
        code = "PB202"
    else:
        awaited = "await " if expiry.kind == "commit" else ""
        message = f"{read} after `{expiry.text}` has expired it" + (" (expire_on_commit is on)" if awaited else "")
        fix = f"{awaited}{expiry.text}\nawait {_session(obj)}.refresh({subject})"
        code = "PB203"
    related = (Related(expiry.place, f"the {expiry.kind} is here"), *_made(obj))
    return Misread(code, place, message, fix, _keys(obj), related)


def stale(text: str, obj: Obj, flush: Place, place: Place, reader: str = "") -> Misread:
    """A column is read that the database has computed in an UPDATE."""
    read = f"{reader} reads `{text}`" if reader else f"`{text}` is read"
    subject, _, name = text.rpartition(".")
    message = f"{read} after a flush, but the database computes `{obj.model.name}.{name}` in the UPDATE"
    fix = f"await {_session(obj)}.refresh({subject})"
    return Misread("PB206", place, message, fix, _keys(obj), (Related(flush, "the flush is here"), *_made(obj)))


def outliving(text: str, obj: Obj, where: str, name: str, place: Place, *, many: bool, certain: bool) -> Misread:
    """An object of a session is kept, or handed on, for longer than the session lives."""
    over = "but its session ends before" if certain else "but its session may end before"
    if name:
        message = f"`{name}` keeps an object of `{obj.model.name}` {where}, {over}"
        fix = f"{name} = ...  # the key of the `{obj.model.name}`, or a schema made of it"
    else:
        message = f"`{text}` {'goes' if where.startswith('to ') else 'stays'} {where}, {over}"
        key = f"[one.id for one in {text}]" if many else f"{text}.id"
        fix = f"{key}  # and load it again where it is used"
    return Misread("PB208", place, message, fix, _keys(obj), _made(obj), certain)


def unlinked(text: str, obj: Obj, link: Link, place: Place, reader: str, *, certain: bool) -> Misread:
    """A child is linked by its foreign key beside a parent whose collection is read without it, at *place*."""
    read = f"{reader} reads `{text}`" if reader else f"`{text}` is read"
    subject, _, name = text.rpartition(".")
    message = f"`{link.text}` links the child by `{link.column}` alone, and {read} without it"
    fix = (
        f"{subject}.{name}.append(...)  # instead of {link.column}=...\n"
        f'await {_session(obj)}.refresh({subject}, ["{name}"])'
    )
    related = (Related(place, "it is read here"), *_made(obj))
    return Misread("PB209", link.place, message, fix, _keys(obj), related, certain)


def _load(obj: Obj, path: str, name: str, text: str) -> str:
    option = f"selectinload({path})"
    if obj.origin.kind == "query":
        return f"{obj.origin.text}.options({option})"
    if obj.origin.kind == "get":
        return f"{obj.origin.text[:-1]}, options=[{option}])"
    return f'await {_session(obj)}.refresh({text.rpartition(".")[0]}, ["{name}"])'


def _session(obj: Obj) -> str:
    """The session of the object by its name in the function that reads, as far as that is known."""
    return obj.origin.asked or "session"


def _keys(obj: Obj) -> tuple[str, ...]:
    return (obj.model.owner.key,)


def _made(obj: Obj) -> tuple[Related, ...]:
    return (Related(obj.origin.place, _MADE[obj.origin.kind]),)
