"""Loader options: the relationships that `selectinload(A.b).joinedload(B.c)` and a project's own helpers name."""

import ast

from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.plan import NOTHING, Plan, along
from plumb.analysis.orm.values import UNKNOWN_LOADER, Entity, Loader, Loaders, Query, Relation, Row, Value
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, FunctionInfo
from plumb.project import Project
from plumb.walk import walk

LOADING = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "eagerload"})
THROUGH = frozenset({"defaultload"})
OTHER = frozenset(
    {
        *("raiseload", "lazyload", "defer", "undefer", "undefer_group", "load_only", "with_loader_criteria"),
        *("with_expression", "selectin_polymorphic"),
    }
)
NAMES = LOADING | THROUGH | OTHER | {"noload"}


def is_loader(symbol: object) -> bool:
    """Whether a function of SQLAlchemy makes a loader option."""
    return isinstance(symbol, External) and symbol.name in NAMES and symbol.package in {"sqlalchemy", "sqlmodel"}


def loader(name: str, arguments: list[Value], before: Loader | None = None) -> Loader:
    """The option that `name(*arguments)` makes, alone or behind another option."""
    if name in OTHER:
        return before or Loader(None, (), NOTHING)
    if not arguments or not all(isinstance(one, Relation) for one in arguments):
        return UNKNOWN_LOADER
    path = before.path if before is not None else ()
    root = before.root if before is not None else None
    plan = before.plan if before is not None else NOTHING
    for one in arguments:
        if isinstance(one, Relation):
            root = root or one.root.owner
            path = (*path, one.name)
            if name not in THROUGH:
                plan = plan.merged(along(path))
    return Loader(root, path, plan)


def nested(before: Loader, arguments: list[Value]) -> Loader:
    """`selectinload(A.b).options(joinedload(B.c), ...)`."""
    plan = before.plan
    for one in options_in(arguments):
        plan = plan.merged(along(before.path, one.plan))
    return before._replace(plan=plan)


def options_in(arguments: list[Value]) -> list[Loader]:
    """The options among arguments; an argument that is none that can be read may load anything."""
    found: list[Loader] = []
    for one in arguments:
        if isinstance(one, Loader):
            found.append(one)
        elif isinstance(one, Loaders):
            found.extend(one.options)
        elif isinstance(one, Row):
            found.extend(options_in(list(one.items)))
        else:
            found.append(UNKNOWN_LOADER)
    return found


def with_options(query: Query, options: list[Loader], project: Project) -> Query:
    """The query with what the options add to the entity each of them starts from."""
    entities: list[Entity] = []
    for entity in query.entities:
        plan = entity.plan
        for one in options:
            if entity.model is not None and _concerns(one, entity.model.owner, project):
                plan = plan.merged(one.plan)
        entities.append(entity._replace(plan=plan))
    return query._replace(entities=tuple(entities))


def plan_for(owner: ClassInfo, options: list[Loader], project: Project) -> Plan:
    """What the options load beside a row of one model."""
    plan = NOTHING
    for one in options:
        if _concerns(one, owner, project):
            plan = plan.merged(one.plan)
    return plan


def through_helper(function: FunctionInfo, arguments: list[Value], frame: Frame) -> Loaders | None:
    """What a helper of the project such as `loads(User.notes, (User.tasks, Task.subtasks))` makes of relationships."""
    paths = [_path(one) for one in arguments]
    if not arguments or not all(paths) or not _mentions_loader(function, frame.project):
        return None
    return Loaders(tuple(loader("selectinload", list(path)) for path in paths))


def _path(value: Value) -> list[Relation]:
    if isinstance(value, Relation):
        return [value]
    if isinstance(value, Row):
        found = [one for one in value.items if isinstance(one, Relation)]
        return found if len(found) == len(value.items) else []
    return []


def _mentions_loader(function: FunctionInfo, project: Project) -> bool:
    """Whether the function, or another of its module that it names, names a loader."""
    functions = {one.name: one for one in function.module.functions() if not one.fact.is_async}
    pending, seen = [function.name], set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        body = project.definition(functions[name])
        for node in walk(body) if body is not None else ():
            if isinstance(node, ast.expr) and last_name(node) in LOADING:
                return True
            if isinstance(node, ast.Name):
                pending.append(node.id)
    return False


def _concerns(option: Loader, owner: ClassInfo, project: Project) -> bool:
    """Whether an option starts from a model, or from one that it inherits from, or that inherits from it."""
    if option.root is None:
        return True
    hierarchy = project.hierarchy
    return hierarchy.is_subclass(owner, option.root) is not False or hierarchy.is_subclass(option.root, owner) is True
