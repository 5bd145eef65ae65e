"""The fields of a schema class, what they are read from, and whether the class reads objects at all."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.orm.frame import Frame
from plumb.index.facts import FieldFact
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.scope import keyword

if TYPE_CHECKING:
    from plumb.project import Project


def fields(frame: Frame, owner: ClassInfo) -> list[tuple[ClassInfo, FieldFact]]:
    found: dict[str, tuple[ClassInfo, FieldFact]] = {}
    for known in reversed(frame.project.hierarchy.lineage(owner).classes):
        if not known.module.library:
            for field in known.fact.fields:
                if (
                    field.annotation is not None
                    and not field.name.startswith("_")
                    and "ClassVar" not in field.annotation.text
                ):
                    found[field.name] = (known, field)
    return list(found.values())


def member(frame: Frame, owner: ClassInfo, name: str) -> tuple[ClassInfo, FieldFact] | None:
    return next((found for found in fields(frame, owner) if found[1].name == name), None)


def attribute_name(field: FieldFact) -> str:
    """The attribute that a field is read from: its alias, if it is a plain one."""
    value = field.value.node if field.value is not None else None
    for option in ("validation_alias", "alias"):
        given = keyword(value, option) if isinstance(value, ast.Call) else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            return given.value
        if given is not None:
            return ""
    return field.name


def reads_attributes(project: "Project", owner: ClassInfo) -> bool:
    """Whether the configuration of a schema lets it read objects."""
    if project.hierarchy.inherits(owner, "sqlmodel.main.SQLModel"):
        return True
    for known in project.hierarchy.lineage(owner).classes:
        config = known.field("model_config")
        if config is not None and config.value is not None and "from_attributes" in config.value.text:
            return "True" in config.value.text
        inner = known.module.class_(f"{known.qualname}.Config")
        if inner is not None and any(field.name in {"orm_mode", "from_attributes"} for field in inner.fact.fields):
            return True
        if any(name == "from_attributes" and value.text == "True" for name, value in known.fact.keywords):
            return True
    return False


def validators_before(frame: Frame, owner: ClassInfo) -> list[FunctionInfo]:
    """The validators that see the object before its fields are read, and may replace it."""
    found: list[FunctionInfo] = []
    for known in frame.project.hierarchy.lineage(owner).classes:
        if known.module.library:
            continue
        for function in known.methods():
            text = " ".join(one.text for one in function.fact.decorators)
            if ("model_validator" in text and ("before" in text or "wrap" in text)) or "root_validator" in text:
                found.append(function)
    return found
