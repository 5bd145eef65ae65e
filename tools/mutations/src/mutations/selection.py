"""Which tests are asked first about a file: those of its noun at all heights, and the contract that it is part of."""

from pathlib import Path

WHOLE = ["backend/tests/unit", "backend/tests/contract", "backend/tests/integration"]
"""All that says what the application does, not how one works on it."""
CONTRACT = "backend/tests/contract"
INTEGRATION = "backend/tests/integration"
MIGRATIONS = f"{INTEGRATION}/migrations"

ALWAYS = (
    ("backend/docs/", (f"{CONTRACT}/test_api_md.py",)),
    ("backend/migrations/", (MIGRATIONS, f"{CONTRACT}/test_models.py")),
    (
        "backend/src/models/",
        (f"{CONTRACT}/test_models.py", f"{INTEGRATION}/test_models.py", f"{MIGRATIONS}/test_migrations_chain.py"),
    ),
    (
        "backend/src/schemas/",
        (f"{CONTRACT}/test_openapi.py", f"{CONTRACT}/test_routes.py", f"{CONTRACT}/test_api_md.py"),
    ),
    ("backend/src/api/", (f"{CONTRACT}/test_openapi.py", f"{CONTRACT}/test_routes.py", f"{CONTRACT}/test_api_md.py")),
    ("backend/tests/", ("backend/tests/unit/test_databases.py", f"{INTEGRATION}/test_head.py")),
    ("backend/src/clock.py", ("backend/tests/unit", f"{INTEGRATION}/test_tasks.py")),
    ("backend/src/services/", ()),
    ("backend/src/integrations/", ()),
    ("backend/src/middleware/", ()),
    (
        "backend/src/",
        (f"{INTEGRATION}/test_db.py", f"{INTEGRATION}/test_errors.py", f"{INTEGRATION}/test_tasks.py"),
    ),
)
"""The tests of what every file of a kind has to satisfy; the first folder that holds it decides."""

ALSO = {
    "base": ("tasks", "notes", "limits"),
    "deps": ("db", "tasks", "errors"),
    "idempotency": ("idempotency",),
    "leases": ("idempotency", "ai"),
    "streams": ("ai_streams",),
    "assistant": ("ai", "ai_streams"),
    "ai": ("ai_streams",),
    "enums": ("models",),
    "completion": ("achievements", "progress"),
    "achievement": ("progress",),
    "credit": ("ledger",),
    "payments": ("webhooks",),
    "payment": ("webhooks",),
    "subscriptions": ("webhooks", "credits"),
    "progress": ("achievements", "completion", "notes"),
    "recovery": ("tombstones",),
    "upkeep": ("jobs",),
    "users": ("auth",),
    "user": ("auth",),
    "engine": ("outages",),
    "tokens": ("auth",),
}
"""The nouns whose tests show what a file does, beside its own."""


def chosen_for(path: str, root: Path) -> list[str]:
    """The test files for *path*; all tests where nothing is known of it."""
    if path.startswith("backend/tests/") and Path(path).name.startswith("test_"):
        return [path]
    stem = Path(path).stem
    nouns = {stem, f"{stem}s", stem.removesuffix("s"), *ALSO.get(stem, ())}
    own = [
        found.relative_to(root).as_posix()
        for height in ("unit", "integration")
        for found in sorted((root / "backend/tests" / height).rglob("test_*.py"))
        if found.stem.removeprefix("test_") in nouns and MIGRATIONS not in found.as_posix()
    ]
    always = next((files for folder, files in ALWAYS if path.startswith(folder)), ())
    return list(dict.fromkeys([*own, *always])) or WHOLE
