"""The envelopes, and what is answered and accepted. A route builds an envelope with `.of(...)` and maps nothing."""

from typing import Annotated, Any, Generic, Protocol, Self, TypeVar

from pydantic import MISSING, BaseModel, ConfigDict, Field, Strict, field_validator

T = TypeVar("T")

Flag = Annotated[bool, Strict()]
Version = Annotated[int, Strict(), Field(ge=1, le=2**63 - 1, description="The version that was read.")]


class Schema(BaseModel):
    """What the API answers: built straight from loaded objects. No field has a default: every key is always there."""

    model_config = ConfigDict(from_attributes=True, hide_input_in_errors=True)


class Input(BaseModel):
    """What the API accepts: a field it does not know is an error, and so is a NUL character."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a NUL character cannot be stored")
        return value


class Patch(Input):
    """A partial update: an omitted field stays as it is, `null` clears it where it may be empty."""

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, without the version they were sent for."""
        return self.model_dump(exclude={"version"})


def omittable() -> Any:
    """The default of a Patch field that was not sent. It is neither a value nor `null`, and never dumped."""
    return MISSING


class PageQuery(Input):
    """Which part of a listing to answer. Every listing takes it or a subclass with filters, so none is unbounded."""

    offset: int = Field(default=0, ge=0, le=2**63 - 1, description="How many rows to skip.")
    limit: int = Field(default=25, ge=1, le=100, description="How many rows to return.")

    def filters(self) -> dict[str, Any]:
        """The columns that a subclass filters by, and the values that were asked for."""
        return self.model_dump(exclude={"offset", "limit"}, exclude_none=True)


class DataResponse(Schema, Generic[T]):
    """One object, or a short list that is whole."""

    data: T

    @classmethod
    def of(cls, source: object) -> Self:
        return cls.model_validate({"data": source})


class Pagination(Schema):
    offset: int
    limit: int
    total: int = Field(description="The number of rows on all pages.")
    has_more: bool


class Paged(Protocol):
    """What `src.db.Page` offers; schemas do not know the database."""

    @property
    def items(self) -> object: ...


class PaginatedResponse(Schema, Generic[T]):
    """One page of a listing, newest first."""

    data: list[T]
    pagination: Pagination

    @classmethod
    def of(cls, page: Paged) -> Self:
        return cls.model_validate({"data": page.items, "pagination": page})
