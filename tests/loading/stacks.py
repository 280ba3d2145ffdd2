"""Small series written to a folder and organised into stacks, and the slow way to make a volume of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from tests.imaging.making import CT, data_set, write
from workstation.dicom.scan import Found, scan
from workstation.geometry.stack import Stack
from workstation.geometry.volume import Volume, volume_from
from workstation.loading.collection import Collection
from workstation.objects.images import ImageReader


def slice_of(pixels: NDArray[Any], number: int, **attributes: Any) -> Dataset:
    """Return one axial slice, 2 mm above the one before."""
    ds = data_set(pixels, SOPClassUID=CT, Modality="CT", FrameOfReferenceUID="1.2.3.9", InstanceNumber=number + 1)
    ds.SOPInstanceUID = f"1.2.3.4.{number + 1}"
    ds.ImageOrientationPatient, ds.PixelSpacing = [1, 0, 0, 0, 1, 0], [1, 1]
    ds.ImagePositionPatient = [0, 0, 2.0 * number]
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def write_slices(folder: Path, slices: list[Dataset], syntax: str = ExplicitVRLittleEndian) -> list[Path]:
    return [write(folder, ds, syntax, f"slice{number}") for number, ds in enumerate(slices)]


def compressed_slice(data: bytes | list[bytes], pixels: NDArray[Any], number: int, **attributes: Any) -> Dataset:
    ds = slice_of(pixels, number, **attributes)
    fragments = [data] if isinstance(data, bytes) else data
    ds.PixelData = (
        encapsulate(fragments, fragments_per_frame=len(fragments)) if len(fragments) == 1 else _items(fragments)
    )
    return ds


def _items(fragments: list[bytes]) -> bytes:
    item = b"\xfe\xff\x00\xe0"
    body = b"".join(item + len(part).to_bytes(4, "little") + part for part in fragments)
    return item + bytes(4) + body + b"\xfe\xff\xdd\xe0" + bytes(4)


def stack_in(folder: Path) -> Stack:
    """Return the volume among what lies in a folder that has most frames."""
    return max(stacks_in(folder), key=lambda stack: len(stack.frames))


def stacks_in(folder: Path) -> list[Stack]:
    collection = Collection()
    for item in scan([str(folder)]):
        if isinstance(item, Found):
            collection.add(item)
    return [stack for stack in collection.snapshot(finished=True).ordered_stacks() if stack.is_volume]


def safe_volume(stack: Stack) -> Volume:
    """Return the volume as it is made frame by frame, every header read in full."""
    readers = {frame.ref.sop_instance_uid: ImageReader(frame.instance) for frame in stack.frames}
    return volume_from(stack, lambda frame: readers[frame.ref.sop_instance_uid].measured_values(frame.ref))


def assert_same(fast: Volume, safe: Volume) -> None:
    """Hold two volumes equal, bit for bit where something was measured."""
    assert (fast.padding is None) == (safe.padding is None)
    one, other = (volume.modality_values().astype(np.float32) for volume in (fast, safe))
    if fast.padding is not None and safe.padding is not None:
        assert np.array_equal(fast.padding, safe.padding)
        one[fast.padding] = other[fast.padding] = 0
    assert np.array_equal(one, other, equal_nan=True)
    assert np.isclose(fast.background, safe.background, rtol=1e-6)
    assert np.allclose(fast.affine, safe.affine)
