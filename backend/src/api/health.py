"""Whether the process lives, and whether it can serve."""

from fastapi import APIRouter, Response

from src.api.deps import ResourcesDep
from src.schemas.health import Liveness, Readiness
from src.services import health

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def get_liveness() -> Liveness:
    """Say that the process answers. Touches nothing else."""
    return Liveness(status="ok")


@router.get("/ready", responses={503: {"model": Readiness, "description": "A check failed: send no traffic here."}})
async def get_readiness(resources: ResourcesDep, response: Response) -> Readiness:
    """Say whether the database answers and stands at the revision that this code was written for."""
    found = await health.check(resources.database, resources.revisions)
    readiness = Readiness.of(database=found.database, migrations=found.migrations)
    response.status_code = 200 if readiness.status == "ok" else 503
    return readiness
