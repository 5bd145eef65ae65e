"""Health answers. They are for orchestrators and stand outside the envelopes."""

from typing import Literal, Self

from src.schemas.base import Schema

Status = Literal["ok", "error"]


class Liveness(Schema):
    status: Literal["ok"]


class Check(Schema):
    status: Status


class Checks(Schema):
    database: Check
    migrations: Check


class Readiness(Schema):
    status: Status
    checks: Checks

    @classmethod
    def of(cls, *, database: bool, migrations: bool) -> Self:
        word: dict[bool, Status] = {True: "ok", False: "error"}
        checks = Checks(database=Check(status=word[database]), migrations=Check(status=word[migrations]))
        return cls(status=word[database and migrations], checks=checks)
