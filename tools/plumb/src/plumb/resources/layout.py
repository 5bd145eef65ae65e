"""Where the parts of a resource are in a project, and which resource is the one to copy."""

from plumb.resources.names import Noun

EXEMPLAR = Noun("goal", "goals")
MODEL = "backend/src/models/{snake}.py"
SCHEMAS = "backend/src/schemas/{snake}.py"
SERVICE = "backend/src/services/{snakes}.py"
ROUTES = "backend/src/api/{snakes}.py"
FACTORY = "backend/tests/factories/{snakes}.py"
TOUR = "backend/tests/contract/tours/{snakes}.py"
INTEGRATION = "backend/tests/integration/test_{snakes}.py"
OWN = (
    MODEL,
    SCHEMAS,
    SERVICE,
    ROUTES,
    FACTORY,
    TOUR,
    "backend/tests/unit/test_{snakes}.py",
    "backend/tests/contract/test_{snakes}.py",
    INTEGRATION,
)
"""The files of one resource, its migration apart."""

ENUMS = "backend/src/schemas/enums.py"
LISTS = ("backend/src/models/__init__.py", "backend/src/api/router.py", "backend/tests/contract/tour.py")
"""Where every resource is named once."""
PAGE = "backend/docs/API.md"
FRONT_END = "frontend/schemas.ts"
VERSIONS = "backend/migrations/versions"
