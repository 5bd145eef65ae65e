"""What Prometheus scrapes. Not part of the API: nobody's client reads it, and the way to it can be closed outside."""

from fastapi import APIRouter, Response

from src.api.deps import ResourcesDep
from src.integrations.prometheus import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def get_metrics(resources: ResourcesDep) -> Response:
    """Say how the process is doing."""
    return Response(resources.metrics.text(), media_type=CONTENT_TYPE)
