"""DICOMDIR: records, links, File IDs, what is missing."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from struct import pack

import pytest

from tests.dicom import build
from workstation.dicom.dicomdir import read_dicomdir
from workstation.dicom.file_ids import RefusedFileIDError, safe_components
from workstation.dicom.identity import Locator
from workstation.dicom.scan import Found, Missing, NotDicomFile, Skipped, scan

DIRECTORY = "1.2.840.10008.1.3.10"


def record(kind: str, *, following: int = 0, lower: int = 0, in_use: int = 0xFFFF, **leaf: str) -> bytes:
    content = build.element(0x00041400, "UL", pack("<L", following)) + build.element(0x00041410, "US", in_use)
    content += build.element(0x00041420, "UL", pack("<L", lower)) + build.element(0x00041430, "CS", kind)
    if "file" in leaf:
        content += build.element(0x00041500, "CS", leaf["file"])
        content += build.element(0x00041510, "UI", build.CT) + build.element(0x00041511, "UI", leaf.get("uid", "1.2.3"))
    if kind == "SERIES":
        content += build.element(0x00080060, "CS", "CT")
    if kind == "PATIENT":
        content += build.element(0x00100010, "PN", "Doe^Jane") + build.element(0x00100020, "LO", leaf.get("id", "P1"))
    if kind == "STUDY":
        content += build.element(0x0020000D, "UI", "1.2.4")
    if kind == "SERIES":
        content += build.element(0x0020000E, "UI", "1.2.5") + build.element(0x00200011, "IS", "7")
    return build.item(content)


def directory(*records: bytes, root: int = 0) -> bytes:
    body = build.element(0x00041130, "CS", "SET") + build.element(0x00041200, "UL", pack("<L", root))
    whole = build.part10(body + build.sequence(0x00041220, *records))
    return whole.replace(
        build.element(0x00020002, "UI", build.CT), build.element(0x00020002, "UI", DIRECTORY + "\0" * 6)
    )


def disc(tmp_path: Path, file_id: str = "IMAGES\\IM1", stored: str = "IMAGES/IM1", **changes: str) -> Locator:
    """A file-set with one image, its records linked by file order only."""
    build.write(tmp_path, build.part10(build.image()), stored)
    records = (record("PATIENT"), record("STUDY"), record("SERIES"), record("IMAGE", file=file_id, **changes))
    return build.write(tmp_path, directory(*records), "DICOMDIR")


@pytest.mark.parametrize(
    ("file_id", "stored"),
    [
        ("IMAGES\\IM1", "IMAGES/IM1"),
        ("IMAGES\\IM1", "images/im1"),
        ("IMAGES\\IM1", "Images/Im1.dcm"),
        ("IMAGES\\IM1", "IMAGES/IM1;1"),
        ("IMAGES\\IM1", "IMAGES/IM1."),
        ("IMAGES\\IM1", "IMAGES/IM1.;1"),
        ("IMAGES\\IM1.DCM", "images/im1"),
        ("IMAGES/IM1", "IMAGES/IM1"),
        (".\\IMAGES\\IM1", "IMAGES/IM1"),
        ("IMAGES\\IM-1", "IMAGES/im-1.dcm"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_id_finds_its_file(tmp_path: Path, file_id: str, stored: str, zipped: bool) -> None:
    """E11: case, ';1', '.', '.dcm', on disk and inside a ZIP."""
    locator = disc(tmp_path, file_id, stored)
    if zipped:
        archive = tmp_path / "disc.zip"
        with zipfile.ZipFile(archive, "w") as out:
            out.write(tmp_path / "DICOMDIR", "sub/DICOMDIR")
            out.write(tmp_path / stored, f"sub/{stored}")
        locator = Locator(str(archive), "sub/DICOMDIR")
    result = read_dicomdir(locator)
    assert [one.locator.name.lower()[:2] for one in result.instances] == ["im"]
    assert result.missing == ()


def test_records_give_the_tree_without_opening_files(tmp_path: Path) -> None:
    """E10: patient, study and series come from the records."""
    (found,) = read_dicomdir(disc(tmp_path)).instances
    assert (found.values["PatientName"], found.study_instance_uid, found.values["SeriesNumber"]) == (
        "Doe^Jane",
        "1.2.4",
        7,
    )
    assert (found.sop_instance_uid, found.modality) == ("1.2.3", "CT")


def test_a_missing_file_is_listed(tmp_path: Path) -> None:
    """E12: named, the rest goes on."""
    locator = disc(tmp_path)
    shutil.rmtree(tmp_path / "IMAGES")
    result = read_dicomdir(locator)
    assert result.missing == ("IMAGES/IM1",)
    assert result.missing_uids == (("1.2.4", "1.2.3"),)


@pytest.mark.parametrize(
    "file_id", ["..\\..\\etc\\passwd", "\\etc\\passwd", "C:\\x", "\\\\host\\share", "/etc/passwd", "A\\..\\B"]
)
def test_a_file_id_that_leads_out_is_refused(tmp_path: Path, file_id: str) -> None:
    """A26: that record only."""
    with pytest.raises(RefusedFileIDError):
        safe_components(file_id.split("\\"))
    result = read_dicomdir(disc(tmp_path, file_id))
    assert result.instances == ()
    assert any("refused" in note for note in result.notes)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """A26: a symlink inside the medium to a file outside it."""
    outside = build.write(tmp_path, build.part10(build.image()), "outside/IM1")
    root = tmp_path / "disc"
    root.mkdir()
    os.symlink(outside.path, root / "LINK")
    records = (record("PATIENT"), record("IMAGE", file="LINK"))
    result = read_dicomdir(build.write(root, directory(*records), "DICOMDIR"))
    assert result.instances == ()
    assert any("link" in note for note in result.notes)


def linked(tmp_path: Path, loop: bool) -> Locator:
    """Records linked by offsets: PATIENT -> IMAGE, and back to the patient in a loop."""
    build.write(tmp_path, build.part10(build.image()), "IM1")
    first = directory(record("PATIENT"), record("IMAGE", file="IM1"))
    patient, image = first.index(b"\xfe\xff\x00\xe0"), first.rindex(b"\xfe\xff\x00\xe0")
    records = (record("PATIENT", lower=image), record("IMAGE", file="IM1", following=patient if loop else 0))
    return build.write(tmp_path, directory(*records, root=patient), "DICOMDIR")


@pytest.mark.parametrize("loop", [False, True])
def test_links_are_followed_once(tmp_path: Path, loop: bool) -> None:
    """E10: loop-guarded."""
    result = read_dicomdir(linked(tmp_path, loop))
    assert len(result.instances) == 1
    assert any("loop" in note for note in result.notes) is loop


def test_wrong_offsets_hide_nothing(tmp_path: Path) -> None:
    """H4: records that no link reaches are taken in file order."""
    result = read_dicomdir(disc(tmp_path))
    assert len(result.instances) == 1
    assert any("file order" in note for note in result.notes)


def test_inactive_records_are_skipped(tmp_path: Path) -> None:
    """E10: Record In-use Flag 0."""
    build.write(tmp_path, build.part10(build.image()), "IM1")
    records = (record("PATIENT"), record("IMAGE", file="IM1", in_use=0))
    assert read_dicomdir(build.write(tmp_path, directory(*records), "DICOMDIR")).instances == ()


@pytest.mark.parametrize("kind", ["PRIVATE", "IMAGE", "ENCAP DOC", "SR DOCUMENT", "NEW THING"])
def test_every_record_with_a_file_is_opened(tmp_path: Path, kind: str) -> None:
    """E10: PRIVATE and unknown types too; no PATIENT record is needed."""
    build.write(tmp_path, build.part10(build.image()), "IM1")
    result = read_dicomdir(build.write(tmp_path, directory(record(kind, file="IM1")), "DICOMDIR"))
    assert len(result.instances) == 1
    assert any("unknown type" in note for note in result.notes) is (kind == "NEW THING")


def test_a_scan_reads_the_files_a_dicomdir_names_first(tmp_path: Path) -> None:
    """E12: records first, in their order, with full headers; then the union with what lies around."""
    build.write(tmp_path, build.part10(build.image(uid="1.2.99")), "AAA")
    disc(tmp_path)
    events = [event for event in scan([str(tmp_path)]) if isinstance(event, Found | Skipped | NotDicomFile | Missing)]
    assert [event.instance.sop_instance_uid for event in events if isinstance(event, Found)] == ["1.2.3", "1.2.99"]
    assert all(event.instance.rows == 4 for event in events if isinstance(event, Found))


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9])
def test_a_cut_dicomdir_never_hides_its_folder(tmp_path: Path, share: float) -> None:
    """E12: opened by its own path; what its records no longer say is found beside it."""
    build.write(tmp_path, build.part10(build.image(uid="1.2.99")), "elsewhere/IM9")
    path = Path(disc(tmp_path).path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    found = [event.instance.sop_instance_uid for event in scan([path]) if isinstance(event, Found)]
    assert sorted(found) == ["1.2.3", "1.2.99"]


def test_a_dicomdir_that_names_nothing_falls_back_to_its_folder(tmp_path: Path) -> None:
    """E12, H4: opened by its own path."""
    build.write(tmp_path, build.part10(build.image()), "elsewhere/IM9")
    locator = build.write(tmp_path, directory(record("PATIENT"), record("IMAGE", file="GONE")), "DICOMDIR")
    events = list(scan([locator.path]))
    assert sum(isinstance(event, Found) for event in events) == 1
    assert sum(isinstance(event, Missing) for event in events) == 1


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("DICOMDIR", 31),
        ("DICOMDIR-bigEnd", 31),
        ("DICOMDIR-implicit", 31),
        ("DICOMDIR-nooffset", 31),
        ("DICOMDIR-nopatient", 31),
        ("DICOMDIR-reordered", 31),
        ("DICOMDIR-empty.dcm", 0),
        ("TINY_ALPHA/DICOMDIR", 50),
    ],
)
def test_real_dicomdirs_resolve(corpus: Path, name: str, files: int) -> None:
    """H4: big endian, implicit VR, wrong offsets, no patient, reordered."""
    result = read_dicomdir(Locator(str(corpus / "dicomdir" / "pydicom-dicomdirtests" / name)))
    assert (len(result.instances), result.missing) == (files, ())
