"""Progress: the one place where a statistic changes and an achievement unlocks. Callers hold `users.lock`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import locked
from src.models.achievement import AchievementDefinition, UserAchievement, UserStats
from src.models.note import Note
from src.models.task import Task
from src.rules import Rules
from src.schemas.enums import AchievementCategory
from src.services import streaks
from src.services.streaks import Streak


@dataclass(frozen=True, slots=True)
class Stats:
    """The statistics of a user as a reader sees them: a streak that has run out counts 0."""

    lifetime_tasks_completed: int
    current_streak: int
    longest_streak: int
    focus_completions: int
    notes_converted: int


async def get(session: AsyncSession, user_id: UUID, *, now: datetime) -> Stats:
    row = (await session.exec(_of_user(user_id))).one_or_none() or UserStats(user_id=user_id)
    return Stats(
        lifetime_tasks_completed=row.lifetime_tasks_completed,
        current_streak=streaks.seen_on(_streak(row), now.date()),
        longest_streak=row.longest_streak,
        focus_completions=row.focus_completions,
        notes_converted=row.notes_converted,
    )


def claim(task: Task, *, now: datetime) -> bool:
    """Mark *task* as counted, and say whether it was not yet: it counts once in its life, however often reopened."""
    counts = task.counted_at is None
    task.counted_at = task.counted_at or now
    return counts


async def record_completion(
    session: AsyncSession, task: Task, *, rules: Rules, now: datetime
) -> Sequence[UserAchievement]:
    """Count a completed task that `claim` has let through, and return what that unlocked."""
    focused = int(was_focused(task, rules))
    return await _record(session, task.user_id, now=now, tasks=1, focused=focused, counted_on=now.date())


async def count_conversion(session: AsyncSession, note: Note, *, now: datetime) -> None:
    """Count a note that becomes a task: once in its life, however often it is unarchived and converted again."""
    if note.converted_at is None:
        note.converted_at = now
        await _record(session, note.user_id, now=now, conversions=1)


def measure(stats: Stats | UserStats, category: AchievementCategory) -> int:
    """How far the achievements of *category* have come."""
    match category:
        case AchievementCategory.TASKS:
            return stats.lifetime_tasks_completed
        case AchievementCategory.STREAKS:
            return stats.longest_streak
        case AchievementCategory.FOCUS:
            return stats.focus_completions
        case AchievementCategory.NOTES:
            return stats.notes_converted


def was_focused(task: Task, rules: Rules) -> bool:
    """Whether enough of the estimate was spent in focus sessions. Without an estimate there is nothing to measure."""
    if task.estimated_duration is None:
        return False
    return task.focus_time_seconds * 100 >= task.estimated_duration * 60 * rules.focus_share_percent


async def _record(
    session: AsyncSession,
    user_id: UUID,
    *,
    now: datetime,
    tasks: int = 0,
    focused: int = 0,
    conversions: int = 0,
    counted_on: date | None = None,
) -> Sequence[UserAchievement]:
    """Every change of a statistic goes through here. *counted_on* is the day of a completion, for the streak."""
    stats = (await session.exec(locked(_of_user(user_id), UserStats))).one_or_none() or UserStats(user_id=user_id)
    stats.lifetime_tasks_completed += tasks
    stats.focus_completions += focused
    stats.notes_converted += conversions
    if counted_on is not None:
        streak = streaks.extended(_streak(stats), counted_on)
        stats.current_streak, stats.longest_streak, stats.last_completed_on = streak
    session.add(stats)
    return await _unlock(session, stats, now)


async def _unlock(session: AsyncSession, stats: UserStats, now: datetime) -> Sequence[UserAchievement]:
    """Unlock everything that *stats* have reached; in the order of the thresholds."""
    had = select(UserAchievement.achievement_id).where(UserAchievement.user_id == stats.user_id)
    definition = AchievementDefinition
    missing = (
        select(definition).where(col(definition.id).not_in(had)).order_by(col(definition.threshold), definition.id)
    )
    unlocked = [
        UserAchievement(
            user_id=stats.user_id,
            achievement_id=candidate.id,
            achievement=candidate,
            created_at=now,
            updated_at=now,
        )
        for candidate in (await session.exec(missing)).all()
        if measure(stats, candidate.category) >= candidate.threshold
    ]
    session.add_all(unlocked)
    await session.flush()
    return unlocked


def _of_user(user_id: UUID) -> SelectOfScalar[UserStats]:
    return select(UserStats).where(UserStats.user_id == user_id)


def _streak(stats: UserStats) -> Streak:
    return Streak(stats.current_streak, stats.longest_streak, stats.last_completed_on)
