"""How other libraries open a folder into one sorted array [slice, row, column], and decode a series.

Each function is called in a process of its own (``harness.Peer``) and answers a checksum of the stored values, so that
no route leaves anything out.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _paths(folder: str) -> list[str]:
    return [entry.path for entry in os.scandir(folder)]


def _sum(volume: NDArray[Any]) -> float:
    """Return what tells volumes apart cheaply: every 97th stored value, by its place."""
    picked = volume.reshape(-1)[::97].astype(np.float64)
    return float(picked @ np.arange(1, len(picked) + 1) % 1e9)


def dicomsdl(folder: str, check: bool = False) -> float:
    import dicomsdl as library

    sets = []
    for path in _paths(folder):
        one = library.open(path)
        sets.append((float(one.ImagePositionPatient[2]), one))
    sets.sort(key=lambda pair: pair[0])
    info = sets[0][1].getPixelDataInfo()
    volume = np.empty((len(sets), info["Rows"], info["Cols"]), info["dtype"])
    for number, (_, one) in enumerate(sets):
        one.copyFrameData(0, volume[number])
    return _sum(volume) if check else 0.0


def simpleitk(folder: str, check: bool = False) -> float:
    import SimpleITK as library  # noqa: N813

    names = library.ImageSeriesReader.GetGDCMSeriesFileNames(folder)
    reader = library.ImageSeriesReader()
    reader.SetFileNames(names)
    image = reader.Execute()
    volume = library.GetArrayViewFromImage(image)
    return _sum(volume.astype(np.int32) + 1024) if check else 0.0


def pydicom(folder: str, check: bool = False) -> float:
    import pydicom as library

    sets = [library.dcmread(path) for path in _paths(folder)]
    sets.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
    volume = np.stack([ds.pixel_array for ds in sets])
    return _sum(volume) if check else 0.0


def gdcm(folder: str, check: bool = False) -> float:
    import gdcm as library

    found = []
    for path in _paths(folder):
        reader = library.ImageReader()
        reader.SetFileName(path)
        if not reader.Read():
            raise OSError(path)
        image = reader.GetImage()
        data = image.GetBuffer().encode("utf-8", errors="surrogateescape")
        kind = {8: "u1"}.get(image.GetPixelFormat().GetBitsAllocated(), "u2")
        columns, rows = image.GetDimension(0), image.GetDimension(1)
        found.append((image.GetOrigin(2), np.frombuffer(data, kind).reshape(rows, columns)))
    found.sort(key=lambda pair: pair[0])
    volume = np.stack([values for _, values in found])
    return _sum(volume) if check else 0.0


def pylibjpeg(folder: str, check: bool = False) -> float:
    """As :func:`pydicom`, which decodes with the plug-ins that are installed."""
    return pydicom(folder, check)
