"""Demo data: a believable user with a past, the same for the same number. Pure: no database is touched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from src.models.achievement import AchievementDefinition, UserStats
from src.models.credit import RANDOM_BITS
from src.models.task import Task
from src.rules import Rules, TierLimits
from src.schemas.enums import CompletedBy, SubtaskSource, TaskPriority, UserTier
from src.services import ledger, progress, streaks
from src.services.snapshots import Rows, Values
from src.services.streaks import Streak

NAMES = ("Ada", "Grace", "Alan", "Barbara", "Edsger", "Frances", "Donald", "Katherine", "Linus", "Margaret")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Karachi", "Asia/Tokyo", "Australia/Sydney")
VERBS = ("Write", "Review", "Plan", "Call about", "Fix", "Order", "Read", "Prepare", "Clean up", "Finish")
THINGS = (
    "the report",
    "the budget",
    "the garden",
    "the release",
    "the talk",
    "the bicycle",
    "the tax form",
    "the wiki",
)
STEPS = (
    "Collect what is there",
    "Make a list",
    "Do the first half",
    "Do the rest",
    "Let somebody look at it",
    "Send it",
)
DETAILS = ("", "", "Before the weekend.", "Ask first whether it is still needed.", "Two hours should be enough.")


@dataclass(frozen=True, slots=True)
class Life:
    """One user between sign-up and now, and the dice that decide."""

    rng: Random
    user_id: UUID
    tier: UserTier
    limits: TierLimits
    since: datetime
    until: datetime

    def instant(self, after: datetime | None = None, within: timedelta = timedelta(days=400)) -> datetime:
        """Some second after *after*, or sign-up, and before now."""
        start = after or self.since
        span = min(within, self.until - start)
        return start + timedelta(seconds=self.rng.randint(1, max(1, int(span.total_seconds()))))

    def record(self, created_at: datetime, updated_at: datetime | None = None) -> Values:
        id_ = UUID(int=self.rng.getrandbits(128), version=4)
        return {"id": id_, "created_at": created_at, "updated_at": updated_at or created_at}


def email(number: int) -> str:
    return f"demo{number}@example.com"


def user(number: int, *, tasks: int, rules: Rules, catalogue: Sequence[AchievementDefinition], now: datetime) -> Rows:
    """Everything that belongs to the demo user of this number: the same rows for the same arguments."""
    rng = Random(number)  # noqa: S311 dice for a demo, not a secret
    tier = UserTier.PRO if number % 5 == 0 else UserTier.FREE
    since = now - timedelta(days=rng.randint(60, 300), seconds=rng.randint(0, 86_399))
    life = Life(rng, UUID(int=rng.getrandbits(128), version=4), tier, rules.limits(tier), since, now)
    rows: Rows = {"users": [_person(life, number)], "tasks": [], "subtasks": [], "focus_sessions": []}
    for _ in range(tasks):
        _add_task(life, rows)
    rows["notes"] = list(_notes(life))
    stats = _stats(life, rows, rules=rules)
    rows["user_stats"] = [stats.model_dump()]
    rows["user_achievements"] = [
        {**life.record(now), "user_id": life.user_id, "achievement_id": achievement.id}
        for achievement in catalogue
        if progress.measure(stats, achievement.category) >= achievement.threshold
    ]
    rows["credit_entries"] = list(_credits(life, rules))
    return rows


def _person(life: Life, number: int) -> Values:
    return {
        **life.record(life.since),
        "id": life.user_id,
        "email": email(number),
        "subject": None,
        "name": f"{life.rng.choice(NAMES)} {number}",
        "avatar_url": None,
        "timezone": life.rng.choice(ZONES),
        "tier": life.tier,
    }


def _add_task(life: Life, rows: Rows) -> None:
    """A task that is done, put away or, while there is room, open; with its steps and the time that was given to it."""
    rng, created_at = life.rng, life.instant()
    completed_at = life.instant(created_at, timedelta(days=12)) if rng.random() < 0.7 else None  # noqa: PLR2004 most
    is_open = sum(not row["archived"] and row["completed_at"] is None for row in rows["tasks"])
    archived = rng.random() < 0.1 or (completed_at is None and is_open >= life.limits.max_tasks)  # noqa: PLR2004 a few
    task: Values = {
        **life.record(created_at, completed_at),
        "version": 1 + (completed_at is not None) + archived,
        "user_id": life.user_id,
        "title": f"{rng.choice(VERBS)} {rng.choice(THINGS)}",
        "description": rng.choice(DETAILS),
        "priority": rng.choice(list(TaskPriority)),
        "due_date": rng.choice((None, created_at + timedelta(days=rng.randint(1, 30)))),
        "estimated_duration": rng.choice((None, 15, 30, 60, 90, 120)),
        "focus_time_seconds": 0,
        "completed_at": completed_at,
        "completed_by": None,
        "counted_at": completed_at,
        "archived": archived,
    }
    steps = list(_steps(life, task))
    if completed_at is not None:
        task["completed_by"] = rng.choice((CompletedBy.AUTO, CompletedBy.FORCE)) if steps else CompletedBy.MANUAL
        _focus(life, task, rows)
    rows["tasks"].append(task)
    rows["subtasks"] += steps


def _steps(life: Life, task: Values) -> Iterator[Values]:
    """Steps that fit the task: all completed in one that is done, at least the last one open in one that is not."""
    count = life.rng.choice((0, 0, 2, 3, 4))
    done = life.rng.randint(0, max(0, count - 1))
    for place in range(min(count, life.limits.max_subtasks)):
        early = task["created_at"] + timedelta(minutes=place + 1) if place < done else None
        completed_at = min(early or task["completed_at"], task["completed_at"]) if task["completed_at"] else early
        yield {
            **life.record(task["created_at"], completed_at),
            "task_id": task["id"],
            "title": STEPS[place],
            "completed_at": completed_at,
            "order_index": place,
            "source": life.rng.choice(list(SubtaskSource)),
        }


def _focus(life: Life, task: Values, rows: Rows) -> None:
    """Perhaps a session that ended with the task."""
    if task["estimated_duration"] is None or life.rng.random() < 0.6:  # noqa: PLR2004 more often not
        return
    wanted = timedelta(minutes=task["estimated_duration"] * life.rng.uniform(0.3, 1.2))
    ended_at: datetime = task["completed_at"]
    started_at = max(task["created_at"], ended_at - timedelta(seconds=int(wanted.total_seconds())))
    task["focus_time_seconds"] = int((ended_at - started_at).total_seconds())
    session = {**life.record(started_at, ended_at), "user_id": life.user_id, "task_id": task["id"]}
    rows["focus_sessions"].append({**session, "started_at": started_at, "ended_at": ended_at})


def _notes(life: Life) -> Iterator[Values]:
    """Notes that are kept, as many as fit, and an archive; part of it became tasks."""
    kept = life.rng.randint(0, life.limits.max_notes)
    for place in range(kept + life.rng.randint(0, 15)):
        created_at, archived = life.instant(), place >= kept
        converted_at = life.instant(created_at) if archived and life.rng.random() < 0.5 else None  # noqa: PLR2004 half
        yield {
            **life.record(created_at, converted_at),
            "version": 1 + archived,
            "user_id": life.user_id,
            "content": f"{life.rng.choice(VERBS)} {life.rng.choice(THINGS)}\n{life.rng.choice(DETAILS)}".strip(),
            "archived": archived,
            "converted_at": converted_at,
        }


def _stats(life: Life, rows: Rows, *, rules: Rules) -> UserStats:
    """What the application would have counted."""
    completed = sorted((task for task in rows["tasks"] if task["counted_at"]), key=_counted_at)
    streak = Streak()
    for task in completed:
        streak = streaks.extended(streak, task["counted_at"].date())
    return UserStats(
        **life.record(life.since, life.until),
        user_id=life.user_id,
        lifetime_tasks_completed=len(completed),
        current_streak=streak.current,
        longest_streak=streak.longest,
        last_completed_on=streak.last_on,
        focus_completions=sum(progress.was_focused(Task(**task), rules) for task in completed),
        notes_converted=sum(note["converted_at"] is not None for note in rows["notes"]),
    )


def _credits(life: Life, rules: Rules) -> Iterator[Values]:
    """The ledger of somebody who spends a credit now and then."""
    book = ledger.opened(life.user_id, rules=rules, now=life.since)
    for spent_at in sorted(life.instant() for _ in range(12)):
        book.now = spent_at
        book.settle(rules, daily=life.limits.daily_credits, subscribed=life.tier is UserTier.PRO)
        if book.total:
            book.spend(1, reference="chat")
    for entry in book.written:
        random_bits = life.rng.getrandbits(RANDOM_BITS)
        yield entry.model_dump() | {"id": UUID(int=entry.sequence << RANDOM_BITS | random_bits, version=4)}


def _counted_at(task: Values) -> Any:
    return task["counted_at"]
