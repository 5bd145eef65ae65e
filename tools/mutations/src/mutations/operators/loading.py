"""PB2xx: what a session has not loaded, has forgotten, or does too late."""

import ast
from collections.abc import Iterator
from functools import cache

from mutations.mutants import Edits, operator
from mutations.places import MODELS, ROUTERS, SCHEMAS, SERVICES, Function, calls, columns, enveloped, fields
from mutations.source import Edit, Repository, Source

BASE = "backend/src/models/base.py"
DATABASE = "backend/src/db.py"
DEPENDENCIES = "backend/src/api/deps.py"


@operator("PB201", "a query loses its plan", SERVICES)
def plan_dropped(source: Source) -> Iterator[Edits]:
    """`.options(*PLAN)` is gone.

    `LISTED_TOMBSTONE` is passed over: it keeps a column from being read, so that without it a listing costs more
    and answers the same.
    """
    for call in calls(source, "options"):
        if isinstance(call.func, ast.Attribute) and "LISTED_TOMBSTONE" not in ast.unparse(call):
            yield [source.replace(call, source.text_of(call.func.value))]


@operator("PB201", "a plan loads nothing", MODELS)
def plan_emptied(source: Source) -> Iterator[Edits]:
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and list(calls(source, "joins", "loads", within=node.value)):
            yield [source.replace(node.value, "()")]


@operator("PB201", "an object is made without what is read of it", SERVICES)
def link_dropped(source: Source) -> Iterator[Edits]:
    """`achievement=candidate` is gone; the id beside it stays."""
    for call in calls(source, *columns(source.repository)):
        words = {word.arg: word for word in call.keywords if word.arg}
        for name, word in words.items():
            if f"{name}_id" in words:
                yield [_without(source, call, word)]


@operator("PB201", "a listing answers what only the detail loads", SCHEMAS)
def detail_in_listing(source: Source) -> Iterator[Edits]:
    """A collection moves from `XDetail` to its parent `XRead`."""
    for owner in source.walk(ast.ClassDef):
        parent = next((node for node in source.walk(ast.ClassDef) if node.name in map(ast.unparse, owner.bases)), None)
        for field in fields(source):
            if field.owner is owner and parent and owner.name.endswith("Detail"):
                yield [source.after(parent.body[-1], source.text_of(field.node))]


@operator("PB202", "an attribute is read after a rollback", SERVICES)
def rolled_back(source: Source) -> Iterator[Edits]:
    """`session.rollback()` stands before the first statement that reads a column of a loaded object."""
    for reader in _readers(source):
        yield [source.before(reader, "await session.rollback()")]


@operator("PB203", "an attribute is read after a commit that expires it", SERVICES)
def committed(source: Source) -> Iterator[Edits]:
    """As above with `commit()`, and sessions that expire what they have committed."""
    database = source.repository.source(DATABASE)
    expires = [database.replace(word.value, "True") for word in _expiries(database)]
    for reader in _readers(source):
        yield [source.before(reader, "await session.commit()"), *expires]


@operator("PB203", "sessions expire what they have committed", DATABASE)
def expiring(source: Source) -> Iterator[Edits]:
    """Only the sessions that write: a reader never commits, so it expires nothing."""
    for word in list(_expiries(source))[:1]:
        yield [source.replace(word.value, "True")]


@operator("PB204", "every relationship loads lazily", BASE)
def lazy_helper(source: Source) -> Iterator[Edits]:
    yield [source.replace_text('{"lazy": "raise", **options}', "options")]
    yield [source.replace_text('"raise"', '"select"')]


@operator("PB204", "a relationship loads lazily", MODELS)
def lazy_relationship(source: Source) -> Iterator[Edits]:
    """One relationship passes by the helper."""
    for field in fields(source):
        if isinstance(field.node.value, ast.Call) and list(calls(source, "related", within=field.node.value)):
            words = [f"back_populates={ast.unparse(field.node.value.args[0])}"] if field.node.value.args else []
            options = {word.arg: word.value for word in field.node.value.keywords}
            if options:
                pairs = ", ".join(f'"{name}": {ast.unparse(value)}' for name, value in options.items())
                words.append(f"sa_relationship_kwargs={{{pairs}}}")
            new = f"Relationship({', '.join(words)})"
            yield [source.replace(field.node.value, new), source.with_import("from sqlmodel import Relationship")]


@operator("PB205", "relationships are silently empty", BASE)
def never_loaded(source: Source) -> Iterator[Edits]:
    yield [source.replace_text('"raise"', '"noload"')]


@operator("PB206", "the database computes what is read after a flush", BASE)
def server_side(source: Source) -> Iterator[Edits]:
    yield [source.replace_text('"onupdate": utc_now', '"onupdate": sa.func.now()')]


