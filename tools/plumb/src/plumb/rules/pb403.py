"""A field of a response is a bare `datetime`.

## What it does
Finds `datetime` fields, optional and listed ones too, of the pydantic models that routes answer with.

## Why is this bad
Pydantic prints what it is given: `Z` for UTC, `+02:00` for another zone, and no suffix at all for a naive value, which
is what SQLite and columns without a zone return. A type that rejects naive values and converts to UTC makes the wrong
response impossible, and says in one place what an instant looks like.

## Example
```python
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()


class TaskRead(BaseModel):
    id: int
    created_at: datetime


@router.get("/tasks/{task_id}")
async def read_task(task_id: int) -> TaskRead: ...
```

## Use instead
```python
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel

router = APIRouter()

Timestamp = Annotated[AwareDatetime, AfterValidator(lambda value: value.astimezone(UTC))]


class TaskRead(BaseModel):
    id: int
    created_at: Timestamp


@router.get("/tasks/{task_id}")
async def read_task(task_id: int) -> TaskRead: ...
```

## Known limits
A warning: the value may always be aware and UTC. Silent where the model or a base has a serializer for the field or
for everything, validators of the field, or `json_encoders`, and for table models and models with an unknown base.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.response_fields import is_model, response_classes
from plumb.findings import Good, Place, Report, Severity
from plumb.index.annotations import Meaning, meaning
from plumb.index.facts import FieldFact
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, External
from plumb.index.scope import Scope
from plumb.rule import node_rule
from plumb.source import SourceFile

HANDLERS = frozenset({"field_serializer", "model_serializer", "serializer", "field_validator", "validator"})
SETTINGS = frozenset({"json_encoders", "ser_json_temporal"})
INSTANT = "datetime.datetime"
DESCRIBING = ("pydantic.Field", "pydantic.fields.Field")


@node_rule(
    "PB403",
    "bare-datetime-in-response",
    Severity.WARNING,
    nodes=(ast.ClassDef,),
    needles=("datetime", "Datetime", "Timestamp"),
    kinds=("app",),
)
def check(node: ast.ClassDef, file: SourceFile) -> Iterator[Report | Good]:
    """Look at the fields of a model that a route answers with."""
    owner = file.class_info(node)
    if not owner.fact.fields or not is_model(file.project, owner) or model_of(file.project, owner) is not None:
        return
    bare = [field for field in owner.fact.fields if _is_bare(field, owner, file)]
    aware = [field for field in owner.fact.fields if _is_aware(field, owner, file)]
    if not bare and not aware:
        return
    if owner.key not in response_classes(file.project) or not file.project.hierarchy.lineage(owner).classes:
        return
    yield from (file.good(_place(field, file)) for field in aware)
    if _handles_instants(owner, file):
        return
    for field in bare:
        if not _has_handler(owner, field.name, file):
            yield _report(field, owner, file)


def _report(field: FieldFact, owner: ClassInfo, file: SourceFile) -> Report:
    annotation = field.annotation.text if field.annotation else ""
    return file.report(
        _place(field, file),
        f"`{owner.name}.{field.name}` is a bare `datetime`: a naive value is answered without a suffix",
        f"{field.name}: {annotation.replace('datetime.datetime', 'datetime').replace('datetime', 'Timestamp')}\n"
        "Timestamp = Annotated[AwareDatetime, AfterValidator(lambda value: value.astimezone(UTC))]",
    )


def _place(field: FieldFact, file: SourceFile) -> Place:
    return Place(file.path, field.line, field.column, field.end_line, field.end_column)


def _is_bare(field: FieldFact, owner: ClassInfo, file: SourceFile) -> bool:
    return field.annotation is not None and "datetime" in field.annotation.text and _named(field, owner, file)


def _value(field: FieldFact) -> str:
    return field.value.text if field.value else ""


def _named(field: FieldFact, owner: ClassInfo, file: SourceFile) -> bool:
    said = meaning(field.annotation.node if field.annotation else None, Scope.of_class(file.project, owner))
    excluded = "exclude=True" in _value(field)
    return (
        isinstance(said.symbol, External)
        and said.symbol.key == INSTANT
        and not (_converts(said) or said.class_variable or excluded)
    )


def _is_aware(field: FieldFact, owner: ClassInfo, file: SourceFile) -> bool:
    if field.annotation is None:
        return False
    said = meaning(field.annotation.node, Scope.of_class(file.project, owner))
    if not isinstance(said.symbol, External):
        return False
    return said.symbol.name == "AwareDatetime" or (said.symbol.key == INSTANT and _converts(said))


def _converts(said: Meaning) -> bool:
    """Whether `Annotated` adds more than a description."""
    return any(not scope.is_call_to(extra, *DESCRIBING) for scope, extra in said.metadata)


def _handles_instants(owner: ClassInfo, file: SourceFile) -> bool:
    """Whether a setting or a serializer of the model or a base deals with every instant."""
    for known in file.project.hierarchy.lineage(owner).classes:
        if known.module.library:
            continue
        texts = [field.value.text for field in known.fact.fields if field.value and field.name == "model_config"]
        nested = known.module.class_(f"{known.qualname}.Config")
        names = {field.name for field in nested.fact.fields} if nested is not None else set[str]()
        if names & SETTINGS or any(setting in text for text in texts for setting in SETTINGS):
            return True
        if _has_handler(known, "*", file) or {"model_dump", "dict"} & set(known.fact.methods):
            return True
    return False


def _has_handler(owner: ClassInfo, name: str, file: SourceFile) -> bool:
    """Whether a method of the model or a base is decorated to deal with the field *name*, or with all for "*"."""
    for known in file.project.hierarchy.lineage(owner).classes:
        for decorator in (one for method in known.methods() for one in method.fact.decorators):
            called = decorator.text.partition("(")[0].rpartition(".")[2]
            whole = called == "model_serializer" or '"*"' in decorator.text or "'*'" in decorator.text
            if called in {"model_serializer", *HANDLERS} and (whole or f'"{name}"' in decorator.text.replace("'", '"')):
                return True
    return False
