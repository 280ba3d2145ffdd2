"""An instance rewritten in a native syntax has every value it had (PS3.5 A.1, A.2)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from workstation.dicom.identity import Locator
from workstation.dicom.vocabulary import EXPLICIT_LITTLE, GE_IMPLICIT_BIG_PIXELS, IMPLICIT_LITTLE
from workstation.imaging.transcode import native_file


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, IMPLICIT_LITTLE])
@pytest.mark.parametrize("name", ["MR_small.dcm", "JPEG2000.dcm", "MR_small_bigendian.dcm", "rtplan.dcm"])
def test_both_native_syntaxes_are_written(name: str, syntax: str) -> None:
    path = str(get_testdata_file(name))
    original, made = pydicom.dcmread(path), pydicom.dcmread(BytesIO(native_file(Locator(path), syntax)))
    assert made.file_meta.TransferSyntaxUID == syntax
    if "PixelData" in original:
        assert np.array_equal(original.pixel_array, made.pixel_array)
        del original.PixelData, made.PixelData
    changed = ("PhotometricInterpretation", "LossyImageCompression", "LossyImageCompressionMethod")
    for element in made:
        # without its VR in the file a private element is read by pydicom's dictionary, which may know another
        if element.keyword not in changed and not (syntax == IMPLICIT_LITTLE and element.tag.is_private):
            assert element.value == original[element.tag].value


def test_big_endian_pixels_of_a_private_syntax_are_turned(tmp_path: Path) -> None:
    """GE's 1.2.840.113619.5.2: implicit, little endian, but for its pixel words."""
    made = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    values = made.pixel_array.copy()
    made.PixelData = values.astype(">i2").tobytes()
    made.file_meta.TransferSyntaxUID = pydicom.uid.UID(GE_IMPLICIT_BIG_PIXELS)
    path = tmp_path / "ge.dcm"
    with path.open("wb") as stream:
        pydicom.dcmwrite(stream, made, implicit_vr=True, little_endian=True, force_encoding=True)
    assert np.array_equal(pydicom.dcmread(BytesIO(native_file(Locator(str(path))))).pixel_array, values)
