"""Effective limits: the base of the tier and the perks, added up."""

import pytest

from src.errors import LimitExceeded
from src.models.achievement import AchievementDefinition
from src.rules import Rules
from src.schemas.enums import AchievementCategory, PerkType, UserTier
from src.services import limits
from src.services.limits import EffectiveLimits


def achievement(perk_type: PerkType | None, perk_value: int | None) -> AchievementDefinition:
    return AchievementDefinition(
        id="any",
        name="Any",
        message="Done.",
        category=AchievementCategory.TASKS,
        threshold=1,
        perk_type=perk_type,
        perk_value=perk_value,
    )


@pytest.mark.parametrize(
    ("tier", "base"),
    [(UserTier.FREE, EffectiveLimits(50, 10, 0)), (UserTier.PRO, EffectiveLimits(200, 25, 10))],
)
def test_without_achievements_the_tier_decides(tier: UserTier, base: EffectiveLimits) -> None:
    assert limits.with_perks(Rules().limits(tier), []) == base


def test_perks_add_up_each_to_its_own_limit() -> None:
    unlocked = [
        achievement(PerkType.MAX_TASKS, 15),
        achievement(PerkType.MAX_TASKS, 25),
        achievement(PerkType.MAX_NOTES, 5),
        achievement(PerkType.DAILY_CREDITS, 2),
        achievement(None, None),
    ]
    assert limits.with_perks(Rules().limits(UserTier.FREE), unlocked) == EffectiveLimits(90, 15, 2)


def test_last_place_is_free_and_the_next_is_not() -> None:
    limits.require_room(49, 50, name="max_tasks", what="open tasks")
    with pytest.raises(LimitExceeded, match=r"At most 50 open tasks are allowed \(max_tasks\)"):
        limits.require_room(50, 50, name="max_tasks", what="open tasks")
