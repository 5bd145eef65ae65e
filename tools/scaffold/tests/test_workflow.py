"""The workflow makes every variant and takes out every part."""

from pathlib import Path

import yaml

from parts import manifest
from scaffold import bake

WORKFLOW = Path(__file__).resolve().parents[3] / ".github/workflows/ci.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]


def test_every_variant_is_made() -> None:
    assert JOBS["bake"]["strategy"]["matrix"] == {"variant": list(bake.VARIANTS)}


def test_every_part_is_taken_out() -> None:
    assert JOBS["drill"]["strategy"]["matrix"] == {"part": sorted(manifest.read_all())}
