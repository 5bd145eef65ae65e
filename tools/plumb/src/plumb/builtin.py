"""The two findings that come from no rule: a file that cannot be read, and a comment that silences nothing."""

from plumb.findings import Severity
from plumb.rule import Rule

UNREADABLE = Rule(
    "PB001",
    "unreadable-file",
    Severity.ERROR,
    """A file cannot be read or parsed.

## What it does
Reports files that are gone, cannot be decoded or are no Python, where the trouble is. Syntax newer than the running
interpreter is read as far as it can be rewritten. The exit code is 2, whatever rules are selected.

## Why is this bad
A file that is skipped in silence looks clean.
""",
)
UNUSED_NOQA = Rule(
    "PB002",
    "unused-noqa",
    Severity.WARNING,
    """A comment silences a rule that finds nothing there.

## What it does
Reports `# noqa: PB601` on lines without such a finding. Codes of other tools in the same comment are left alone, and so
are rules that did not run.

## Why is this bad
The next real finding on that line would be silenced by a comment that was written for another one.
""",
)
