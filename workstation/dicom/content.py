"""Facts of particular objects: ultrasound regions, references, segments, concept names, dimensions."""

from __future__ import annotations

from struct import iter_unpack
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydicom.dataelem import DataElement

from workstation.dicom import attributes as a
from workstation.dicom.identity import Region
from workstation.dicom.vocabulary import tag_of, tags_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MOST_REFERENCES = 20_000
REFERRING = frozenset({"PR", "KO", "SEG", "SR", "REG", "FID", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "RWV"})
_REFERENCED = tag_of("ReferencedSOPInstanceUID")
_STUDY = tag_of("StudyInstanceUID")
_MANAGED = "1.2.840.10008.3.1.2."
"""Root of the classes of patients, visits, studies and procedure steps, which no file holds."""
_MANAGED_STUDY = ("1.2.840.10008.3.1.2.3.1", "1.2.840.10008.3.1.2.3.2")
_PALETTES = (tag_of("RedPaletteColorLookupTableData"), tag_of("SegmentedRedPaletteColorLookupTableData"))


def content_values(ds: Dataset) -> dict[str, Any]:
    """Return the values that only some objects have."""
    out: dict[str, Any] = {}
    if axes := _axes(ds):
        out["FrameIncrementPointer"] = axes
    if pointers := _dimensions(ds):
        out["DimensionIndexPointers"] = pointers
    if labels := tuple(a.text(item, "SegmentLabel") for item in a.items(ds, "SegmentSequence")):
        out["SegmentLabels"] = labels
    if (concept := a.first_item(ds, "ConceptNameCodeSequence")) is not None and (
        name := a.text(concept, "CodeMeaning")
    ):
        out["ConceptName"] = name
    if a.items(ds, "ModalityLUTSequence"):
        out["ModalityLUT"] = True
    if any(tag in ds for tag in _PALETTES):
        out["Palette"] = True
    if any(tag >> 24 == 0x60 for tag in tags_of(ds)):
        out["Overlays"] = True
    if qualifiers := _issuer(ds):
        out["IssuerOfPatientIDQualifiers"] = qualifiers
    if a.text(ds, "Modality") in REFERRING and (references := references_of(ds)):
        out["ReferencedSOPInstanceUIDs"] = tuple(references)
        out["NumberOfReferences"] = len(references)
        own = a.text(ds, "StudyInstanceUID")
        if elsewhere := {uid: study for uid, study in references.items() if study not in ("", own)}:
            out["ReferencedElsewhere"] = MappingProxyType(elsewhere)
    return out


def references_of(ds: Dataset) -> dict[str, str]:
    """Return every Referenced SOP Instance UID at any depth, once each, in file order, with its study if that is told.

    What is no file is left out: patients, visits, studies and procedure steps are referred to in the same way.
    """
    found: dict[str, str] = {}
    pending = [(ds, "")]
    while pending and len(found) < MOST_REFERENCES:
        current, study = pending.pop()
        if current is not ds and _STUDY in current:
            study = a.text(current, "StudyInstanceUID") or study
        if _REFERENCED in current and (uid := a.text(current, "ReferencedSOPInstanceUID")):
            named = a.text(current, "ReferencedSOPClassUID")
            if not named.startswith(_MANAGED):
                found[uid] = found.get(uid) or study
            elif named.startswith(_MANAGED_STUDY):
                study = uid
        inner: list[tuple[Dataset, str]] = []
        for tag in tags_of(current):
            element = current.get_item(tag, keep_deferred=True)
            if isinstance(element, DataElement) and element.VR == "SQ":
                inner += [(item, study) for item in element.value]
        pending += reversed(inner)
    return found


def regions_of(ds: Dataset) -> tuple[Region, ...]:
    """Return the Sequence of Ultrasound Regions, items without usable bounds or deltas left out (D35)."""
    found = (_region(item) for item in a.items(ds, "SequenceOfUltrasoundRegions"))
    return tuple(region for region in found if region is not None)


def _region(item: Dataset) -> Region | None:
    x0, y0 = a.integer(item, "RegionLocationMinX0"), a.integer(item, "RegionLocationMinY0")
    x1, y1 = a.integer(item, "RegionLocationMaxX1"), a.integer(item, "RegionLocationMaxY1")
    delta_x, delta_y = a.number(item, "PhysicalDeltaX"), a.number(item, "PhysicalDeltaY")
    if x0 is None or y0 is None or x1 is None or y1 is None or delta_x is None or delta_y is None:
        return None
    return Region(
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        spatial_format=a.integer(item, "RegionSpatialFormat") or 0,
        data_type=a.integer(item, "RegionDataType") or 0,
        flags=a.integer(item, "RegionFlags") or 0,
        units_x=a.integer(item, "PhysicalUnitsXDirection") or 0,
        units_y=a.integer(item, "PhysicalUnitsYDirection") or 0,
        delta_x=delta_x,
        delta_y=delta_y,
        reference_x=a.integer(item, "ReferencePixelX0"),
        reference_y=a.integer(item, "ReferencePixelY0"),
    )


def _axes(ds: Dataset) -> tuple[str, ...]:
    """Keywords that Frame Increment Pointer names."""
    return tuple(_keyword(value) for value in _tags(ds, "FrameIncrementPointer"))


def _dimensions(ds: Dataset) -> tuple[str, ...]:
    """Keywords of the dimension axes, in order (D22)."""
    pointers = (_tags(item, "DimensionIndexPointer") for item in a.items(ds, "DimensionIndexSequence"))
    return tuple(_keyword(found[0]) if found else "" for found in pointers)


def _tags(ds: Dataset, keyword: str) -> tuple[int, ...]:
    from pydicom.dataelem import RawDataElement

    element: Any = ds.get_item(tag_of(keyword), keep_deferred=True)
    if isinstance(element, RawDataElement):
        data = element.value or b""
        pairs = iter_unpack("<HH" if element.is_little_endian else ">HH", data[: len(data) // 4 * 4])
        return tuple(group << 16 | number for group, number in pairs)
    if isinstance(element, DataElement) and element.value:
        many = element.value if isinstance(element.value, list) or hasattr(element.value, "append") else [element.value]
        return tuple(int(value) for value in many)
    return ()


def _keyword(tag: int) -> str:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag) or f"{tag >> 16:04X}{tag & 0xFFFF:04X}"


def _issuer(ds: Dataset) -> str:
    item = a.first_item(ds, "IssuerOfPatientIDQualifiersSequence")
    return a.text(item, "UniversalEntityID") if item is not None else ""
