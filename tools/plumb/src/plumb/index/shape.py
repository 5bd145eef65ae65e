"""The shape of a file: its facts without their places, so that an edit inside a function leaves it as it was."""

from collections.abc import Iterator

from plumb.index.facts import Assignment, Call, ClassFact, Expr, FunctionFact, Import, ModuleFacts
from plumb.index.modules import Binding
from plumb.track import IMPORTS

OTHER = ""
"""In the place of a name, for what is not found by one: calls, and which databases and statuses the file names."""


def shapes(facts: ModuleFacts) -> dict[str, str]:
    """By each name of the module, a text that is equal as long as what is declared under it, and inside, is.

    The places aside. The order of the names is that of the file.
    """
    bindings = [*facts.imports, *facts.classes, *facts.functions, *facts.assignments]
    found: dict[str, list[str]] = {}
    for one in sorted(bindings, key=lambda one: one.line):
        words = " ".join(_words(one))
        found.setdefault(_name(one), []).append(words)
        if isinstance(one, Import):
            found.setdefault(IMPORTS, []).append(words)
    found.setdefault("__all__", []).append(repr(facts.exports))
    found[OTHER] = [*(" ".join(_words(one)) for one in facts.calls), repr((facts.databases, facts.statuses))]
    return {name: "\n".join(texts) for name, texts in found.items()}


def _name(one: Binding) -> str:
    qualname = one.qualname if isinstance(one, ClassFact | FunctionFact) else one.scope or one.name
    return qualname.partition(".")[0]


def _words(one: Binding | Call) -> Iterator[str]:
    if isinstance(one, Import):
        yield repr(one[:-1])
    elif isinstance(one, ClassFact):
        yield from _class(one)
    elif isinstance(one, FunctionFact):
        yield from _function(one)
    elif isinstance(one, Assignment):
        yield from (one.scope, one.name, _text(one.annotation), one.value.text)
    else:
        yield from (one.scope, one.function, one.expression.text)


def _class(fact: ClassFact) -> Iterator[str]:
    yield f"class {fact.qualname}"
    yield from (base.text for base in fact.bases)
    yield from (f"{name}={value.text}" for name, value in fact.keywords)
    yield from (decorator.text for decorator in fact.decorators)
    yield from (f"{field.name}: {_text(field.annotation)} = {_text(field.value)}" for field in fact.fields)
    yield from fact.methods


def _function(fact: FunctionFact) -> Iterator[str]:
    yield f"def {fact.qualname} {fact.owner} {fact.is_async} {fact.is_generator} {_text(fact.returns)}"
    yield from (f"{one.kind} {one.name}: {_text(one.annotation)} = {_text(one.default)}" for one in fact.parameters)
    yield from (decorator.text for decorator in fact.decorators)
    yield from (value.text for value in fact.returned)


def _text(value: Expr | None) -> str:
    return "" if value is None else value.text
