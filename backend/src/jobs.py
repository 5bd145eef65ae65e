"""`python -m src.jobs NAME`: do what is due. Without a name, list the jobs.

Exit codes: 0 done · 1 something failed, and the next run will try it again · 2 wrong name or unusable settings.
"""

import asyncio
import sys
import time

from src import logs
from src.clock import utc_now
from src.config import Settings, SettingsError, load_settings
from src.db import Database
from src.errors import ServiceUnavailable
from src.services.upkeep import JOBS, Job, Progress


def main() -> int:
    names = sys.argv[1:]
    if not names:
        print(listing())
        return 0
    if len(names) > 1 or names[0] not in JOBS:
        print(f"There is no job {' '.join(names)!r}.\n{listing()}", file=sys.stderr)
        return 2
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"The settings are not usable:\n{error}", file=sys.stderr)
        return 2
    logs.configure(structured=not settings.development)
    return asyncio.run(run(names[0], JOBS[names[0]], settings))


def listing() -> str:
    width = max(map(len, JOBS))
    lines = [f"  {name:<{width}}  {job.purpose}" for name, job in JOBS.items()]
    return "\n".join(["usage: python -m src.jobs NAME", "", *lines])


async def run(name: str, job: Job, settings: Settings) -> int:
    """Run a job to its end, show how far it is, and say in the last line what it did."""
    started = time.monotonic()
    total = Progress(0)
    outcome = "finished"
    database = Database(settings.database_url, pool_size=1, max_overflow=0)
    try:
        async for step in job.run(database, settings, utc_now):
            total = Progress(total.done + step.done, total.failed + step.failed)
            print(f"{name}: {total.done} done ...", file=sys.stderr, flush=True)
    except ServiceUnavailable as error:
        outcome = f"stopped, the database cannot be reached ({error.__cause__})"
    finally:
        await database.dispose()
    seconds = time.monotonic() - started
    print(f"{name}: {outcome}, {total.done} done, {total.failed} failed, {seconds:.1f} s", flush=True)
    return int(outcome != "finished" or total.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
