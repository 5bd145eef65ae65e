"""`python -m tests.contract.client`: write a typed front-end client and its Zod schemas into `frontend/generated`."""

import subprocess
import sys
from pathlib import Path

from tests.contract.node import FRONTEND, install, node


def generate(front_end: Path = FRONTEND) -> None:
    """Make the client from `docs/openapi.json`, whole, and let the TypeScript compiler read it."""
    install()
    for tool in ("@hey-api/openapi-ts/bin/run.js", "typescript/bin/tsc"):
        subprocess.run([node(), f"node_modules/{tool}"], cwd=front_end, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    generate()
