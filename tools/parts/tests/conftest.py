"""The tool is a script: its folder is put on the path as running it does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
