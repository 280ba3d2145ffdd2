"""A library in a folder of its own, and small series to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from workstation.library.importer import ImportReport, import_paths
from workstation.library.store import Library

CT = "1.2.840.10008.5.1.4.1.1.2"


def small_ct(**attributes: Any) -> Dataset:
    """Return one small CT image, ready to be saved; keywords are attributes."""
    ds = Dataset()
    ds.SOPClassUID, ds.Modality = CT, "CT"
    ds.PatientID, ds.PatientName = "P1", "Doe^Jane"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = "1.2.3", "1.2.3.1", "1.2.3.1.1"
    ds.StudyDate, ds.StudyDescription, ds.SeriesDescription = "20200102", "Head", "axial"
    ds.SeriesNumber, ds.InstanceNumber = 1, 1
    ds.Rows = ds.Columns = 4
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.PixelData = bytes(32)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as made:
        yield made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write one small CT image below ``tmp_path / "files"``; keywords are attributes."""

    def make(name: str = "a", **attributes: Any) -> Path:
        ds = small_ct(**attributes)
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ds.save_as(path, enforce_file_format=True)
        return path

    return make


@pytest.fixture
def add(library: Library) -> Callable[..., ImportReport]:
    """Import paths to the end and return the report."""

    def run(*paths: Path, copy: bool = False) -> ImportReport:
        return list(import_paths(library, paths, copy=copy))[-1]

    return run
