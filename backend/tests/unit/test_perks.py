"""Perks: they add up, each to its own limit of the tier."""

import pytest

from src.models.achievement import AchievementDefinition
from src.rules import Rules, TierLimits
from src.schemas.enums import AchievementCategory, PerkType, UserTier
from src.services import perks


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


@pytest.mark.parametrize("tier", UserTier)
def test_without_achievements_the_tier_decides(tier: UserTier) -> None:
    assert perks.added(Rules().limits(tier), []) == Rules().limits(tier)


def test_every_perk_raises_a_limit() -> None:
    assert [perk for perk in PerkType if perk not in TierLimits._fields] == []


@pytest.mark.parametrize("perk", PerkType)
def test_perks_add_up_each_to_its_own_limit(perk: PerkType) -> None:
    base = Rules().limits(UserTier.PRO)
    unlocked = [achievement(perk, 15), achievement(None, None), achievement(perk, 25)]
    assert perks.added(base, unlocked) == base._replace(**{perk: getattr(base, perk) + 40})


def test_perks_of_several_kinds_leave_each_other_alone() -> None:
    base = Rules().limits(UserTier.FREE)
    added = perks.added(base, [achievement(perk, 10**place) for place, perk in enumerate(PerkType)])
    raised = {perk: getattr(added, perk) - getattr(base, perk) for perk in PerkType}
    assert raised == {perk: 10**place for place, perk in enumerate(PerkType)}
