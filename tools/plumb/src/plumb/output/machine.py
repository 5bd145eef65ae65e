"""The outputs for programs: JSON, SARIF 2.1.0, GitHub annotations and JUnit."""

import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from plumb import __version__
from plumb.findings import Edit, Severity
from plumb.output.shown import Shown
from plumb.rule import Rule

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(shown: Iterable[Shown]) -> str:
    return json.dumps([_object(one) for one in shown], indent=2, ensure_ascii=False) + "\n"


def as_sarif(shown: Iterable[Shown], rules: Iterable[Rule]) -> str:
    findings = list(shown)
    driver = {
        "name": "plumb",
        "version": __version__,
        "rules": [_sarif_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(one) for one in findings],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def as_github(shown: Iterable[Shown]) -> str:
    """Workflow commands that GitHub shows as annotations on the changed lines."""
    lines: list[str] = []
    for one in shown:
        place = one.finding.place
        start = f"file={_property(one.path)},line={place.line},col={place.column}"
        where = f"{start},endLine={place.end_line},endColumn={place.end_column}"
        title = _property(f"{one.finding.code} {one.finding.name}")
        text = _data(f"{one.finding.message}\n{one.finding.fix}")
        lines.append(f"::{one.finding.severity} {where},title={title}::{text}\n")
    return "".join(lines)


def as_junit(shown: Iterable[Shown]) -> str:
    """One failed case per finding; a clean run is one passed case."""
    findings = list(shown)
    suite = ET.Element(
        "testsuite", name="plumb", tests=str(max(len(findings), 1)), failures=str(len(findings)), errors="0"
    )
    for one in findings:
        place = one.finding.place
        case = ET.SubElement(
            suite, "testcase", classname=one.path, name=f"{one.finding.code} {place.line}:{place.column}"
        )
        failure = ET.SubElement(case, "failure", type=str(one.finding.severity), message=_xml(one.finding.message))
        failure.text = _xml(f"{one.path}:{place.line}:{place.column}\n{one.snippet}\n{one.finding.fix}")
    if not findings:
        ET.SubElement(suite, "testcase", classname="plumb", name="clean")
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _object(one: Shown) -> dict[str, Any]:
    finding = one.finding
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "path": one.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "end_line": finding.place.end_line,
        "end_column": finding.place.end_column,
        "message": finding.message,
        "snippet": one.snippet,
        "fix": finding.fix,
        "similar": None if one.similar is None else one.similar._asdict(),
        "related": [
            {"path": note.place.path, "line": note.place.line, "message": note.message} for note in one.related
        ],
        "edits": [_edit(edit) for edit in one.edits],
        "safe": finding.safe,
        "fingerprint": finding.fingerprint,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {**edit.place._asdict(), "text": edit.text}


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.section("What it does") or rule.title},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "defaultConfiguration": {"level": _level(rule.severity)},
    }


def _sarif_result(one: Shown) -> dict[str, Any]:
    finding = one.finding
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _level(finding.severity),
        "message": {"text": f"{finding.message}\n{finding.fix}"},
        "locations": [_location(one.path, *finding.place[1:])],
        "partialFingerprints": {"plumb/v1": finding.fingerprint},
    }
    related = [
        {**_location(note.place.path, *note.place[1:]), "message": {"text": note.message}} for note in one.related
    ]
    if one.similar is not None:
        similar = _location(one.similar.path, one.similar.line, 1, one.similar.line, 1)
        related.append({**similar, "message": {"text": "done right here"}})
    if related:
        result["relatedLocations"] = related
    return result


def _location(path: str, line: int, column: int, end_line: int, end_column: int) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": max(end_column, 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}


def _level(severity: Severity) -> str:
    return "error" if severity is Severity.ERROR else "warning"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _xml(text: str) -> str:
    """*text* without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n" or ord(letter) >= ord(" "))
