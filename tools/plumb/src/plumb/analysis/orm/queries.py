"""Statements and their results: what `select()` selects, and what comes out of `execute()`."""

import ast

from plumb.analysis.orm import loaders
from plumb.analysis.orm.effects import began, loaded
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.identity import beside
from plumb.analysis.orm.plan import NOTHING
from plumb.analysis.orm.reads import unparsed
from plumb.analysis.orm.state import Obj, Origin
from plumb.analysis.orm.values import Entity, Instance, Many, ModelClass, Query, Result, Row, Value
from plumb.index.extract import last_name
from plumb.index.modules import External

STATEMENTS = frozenset({"select", "update", "insert", "delete"})
NOT_ROWS = frozenset(
    {
        *("subquery", "cte", "alias", "scalar_subquery", "exists", "union", "union_all", "intersect", "except_"),
        *("label", "compile", "as_scalar", "lateral", "column", "get_final_froms", "selected_columns", "c"),
    }
)
ONE = frozenset({"first", "one", "one_or_none", "fetchone"})
SCALAR = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
ALL = frozenset({"all", "fetchall", "fetchmany"})
SAME = frozenset({"unique", "yield_per", "freeze", "tuples"})


def is_statement(symbol: object) -> bool:
    """Whether a function of the libraries makes a statement."""
    return isinstance(symbol, External) and symbol.name in STATEMENTS and symbol.package in {"sqlalchemy", "sqlmodel"}


def statement(frame: Frame, call: ast.Call, name: str, arguments: list[Value]) -> Query | None:
    """`select(Task, User.name)`; the others select nothing until `returning()`."""
    if name != "select":
        return Query((), frame.place(call), unparsed(call))
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None
    return Query(_entities(arguments), frame.place(call), unparsed(call))


def method(frame: Frame, query: Query, call: ast.Call, arguments: list[Value]) -> Value:
    """A method of a statement: most of them give it back."""
    name = last_name(call.func)
    if name in NOT_ROWS:
        return None
    text = unparsed(call)
    if name == "options":
        return loaders.with_options(query, loaders.options_in(arguments), frame.project)._replace(text=text)
    if name == "returning":
        return query._replace(entities=_entities(arguments), text=text)
    if name in {"with_only_columns", "add_columns"}:
        kept = query.entities if name == "add_columns" else ()
        return query._replace(entities=(*kept, *_entities(arguments)), text=text)
    words = " ".join(unparsed(part) for part in [*call.args, *(word.value for word in call.keywords)])
    return query._replace(text=text, words=f"{query.words} {words}")


def executed(frame: Frame, query: Value, session: str, asked: str, *, scalars: bool) -> Value:
    """The result of a statement."""
    began(frame, session)
    if not isinstance(query, Query):
        return None
    one = query.entities[0].model if len(query.entities) == 1 else None
    held = beside(frame, session, one, query.words, again=False) if one is not None else NOTHING
    for entity in query.entities:
        if entity.model is not None:
            loaded(frame, session, entity.model, entity.plan)
    return Result(query, session, scalars, asked, held)


def of_result(frame: Frame, result: Result, name: str) -> Value:
    """A method of a result: one row, all of them, or the result reduced to its first column."""
    if name == "scalars":
        return result._replace(scalars=True)
    if name in SAME:
        return result
    if name in SCALAR:
        return item(frame, result._replace(scalars=True))
    if name in ONE:
        return item(frame, result)
    return Many(item(frame, result, many=True)) if name in ALL else None


def item(frame: Frame, result: Result, *, many: bool = False) -> Value:
    """One row of a result, as new objects."""
    found = [_object(frame, entity, result, many=many) for entity in result.query.entities]
    if result.scalars:
        return found[0] if found else None
    names = tuple(entity.model.name if entity.model else "" for entity in result.query.entities)
    return Row(tuple(found), names) if found else None


def _object(frame: Frame, entity: Entity, result: Result, *, many: bool) -> Instance | None:
    if entity.model is None:
        return None
    if many:
        frame.state.seen.add((result.session, entity.model.owner.key))
    query = result.query
    origin = Origin("query", query.place, query.text, result.asked, query.words)
    plan = entity.plan if many else entity.plan.merged(result.beside)
    made = Obj(entity.model, plan, result.session, origin, doubt=query.doubt, either=bool(query.doubt))
    return frame.state.add(made)


def _entities(arguments: list[Value]) -> tuple[Entity, ...]:
    return tuple(
        Entity(one.model, NOTHING) if isinstance(one, ModelClass) else Entity(None, NOTHING) for one in arguments
    )
