"""Credits on the wire."""

from uuid import UUID

from pydantic import Field

from src.clock import Timestamp
from src.schemas.base import PageQuery, Schema
from src.schemas.enums import CreditOperation, CreditType


class CreditFilter(PageQuery):
    """Which lines of the ledger a listing holds."""

    operation: CreditOperation | None = None
    credit_type: CreditType | None = None


class BalanceRead(Schema):
    daily: int = Field(description="Expire at the next UTC midnight.")
    subscription: int = Field(description="Expire at the end of the UTC month, but for what is carried over.")
    purchased: int
    kickstart: int
    total: int


class CreditEntryRead(Schema):
    id: UUID
    operation: CreditOperation
    credit_type: CreditType
    amount: int = Field(description="Negative where credits were spent or have expired.")
    balance_after: int = Field(description="The sum of all amounts up to this line.")
    reference: str | None = Field(description="What the credits were given or spent for.")
    expires_at: Timestamp | None = Field(
        description="When these credits expire, or would have, had they not been spent."
    )
    created_at: Timestamp
