"""The files a newcomer meets first: set-up, pins, desktop entry."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("packaging/system_libraries.sh", "packaging/smoke_test.sh", ".ci/run")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    named = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return {normal(name): version for name, _, version in named}


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    names = {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in wanted}
    assert names - set(pins()) == set()


def test_pins_are_plain_versions() -> None:
    """No address of any server: an index is the business of the machine."""
    assert [name for name, version in pins().items() if not re.fullmatch(r"[\w.]+", version)] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(ROOT / script)], check=False).returncode == 0


def test_the_desktop_entry_opens_dicom_files() -> None:
    path = ROOT / "packaging" / "dicom-workstation.desktop"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "Exec=workstation %F" in lines
    assert "MimeType=application/dicom;" in lines
    validator = shutil.which("desktop-file-validate")
    if validator is not None:
        assert subprocess.run([validator, str(path)], check=False, capture_output=True).returncode == 0


def test_the_icon_is_square() -> None:
    icon = ET.parse(ROOT / "packaging" / "icon.svg").getroot()
    assert icon.get("width") == icon.get("height")


def test_make_knows_its_targets() -> None:
    for target in ("run", "test", "check", "bundle"):
        done = subprocess.run(
            ["make", "-C", str(ROOT), "--dry-run", "--no-print-directory", target],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "MAKEFLAGS": ""},
        )
        assert done.returncode == 0, done.stderr
