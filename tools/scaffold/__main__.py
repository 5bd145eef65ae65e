"""`python tools/scaffold COMMAND`: what copier and `python dev.py bake` call."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "parts"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "plumb" / "src"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "backend"))

from scaffold.commands import main

sys.exit(main(sys.argv[1:]))
