"""Key object selections of our own: exact references, one document a study, clean to others' readers."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from workstation.dicom.facts import read_header, read_instance
from workstation.dicom.identity import Instance, Locator
from workstation.errors import WorkstationError
from workstation.export.key_objects import write_key_objects
from workstation.objects import handler_for
from workstation.objects.key_object_writing import (
    TITLES,
    KeyImage,
    KeyObjectError,
    Selection,
    encoded,
    key_object_documents,
)
from workstation.phantoms.demo import write_demo

NOON = datetime(2026, 3, 4, 12, 30, 15, 250000, tzinfo=UTC)
SELECTION = Selection("113004", "Beispiel für die Übung\nmit zwei Zeilen", "Müller^Jürgen", NOON)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Instance]:
    paths = write_demo(tmp_path_factory.mktemp("demo"))
    found = [read_instance(Locator(str(path))) for path in paths if path.name != "DICOMDIR"]
    return [each for each in found if each.has_pixels]


def key(instance: Instance, *frames: int, **changes: str) -> KeyImage:
    header = read_header(instance.locator).ds
    for keyword, value in changes.items():
        setattr(header, keyword, value)
    return KeyImage(instance, header, frames)


def references(ds: Dataset) -> list[Dataset]:
    return [item.ReferencedSOPSequence[0] for item in ds.ContentSequence if item.ValueType in ("IMAGE", "COMPOSITE")]


def evidence(items: object) -> set[tuple[str, str, str, str]]:
    return {
        (study.StudyInstanceUID, series.SeriesInstanceUID, one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID)
        for study in items  # type: ignore[attr-defined]
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }


def names(instance: Instance) -> tuple[str, str, str, str]:
    return (
        instance.study_instance_uid,
        instance.series_instance_uid,
        instance.sop_class_uid,
        instance.sop_instance_uid,
    )


def in_one_study(images: list[Instance], count: int) -> list[Instance]:
    return [each for each in images if each.study_instance_uid == images[0].study_instance_uid][:count]


def reopened(document: pydicom.FileDataset, folder: Path) -> pydicom.FileDataset:
    path = folder / "ko.dcm"
    path.write_bytes(encoded(document))
    return pydicom.dcmread(path)


def test_references_are_exact(images: list[Instance], tmp_path: Path) -> None:
    """F33: the very instances, in the order chosen, in content and evidence alike."""
    chosen = in_one_study(images, 3)
    (document,) = key_object_documents([key(each) for each in chosen], SELECTION)
    ds = reopened(document, tmp_path)
    assert [(one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID) for one in references(ds)] == [
        (each.sop_class_uid, each.sop_instance_uid) for each in chosen
    ]
    assert evidence(ds.CurrentRequestedProcedureEvidenceSequence) == {names(each) for each in chosen}
    assert ds.StudyInstanceUID == chosen[0].study_instance_uid
    assert ds.SeriesInstanceUID not in {each.series_instance_uid for each in images}
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
    assert (ds.Modality, "IdenticalDocumentsSequence" in ds) == ("KO", False)


def test_text_and_author_survive_in_any_script(images: list[Instance], tmp_path: Path) -> None:
    header = {"PatientName": "山田^太郎", "SpecificCharacterSet": "ISO_IR 192"}
    (document,) = key_object_documents([key(images[0], **header)], SELECTION)
    ds = reopened(document, tmp_path)
    by_name = {
        item.ConceptNameCodeSequence[0].CodeValue: item for item in ds.ContentSequence if item.ValueType != "IMAGE"
    }
    assert by_name["113012"].TextValue == "Beispiel für die Übung\nmit zwei Zeilen"
    assert str(by_name["121008"].PersonName) == "Müller^Jürgen"
    assert str(ds.PatientName) == "山田^太郎"
    assert ds.ConceptNameCodeSequence[0].CodeMeaning == ds.SeriesDescription == "For Teaching"


def test_without_words_and_author_nothing_is_made_up(images: list[Instance], tmp_path: Path) -> None:
    (document,) = key_object_documents([key(images[0])], Selection("113000", " \n ", " "))
    assert [item.ValueType for item in reopened(document, tmp_path).ContentSequence] == ["IMAGE"]


def test_frames_are_named_by_number_and_mentions_are_joined(images: list[Instance], tmp_path: Path) -> None:
    many = next(each for each in images if each.number_of_frames > 3)
    chosen = [key(many, 3), key(many, 1), key(many, 3)]
    (document,) = key_object_documents(chosen, SELECTION)
    (one,) = references(reopened(document, tmp_path))
    assert list(one.ReferencedFrameNumber) == [1, 3]
    with pytest.raises(KeyObjectError, match="frames 1 to"):
        key_object_documents([key(many, many.number_of_frames + 1)], SELECTION)


def test_several_studies_get_identical_documents(images: list[Instance], tmp_path: Path) -> None:
    first = images[0]
    later = replace(images[1], study_instance_uid="2.25.77", series_instance_uid="2.25.78")
    documents = key_object_documents([key(first), key(later)], SELECTION)
    one, other = (reopened(document, tmp_path) for document in documents)
    assert {one.StudyInstanceUID, other.StudyInstanceUID} == {first.study_instance_uid, "2.25.77"}
    assert one.ContentSequence == other.ContentSequence
    for ours, theirs in ((one, other), (other, one)):
        named = (theirs.StudyInstanceUID, theirs.SeriesInstanceUID, theirs.SOPClassUID, theirs.SOPInstanceUID)
        assert evidence(ours.IdenticalDocumentsSequence) == {named}
        assert evidence(ours.CurrentRequestedProcedureEvidenceSequence) == {names(first), names(later)}


def test_no_document_names_two_patients(images: list[Instance]) -> None:
    documents = key_object_documents([key(images[0]), key(images[1], PatientID="another")], SELECTION)
    assert [document.PatientID for document in documents] == [key(images[0]).header.PatientID, "another"]
    assert [len(references(document)) for document in documents] == [1, 1]
    assert all("IdenticalDocumentsSequence" not in document for document in documents)


def test_time_is_told_in_the_zone_of_the_images(images: list[Instance], tmp_path: Path) -> None:
    (document,) = key_object_documents([key(images[0], TimezoneOffsetFromUTC="-0330")], SELECTION)
    ds = reopened(document, tmp_path)
    assert (ds.TimezoneOffsetFromUTC, ds.ContentDate, ds.ContentTime) == ("-0330", "20260304", "090015.250000")
    assert ds.ObservationDateTime == "20260304090015.250000-0330"


def test_without_a_zone_none_is_claimed_for_their_dates(images: list[Instance], tmp_path: Path) -> None:
    image = key(images[0])
    image.header.pop("TimezoneOffsetFromUTC", None)
    ds = reopened(key_object_documents([image], SELECTION)[0], tmp_path)
    told = datetime.strptime(ds.ObservationDateTime, "%Y%m%d%H%M%S.%f%z")
    assert ("TimezoneOffsetFromUTC" in ds, told) == (False, NOON)


def test_dates_of_old_are_rewritten_and_nonsense_is_left_out(images: list[Instance], tmp_path: Path) -> None:
    old = key(images[0], StudyDate="1994.01.30", StudyTime="11:25:01.5", PatientBirthDate="unknown")
    ds = reopened(key_object_documents([old], SELECTION)[0], tmp_path)
    assert (ds.StudyDate, ds.StudyTime, ds.PatientBirthDate) == ("19940130", "112501.5", "")


def test_a_dose_is_named_though_it_is_no_image(images: list[Instance]) -> None:
    dose = replace(images[0], sop_class_uid="1.2.840.10008.5.1.4.1.1.481.2")
    (document,) = key_object_documents([key(dose)], Selection("113000"))
    assert [item.ValueType for item in document.ContentSequence] == ["COMPOSITE"]


def test_several_values_stand_as_in_a_file(images: list[Instance], tmp_path: Path) -> None:
    image = key(images[0])
    image.header.DeidentificationMethod = ["names", "dates"]
    ds = reopened(key_object_documents([image], SELECTION)[0], tmp_path)
    assert list(ds.DeidentificationMethod) == ["names", "dates"]


def test_what_others_could_not_find_is_not_named(images: list[Instance]) -> None:
    for nameless in (
        replace(images[0], synthetic=("SOPInstanceUID",)),
        replace(images[0], series_instance_uid="1.2.03"),
        replace(images[0], sop_instance_uid="2.25.99"),
    ):
        with pytest.raises(KeyObjectError, match="valid UIDs"):
            key_object_documents([key(nameless)], SELECTION)


def test_nothing_and_unknown_titles_are_refused(images: list[Instance]) -> None:
    with pytest.raises(KeyObjectError, match="No image"):
        key_object_documents([], SELECTION)
    with pytest.raises(KeyObjectError, match="not a title"):
        key_object_documents([key(images[0])], Selection("113001"))


def test_files_are_new_and_nothing_is_replaced(images: list[Instance], tmp_path: Path) -> None:
    there = tmp_path / "key-images-1.dcm"
    there.write_bytes(b"kept")
    (path,) = write_key_objects([(images[0], ())], SELECTION, tmp_path)
    assert (path.name, there.read_bytes()) == ("key-images-2.dcm", b"kept")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["key-images-1.dcm", "key-images-2.dcm"]
    assert handler_for(read_instance(Locator(str(path)))).kind == "key_object"


def test_a_folder_that_is_not_there_is_told(images: list[Instance], tmp_path: Path) -> None:
    with pytest.raises(WorkstationError, match="could not be written"):
        write_key_objects([(images[0], ())], SELECTION, tmp_path / "none")


def written(images: list[Instance], title: str, folder: Path) -> list[Path]:
    many = next(each for each in images if each.number_of_frames > 3)
    other = replace(in_one_study(images, 3)[2], study_instance_uid="2.25.77", series_instance_uid="2.25.78")
    chosen = [*(key(each) for each in in_one_study(images, 2)), key(many, 2, 4), key(other, TimezoneOffsetFromUTC="")]
    paths = []
    for number, document in enumerate(key_object_documents(chosen, replace(SELECTION, title=title))):
        paths.append(folder / f"{title}-{number}.dcm")
        paths[-1].write_bytes(encoded(document))
    return paths


@pytest.mark.parametrize("title", TITLES)
def test_dciodvfy_has_no_complaint(images: list[Instance], title: str, dicom3tools: Path, tmp_path: Path) -> None:
    for path in written(images, title, tmp_path):
        done = subprocess.run([dicom3tools / "dciodvfy", path], capture_output=True, text=True, check=False)
        told = (done.stdout + done.stderr).splitlines()
        assert "KeyObjectSelectionDocument" in told
        assert [line for line in told if line.startswith(("Error", "Warning"))] == []


def test_dcmtk_reads_it(images: list[Instance], dcmtk: Path, tmp_path: Path) -> None:
    (path, *_) = written(images, "113013", tmp_path)
    done = subprocess.run([dcmtk / "dsrdump", path], capture_output=True, text=True, check=False, encoding="utf-8")
    assert (done.returncode, "Best In Set" in done.stdout) == (0, True)
    assert done.stdout.count("IMAGE:") == 4
    assert not any(line.startswith("E:") for line in done.stderr.splitlines())
