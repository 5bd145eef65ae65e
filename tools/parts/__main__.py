"""`python tools/parts COMMAND`: what `python dev.py remove-part` and `python dev.py parts-docs` call."""

import sys

from parts.commands import main

sys.exit(main(sys.argv[1:]))
