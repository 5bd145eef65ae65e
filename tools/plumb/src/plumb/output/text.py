"""The two outputs for people: in full, and one line per finding."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from plumb.output.shown import Shown

OFTEN = 6
IN_FULL = 3


def full(shown: Iterable[Shown], *, everything: bool = False) -> str:
    """Rule by rule, errors first. What a rule finds often is explained a few times and then listed."""
    ordered = sorted(shown, key=_rank)
    groups = [list(found) for _, found in groupby(ordered, key=_rank)]
    return "".join(_group(found, everything=everything) for found in groups)


def summary(shown: list[Shown], files: int) -> str:
    """How much was checked, how much was found, and by which rules most."""
    checked = f"{_counted(files, 'file')} checked"
    if not shown:
        return f"{checked}, nothing found\n"
    severities = Counter(str(one.finding.severity) for one in shown)
    told = ", ".join(_counted(count, name) for name, count in sorted(severities.items()))
    rules = Counter(one.finding.code for one in shown)
    most = ", ".join(f"{code} {count}" for code, count in sorted(rules.items(), key=lambda row: (-row[1], row[0])))
    return f"{checked}: {told} ({most})\n"


def concise(shown: Iterable[Shown]) -> str:
    return "".join(f"{place(one)}: {one.finding.code} {one.finding.message}\n" for one in shown)


def statistics(shown: Iterable[Shown]) -> str:
    """How often each rule was found, the most frequent first."""
    counts = Counter((one.finding.code, one.finding.name, str(one.finding.severity)) for one in shown)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>6}  {code}  {severity:<7}  {name}\n" for (code, name, severity), count in rows)


def place(one: Shown) -> str:
    return f"{one.path}:{one.finding.place.line}:{one.finding.place.column}"


def _rank(one: Shown) -> tuple[str, str]:
    return (str(one.finding.severity), one.finding.code)


def _group(found: list[Shown], *, everything: bool) -> str:
    explained = len(found) if everything or len(found) < OFTEN else IN_FULL
    rest = found[explained:]
    code = found[0].finding.code
    listed = [f"{code}: {len(rest)} more (plumb check --select {code} explains each)"] if rest else []
    listed += [f"  --> {place(one)}  {one.finding.message}" for one in rest]
    return "".join(map(_paragraph, found[:explained])) + ("\n".join(listed) + "\n\n" if listed else "")


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _paragraph(one: Shown) -> str:
    finding = one.finding
    lines = [
        f"{finding.severity}[{finding.code}] {finding.name}: {finding.message}",
        f"  --> {place(one)}",
        *(f"   {line}" for line in one.snippet.split("\n")),
        *(f"  note: {related.message} ({related.place.path}:{related.place.line})" for related in one.related),
        *_labelled("fix", finding.fix),
        f"  done right at {one.similar.path}:{one.similar.line}: {one.similar.source}"
        if one.similar
        else f"  for an example see: plumb explain {finding.code}",
    ]
    return "\n".join(lines) + "\n\n"


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = text.split("\n")
    return [f"  {label}: {first}", *(f"  {' ' * len(label)}  {line}" for line in rest)]
