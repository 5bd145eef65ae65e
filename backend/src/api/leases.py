"""Named work that waits for somebody else: its name is leased, because no transaction may stay open so long."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anyio import BrokenResourceError
from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from src.api import errors
from src.api.deps import Resources
from src.api.idempotency import REFUSALS, Handler, IdempotentRoute, answer_of, keepable, name, replay
from src.db import Database
from src.services import idempotency
from src.services.idempotency import Answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """A name that is taken while its work is being done."""

    id: UUID
    expires_at: datetime
    """Until when the answer will be kept."""

    async def complete(self, session: AsyncSession, answer: Answer) -> None:
        await idempotency.complete(session, self.id, answer, expires_at=self.expires_at)


class LeasedRoute(IdempotentRoute):
    """A route whose requests must be named, and whose work is done between two transactions.

    The first one leases the name, so that twins are refused. `SessionDep` is the last one, and the answer is kept in
    it; a stream keeps its answer itself, once it is complete. A process that dies leaves a lease that runs out.
    """

    required = True

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI 0.165 breaks its own pipe when the client of a stream leaves while a piece is on its way to it."""
        try:
            await super().handle(scope, receive, send)
        except* BrokenResourceError:
            logger.info("the client of a stream has left")

    async def once(self, request: Request, work: Handler) -> Response:
        named, now, expires_at = await name(request)
        resources: Resources = request.state.resources
        async with resources.database.transaction() as session:
            kept = await idempotency.find(session, named, now=now)
            if kept is not None:
                return replay(request, kept)
            seconds = resources.rules.reservation_ttl_seconds
            lease_id = await idempotency.lease(session, named, now=now, seconds=seconds)
        request.state.lease = lease = Lease(lease_id, expires_at)
        try:
            return await _finish(request, resources.database, lease, work)
        except BaseException:
            async with resources.database.transaction() as session:
                await idempotency.release(session, lease.id)
            raise


async def _finish(request: Request, database: Database, lease: Lease, work: Handler) -> Response:
    """The answer or the refusal of *work*, kept. Raises what must not be kept."""
    try:
        async with database.transaction() as session:
            request.state.session = session
            response = await work(request)
            if not isinstance(response, StreamingResponse):
                await lease.complete(session, answer_of(response))
    except REFUSALS as error:
        response = await errors.answer(request, error)
        if not keepable(response):
            raise
        async with database.transaction() as session:
            await lease.complete(session, answer_of(response))
    return response
