"""The envelope a code base has agreed on: named in the settings, declared as classes, or shared by most routes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.answers import Answer, answers_of, fields_of
from plumb.analysis.applications import application_of
from plumb.index.modules import ClassInfo, External
from plumb.index.routes import Route, all_routes, full_paths, is_public
from plumb.rule import Option
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

DEFAULT = ("DataResponse", "PaginatedResponse", "TaskCompletionResponse")
ENVELOPES = Option("envelopes", DEFAULT, "names of the classes that a route may answer with")
EXEMPT_PATHS = Option("envelope-exempt", (), "regular expressions of paths that need no envelope")

_EXEMPT = re.compile(
    # Behind a parameter they are those of a row: `/orders/{order_id}/status`.
    r"^[^{]*(^|/)(health\w*|live\w*|ready\w*|alive|ping|heartbeat|status|metrics|version)(/|$|-)"
    r"|(^|/)(jwks[\w.]*|keys\.json|\.well-known|openapi[\w.]*|docs|redoc|token|access-token|oauth2?|oidc|saml|scim"
    r"|webhooks?|hooks|favicon[\w.]*|robots[\w.]*)(/|$|-)"
)
_NAMES = re.compile(r"(^|_)(health(_?check|z)?|liveness|readiness|heartbeat)(_|$)|^(read_|get_)?(root|welcome|index)$")
_CARRIERS = frozenset({"data", "result", "results", "payload", "content", "response", "item", "body"})
_ROUTES_AT_LEAST = 5
_AGREEING = 0.8
_IN_USE = 0.2
_MOST = 0.5
_FIRM = 2 / 3


class Convention(NamedTuple):
    """`classes` are envelopes by key, `names` their names; `key` is the one all answers share when it was inferred.

    `firm` when it was agreed on: named in the settings or by the usual names, or used by two of three routes.
    """

    classes: dict[str, ClassInfo]
    names: frozenset[str]
    key: str
    declared: bool
    firm: bool = True

    def example(self, methods: tuple[str, ...] = ()) -> str:
        """An envelope to show in a fix; one that is named after the method of the route, if there is any."""
        names = sorted(self.names)
        single = [name for name in names if "Pag" not in name and "Task" not in name] or names
        named = (name for name in single for method in methods if method.lower() in name.lower())
        return next(named, next(iter(single), ""))


@view
def convention(project: "Project") -> Convention | None:
    """What the code base has agreed on; None when nothing can be said."""
    configured = project.config.strings("envelopes")
    named = _classes_named(project, frozenset(configured))
    agreed = Convention(named, frozenset(configured), "", declared=True)
    if configured != DEFAULT:
        return agreed
    carrier = [one for one in named.values() if _carries_one(project, one)]
    if (carrier or not named) and _share(project, agreed) >= _IN_USE:
        return agreed
    lookalikes = {one.key: one for one in _generic_classes(project)}
    if any(_carries_one(project, one) for one in lookalikes.values()):
        alike = Convention(lookalikes, frozenset(one.name for one in lookalikes.values()), "", declared=True)
        share = _share(project, alike)
        if share >= (_IN_USE if _is_family(project, lookalikes.values()) else _MOST):
            return alike._replace(firm=share >= _FIRM)
    return _inferred(project)


def convention_at(project: "Project", path: str) -> Convention | None:
    """The agreement that holds for the routes of a file: an application that takes no part in it has none."""
    agreed = convention(project)
    if agreed is None or not agreed.declared or project.config.strings("envelopes") != DEFAULT:
        return agreed
    return agreed if application_of(project, path) in _taking_part(project) else None


@view
def json_routes(project: "Project") -> list[Route]:
    """The routes that owe an envelope: public ones that answer JSON and are not exempt by their path."""
    return [one for one in all_routes(project) if owes_envelope(project, one)]


def owes_envelope(project: "Project", route: Route) -> bool:
    """Whether the route's success is JSON for the client of the API."""
    if (
        not route.methods
        or set(route.methods) & {"WEBSOCKET", "HEAD", "OPTIONS", "TRACE"}
        or route.status in {204, 304}
    ):
        return False
    if route.status is not None and 300 <= route.status < 400:  # noqa: PLR2004 - redirects
        return False
    if is_exempt(project, route) or _takes_credentials(route):
        return False
    return all(given.answer.kind not in {"other", "nothing"} for given in answers_of(project, route))


def is_envelope(project: "Project", answer: Answer, agreed: Convention) -> bool | None:
    """Whether an answer is an envelope by class, by ancestry or by its fields; None when it cannot be said."""
    symbol = answer.symbol
    if answer.kind == "model" and isinstance(symbol, ClassInfo):
        return _is_class(project, symbol, agreed)
    if isinstance(symbol, External) and symbol.name in agreed.names:
        return True
    if answer.kind == "dict" and answer.keys:
        fits = _fits(project, set(answer.keys), agreed)
        return None if answer.open and not fits else fits
    if answer.kind in {"list", "scalar"}:
        return False
    return None


def is_named(answer: Answer, agreed: Convention) -> bool:
    """Whether an answer is one of the envelope classes itself."""
    symbol = answer.symbol
    if isinstance(symbol, ClassInfo):
        return symbol.key in agreed.classes
    return isinstance(symbol, External) and symbol.name in agreed.names


