"""Fields as they are asked for: `due_date:datetime?`, `status:enum(draft,sent)`, `customer:ref(user)`."""

import difflib
import re
from dataclasses import dataclass

from plumb.resources import words
from plumb.resources.field import Context, Field
from plumb.resources.kinds import KINDS
from plumb.resources.lines import SCHEMA_IMPORTS
from plumb.resources.names import Noun, pascal
from plumb.resources.project import Project
from plumb.resources.refusal import Refusal

ASKED = re.compile(r"(?P<name>[^\s:()]+):(?P<kind>\w+)(?:\((?P<arguments>[^()]*)\))?(?P<nullable>\?)?")
EXAMPLE = "number:str amount:Decimal(12,2) status:enum(draft,sent) due_at:datetime? customer:ref(user)"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_LENGTH = 30
IDENTIFIER_LENGTH = 63
"""What PostgreSQL keeps of a name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the command line, taken apart."""

    name: str
    kind: str
    arguments: tuple[str, ...]
    nullable: bool


def read(text: str, noun: Noun, project: Project) -> list[Field]:
    """The fields that *text* asks for. Raises Refusal, which names the field."""
    asked = list(_taken_apart(text))
    if not asked:
        raise Refusal(f'there are no fields: give at least one, for example --fields "{EXAMPLE}"')
    found = [_field(part, noun, project) for part in asked]
    columns = [field.column for field in found]
    for name in columns:
        if columns.count(name) > 1:
            raise Refusal(f"field `{name}`: there are two of that name: leave one out or rename it")
    types = [*(field.alias_name for field in found if field.alias), *(field.enum.name for field in found if field.enum)]
    for name in types:
        if types.count(name) > 1:
            raise Refusal(f"two fields need a type {name}: rename the one that is no enum")
    if all(field.target for field in found):
        raise Refusal("every field is a reference: give the resource a field of its own, such as `note:text`")
    for field in found:
        _check_identifiers(field, noun)
    return found


def _taken_apart(text: str) -> list[Asked]:
    found: list[Asked] = []
    for part in re.findall(r"[^\s(]+(?:\([^)]*\))?\S*", text):
        match = ASKED.fullmatch(part)
        if match is None:
            raise Refusal(f'"{part}" is no field: write name:type, as in "{EXAMPLE}"')
        arguments = match["arguments"]
        split = () if arguments is None else tuple(argument.strip() for argument in arguments.split(","))
        found.append(Asked(match["name"], match["kind"], split, match["nullable"] is not None))
    return found


def _field(asked: Asked, noun: Noun, project: Project) -> Field:
    _check_name(asked.name, "field")
    kind = KINDS.get(asked.kind)
    if kind is None:
        close = difflib.get_close_matches(asked.kind.lower(), [name.lower() for name in KINDS], n=1)
        guess = next((f" Did you mean `{name}`?" for name in KINDS if [name.lower()] == close), "")
        known = ", ".join(KINDS)
        raise Refusal(f"field `{asked.name}`: there is no type `{asked.kind}`.{guess} The types are {known}")
    context = Context(asked.name, noun, asked.nullable, project.targets)
    field = kind(context, *asked.arguments)
    reason = words.why_not_a_column(field.column)
    if reason:
        raise Refusal(f"field `{asked.name}`: `{field.column}` {reason}: choose another name")
    _check_classes(field, noun, project)
    return field


def _check_name(name: str, what: str) -> None:
    if not NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise Refusal(
            f"{what} `{name}`: a name is lower case with underscores, begins with a letter and has at most"
            f" {NAME_LENGTH} characters, as in `unit_price`"
        )


def check_noun(singular: str) -> None:
    """Raise Refusal unless *singular* can name a resource."""
    _check_name(singular, "resource")


def _check_classes(field: Field, noun: Noun, project: Project) -> None:
    own = {noun.name, *(f"{noun.name}{suffix}" for suffix in ("Create", "Update", "Filter", "Read"))}
    if field.enum and (field.enum.name in own or field.enum.name in project.classes):
        raise Refusal(f"field `{field.name}`: there is an enum or class {field.enum.name} already: rename the field")
    if field.alias and field.alias_name in own | project.schema_names | SCHEMA_IMPORTS.keys():
        raise Refusal(
            f"field `{field.name}`: its type {pascal(field.name)} would hide a name that the schemas use: rename it"
        )


def _check_identifiers(field: Field, noun: Noun) -> None:
    """PostgreSQL cuts longer names off, and two that are cut may be one."""
    longest = f"ix_{noun.plural}_{field.column}"
    if field.target:
        longest = f"fk_{noun.plural}_{field.column}_{field.target.table}"
    if len(longest) > IDENTIFIER_LENGTH:
        raise Refusal(
            f"field `{field.name}`: the constraint {longest} has {len(longest)} characters, PostgreSQL keeps"
            f" {IDENTIFIER_LENGTH}: shorten the resource or the field"
        )
