"""The outputs for programs against their schemas."""

import json
from pathlib import Path

import jsonschema
import pytest

from plumb.cli import main

SCHEMAS = Path(__file__).parents[1] / "src/plumb/output"
BAD = """import asyncio
def run(é):
    try:
        return 1
    except (KeyError, Exception):
        return 2
    except asyncio.TimeoutError: raise
    except OSError:
        return 3
def right():
    try:
        return 1
    except ValueError:
        return 3
    except Exception:
        return 2
"""

# The parts of the SARIF 2.1.0 schema that plumb's log uses, with what is required and what is allowed there.
POSITIVE = {"type": "integer", "minimum": 1}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["physicalLocation"],
    "properties": {
        "message": MESSAGE,
        "physicalLocation": {
            "type": "object",
            "additionalProperties": False,
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "format": "uri-reference", "pattern": "^[^ \\\\]+$"}},
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["startLine"],
                    "properties": dict.fromkeys(["startLine", "startColumn", "endLine", "endColumn"], POSITIVE),
                },
            },
        },
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "additionalProperties": False,
                                            "required": ["id"],
                                            "properties": {
                                                "id": {"type": "string"},
                                                "name": {"type": "string"},
                                                "shortDescription": MESSAGE,
                                                "fullDescription": MESSAGE,
                                                "help": MESSAGE,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "additionalProperties": False,
                                                    "properties": {"level": LEVEL},
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["message", "ruleId", "level", "locations"],
                            "properties": {
                                "ruleId": {"type": "string"},
                                "level": LEVEL,
                                "message": MESSAGE,
                                "locations": {"type": "array", "items": LOCATION, "minItems": 1},
                                "relatedLocations": {"type": "array", "items": LOCATION, "uniqueItems": True},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "broken.py").write_text("def (\n")
    logs: dict[str, object] = {}
    for form in ("json", "sarif"):
        main(["check", "--no-cache", "--output-format", form])
        logs[form] = json.loads(capsys.readouterr().out)
    return logs


def test_json_follows_its_schema(output: dict[str, object]) -> None:
    schema = json.loads((SCHEMAS / "findings.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(output["json"], schema)
    assert isinstance(output["json"], list)
    assert [one["code"] for one in output["json"]] == ["PB601", "PB601", "PB001"]


def test_sarif_has_the_structure_of_2_1_0(output: dict[str, object]) -> None:
    jsonschema.validate(output["sarif"], SARIF)


def test_sarif_results_name_rules_that_the_log_describes(output: dict[str, object]) -> None:
    log = output["sarif"]
    assert isinstance(log, dict)
    (run,) = log["runs"]
    described = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == {"PB601", "PB001"}
    assert {result["ruleId"] for result in run["results"]} <= described
