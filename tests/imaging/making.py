"""Small data sets with pixels, written to a folder and read back as the program reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from workstation.dicom.identity import Locator
from workstation.dicom.read import ReadResult, read_dataset
from workstation.imaging.pixel_format import PixelFormat

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CT = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def data_set(pixels: NDArray[Any] | None = None, **attributes: Any) -> Dataset:
    """Return a data set of one frame (rows, columns[, 3]) or more; ``attributes`` win, None removes."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = SECONDARY_CAPTURE, "1.2.3.4"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.3", "1.2.3.1", "OT"
    if pixels is not None:
        color = pixels.ndim >= 3 and pixels.shape[-1] == 3
        grid = pixels.shape[:-1] if color else pixels.shape
        ds.Rows, ds.Columns = grid[-2:]
        if len(grid) == 3:
            ds.NumberOfFrames = grid[0]
        ds.SamplesPerPixel = 3 if color else 1
        ds.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
        if color:
            ds.PlanarConfiguration = 0
        ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
        ds.HighBit = ds.BitsStored - 1
        ds.PixelRepresentation = int(pixels.dtype.kind == "i")
        raw = pixels.tobytes()
        ds.PixelData = raw + b"\0" * (len(raw) % 2)
        ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def write(folder: Path, ds: Dataset, transfer_syntax_uid: str = ExplicitVRLittleEndian, name: str = "image") -> Path:
    """Write a data set and return its path."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = transfer_syntax_uid
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    if transfer_syntax_uid not in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"):
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    path = folder / f"{name}.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def read(folder: Path, ds: Dataset, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> ReadResult:
    """Write a data set and read it back."""
    return read_dataset(Locator(str(write(folder, ds, transfer_syntax_uid))))


def pixel_format(**changes: Any) -> PixelFormat:
    """Return a 16-bit unsigned grey format of 2 x 2 with changes."""
    values: dict[str, Any] = {
        "rows": 2,
        "columns": 2,
        "samples_per_pixel": 1,
        "photometric": "MONOCHROME2",
        "bits_allocated": 16,
        "bits_stored": 16,
        "high_bit": changes.get("bits_stored", 16) - 1,
        "signed": False,
        "planar_configuration": 0,
        "number_of_frames": 1,
        "transfer_syntax_uid": str(ExplicitVRLittleEndian),
    }
    return PixelFormat(**{**values, **changes})


def lut_item(first: int, entries: Any, bits: int, vr: str = "US") -> Dataset:
    """Return an item of a Modality or VOI LUT Sequence with 16-bit cells."""
    item = Dataset()
    count = len(entries) & 0xFFFF
    item.add_new("LUTDescriptor", vr, [count, first, bits])
    item.add_new("LUTData", "OW", np.asarray(entries, "<u2").tobytes())
    return item
