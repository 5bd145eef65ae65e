"""Runs the command as `python -m plumb`."""

from plumb.cli import main

raise SystemExit(main())
