"""Small objects of the SOP Classes that no file is at hand of: whole as far as the tables tell, and with faults.

An object begins with what makes its class what it is (:mod:`tests.conformance.made_values`). What a check says is
missing is added, until nothing is: conditions that come true by what was added are met as well. So the object holds
exactly what the tables ask for, and dciodvfy says whether that is all.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from tests.conformance.made_values import BY_VR, OF_A_FRAME, ROOT, VALUES, begun, filled
from workstation.dicom.conformance.check import examine
from workstation.dicom.conformance.findings import ABSENT, Finding
from workstation.dicom.conformance.tables import PER_FRAME, SHARED, Claim, Iod, tables

ROUNDS = 64
"""Levels of sequences and conditions that are met, one each round."""
NO_TERM = "NO_SUCH_TERM"
DECISIVE = frozenset(
    [
        "ImageType",
        "FrameType",
        "ValueType",
        "VolumetricProperties",
        "PhotometricInterpretation",
        "PresentationIntentType",
        "UltrasoundAcquisitionGeometry",
        "PatientOrientation",
    ]
)
GENERAL = frozenset({"patient", "general-study", "general-series", "general-equipment", "sop-common", "image-pixel"})
"""Modules that most IODs have."""
BULK = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})


def made(sop_class_uid: str) -> Dataset:
    """Return an object of a class, with nothing missing that a check would find.

    Raises
    ------
    AssertionError
        If something is still missing after all rounds.
    """
    iod = tables().iod_of(sop_class_uid)
    assert iod is not None
    ds = _named(sop_class_uid)
    for keyword, value in begun(iod, sop_class_uid).items():
        setattr(ds, keyword, value)
    for _ in range(ROUNDS):
        lacking = [finding for finding in examine(ds).findings if finding.code in ABSENT | {"empty-1", "empty-1c"}]
        if not lacking:
            return ds
        waiting: set[tuple[int, ...]] = set()
        for finding in lacking:
            # one condition an item and round: what was added may be instead of what else is missing
            if finding.code.endswith("c"):
                if finding.path[:-1] in waiting:
                    continue
                waiting.add(finding.path[:-1])
            _add(ds, finding, iod)
    raise AssertionError(f"{iod.name}: {lacking}")


def _add(ds: Dataset, finding: Finding, iod: Iod) -> None:
    tag, path = finding.path[-1], finding.path[:-1]
    if path[:2] == (PER_FRAME, 0) and len(path) == 2 and tag not in OF_A_FRAME:
        path = (SHARED, 0)
    item = _inside(ds, path)
    if item is None or (tag in item and not finding.code.startswith("empty")):
        return
    keyword = finding.keyword
    vr = dictionary_VR(tag).partition(" or ")[0]
    empty = finding.code.startswith("missing-2")
    value: Any
    special = VALUES.get(f"{iod.key}/{keyword}")
    if vr == "SQ":
        value = Sequence([] if empty else [filled(keyword)])
    elif empty and special is None:
        value = None
    else:
        value = VALUES.get(keyword, _value(tag, vr)) if special is None else special
    item.add(DataElement(tag, "OW" if keyword == "WaveformData" else vr, value))


def _value(tag: int, vr: str) -> Any:
    least = dictionary_VM(tag).partition("-")[0].partition(" ")[0]
    one = BY_VR[vr]
    if vr == "UI":
        one = f"{ROOT}.3.{tag}"
    return one if vr in BULK or least in ("1", "") else [one] * int(least.rstrip("n") or 1)


def _inside(ds: Dataset, path: tuple[int, ...]) -> Dataset | None:
    """Return the item that a path leads to."""
    for tag, index in zip(path[::2], path[1::2], strict=True):
        if tag not in ds or len(ds[tag].value) <= index:
            return None
        ds = ds[tag].value[index]
    return ds


def with_other_terms(ds: Dataset) -> Dataset:
    """Return a copy in which no term is one of the Standard's, but those that conditions hang on."""
    spoilt = copy.deepcopy(ds)
    for element in spoilt.iterall():
        if element.VR == "CS" and element.value and element.keyword not in DECISIVE:
            element.value = [NO_TERM] * element.VM if element.VM > 1 else NO_TERM
    return spoilt


def with_faults(ds: Dataset) -> Dataset:
    """Return a copy with one fault of each kind: what is missing or empty, a wrong VR, and one value too many."""
    spoilt = copy.deepcopy(ds)
    iod = tables().iod_of(ds.SOPClassUID)
    assert iod is not None
    own = [tag for tag, claims in iod.top.items() if tag in ds and _is_asked_for(ds[tag], claims, iod)]
    for tag in own[-1:]:
        del spoilt[tag]
    for tag in own[:1]:
        spoilt.add(DataElement(tag, ds[tag].VR, None))
    spoilt.add(DataElement(0x00081030, "SH", "Study"))  # Study Description is LO
    spoilt.AccessionNumber = ["A", "B"]
    conditional = next(_conditional(ds), None)
    if conditional is not None:
        item = _inside(spoilt, conditional[:-1])
        if item is not None and conditional[-1] in item:
            del item[conditional[-1]]
    return spoilt


def _is_asked_for(element: DataElement, claims: tuple[Claim, ...], iod: Iod) -> bool:
    """Tell whether a value is of type 1 in a module that few IODs have, and nothing hangs on it."""
    if len(claims) > 1 or claims[0].type != "1" or element.VR == "SQ" or element.keyword in DECISIVE:
        return False
    return iod.modules[claims[0].module].key not in GENERAL


def _conditional(ds: Dataset) -> Iterator[tuple[int, ...]]:
    """Yield attributes of the data set whose condition holds: without them a check finds them missing."""
    for tag in [int(element.tag) for element in ds if element.keyword not in DECISIVE]:
        without = Dataset(ds)
        without.file_meta = ds.file_meta
        del without[tag]
        if any(finding.code == "missing-1c" and finding.path == (tag,) for finding in examine(without).findings):
            yield (tag,)


def stub(sop_class_uid: str, path: Path) -> Path:
    """Write a file with no more than the class: enough to be told whether its IOD is known."""
    return save(_named(sop_class_uid), path)


def _named(sop_class_uid: str) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.FileMetaInformationVersion = b"\0\1"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = f"{ROOT}.1"
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class_uid
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = f"{ROOT}.2.1"
    return ds


def save(ds: Dataset, path: Path) -> Path:
    """Write an object; what was planted in it does not stop pydicom from writing it."""
    ds.save_as(path, enforce_file_format=True)
    return path
