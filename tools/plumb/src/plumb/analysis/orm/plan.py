"""What a query loads beside the row itself: a tree of relationships, cut off where everything may be loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """`everything` when it is unknown what is loaded, so that nothing can be said to be missing."""

    hops: Mapping[str, "Plan"]
    everything: bool = False

    def child(self, name: str) -> "Plan | None":
        """The plan below a relationship; None when it is not loaded."""
        return EVERYTHING if self.everything else self.hops.get(name)

    def merged(self, other: "Plan") -> "Plan":
        """What either of the two loads."""
        if self.everything or other.everything:
            return EVERYTHING
        if not self.hops or self is other:
            return other
        if not other.hops:
            return self
        hops = dict(self.hops)
        for name, below in other.hops.items():
            hops[name] = hops[name].merged(below) if name in hops else below
        return Plan(hops)

    def common(self, other: "Plan") -> "Plan":
        """What both of the two load."""
        return Plan({name: self.hops[name].common(other.hops[name]) for name in self.hops if name in other.hops})

    @property
    def signature(self) -> str:
        """A text that equal plans share."""
        if self.everything:
            return "*"
        return "(" + ",".join(f"{name}{self.hops[name].signature}" for name in sorted(self.hops)) + ")"


NOTHING = Plan({})
EVERYTHING = Plan({}, everything=True)


def along(names: Iterable[str], end: Plan = NOTHING) -> Plan:
    """The plan that loads one path of relationships."""
    plan = end
    for name in reversed(list(names)):
        plan = Plan({name: plan})
    return plan


def union(plans: Iterable[Plan]) -> Plan:
    """What any of the plans loads."""
    result = NOTHING
    for plan in plans:
        result = result.merged(plan)
    return result
