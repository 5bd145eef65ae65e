"""The two outputs for people: in full, and one line per finding."""

from collections import Counter
from collections.abc import Iterable

from plumb.output.shown import Shown


def full(shown: Iterable[Shown]) -> str:
    return "".join(map(_paragraph, shown))


def concise(shown: Iterable[Shown]) -> str:
    return "".join(f"{place(one)}: {one.finding.code} {one.finding.message}\n" for one in shown)


def statistics(shown: Iterable[Shown]) -> str:
    """How often each rule was found, the most frequent first."""
    counts = Counter((one.finding.code, one.finding.name, str(one.finding.severity)) for one in shown)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>6}  {code}  {severity:<7}  {name}\n" for (code, name, severity), count in rows)


def place(one: Shown) -> str:
    return f"{one.path}:{one.finding.place.line}:{one.finding.place.column}"


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
