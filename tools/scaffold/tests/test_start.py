"""Every manifest fits the repository as it is, and they fit one after the other."""

from pathlib import Path

import pytest

from parts import manifest, removal
from parts.draft import Draft
from scaffold import start

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project() -> Draft:
    """Return this repository, unwritten, as a project begins."""
    draft = Draft(ROOT)
    removal.apply(draft, manifest.read(start.HERE / "template.toml"))
    return draft


def test_project_has_no_tool_for_projects(project: Draft) -> None:
    assert "SCAFFOLD" not in project.read("dev.py")
    assert "scaffold" not in project.read("pyproject.toml")
    assert "bake" not in project.read("Makefile")


def test_postgresql_is_the_default_of_development(project: Draft) -> None:
    removal.apply(project, manifest.read(start.HERE / "postgresql.toml"))
    assert '= "postgresql+asyncpg://postgres@127.0.0.1:5432/perpetua"' in project.read("backend/src/config.py")
    assert "sqlite" not in project.read(".env.example")


def test_parts_fit_one_after_the_other_until_their_tool_goes_too(project: Draft) -> None:
    removal.remove(project, list(manifest.read_all().values()))
    assert not project.exists("tools/parts/__main__.py")
    assert not project.exists("docs/parts.md")
    assert "remove_part" not in project.read("dev.py")
