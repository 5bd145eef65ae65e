"""What a hook is told on standard input, and how it refuses: exit code 2 puts its words before the agent."""

import json
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]


def edited_file() -> str | None:
    """Return the path of the file that is edited, from the root of the project; None where it is not ours.

    An event that cannot be read is no fault of the edit: exit code 1 tells the person, and the edit stands.
    """
    told = sys.stdin.read()
    try:
        event = json.loads(told)
        given = event["tool_input"].get("file_path") or event["tool_input"]["notebook_path"]
        path = Path(event.get("cwd", ROOT), given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"no edit was checked, because this is no event of an edit ({error!r}): {told[:200]!r}\n")
        sys.exit(1)
    place = path.parent.resolve() / path.name
    return place.relative_to(ROOT).as_posix() if place.is_relative_to(ROOT) else None


def refuse(reason: str) -> NoReturn:
    """Answer that the edit may not be, or may not stay, and why; the agent reads it at once."""
    sys.stderr.write(f"{reason}\n")
    sys.exit(2)
