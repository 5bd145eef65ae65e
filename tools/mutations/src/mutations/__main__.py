"""`python -m mutations`."""

import sys

from mutations.cli import main

sys.exit(main())