def is_generic(project: "Project", owner: ClassInfo) -> bool:
    """Whether a class takes type parameters, and not the class that is in the brackets of its base."""
    written = " ".join(base.text for base in owner.fact.bases)
    short = re.findall(r"\w\[\s*([A-Z]\w{0,2})\s*\]", written)
    free = [one for one in short if not isinstance(project.names.resolve(owner.module, one), ClassInfo)]
    return "Generic[" in written or bool(free) or "GenericModel" in written


def _is_class(project: "Project", symbol: ClassInfo, agreed: Convention) -> bool | None:
    lineage = project.hierarchy.lineage(symbol)
    if any(key in agreed.classes for key in lineage.keys) or symbol.name in agreed.names:
        return True
    fields = fields_of(project, symbol)
    if fields is None:
        return None
    if is_token(set(fields)):
        return None
    return _fits(project, set(fields), agreed)


def is_token(names: set[str]) -> bool:
    """Whether the fields are those of an OAuth2 token or a key set."""
    return {"access_token", "token_type"} <= names or names == {"keys"}


def _fits(project: "Project", names: set[str], agreed: Convention) -> bool:
    if agreed.key:
        return agreed.key in names
    shapes = [fields_of(project, owner) for owner in agreed.classes.values()]
    return any(shape and _required(set(shape)) <= names for shape in shapes) or (not any(shapes) and "data" in names)


def _required(names: set[str]) -> set[str]:
    """The names that make an envelope recognisable: what it carries, else all."""
    return names & _CARRIERS or names


def _inferred(project: "Project") -> Convention | None:
    """The key that at least four of five readable answers carry."""
    counted: Counter[str] = Counter()
    total = 0
    for answer in _readable(project):
        total += 1
        names = set(answer.keys)
        if answer.kind == "model" and isinstance(answer.symbol, ClassInfo):
            names = set(fields_of(project, answer.symbol) or ())
        counted.update(names & _CARRIERS)
    best = max(sorted(counted), key=lambda name: counted[name], default="")
    if total < _ROUTES_AT_LEAST or counted[best] < _AGREEING * total:
        return None
    return Convention({}, frozenset(), best, declared=False)


@view
def _taking_part(project: "Project") -> frozenset[str]:
    """The applications with a route that answers with an envelope."""
    agreed = convention(project)
    return (
        frozenset()
        if agreed is None
        else frozenset(
            application_of(project, route.place.path)
            for route in json_routes(project)
            if any(
                is_named(one.answer, agreed) or _inherits(project, one.answer, agreed)
                for one in answers_of(project, route)
            )
        )
    )


def _share(project: "Project", agreed: Convention) -> float:
    """How much of what can be read is one of the envelope classes."""
    answers = list(_readable(project))
    using = [one for one in answers if is_named(one, agreed) or _inherits(project, one, agreed)]
    return len(using) / len(answers) if answers else 0


def _inherits(project: "Project", answer: Answer, agreed: Convention) -> bool:
    symbol = answer.symbol
    return isinstance(symbol, ClassInfo) and any(
        key in agreed.classes for key in project.hierarchy.lineage(symbol).keys
    )


def _readable(project: "Project") -> Iterator[Answer]:
    for route in json_routes(project):
        given = [one.answer for one in answers_of(project, route)]
        if given and all(one.kind or isinstance(one.symbol, External) for one in given):
            yield given[-1]


def _classes_named(project: "Project", names: frozenset[str]) -> dict[str, ClassInfo]:
    return {
        owner.key: owner
        for module in project.modules()
        if project.kind(module.path) == "app"
        for owner in module.classes()
        if owner.name in names
    }


def _generic_classes(project: "Project") -> Iterator[ClassInfo]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            for owner in module.classes():
                if is_generic(project, owner) and set(fields_of(project, owner) or ()) & _CARRIERS:
                    yield owner


def _is_family(project: "Project", owners: Iterable[ClassInfo]) -> bool:
    """Whether generic classes are made for each other: one carries `data`, another a page of it with `pagination`."""
    shapes = [set(fields_of(project, owner) or ()) for owner in owners]
    return {"data"} in shapes and {"data", "pagination"} in shapes


def _carries_one(project: "Project", owner: ClassInfo) -> bool:
    """Whether an envelope can carry a single object: a field is the type parameter itself."""
    fields = fields_of(project, owner) or {}
    for name, (_, field) in fields.items():
        text = field.annotation.text if field.annotation else ""
        plain = re.sub(r"\s*\|\s*None$|^Optional\[(\w+)\]$", r"\1", text)
        if name in _CARRIERS and re.fullmatch(r"\w+", plain) and plain not in {"list", "List", "str", "int", "dict"}:
            return True
    return False


def is_exempt(project: "Project", route: Route) -> bool:
    """Whether a route is hidden or of a kind whose shape others decide: health, keys, tokens, webhooks, the root."""
    if not is_public(project, route) or _NAMES.search(route.handler.name if route.handler is not None else ""):
        return True
    paths = full_paths(project, route) or (route.router.prefix + route.path,)
    patterns = project.config.strings("envelope-exempt")
    return any(_EXEMPT.search(path) or any(re.search(one, path) for one in patterns) for path in paths)


def _takes_credentials(route: Route) -> bool:
    """Whether the route is an OAuth2 token endpoint by its form."""
    parameters = route.handler.fact.parameters if route.handler is not None else ()
    return any(one.annotation is not None and "OAuth2PasswordRequestForm" in one.annotation.text for one in parameters)
