"""Users who are more than a sign-in makes them."""

from sqlmodel import col, update

from src.models.user import User
from src.schemas.enums import UserTier
from tests.harness import Served


async def make_pro(app: Served, name: str) -> None:
    """Put *name*@example.com on the pro tier, as a payment would."""
    async with app.database.transaction() as session:
        await session.exec(update(User).where(col(User.email) == f"{name}@example.com").values(tier=UserTier.PRO))
