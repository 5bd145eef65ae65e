"""Objects of the project's other classes: their methods, the sessions and services they keep, constants of modules."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plumb.analysis.orm.frame import AMBIENT, SESSION_NAMES, Frame
from plumb.analysis.orm.home import Home, home_of
from plumb.analysis.orm.implementing import implementation, is_declared_only
from plumb.analysis.orm.reads import method_of, unparsed
from plumb.analysis.orm.state import BORROWED, State
from plumb.analysis.orm.values import Known, Loader, Loaders, Method, ModelClass, Row, Session, Thing, Value
from plumb.index.annotations import meaning
from plumb.index.facts import FieldFact
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, FunctionInfo, Module, Symbol, ValueInfo
from plumb.index.scope import Scope, argument
from plumb.index.sessions import is_async_session, sessions_of
from plumb.text import Lines
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.project import Project


MAKING = ("__init__", "__aenter__", "__enter__")
"""The methods that set what an object keeps."""


def of_symbol(frame: Frame, symbol: Symbol) -> Value:
    """A name of a module: constants of loader options are read, an object of a known class is one."""
    if not isinstance(symbol, ValueInfo):
        return Known(symbol)
    scope = Scope(frame.project, symbol.module, symbol.assignment.scope)
    node = symbol.assignment.value.node
    if sessions_of(node, scope) is not None or not isinstance(node, ast.Call | ast.Tuple | ast.List):
        return Known(symbol)
    if isinstance(node, ast.Call):
        made = scope.resolve(node.func)
        if isinstance(made, ClassInfo):
            given = [(word.arg, _given(frame, scope, word.value)) for word in node.keywords if word.arg]
            return construct(frame.project, made, [_given(frame, scope, one) for one in node.args], given)
    found = frame.project.memo(("orm constant", symbol.key), lambda: _constant(frame, symbol))
    return found if found is not None else Known(symbol)


def _given(frame: Frame, scope: Scope, node: ast.expr) -> Value:
    """A mapped class or loader options, as the constructor of `tasks = Repository(Task, eager=[...])` is given them."""
    model = _model(scope, node)
    if model is not None or not isinstance(node, ast.Call | ast.Tuple | ast.List):
        return model
    return _written(frame, scope.module, scope.name, node)


def _model(scope: Scope, node: ast.expr | None) -> ModelClass | None:
    """The mapped class that an expression names, as in `tasks = Repository(Task)`."""
    model = model_of(scope.project, scope.resolve(node)) if node is not None else None
    return ModelClass(model) if model is not None else None


def _kept_parameters(project: "Project", owner: ClassInfo) -> dict[str, str] | None:
    """The parameters of `__init__` with the attributes that keep them, "" for none; None without an `__init__`."""
    return project.memo(("kept parameters", owner.path, owner.key), lambda: _read_init(project, owner))


def _read_init(project: "Project", owner: ClassInfo) -> dict[str, str] | None:
    lineage = [known for known in project.hierarchy.lineage(owner).classes if not known.module.library]
    init = next((one for known in lineage if (one := _method(project, known, "__init__")) is not None), None)
    if init is None:
        return None
    found = {one.name: "" for one in init[0].fact.parameters[1:]}
    for one in levels(init[1]):
        kept = one.targets[0] if isinstance(one, ast.Assign) else one.target if isinstance(one, ast.AnnAssign) else None
        if isinstance(kept, ast.Attribute) and isinstance(one, ast.Assign | ast.AnnAssign):
            name = _copied(one.value)
            found.update({name: kept.attr} if name in found else {})
    return found


def _copied(node: ast.expr | None) -> str:
    """The variable that an expression is, or makes a list of."""
    if isinstance(node, ast.Call) and unparsed(node.func) in {"tuple", "list"} and len(node.args) == 1:
        node = node.args[0]
    return node.id if isinstance(node, ast.Name) else ""


def of_annotation(node: ast.expr | None, scope: Scope) -> Value:
    """What an annotation promises: a session, or an object of a class of the project; mapped classes aside."""
    said = meaning(node, scope)
    if said.collection or said.symbol is None:
        return None
    if is_async_session(said.symbol, scope.project):
        return Session(AMBIENT)
    if isinstance(said.symbol, ClassInfo) and model_of(scope.project, said.symbol) is None:
        return Thing(said.symbol)
    return None


def attribute(frame: Frame, thing: Thing, node: ast.Attribute) -> Value:
    """`thing.name`: a method, or what the class keeps under the name."""
    name = node.attr
    for given, value in thing.fields:
        if given == name:
            return value
    found = method_of(frame, thing.owner, name)
    if found is not None and is_declared_only(frame.project, found):
        made = implementation(frame.project, thing.owner, name)
        return Method(made[1], Thing(made[0])) if made is not None else Method(found, thing)
    if found is not None:
        return Method(found, thing)
    project = frame.project
    key = ("kept", thing.owner.path, thing.owner.key, name)
    kept: Value = project.memo(key, lambda: _kept(project, thing.owner, name))
    kept = kept if kept is not None else _options(frame, thing.owner, name)
    if isinstance(kept, Thing) and not kept.fields:
        return kept._replace(fields=tuple(field for field in thing.fields if isinstance(field[1], Session)))
    if kept is None and name in SESSION_NAMES:
        kept = Session(AMBIENT)
    return Session(BORROWED) if isinstance(kept, Session) and not _is_self(node.value) else kept


def construct(
    project: "Project", owner: ClassInfo, positional: Sequence[Value], named: Sequence[tuple[str, Value]]
) -> Thing:
    """An object with the models, options and session that its constructor keeps; of a dataclass with all fields."""
    kept = _kept_parameters(project, owner)
    if kept is not None:
        given = _left_out(project, owner) | dict(zip(kept, positional, strict=False)) | dict(named)
        held = [(kept.get(name, ""), one) for name, one in given.items() if is_held(one)]
        return Thing(owner, tuple((name, one) for name, one in held if name))
    names = [field.name for field in owner.fact.fields if field.annotation is not None]
    given = [*zip(names, positional, strict=False), *named]
    return Thing(owner, tuple((name, value) for name, value in given if value is not None))


def is_held(value: Value) -> bool:
    """What may be kept from call to call: a mapped class, a session, loader options."""
    if isinstance(value, Row):
        return all(isinstance(one, Loader) for one in value.items)
    return isinstance(value, ModelClass | Session | Loader | Loaders)


def _left_out(project: "Project", owner: ClassInfo) -> dict[str, Value]:
    """The parameters of `__init__` whose default is an empty list."""
    init = project.hierarchy.method(owner, "__init__")
    given = init.fact.parameters if init is not None else ()
    return {one.name: Row(()) for one in given if one.default is not None and one.default.text in {"()", "[]"}}


def class_member(frame: Frame, owner: ClassInfo, name: str) -> Value:
    """`Class.name`."""
    found = method_of(frame, owner, name)
    if found is None:
        return None
    model = model_of(frame.project, owner)
    return Method(found, ModelClass(model) if model is not None else Known(owner))


def _constant(frame: Frame, symbol: ValueInfo) -> Value:
    return None if symbol.assignment.scope else _written(frame, symbol.module, "", symbol.assignment.value.node)


def _options(frame: Frame, owner: ClassInfo, name: str) -> Value:
    """The loader options that a class body keeps, as in `default_options = (joinedload(Deal.company),)`."""
    found = frame.project.hierarchy.member(owner, name)
    value = found.fact.value if found is not None and not found.owner.module.library else None
    if found is None or value is None or not isinstance(value.node, ast.Call | ast.Tuple | ast.List):
        return None
    key = ("class constant", found.owner.path, found.owner.key, name)
    module, scope = found.owner.module, found.owner.fact.scope
    made: Value = frame.project.memo(key, lambda: _written(frame, module, scope, value.node))
    return made if isinstance(made, Loader | Loaders | Row) else None


def _written(frame: Frame, module: Module, scope: str, node: ast.expr) -> Value:
    """The value of a constant, by the names that its module knows."""
    home = Home(frame.project, module, scope, None, Lines(""), frozenset())
    inner = Frame(frame.project, home, None, State(), 1, frame.evaluate, frame.summarise, quiet=1)
    return inner.value(node)


def _kept(project: "Project", owner: ClassInfo, name: str) -> Value:
    lineage = [known for known in project.hierarchy.lineage(owner).classes if not known.module.library]
    for known in lineage:
        field = known.field(name)
        if field is not None:
            return _field(project, known, field)
    for known in lineage:
        found = _from_init(project, known, name, lineage)
        if found is not None:
            return found
    return None


def _field(project: "Project", known: ClassInfo, field: FieldFact) -> Value:
    scope = Scope.of_class(project, known)
    model = _model(scope, field.value.node if field.value is not None else None)
    return model or of_annotation(field.annotation.node if field.annotation is not None else None, scope)


def _from_init(project: "Project", known: ClassInfo, name: str, lineage: list[ClassInfo]) -> Value:
    found = (_assigned_in(project, known, method, name, lineage) for method in MAKING)
    return next((value for value in found if value is not None), None)


def _assigned_in(project: "Project", known: ClassInfo, method: str, name: str, lineage: list[ClassInfo]) -> Value:
    made = _method(project, known, method)
    if made is None:
        return None
    info, node = made
    scope = Scope(project, known.module, info.fact.qualname)
    for statement in levels(node):
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(one, ast.Attribute) and one.attr == name and _is_self(one.value) for one in targets):
            said = of_annotation(statement.annotation, scope) if isinstance(statement, ast.AnnAssign) else None
            return said or _assigned(project, statement.value, info, scope, lineage)
    return None


def _assigned(
    project: "Project", value: ast.expr | None, info: FunctionInfo, scope: Scope, lineage: list[ClassInfo]
) -> Value:
    if isinstance(value, ast.Call):
        made = scope.resolve(value.func)
        return Thing(made) if isinstance(made, ClassInfo) and model_of(project, made) is None else None
    if not isinstance(value, ast.Name):
        return None
    parameter = next((one for one in info.fact.parameters if one.name == value.id), None)
    if parameter is None:
        return _model(scope, value)
    said = of_annotation(parameter.annotation.node if parameter.annotation else None, scope)
    return said or _passed_up(project, value.id, info, lineage)


def _passed_up(project: "Project", parameter: str, info: FunctionInfo, lineage: list[ClassInfo]) -> Value:
    """The model that a subclass gives to `super().__init__(Model)`."""
    position = [one.name for one in info.fact.parameters].index(parameter) - 1
    for known in lineage:
        init = _method(project, known, "__init__")
        for call in levels(init[1]) if init is not None else ():
            if isinstance(call, ast.Call) and unparsed(call.func) == "super().__init__":
                given = argument(call, parameter, position)
                model = _model(Scope(project, known.module, f"{known.fact.qualname}.__init__"), given)
                if model is not None:
                    return model
    return None


def _method(project: "Project", known: ClassInfo, name: str) -> tuple[FunctionInfo, ast.AST] | None:
    info = known.module.function(f"{known.fact.qualname}.{name}")
    home = home_of(project, info) if info is not None else None
    return None if info is None or home is None or home.node is None else (info, home.node)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
