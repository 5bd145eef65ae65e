"""Every write of a signed-in user can be named; nothing else can."""

from tests.contract import document, facts


def test_exactly_the_writes_of_signed_in_users_take_a_key() -> None:
    operations = dict(facts.operations(document.current()))
    taking = {name for name, operation in operations.items() if "Idempotency-Key" in parameters(operation)}
    writes = {name for name, operation in operations.items() if "security" in operation and not name.startswith("GET ")}
    assert taking == writes, "make the router of these with route_class=IdempotentRoute"


def parameters(operation: facts.Document) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}
