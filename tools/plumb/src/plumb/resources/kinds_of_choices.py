"""Fields that choose: one of some labels, or a row of another resource."""

import re

from plumb.resources.field import Context, Enum, Field
from plumb.resources.names import pascal

NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of no row: where a schema only wants to see an id."""
LABEL = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def enumeration(context: Context, *labels: str) -> Field:
    """One of these labels; the first unless it is sent."""
    _check_labels(context, labels)
    enum = Enum(context.noun.name + pascal(context.name), labels)
    first = f"{enum.name}.{labels[0].upper()}"
    return Field(
        **context.names(),
        stored=enum.name,
        options=(f"sa_type=enum_type({enum.name})",),
        answered=enum.name,
        default=None if context.nullable else first,
        left_out=None if context.nullable else labels[0],
        filtered=enum.name,
        enum=enum,
        sa=f"{context.noun.singular}_{context.name}".upper(),
        zod=enum.name,
        valid=labels[1],
        changed=labels[2 % len(labels)],
        accepted={label: (label, label) for label in labels},
        refused={"by name": labels[0].upper(), "unknown": f"{labels[0]}?"},
    )


def reference(context: Context, *arguments: str) -> Field:
    """The id of a row of another table; the row has to be there, and the caller's own."""
    if len(arguments) != 1:
        raise context.refuse("ref takes one resource, as in `customer:ref(user)`")
    target = context.targets.get(arguments[0])
    if arguments[0] == context.noun.singular:
        raise context.refuse(
            f"a {context.noun.singular} that refers to another needs a guard against circles, which the exemplar does"
            " not have: leave the field out and add it by hand"
        )
    if target is None:
        known = ", ".join(noun for noun, found in sorted(context.targets.items()) if found.owned and found.factory)
        raise context.refuse(f"there is no resource `{arguments[0]}` to refer to: there are user, {known}")
    if not target.owned and target.noun != "user":
        raise context.refuse(
            f"a row of {target.table} has no `user_id`, so nobody can say whose it is: refer to its owner"
        )
    if target.factory is None:
        raise context.refuse(
            f"the tests cannot make a {target.noun}: write `async def make_{target.noun}(client)` below"
            " backend/tests/factories, which returns one as GET does"
        )
    deleted = "SET NULL" if context.nullable else "CASCADE"
    return Field(
        **context.names(f"{context.name}_id"),
        stored="UUID",
        options=(f'foreign_key="{target.table}.id"', f'ondelete="{deleted}"', "index=True"),
        answered="UUID",
        filtered="UUID",
        target=target,
        sa="sa.Uuid()",
        zod="id",
        valid=NOBODY,
        changed=NOBODY,
        refused={"no UUID": "6f1c2a7e", "a number": 1},
    )


def _check_labels(context: Context, labels: tuple[str, ...]) -> None:
    if len(labels) < 2:  # noqa: PLR2004 - a filter and a change need another one
        raise context.refuse("an enum has at least two labels, as in `enum(draft,sent)`")
    for label in labels:
        if not LABEL.fullmatch(label):
            raise context.refuse(
                f"the enum label `{label}` is empty or not lower case with underscores, as in `on_hold`"
            )
        if labels.count(label) > 1:
            raise context.refuse(f"the enum label `{label}` is there twice: leave one out")
