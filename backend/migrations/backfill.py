"""Fill rows apart from any revision: `python -m migrations.backfill NAME` runs `backfills/NAME.py`.

The step between expanding and contracting: while it runs the application serves, it may be stopped and run again, and
it says how far it is.
"""

import argparse
import asyncio
import importlib
import logging
import pkgutil
import sys

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from migrations import backfills
from migrations.steps.rows import Backfill, walk
from src.config import load_settings
from src.db import create_engine


def main() -> int:
    names = [module.name for module in pkgutil.iter_modules(backfills.__path__)]
    parser = argparse.ArgumentParser(prog="python dev.py backfill", description="Fill rows in batches.")
    parser.add_argument("name", choices=names)
    parser.add_argument("--batch-size", type=int, help="rows per transaction")
    parser.add_argument("--pause-seconds", type=float, default=0.0, help="rest between two batches")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    backfill: Backfill = importlib.import_module(f"migrations.backfills.{chosen.name}").BACKFILL
    if chosen.batch_size:
        backfill = backfill._replace(batch_size=chosen.batch_size)
    asyncio.run(run(load_settings().database_url, backfill, pause_seconds=chosen.pause_seconds))
    return 0


async def run(database_url: str, backfill: Backfill, *, pause_seconds: float = 0.0) -> int:
    """Walk the table, each batch committed before the next begins; return how many rows were filled."""
    engine = create_engine(make_url(database_url), poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(walk, backfill, pause_seconds=pause_seconds)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
