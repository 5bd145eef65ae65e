"""The files that know every resource: the new one is named there beside the exemplar."""

import ast
import re

from plumb.resources import layout, lines, python, referring
from plumb.resources.field import Field
from plumb.resources.layout import EXEMPLAR
from plumb.resources.own_files import Wanted
from plumb.resources.python import Edit
from plumb.resources.refusal import Refusal
from plumb.resources.renaming import everything, nothing, rename

GENERATED = re.compile(r"(<!-- (?P<name>facts: [^>]*|answer) -->\n).*?(<!-- /(?P=name) -->)", re.DOTALL)
REQUEST = r"```http\n{method} {path}\n\n(?P<body>.*?)\n```\n"


def texts(wanted: Wanted) -> dict[str, str]:
    """The new text of each file by its path, before it is laid out."""
    project = wanted.project
    found = {path: listed(project.read(path), wanted) for path in layout.LISTS}
    found[layout.ENUMS] = _enums(project.read(layout.ENUMS), wanted)
    found[layout.FRONT_END] = front_end(project.read(layout.FRONT_END), wanted)
    page = project.read(layout.PAGE)
    end = _place_of_the_next(page)
    found[layout.PAGE] = page[:end] + section(page, wanted) + page[end:]
    return {path: text for path, text in found.items() if text != project.read(path)}


def listed(text: str, wanted: Wanted) -> str:
    """A module that lists every resource, with the new one."""
    noun = wanted.noun
    text = python.beside(text, {EXEMPLAR.plural: noun.plural, EXEMPLAR.name: noun.name})
    imports = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(f".{EXEMPLAR.singular}")
    ]
    renamed = (rename(ast.unparse(node), EXEMPLAR, noun, nothing) + "\n" for node in imports)
    return python.apply(text, [python.run([], line, parent=node) for node, line in zip(imports, renamed, strict=True)])


def _enums(text: str, wanted: Wanted) -> str:
    ours = [
        node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name.startswith(EXEMPLAR.name)
    ]
    new = "".join(lines.enum_class(field.enum) for field in wanted.fields if field.enum)
    last = ours[-1].end_lineno if ours else len(text.splitlines())
    assert last is not None
    return python.apply(text, [Edit(last + 1, last, new)])


def front_end(text: str, wanted: Wanted) -> str:
    """The schemas of the front end: enums, the resource, and the answer of each operation."""
    enum = _last(rf"^export const {EXEMPLAR.name}\w+ = z\.enum\(.*\n", text)
    enums = "".join(lines.zod_enum(field.enum) for field in wanted.fields if field.enum)
    shape = _last(rf"^export const {EXEMPLAR.name} = z\.strictObject\(\{{\n(?:  .*\n)*\}}\);\n", text)
    answers = _last(rf'(?:^  "[A-Z]+ /api/v1/{EXEMPLAR.plural}\b.*\n)+', text)
    new = _with_fields(rename(shape[0], EXEMPLAR, wanted.noun, nothing), wanted)
    text = text[: answers.end()] + rename(answers[0], EXEMPLAR, wanted.noun, nothing) + text[answers.end() :]
    text = text[: shape.end()] + "\n" + new + text[shape.end() :]
    return text[: enum.end()] + enums + text[enum.end() :]


def _with_fields(shape: str, wanted: Wanted) -> str:
    rows = shape.splitlines(keepends=True)
    own = [number for number, row in enumerate(rows) if row.strip().partition(":")[0] in wanted.project.columns]
    return "".join([*rows[: own[0]], *map(lines.zod, wanted.fields), *rows[own[-1] + 1 :]])


def section(page: str, wanted: Wanted) -> str:
    """The section of API.md: the exemplar's sentences, requests with the new fields, and no facts or answers yet."""
    text = GENERATED.sub(r"\1\n\3", _section(page)[0])
    text = rename(text, EXEMPLAR, wanted.noun, everything)
    path = f"/api/v1/{wanted.noun.forms()['kebabs']}"
    values = [(field.column, f"{{{field.column}}}" if field.target else field.valid) for field in wanted.fields]
    text = _with_body(text, f"POST {path}", lines.body(values))
    change = next(field for field in wanted.fields if not field.target)
    one = f"PATCH {path}/{{{wanted.noun.singular}_id}}"
    text = _with_body(text, one, lines.body([(change.column, change.changed), ("version", 1)]))
    sentence = f"### POST {path}\n\nCreate {wanted.noun.article} {wanted.noun.forms()['words']}."
    text = text.replace(sentence, sentence + referring.sentences(wanted.fields))
    begin = f"```http\nPOST {path}\n"
    made = "".join(_made_first(page, field) for field in wanted.fields if field.target)
    return text.replace(begin, made + begin, 1)


def _with_body(text: str, operation: str, body: str) -> str:
    method, _, path = operation.partition(" ")
    found = re.search(REQUEST.format(method=method, path=re.escape(path)), text)
    if found is None:
        raise Refusal(f"{layout.PAGE}: the exemplar's section has no request `{method}` with a body: restore it")
    return text[: found.start("body")] + body + text[found.end("body") :]


def _made_first(page: str, field: Field) -> str:
    """A request that makes what a reference needs, and keeps its id under the name of the column."""
    assert field.target is not None
    request = "GET /api/v1/users/me\n"
    if field.target.owned:
        path = f"/api/v1/{field.target.table.replace('_', '-')}"
        found = re.search(REQUEST.format(method="POST", path=path), page)
        if found is None:
            raise Refusal(f"field `{field.name}`: {layout.PAGE} has no request `POST {path}` to make it with: add one")
        request = f"POST {path}\n\n{found['body']}\n"
    return (
        f"```http\n{request}```\n\n<!-- keep: {field.column} = data.id -->\n\n<!-- answer -->\n\n<!-- /answer -->\n\n"
    )


def _section(page: str) -> re.Match[str]:
    heading = EXEMPLAR.plural.capitalize()
    found = re.search(rf"^## {heading}\n.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    if found is None:
        raise Refusal(f"{layout.PAGE}: there is no section `## {heading}` to write the new one after: restore it")
    return found


def _place_of_the_next(page: str) -> int:
    """Behind the resources, since its requests may use what those of others have made."""
    last = page.find("\n## Error codes\n")
    return last + 1 if last >= 0 else _section(page).end()


def _last(pattern: str, text: str) -> re.Match[str]:
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if not found:
        raise Refusal(f"{layout.FRONT_END}: nothing there matches {pattern!r}, which the exemplar has: restore it")
    return found[-1]
