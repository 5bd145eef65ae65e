"""The OpenAPI document: what FastAPI derives, without the answers that an operation cannot give."""

from typing import Any

NEEDS_BODY = ("413", "415")
"""A request without a body cannot have one that is too large or of the wrong kind."""

STREAM = "text/event-stream"


def trimmed(document: dict[str, Any]) -> dict[str, Any]:
    """Remove from each operation the shared errors that need an input it does not have, and mend those of streams."""
    for item in document["paths"].values():
        for operation in item.values():
            for status in _impossible(operation):
                operation["responses"].pop(status, None)
            for answer in operation["responses"].values():
                _mend_stream(answer.get("content", {}))
    return document


def _impossible(operation: dict[str, Any]) -> tuple[str, ...]:
    if "requestBody" in operation:
        return ()
    # A malformed header is 400, so only parameters of path and query can be invalid.
    validated = [parameter for parameter in operation.get("parameters", []) if parameter["in"] != "header"]
    return NEEDS_BODY if validated else (*NEEDS_BODY, "422")


def _mend_stream(content: dict[str, Any]) -> None:
    """FastAPI 0.165 describes a stream as OpenAPI 3.2 does, in a 3.1 document, and its errors as streams too."""
    if (stream := content.get(STREAM)) is None:
        return
    if "itemSchema" in stream:
        content[STREAM] = {"schema": {"type": "string", "description": "Server-sent events."}}
    else:
        content["application/json"]["schema"] = content.pop(STREAM)["schema"]
