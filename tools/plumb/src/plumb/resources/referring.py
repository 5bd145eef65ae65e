"""What references add to a resource: the check that the row is there, its key and index, and their tests."""

import ast
from collections.abc import Sequence

from plumb.resources import lines, python
from plumb.resources.field import Field, Target
from plumb.resources.names import Noun, pascal, words
from plumb.resources.python import Edit

CHECKED = """\
    values = {values}
    await references.require(session, user_id, values, REFERENCES)
    {stored}
"""
ABSENT = """

async def test_{name}_has_to_be_there(ada: httpx2.AsyncClient) -> None:
    made, absent = await make_{noun}(ada), {{"{column}": str(uuid4())}}
    assert fields_of(await ada.post({PATH}, json=await {noun}_body(ada, **absent))) == ["{column}"]
    assert fields_of(await change(ada, made, **absent)) == ["{column}"]
    assert data_of(await ada.get(f"{{{PATH}}}/{{made['id']}}")) == made


async def test_{name}_can_be_another(ada: httpx2.AsyncClient) -> None:
    made, other = await make_{noun}(ada), await make_{target}(ada)
    assert made["{column}"] != other["id"]
    assert data_of(await change(ada, made, {column}=other["id"]))["{column}"] == other["id"]
"""
FOREIGN = """

async def test_{name}_of_another_user_is_like_none(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    made, theirs = await make_{noun}(ada), {{"{column}": (await make_{target}(bob))["id"]}}
    assert fields_of(await ada.post({PATH}, json=await {noun}_body(ada, **theirs))) == ["{column}"]
    assert fields_of(await change(ada, made, **theirs)) == ["{column}"]
"""


def service(text: str, noun: Noun, fields: Sequence[Field]) -> str:
    """Check the rows that a body names before it is stored."""
    targets = list(_targets(fields))
    if not targets:
        return text
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.AsyncFunctionDef)}
    before = next(iter(functions.values())).lineno
    table = ", ".join(f'"{field.column}": {pascal(target.noun)}' for field, target in targets)
    make = next(node for node in functions["create"].body if python.target_of(node) == noun.singular)
    change = next(node for node in functions["update"].body if "sqlmodel_update" in ast.unparse(node))
    edits = [
        Edit(before, before - 1, f"REFERENCES: dict[str, type[Record]] = {{{table}}}\n\n\n"),
        _checked(make, "data.model_dump()"),
        _checked(change, "data.changes()"),
    ]
    models = {pascal(target.noun): target.module for _, target in targets}
    return python.with_imports(python.apply(text, edits), lines.SERVICE_IMPORTS | models)


def _checked(node: ast.stmt, values: str) -> Edit:
    """The statement that stores *values*, behind their check."""
    stored = ast.unparse(node).replace(values, "values")
    return python.run([node], CHECKED.format(values=values, stored=stored))


def factory(text: str, noun: Noun, fields: Sequence[Field]) -> str:
    """Make what a body refers to, with the body."""
    targets = list(_targets(fields))
    if not targets:
        return text
    build = next(
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == f"{noun.singular}_body"
    )
    made = ", ".join(f'"{field.column}": (await make_{target.noun}(client))["id"]' for field, target in targets)
    text = python.apply(text, [python.run(build.body[1:], f"    return {{**VALID, {made}, **fields}}\n")])
    return python.with_imports(text, _factories(fields))


def tests(noun: Noun, fields: Sequence[Field]) -> str:
    """The tests of the references, behind those of every resource."""
    written = ""
    for field, target in _targets(fields):
        names = {"name": field.name, "column": field.column, "target": target.noun}
        names |= {"noun": noun.singular, "PATH": noun.plural.upper()}
        written += ABSENT.format(**names) + (FOREIGN.format(**names) if target.owned else "")
    return written


def imports(text: str, fields: Sequence[Field]) -> str:
    return python.with_imports(text, _factories(fields))


def keys(noun: Noun, fields: Sequence[Field]) -> str:
    return "".join(
        f'        sa.ForeignKeyConstraint(["{field.column}"], ["{target.table}.id"],'
        f' name=op.f("fk_{noun.plural}_{field.column}_{target.table}"), ondelete="{_deleted(field)}"),\n'
        for field, target in _targets(fields)
    )


def indexes(noun: Noun, fields: Sequence[Field]) -> str:
    return "".join(
        f'    op.create_index(op.f("ix_{noun.plural}_{field.column}"), "{noun.plural}", ["{field.column}"],'
        " unique=False)\n"
        for field, _ in _targets(fields)
    )


def no_indexes(noun: Noun, fields: Sequence[Field]) -> str:
    return "".join(
        f'    op.drop_index(op.f("ix_{noun.plural}_{field.column}"), table_name="{noun.plural}")\n'
        for field, _ in reversed(list(_targets(fields)))
    )


def sentences(fields: Sequence[Field]) -> str:
    """What API.md says about the references of a body."""
    return "".join(
        f" `{field.column}` is the id of one of {'your' if target.owned else 'the'} {words(target.table)};"
        " any other is `422`."
        for field, target in _targets(fields)
    )


def _targets(fields: Sequence[Field]) -> list[tuple[Field, Target]]:
    return [(field, field.target) for field in fields if field.target]


def _factories(fields: Sequence[Field]) -> dict[str, str]:
    return {f"make_{target.noun}": target.factory for _, target in _targets(fields) if target.factory}


def _deleted(field: Field) -> str:
    return "SET NULL" if field.nullable else "CASCADE"