@operator("PB207", "the commit comes after the response", DEPENDENCIES)
def default_scope(source: Source) -> Iterator[Edits]:
    """`ReaderDep` is passed over: a reader has nothing to commit."""
    for call in calls(source, "Depends"):
        if call.args and ast.unparse(call.args[0]) == "transaction":
            yield [source.replace_text(', scope="function"', "", within=call)]


@operator("PB207", "a failed request is committed", DATABASE)
def commit_in_finally(source: Source) -> Iterator[Edits]:
    for function in source.walk(ast.AsyncFunctionDef):
        for block in source.walk(ast.AsyncWith, within=function):
            match block.body:
                case [ast.Try(), ast.Expr() as commit] if "commit()" in ast.unparse(commit):
                    yield [source.replace(commit, "finally:\n                    await session.commit()")]
                case _:
                    pass


@operator("PB208", "an object is handed to work after the response", ROUTERS, tested=False)
def outlives_session(source: Source) -> Iterator[Edits]:
    """A background task gets what a route answers.

    No test can see it: columns of an object stay readable when its session has closed, and only a task that touches
    more fails.
    """
    for found in enveloped(source):
        first = found.route.function.args.args[0]
        if _answers_model(source, found.value):
            start = source.span(first)[0]
            yield [
                source.before(
                    found.answer, f"found = {source.text_of(found.value)}\nbackground.add_task(print, found)"
                ),
                source.replace(found.value, "found"),
                Edit(source.path, start, start, "background: BackgroundTasks, "),
                source.with_import("from fastapi import BackgroundTasks"),
            ]


@operator("PB209", "a child is linked by id beside its parent", SERVICES)
def linked_by_id(source: Source) -> Iterator[Edits]:
    """`task=task` becomes `task_id=task.id`."""
    for call in calls(source, *columns(source.repository)):
        assert isinstance(call.func, ast.Name)
        names = {word.arg for word in call.keywords}
        for word in call.keywords:
            by_id = f"{word.arg}_id"
            if by_id in columns(source.repository).get(call.func.id, ()) and by_id not in names:
                yield [source.replace(word, f"{by_id}={ast.unparse(word.value)}.id")]


def _without(source: Source, call: ast.Call, word: ast.keyword) -> Edit:
    place = call.keywords.index(word)
    if place:
        return Edit(source.path, source.span(call.keywords[place - 1])[1], source.span(word)[1], "")
    return Edit(source.path, source.span(word)[0], source.span(call.keywords[1])[0], "")


def _expiries(source: Source) -> Iterator[ast.keyword]:
    for word in source.walk(ast.keyword):
        if word.arg == "expire_on_commit":
            yield word


def _readers(source: Source) -> Iterator[ast.stmt]:
    """For each local object that was loaded: the first statement that reads a column of it."""
    for function in source.walk(ast.AsyncFunctionDef):
        if "session" in {argument.arg for argument in function.args.args}:
            for place, statement in enumerate(function.body):
                match statement:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Await(value=ast.Call(func=called))):
                        model = _returned(source, called)
                        reads = (later for later in function.body[place + 1 :] if _reads(source, later, name, model))
                        yield from list(reads)[:1]
                    case _:
                        pass


def _reads(source: Source, statement: ast.stmt, name: str, model: str) -> bool:
    """Whether the statement itself, not a block in it, reads a column of the object."""
    header = next((part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.expr)), None)
    within = header if isinstance(statement, ast.If | ast.For | ast.While) else statement
    if within is None or isinstance(statement, ast.Try | ast.AsyncWith | ast.With):
        return False
    return any(
        ast.unparse(node.value) == name and node.attr in columns(source.repository).get(model, ())
        for node in source.walk(ast.Attribute, within=within)
        if isinstance(node.ctx, ast.Load)
    )


def _answers_model(source: Source, value: ast.expr) -> bool:
    match value:
        case ast.Await(value=ast.Call(func=called)):
            return _returned(source, called) in columns(source.repository)
        case _:
            pass
    return False


def _returned(source: Source, called: ast.expr) -> str:
    """The annotation of what a service returns, as far as its name tells which it is."""
    name = ast.unparse(called)
    module = source.path.rpartition("/")[2].removesuffix(".py")
    return _returns(source.repository).get(name if "." in name else f"{module}.{name}", "")


@cache
def _returns(repository: Repository) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in repository.matching(SERVICES):
        module = source.path.rpartition("/")[2].removesuffix(".py")
        for node in source.tree.body:
            if isinstance(node, Function) and node.returns:
                found[f"{module}.{node.name}"] = ast.unparse(node.returns)
    return found
