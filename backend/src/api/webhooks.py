"""What the outside world calls. Such a caller has no token: the signature over the raw body says who it is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from src.api.deps import Now, ResourcesDep, RulesDep, SessionDep
from src.errors import InvalidSignature, NotFound, responses
from src.integrations.payments import verify
from src.schemas.payment import EVENTS, KnownEvent, read_event
from src.services import payments

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

EVENT_SCHEMAS = {"oneOf": [schema.model_json_schema() for schema in EVENTS.values()]}
PAYMENT_BODY = {"required": True, "content": {"application/json": {"schema": EVENT_SCHEMAS}}}


async def signed_event(
    request: Request,
    resources: ResourcesDep,
    now: Now,
    signature: Annotated[str, Header(alias="Webhook-Signature", description="`t=<unix seconds>,v1=<signature>`")] = "",
) -> KnownEvent | None:
    """The event, once the signature over the raw bytes holds; whatever media type they claim to be."""
    body = await request.body()
    tolerance_seconds = resources.rules.webhook_tolerance_seconds
    verify(signature, body, secret=resources.webhook_secret, tolerance_seconds=tolerance_seconds, now=now)
    try:
        return read_event(body)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error


SignedEvent = Annotated[KnownEvent | None, Depends(signed_event)]
"""An event that the payment provider has signed; None where its type means nothing here."""


@router.post(
    "/payments",
    status_code=204,
    responses=responses(InvalidSignature, NotFound),
    openapi_extra={"requestBody": PAYMENT_BODY},
)
async def receive_payment_event(session: SessionDep, event: SignedEvent, rules: RulesDep, now: Now) -> None:
    """Receive an event of the payment provider. Each is handled once; a type that means nothing here is ignored."""
    if event is not None:
        await payments.receive(session, event, rules=rules, now=now)
