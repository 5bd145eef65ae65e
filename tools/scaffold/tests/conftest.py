"""The tool is a script: its folders are put on the path as running it does."""

import sys
from pathlib import Path

TOOLS = Path(__file__).parents[2]

sys.path[:0] = [str(TOOLS / "scaffold"), str(TOOLS / "parts")]
