"""A read header as frozen facts: :class:`~workstation.dicom.identity.Instance`."""

from __future__ import annotations

import hashlib
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom import wanted
from workstation.dicom.content import content_values, regions_of
from workstation.dicom.frame_facts import frames_of, mosaic_of
from workstation.dicom.identity import Frame, Instance, PixelPlace, Problem
from workstation.dicom.pixel_budget import pixel_problems
from workstation.dicom.read import ReadResult, read_dataset
from workstation.dicom.sources import read_range
from workstation.dicom.spacing import usable_sizes
from workstation.dicom.uids import is_valid, synthetic
from workstation.errors import CorruptFile, WorkstationError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.identity import Locator

SKIP_OVER = 1 << 16


def read_instance(locator: Locator) -> Instance:
    """Read the facts of one file.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    return instance_from(locator, read_header(locator))


def read_header(locator: Locator) -> ReadResult:
    """Read as much of a header as the facts need.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    return read_dataset(locator, pixels_in_buffer=False, skip_over=SKIP_OVER)


def instance_from(locator: Locator, result: ReadResult) -> Instance:
    """Return the facts of a header.

    Raises
    ------
    CorruptFile
        If the header is damaged beyond what the accessors expect.
    """
    try:
        return _instance(locator, result)
    except WorkstationError:
        raise
    except (RecursionError, MemoryError) as error:
        raise CorruptFile(f"{locator.name}: the data set is too deeply nested or too large.") from error
    except Exception as error:
        raise CorruptFile(f"{locator.name}: its attributes cannot be read ({type(error).__name__}).") from error


def _instance(locator: Locator, result: ReadResult) -> Instance:
    ds, notes = result.ds, list(result.deviations)
    values = _values(ds)
    modality = a.text(ds, "Modality")
    rows, columns = a.integer(ds, "Rows") or 0, a.integer(ds, "Columns") or 0
    frames, problems = pixel_problems(ds, result, max(rows, 0), max(columns, 0), notes)
    sop_class = a.text(ds, "SOPClassUID") or a.text(ds.file_meta, "MediaStorageSOPClassUID")
    if v.tag_of("DirectoryRecordSequence") in ds:
        sop_class = v.MEDIA_STORAGE_DIRECTORY
    uids, made = _uids(locator, result, values, modality, notes)
    image_type = a.texts(ds, "ImageType")
    if (mosaic := mosaic_of(ds, image_type)) is not None:
        values["Mosaic"] = mosaic
    _requirements(values, notes)
    return Instance(
        locator=locator,
        sop_instance_uid=uids["SOPInstanceUID"],
        sop_class_uid=intern(sop_class),
        series_instance_uid=uids["SeriesInstanceUID"],
        study_instance_uid=uids["StudyInstanceUID"],
        transfer_syntax_uid=intern(result.transfer_syntax_uid),
        modality=intern(modality),
        instance_number=a.integer(ds, "InstanceNumber"),
        rows=max(rows, 0),
        columns=max(columns, 0),
        number_of_frames=frames,
        samples_per_pixel=a.integer(ds, "SamplesPerPixel") or 1,
        photometric=intern(a.text(ds, "PhotometricInterpretation")),
        frame_of_reference_uid=_frame_of_reference(ds),
        image_type=image_type,
        has_pixels=result.pixel_data is not None,
        frames=_frames(ds, frames, modality),
        values=MappingProxyType(values),
        deviations=tuple(notes),
        problems=(*result.problems, *problems),
        synthetic=made,
        pixel_data=_place(result),
    )


def _place(result: ReadResult) -> PixelPlace | None:
    found = result.pixel_data
    if found is None:
        return None
    return PixelPlace(
        offset=found.offset,
        length=found.length,
        encapsulated=found.encapsulated,
        big_endian=found.big_endian,
        available=found.available,
        file_size=result.size,
        deflated=result.deflated,
    )


def _frames(ds: Dataset, count: int, modality: str) -> tuple[Frame, ...]:
    return frames_of(ds, count, modality)


def _values(ds: Dataset) -> dict[str, Any]:
    values = wanted.collect(ds, wanted.INSTANCE)
    values.update(content_values(ds))
    if regions := regions_of(ds):
        values["UltrasoundRegions"] = regions
    return values


def _frame_of_reference(ds: Dataset) -> str:
    found = a.text(ds, "FrameOfReferenceUID")
    if found:
        return intern(found)
    # NM and some RT objects keep it one level down.
    for keyword in ("ReferencedFrameOfReferenceSequence",):
        if (item := a.first_item(ds, keyword)) is not None:
            return a.text(item, "FrameOfReferenceUID")
    return ""


def _uids(
    locator: Locator, result: ReadResult, values: dict[str, Any], modality: str, notes: list[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the three UIDs, synthetic where missing (E5), and which those are."""
    ds = result.ds
    uids = {key: intern(a.text(ds, key)) for key in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")}
    if not uids["SOPInstanceUID"]:
        uids["SOPInstanceUID"] = a.text(ds.file_meta, "MediaStorageSOPInstanceUID")
    made = tuple(key for key, uid in uids.items() if not uid)
    for key, uid in uids.items():
        if uid and not is_valid(uid):
            notes.append(f"{key} is not a valid UID (PS3.5 9.1); used as it is, for identity only.")
    if "StudyInstanceUID" in made:
        keys = ("PatientID", "PatientName", "StudyDate", "StudyTime", "StudyID", "AccessionNumber")
        uids["StudyInstanceUID"] = synthetic("study", *(values.get(key, "") for key in keys))
    if "SeriesInstanceUID" in made:
        own = (values.get(key, "") for key in ("SeriesNumber", "SeriesDescription", "SeriesDate"))
        uids["SeriesInstanceUID"] = synthetic("series", uids["StudyInstanceUID"], modality, *own)
    if "SOPInstanceUID" in made:
        head = hashlib.sha256(read_range(locator, 0, 1 << 20)).hexdigest()
        uids["SOPInstanceUID"] = synthetic("instance", head, result.size)
    notes.extend(f"{key} is missing; a stand-in made from the content is used." for key in made)
    return uids, made


_SPACINGS = {
    "PixelSpacing": "Pixel Spacing",
    "ImagerPixelSpacing": "Imager Pixel Spacing",
    "NominalScannedPixelSpacing": "Nominal Scanned Pixel Spacing",
    "PixelAspectRatio": "Pixel Aspect Ratio",
}
_TYPE_1 = {"PatientID": "Patient ID is empty or missing."}


def _requirements(values: dict[str, Any], notes: list[str]) -> None:
    notes.extend(sentence for key, sentence in _TYPE_1.items() if key not in values)
    for keyword, name in _SPACINGS.items():
        pair = values.get(keyword)
        if pair is not None and usable_sizes(pair) is None:
            notes.append(f"{name} cannot be true and is ignored.")
        elif pair is not None and min(pair[:2]) < 0:
            notes.append(f"{name} is negative; its size is used.")


__all__ = ["Problem", "instance_from", "read_header", "read_instance"]
