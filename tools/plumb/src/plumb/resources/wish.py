"""What is wished for, held against what is there: a resource that can be written, or a refusal."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plumb.resources import fields, layout, words
from plumb.resources.names import Noun, looks_plural, plural_of
from plumb.resources.own_files import Wanted
from plumb.resources.project import Project
from plumb.resources.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    name: str
    fields: str
    plural: str | None
    root: Path
    dry_run: bool
    allow_dirty: bool


def read(wish: Wish, now: datetime | None = None) -> Wanted:
    """The resource that is wished for. Raises Refusal for one that cannot be."""
    project = Project(wish.root)
    project.require_exemplar()
    noun = _noun(wish, project)
    stamp = (now or datetime.now().astimezone()).strftime("%Y_%m_%d_%H%M")
    return Wanted(
        project,
        noun,
        fields.read(wish.fields, noun, project),
        revision=project.next_revision(),
        below=project.head,
        file_name=f"{stamp}_create_{noun.plural}.py",
    )


def _noun(wish: Wish, project: Project) -> Noun:
    fields.check_noun(wish.name)
    if wish.plural is None and looks_plural(wish.name):
        raise Refusal(f"resource `{wish.name}` looks like a plural: name one of them, or give its plural with --plural")
    noun = Noun(wish.name, wish.plural or plural_of(wish.name))
    fields.check_noun(noun.plural)
    if noun.plural == noun.singular:
        raise Refusal(
            f"resource `{noun.singular}` is its own plural, so one could not be told from many: give --plural, for"
            f" example --plural {noun.singular}_items"
        )
    for name, what in ((noun.singular, "resource"), (noun.plural, "its plural")):
        _check_word(name, what, noun)
    _check_unused(noun, project)
    return noun


def _check_word(name: str, what: str, noun: Noun) -> None:
    reason = words.why_not_a_noun(name, is_table=name == noun.plural)
    if reason:
        remedy = "give another with --plural" if name == noun.plural else "choose another, such as `customer_order`"
        raise Refusal(f"{what} `{name}` {reason}: {remedy}")


def _check_unused(noun: Noun, project: Project) -> None:
    for target in project.targets.values():
        if noun.singular == target.noun:
            raise Refusal(f"resource `{noun.singular}` exists already: its model is {target.module}")
        if target.table in {noun.plural, noun.singular}:
            raise Refusal(f"there is a table {target.table} already, of `{target.noun}`: give another --plural")
    own = [noun.name, *(f"{noun.name}{suffix}" for suffix in ("Create", "Update", "Filter", "Read"))]
    for name in own:
        if name in project.classes:
            raise Refusal(f"resource `{noun.singular}`: there is a class or schema {name} already: choose another name")
    for name in (noun.singular, noun.plural, noun.plural.upper(), noun.name):
        if name in project.exemplar_names:
            raise Refusal(
                f"resource `{noun.singular}`: `{name}` is a name that the code of a resource uses itself: choose"
                f" another, such as `my_{noun.singular}`"
            )
    for path in layout.OWN:
        own_path = path.format(**noun.forms())
        if (project.root / own_path).exists():
            raise Refusal(f"resource `{noun.singular}`: {own_path} exists already: choose another name or remove it")
