"""What every table shares: the record, named constraints, enums by value, relationships that never load by surprise."""

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, declared_attr
from sqlmodel import Field, Relationship, SQLModel

from src.clock import Timestamp, utc_now

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(SQLModel):
    """A row with an identity and a history. Built only from validated data: table models do not validate."""

    if TYPE_CHECKING:
        __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride] every table names itself

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: Timestamp = Field(default_factory=utc_now)
    updated_at: Timestamp = Field(default_factory=utc_now, sa_column_kwargs={"onupdate": utc_now})


class VersionedRecord(Record):
    """A row that two clients may edit: each change raises `version`, and an UPDATE for another version finds no row."""

    version: int = Field(default=1, sa_type=sa.BigInteger)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, object]:
        return {"version_id_col": cls.version}


def enum_type(enum: type[Enum]) -> Any:
    """A column type that stores member values (`"low"`), never names (`"LOW"`), and reads members back.

    PostgreSQL gets a type named after the class (`task_priority`), SQLite a CHECK of the same labels.
    """
    return sa.Enum(
        enum,
        name=re.sub(r"(?<!^)(?=[A-Z])", "_", enum.__name__).lower(),
        values_callable=_values,
        validate_strings=True,
        create_constraint=True,
    )


def _values(enum: type[Enum]) -> list[str]:
    return [member.value for member in enum]


def related(back_populates: str | None = None, **options: Any) -> Any:
    """A relationship that a plan must load: touching it unloaded raises at once and by name."""
    return Relationship(back_populates=back_populates, sa_relationship_kwargs={"lazy": "raise", **options})


@event.listens_for(Record, "init", propagate=True)
def _begin_history(_: Record, __: Any, given: dict[str, Any]) -> None:
    """A new row has not been changed: its two instants are one. Two calls of the clock would differ."""
    given.setdefault("updated_at", given.setdefault("created_at", utc_now()))


@event.listens_for(Record, "mapper_configured", propagate=True)
def _refuse_other_loading(mapper: Mapper[Any], _: type[Record]) -> None:
    """Stop the import of the models where a relationship passes by `related`, or changes how that loads."""
    for relationship in mapper.relationships:
        if relationship.lazy != "raise":
            raise TypeError(f"{relationship} has lazy={relationship.lazy!r}: make it with related(), load it by a plan")
