"""Headers by other libraries: 29 values of every file, read and checked, each library in a process of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

TEXTS = [
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyDescription"),
    *("AccessionNumber", "StudyInstanceUID", "SeriesInstanceUID", "SeriesDescription", "Modality"),
    *("SOPInstanceUID", "SOPClassUID", "PhotometricInterpretation", "FrameOfReferenceUID"),
]
NUMBERS = [
    *("SeriesNumber", "InstanceNumber", "Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation"),
    *("SamplesPerPixel", "SliceThickness", "SliceLocation"),
]
VECTORS = ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"]
VALUES = [*TEXTS, *NUMBERS, *VECTORS]


def digest(rows: Iterable[Iterable[Any]]) -> str:
    """Return a name of all values: texts as they are, numbers as floats."""
    engine = hashlib.sha256()
    for row in rows:
        texts, numbers, vectors = [], [], []
        for keyword, value in zip(VALUES, row, strict=True):
            if keyword in VECTORS:
                vectors.append([float(part) for part in value])
            elif keyword in NUMBERS:
                numbers.append(float(value))
            else:
                texts.append(str(value))
        engine.update(repr((texts, numbers, vectors)).encode())
    return engine.hexdigest()


def pydicom(listing: str, check: bool = False) -> str | int:
    """Read with pydicom, stopping before the pixels."""
    from pydicom import dcmread

    def values(path: str) -> list[Any]:
        ds = dcmread(path, stop_before_pixels=True)
        return [getattr(ds, keyword) for keyword in VALUES]

    return _all(listing, values, check)


def dicomsdl(listing: str, check: bool = False) -> str | int:
    """Read with dicomsdl, stopping before the pixels."""
    import dicomsdl as library

    def values(path: str) -> list[Any]:
        ds = library.open(path, 0x7FDFFFFF)
        return [getattr(ds, keyword) for keyword in VALUES]

    return _all(listing, values, check)


def _all(listing: str, values: Callable[[str], list[Any]], check: bool) -> str | int:
    """Read the files that a text file lists."""
    with open(listing, encoding="utf-8") as stream:
        paths = stream.read().splitlines()
    if check:
        return digest(map(values, paths))
    count = 0
    for path in paths:
        count += len(values(path)) == len(VALUES)
    return count
