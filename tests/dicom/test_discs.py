"""What counts as a disc: a DICOMDIR, an archive, or a removable medium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dicom.disc_parts import good, pack_disc
from workstation.dicom import discs
from workstation.dicom.discs import disc_of


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf" / "disc"
    folder.mkdir(parents=True)
    good(folder)
    return folder


def test_a_folder_with_a_dicomdir_is_a_disc_however_it_is_named(disc: Path) -> None:
    assert disc_of(str(disc)) == str(disc)
    assert disc_of(str(disc / "DICOMDIR")) == str(disc)
    assert disc_of(str(disc.parent)) == str(disc.parent)
    assert disc_of(str(disc.parent.parent)) == ""


def test_an_archive_is_a_disc(disc: Path, tmp_path: Path) -> None:
    pack_disc(disc, tmp_path / "disc.zip")
    assert disc_of(str(tmp_path / "disc.zip")) == str(tmp_path / "disc.zip")


def test_files_and_folders_of_this_machine_are_none(disc: Path, tmp_path: Path) -> None:
    image = next(path for path in disc.rglob("IM*"))
    assert disc_of(str(image)) == disc_of(str(image.parent)) == ""
    assert disc_of(str(tmp_path / "gone")) == ""


def test_anything_on_a_removable_medium_is_one(disc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = str(next(path for path in disc.rglob("IM*")))
    monkeypatch.setattr(discs, "MOUNTED_BY_HAND", (str(disc),))
    assert disc_of(image) == image
