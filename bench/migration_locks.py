"""How long a NOT NULL column with a backfill keeps others waiting: all at once, and in batches.

    PYTHONPATH=backend .venv/bin/python bench/migration_locks.py [ROWS]

Makes a throw-away PostgreSQL database with one table (default 1,000,000 rows). While each form works, a reader and a
writer ask for random rows every 5 ms, and the locks on the table are sampled every 2 ms. Ends by itself.
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg
from alembic import command
from alembic.config import Config

from migrations.draft import BACKEND, throwaway_database

EXAMPLE = BACKEND / "tests" / "integration" / "migrations" / "fixtures" / "example"
ROWS = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
ASK_SECONDS = 0.005
SAMPLE_SECONDS = 0.002
SLOW_SECONDS = 0.1
SEED = 20_240_115
MAKE = """
INSERT INTO people (id, name)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'somebody of the name ' || n FROM generate_series(1, $1) AS n ORDER BY random()
"""
READ = "SELECT name FROM people WHERE id = lpad(to_hex($1::bigint), 32, '0')::uuid"
WRITE = "UPDATE people SET name = name WHERE id = lpad(to_hex($1::bigint), 32, '0')::uuid"
NAIVE = """
BEGIN;
ALTER TABLE people ADD COLUMN display_name varchar(100);
UPDATE people SET display_name = name;
ALTER TABLE people ALTER COLUMN display_name SET NOT NULL;
COMMIT;
"""
LOCKS = """
SELECT l.virtualtransaction, l.mode = 'AccessExclusiveLock' FROM pg_locks l
WHERE l.relation = 'people'::regclass AND l.granted AND l.pid <> ALL ($1::int[])
AND l.virtualtransaction NOT LIKE '%/0' -- caught between two transactions
AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'AccessExclusiveLock')
"""


@dataclass
class Measured:
    """What was seen while one form worked, in seconds."""

    total: float = 0.0
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    any_lock: dict[str, list[float]] = field(default_factory=dict)
    exclusive: dict[str, list[float]] = field(default_factory=dict)

    def row(self, name: str) -> str:
        times = (self.total, _longest(self.any_lock), _longest(self.exclusive), max(self.writes), max(self.reads))
        slow = sum(wait > SLOW_SECONDS for wait in self.writes)
        return f"| {name} | " + " | ".join(f"{value:.3f}" for value in times) + f" | {slow} of {len(self.writes)} |"


def _longest(seen: dict[str, list[float]]) -> float:
    return max((instants[-1] - instants[0] for instants in seen.values()), default=0.0)


async def measure(url: str, work: Callable[[], Awaitable[object]]) -> Measured:
    measured, done = Measured(), asyncio.Event()
    connections = [await asyncpg.connect(url) for _ in range(3)]
    pids = [connection.get_server_pid() for connection in connections]
    tasks = [
        asyncio.create_task(ask(connections[0], READ, measured.reads, done)),
        asyncio.create_task(ask(connections[1], WRITE, measured.writes, done)),
        asyncio.create_task(sample(connections[2], pids, measured, done)),
    ]
    await asyncio.sleep(0.2)
    started = time.perf_counter()
    await work()
    measured.total = time.perf_counter() - started
    done.set()
    await asyncio.gather(*tasks)
    for connection in connections:
        await connection.close()
    return measured


async def ask(connection: asyncpg.Connection, statement: str, waits: list[float], done: asyncio.Event) -> None:
    chance = random.Random(SEED)  # noqa: S311 - which rows are asked for is no secret
    while not done.is_set():
        started = time.perf_counter()
        await connection.execute(statement, chance.randint(1, ROWS))
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(ASK_SECONDS)


async def sample(connection: asyncpg.Connection, pids: list[int], measured: Measured, done: asyncio.Event) -> None:
    while not done.is_set():
        for transaction, exclusive in await connection.fetch(LOCKS, pids):
            now = time.perf_counter()
            measured.any_lock.setdefault(transaction, []).append(now)
            if exclusive:
                measured.exclusive.setdefault(transaction, []).append(now)
        await asyncio.sleep(SAMPLE_SECONDS)


def config(url: str) -> Config:
    made = Config(BACKEND / "alembic.ini")
    made.attributes["database_url"] = url
    made.set_main_option("version_locations", str(EXAMPLE))
    return made


async def compare(url: str) -> None:
    plain = url.replace("+asyncpg", "")
    connection = await asyncpg.connect(plain)
    migrate = config(url)
    await asyncio.to_thread(command.upgrade, migrate, "people")
    await connection.execute(MAKE, ROWS)
    for name, work in (
        ("all at once", lambda: connection.execute(NAIVE)),
        ("expand, backfill, contract", lambda: asyncio.to_thread(command.upgrade, migrate, "contract")),
    ):
        await connection.execute("ALTER TABLE people DROP COLUMN IF EXISTS display_name")
        await connection.execute("VACUUM FULL ANALYZE people")
        print((await measure(plain, work)).row(name), flush=True)
    await connection.close()


def main() -> None:
    print(f"{ROWS:,} rows; seconds\n")
    print("| form | total | longest lock | longest exclusive lock | longest write | longest read | writes over 0.1 s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with throwaway_database() as url:
        asyncio.run(compare(url))


if __name__ == "__main__":
    main()
