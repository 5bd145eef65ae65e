"""What every table has to have: rules of `models/base.py`, held against the metadata."""

from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapper, class_mapper
from sqlmodel import SQLModel, UTCDateTime

from src import models
from src.models.base import Record, VersionedRecord

TABLES = SQLModel.metadata.sorted_tables
COLUMNS = {f"{table.name}.{column.name}": column for table in TABLES for column in table.columns}
ENUMS = {name: column for name, column in COLUMNS.items() if isinstance(column.type, sa.Enum)}
MAPPERS: list[Mapper[Any]] = [class_mapper(getattr(models, name)) for name in models.__all__]
RELATIONSHIPS = {str(relationship): relationship for mapper in MAPPERS for relationship in mapper.relationships}
FOREIGN_KEYS = {f"{table.name}.{key.parent.name}": (table, key) for table in TABLES for key in table.foreign_keys}
UNINDEXED = {"user_achievements.achievement_id"}
"""Nothing is ever deleted from the catalogue, and nobody asks who has an achievement."""


def test_every_table_is_exported() -> None:
    assert {str(mapper.local_table) for mapper in MAPPERS} == {table.name for table in TABLES}


@pytest.mark.parametrize("mapper", MAPPERS, ids=str)
def test_every_table_is_a_record(mapper: Mapper[Any]) -> None:
    assert issubclass(mapper.class_, Record)
    assert issubclass(mapper.class_, VersionedRecord) is ("version" in mapper.columns)
    assert (mapper.version_id_col is not None) is ("version" in mapper.columns)


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_every_relationship_waits_for_a_plan(name: str) -> None:
    assert RELATIONSHIPS[name].lazy == "raise"


@pytest.mark.parametrize("name", ENUMS)
def test_every_enum_column_holds_values_and_reads_members(name: str) -> None:
    kind = ENUMS[name].type
    assert isinstance(kind, sa.Enum)
    assert kind.enum_class is not None
    assert issubclass(kind.enum_class, StrEnum)
    assert kind.enums == [member.value for member in kind.enum_class]
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.enum_class.__name__)
    assert kind.name == words.strip("_")
    assert (kind.validate_strings, kind.create_constraint) == (True, True)


def test_every_instant_is_aware_and_in_utc() -> None:
    instants = {
        name: type(column.type)
        for name, column in COLUMNS.items()
        if isinstance(column.type, sa.DateTime | UTCDateTime)
    }
    assert "goals.due_at" in instants
    assert instants == dict.fromkeys(instants, UTCDateTime)


def test_every_text_is_bounded() -> None:
    texts = {name: column.type for name, column in COLUMNS.items() if isinstance(column.type, sa.String)}
    assert [name for name, kind in texts.items() if kind.length is None] == []


@pytest.mark.parametrize("name", sorted(FOREIGN_KEYS))
def test_every_foreign_key_says_what_a_deletion_does(name: str) -> None:
    assert FOREIGN_KEYS[name][1].ondelete in {"CASCADE", "SET NULL", "RESTRICT"}


@pytest.mark.parametrize("name", sorted(FOREIGN_KEYS.keys() - UNINDEXED))
def test_every_foreign_key_has_an_index(name: str) -> None:
    table, key = FOREIGN_KEYS[name]
    unique = [rule for rule in table.constraints if isinstance(rule, sa.UniqueConstraint | sa.PrimaryKeyConstraint)]
    leading = [next(iter(index.columns)) for index in (*table.indexes, *unique)]
    assert key.parent in leading
