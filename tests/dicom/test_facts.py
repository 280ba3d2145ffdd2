"""Headers as frozen facts."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from tests.dicom import build
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Instance, PixelPlace
from workstation.dicom.uids import is_valid, synthetic


def read(tmp_path: Path, body: bytes, syntax: str = build.EXPLICIT, name: str = "file") -> Instance:
    return read_instance(build.write(tmp_path, build.part10(body, syntax), name))


def test_the_facts_of_a_plain_image(tmp_path: Path) -> None:
    """Everything the tree and the panes need, without a pydicom object."""
    extra = build.element(0x00201041, "DS", "3.5") + build.element(0x00200032, "DS", "1\\2\\3")
    facts = read(tmp_path, build.image(extra=extra))
    assert (facts.modality, facts.rows, facts.columns, facts.has_pixels) == ("CT", 4, 4, True)
    assert facts.frames[0].position == (1, 2, 3)
    assert facts.frames[0].values["SliceLocation"] == 3.5
    assert facts.problems == ()


def test_a_position_that_is_not_finite_is_no_position(tmp_path: Path) -> None:
    """A20: NaN in Image Position would break sorting silently."""
    facts = read(tmp_path, build.image(extra=build.element(0x00200032, "DS", "NaN\\2\\3")))
    assert facts.frames[0].position is None


@pytest.mark.parametrize("uid", ["../../etc/x", "1." * 60 + "1", "1.02.3", "abc", "C:\\x"])
def test_an_odd_uid_is_only_an_identity(tmp_path: Path, uid: str) -> None:
    """A24: it opens for viewing, is marked, and is never used as a path."""
    facts = read(tmp_path, build.image(uid=uid))
    assert facts.sop_instance_uid == uid.split("\\")[0]
    assert any("not a valid UID" in note for note in facts.deviations)
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


def test_missing_uids_get_the_same_stand_ins_every_time(tmp_path: Path) -> None:
    """A25, E5: deterministic, valid, and named as synthetic."""
    body = build.image()[:0] + build.element(0x00080016, "UI", build.CT) + build.element(0x00280010, "US", 4)
    whole = build.part10(body).replace(build.element(0x00020003, "UI", "1.2.3"), build.element(0x00020003, "UI", ""))
    first = read_instance(build.write(tmp_path, whole, "a"))
    second = read_instance(build.write(tmp_path, whole, "b"))
    assert set(first.synthetic) == {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}
    assert first.sop_instance_uid == second.sop_instance_uid
    assert is_valid(first.sop_instance_uid)


def test_other_content_gets_another_stand_in() -> None:
    """E5: a stand-in is made from the content."""
    assert synthetic("a", 1) == synthetic("a", 1) != synthetic("a", 2)


def test_a_missing_patient_id_is_listed(tmp_path: Path) -> None:
    """A25: an empty Type 1 attribute is a violation worth a line, not a refusal."""
    facts = read(tmp_path, build.image().replace(build.element(0x00100020, "LO", "P1"), b""))
    assert any("Patient ID" in note for note in facts.deviations)


@pytest.mark.parametrize("count", ["0", "", "-3", "abc", "1.5"])
def test_an_unusable_number_of_frames_is_one(tmp_path: Path, count: str) -> None:
    """A11: with a note."""
    facts = read(tmp_path, build.image(extra=build.element(0x00280008, "IS", count)))
    assert facts.number_of_frames == 1
    assert any("Number of Frames" in note for note in facts.deviations)


def test_truncated_rows_are_counted(tmp_path: Path) -> None:
    """A8: the complete rows are still there."""
    facts = read(tmp_path, build.image(pixels=bytes(32))[:-11])
    assert facts.problems[0].code == "truncated"
    assert "2 of 4 rows" in facts.problems[0].reason


def test_truncated_frames_are_counted(tmp_path: Path) -> None:
    """A8: "truncated: n of m frames"."""
    body = build.image(extra=build.element(0x00280008, "IS", "3"), pixels=bytes(96))[:-20]
    facts = read(tmp_path, body)
    assert facts.number_of_frames == 3
    assert "2 of 3 frames" in facts.problems[0].reason


def test_excess_pixel_bytes_are_said(tmp_path: Path) -> None:
    """A9: exactly Number of Frames are shown."""
    facts = read(tmp_path, build.image(pixels=bytes(64)))
    assert facts.number_of_frames == 1
    assert any("longer" in note for note in facts.deviations)


def test_a_bomb_is_refused_by_its_computed_size(tmp_path: Path) -> None:
    """A27: 65535 x 65535, 10^6 frames, 64 bits: computed first, never allocated, still listed."""
    body = build.image(65535, 65535, extra=build.element(0x00280008, "IS", "1000000"), pixels=bytes(16))
    body = body.replace(build.element(0x00280100, "US", 16), build.element(0x00280100, "US", 64))
    facts = read(tmp_path, body)
    assert facts.problems[0].code == "too_large"
    assert len(facts.frames) <= 4096


def test_a_million_frames_are_believed_as_far_as_the_bytes_go(tmp_path: Path) -> None:
    """A27: a frame count alone must not cost memory."""
    facts = read(tmp_path, build.image(extra=build.element(0x00280008, "IS", "1000000")))
    assert facts.number_of_frames == 4096
    assert any("more than the file can hold" in note for note in facts.deviations)


def test_dates_that_are_none_do_not_stop_the_import(tmp_path: Path) -> None:
    """A23: raw text stays."""
    extra = build.element(0x00200013, "IS", "1")
    body = build.element(0x00080020, "DA", "2020.01.02") + build.image(extra=extra)[34:]
    facts = read(
        tmp_path, body.replace(build.element(0x00080060, "CS", "CT"), build.element(0x00080030, "TM", "13:45"))
    )
    assert facts.values["StudyTime"] == "13:45"


def region(**changes: int) -> bytes:
    fields = {"x0": 10, "y0": 20, "x1": 30, "y1": 40, **changes}
    content = build.element(0x00186012, "US", 1) + build.element(0x00186014, "US", 1)
    content += build.element(0x00186016, "UL", pack("<L", 2))
    for tag, key in ((0x00186018, "x0"), (0x0018601A, "y0"), (0x0018601C, "x1"), (0x0018601E, "y1")):
        content += build.element(tag, "UL", pack("<L", fields[key]))
    content += build.element(0x00186024, "US", 3) + build.element(0x00186026, "US", 3)
    return build.item(
        content + build.element(0x0018602C, "FD", pack("<d", 0.05)) + build.element(0x0018602E, "FD", pack("<d", -0.05))
    )


def test_ultrasound_regions_are_facts(tmp_path: Path) -> None:
    """D35: bounds, units and signed deltas of each region."""
    broken = build.item(build.element(0x00186012, "US", 1))
    facts = read(tmp_path, build.image(extra=build.sequence(0x00186011, region(), broken)))
    (found,) = facts.values["UltrasoundRegions"]
    assert (found.x0, found.y1, found.units_x, found.delta_x, found.delta_y) == (10, 40, 3, 0.05, -0.05)


def test_references_are_collected_at_any_depth(tmp_path: Path) -> None:
    """E14: what a key object or report points at."""
    inner = build.sequence(0x00081199, build.item(build.element(0x00081155, "UI", "1.2.9")))
    body = build.element(0x00080016, "UI", build.CT) + build.element(0x00080060, "CS", "KO")
    facts = read(tmp_path, body + build.sequence(0x0040A375, build.item(build.sequence(0x00081115, build.item(inner)))))
    assert facts.values["ReferencedSOPInstanceUIDs"] == ("1.2.9",)


def test_a_reference_tells_its_study_and_what_is_no_file_is_none(tmp_path: Path) -> None:
    """E14: evidence of another study is marked; a referred study or procedure step is no object that could be open."""

    def named(uid: str, kind: str = build.CT) -> bytes:
        return build.item(build.element(0x00081150, "UI", kind) + build.element(0x00081155, "UI", uid))

    def of_study(study: str, *uids: str) -> bytes:
        images = build.sequence(0x00081199, *(named(uid) for uid in uids))
        inner = build.sequence(0x00081115, build.item(images))
        return build.item(inner + build.element(0x0020000D, "UI", study))

    body = build.element(0x00080016, "UI", build.CT) + build.element(0x00080060, "CS", "KO")
    body += build.sequence(0x00081111, named("1.2.8", "1.2.840.10008.3.1.2.3.3"))
    body += build.element(0x0020000D, "UI", "1.2.3")
    body += build.sequence(0x0040A375, of_study("1.2.3", "1.2.9"), of_study("1.2.4", "1.2.10"))
    facts = read(tmp_path, body)
    assert facts.values["ReferencedSOPInstanceUIDs"] == ("1.2.9", "1.2.10")
    assert dict(facts.values["ReferencedElsewhere"]) == {"1.2.10": "1.2.4"}


def test_facts_cannot_be_changed(tmp_path: Path) -> None:
    """Facts are shared between threads."""
    facts = read(tmp_path, build.image())
    with pytest.raises(TypeError):
        facts.values["PatientID"] = "other"  # type: ignore[index]


def test_the_place_of_the_pixels_is_known(tmp_path: Path) -> None:
    """A39: pixels are read later from where the header said they are."""
    data = build.part10(build.image(pixels=bytes(range(32))))
    place = read_instance(build.write(tmp_path, data)).pixel_data
    assert place == PixelPlace(len(data) - 32, 32, False, False, 32, len(data))


def test_a_header_without_pixels_has_no_place(tmp_path: Path) -> None:
    data = build.part10(build.element(0x00080016, "UI", build.CT) + build.element(0x00100020, "LO", "P1"))
    assert read_instance(build.write(tmp_path, data)).pixel_data is None


def test_deflated_pixels_are_told_apart(tmp_path: Path) -> None:
    place = read_instance(build.write(tmp_path, build.part10(build.image(), build.DEFLATED))).pixel_data
    assert place is not None
    assert (place.deflated, place.available) == (True, None)


def test_tables_and_overlays_are_announced(tmp_path: Path) -> None:
    """What makes a picture more than window and slope is known before its header is read again."""
    table = build.sequence(0x00283000, build.item(build.element(0x00283006, "US", 1)))
    body = build.image()[:-44] + build.element(0x00280120, "US", 7) + table
    body += build.element(0x00281201, "OW", bytes(4)) + build.element(0x60000010, "US", 4)
    values = read_instance(build.write(tmp_path, build.part10(body))).values
    assert [values.get(key) for key in ("ModalityLUT", "Palette", "Overlays", "PixelPaddingValue")] == [True] * 3 + [7]
