"""What can fail in a block, and whether its session is rolled back by then: a flush that fails rolls back by itself."""

import ast

from plumb.analysis.orm import effects
from plumb.analysis.orm.frame import AMBIENT, Failure, Frame
from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo

OF_FLUSH = frozenset({"IntegrityError", "StaleDataError", "FlushError"})
ROLLED_BACK = frozenset({"rollback", "failure"})
UNKNOWN = Failure("", "", None, "")
"""Something of which nobody knows what it raises."""
OPAQUE = Failure("?", "", None, "")
"""A function of the project that has no session, and may raise what the project itself has made."""
WHATEVER = "*"


def may_fail(frame: Frame, session: str, place: Place, text: str) -> None:
    """A flush or a commit of this session stands here."""
    frame.failures[-1].append(Failure("", session, place, text))


def raised(frame: Frame, node: ast.Raise) -> None:
    """What is raised here, and whether the session has been rolled back before."""
    witness = frame.state.objects[frame.witness].expired if frame.witness in frame.state.objects else None
    again = frame.caught[-1] if frame.caught and node.exc is None else []
    if node.exc is None:
        names = dict.fromkeys(one.error for one in again)
    else:
        names = dict.fromkeys([last_name(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)])
    if witness is not None and witness.kind in ROLLED_BACK:
        frame.failures[-1].extend(Failure(name, AMBIENT, witness.place, witness.text) for name in names)
    else:
        fresh = [Failure(name, "", frame.place(node), "") for name in names]
        frame.failures[-1].extend(again if node.exc is None else fresh)


def caught_by(names: set[str], found: list[Failure]) -> list[Failure]:
    """Those that end in a handler for exceptions of these names; no names stand for all."""
    if not names or names & _ANY:
        return found
    database = bool(names & _DATABASE)
    return [one for one in found if one.error in names or one.error == WHATEVER or (database and not one.error)]


def rolled_back(frame: Frame, handler: ast.expr | None, found: list[Failure], *, alone: bool) -> None:
    """Where every way into a handler has rolled back the session, its objects are expired there."""
    ways = [one for one in found if one.error == WHATEVER] if alone else []
    if not ways and handler is not None and _is_certain(frame, handler, found):
        ways = caught_by(names_of(handler), found)
    session, place, text = ways[0][1:] if ways else ("", None, "")
    if session and place is not None and all(one.session == session for one in ways):
        effects.rollback(frame, session, place, text, failed=True)
        frame.state.idle.discard(session)


def left(frame: Frame) -> list[Failure]:
    """The failures of a block that ends here."""
    return list(dict.fromkeys(frame.failures.pop()))


def names_of(node: ast.expr | None) -> set[str]:
    """The last names of the exceptions that a handler is for."""
    parts = list(node.elts) if isinstance(node, ast.Tuple) else [node] if node is not None else []
    return {last_name(part) for part in parts}


def _is_certain(frame: Frame, handler: ast.expr, found: list[Failure]) -> bool:
    """Whether nothing unknown ends in a handler: it is for flushes alone, or for classes of the project."""
    if names_of(handler) <= OF_FLUSH:
        return UNKNOWN not in found
    parts = handler.elts if isinstance(handler, ast.Tuple) else [handler]
    own = all(isinstance(frame.home.resolve_class(part), ClassInfo) for part in parts)
    return own and not {UNKNOWN, OPAQUE} & {*found}


_ANY = frozenset({"Exception", "BaseException"})
_DATABASE = OF_FLUSH | {"SQLAlchemyError", "DBAPIError", "DatabaseError", "StatementError"}
