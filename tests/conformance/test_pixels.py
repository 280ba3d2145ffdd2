"""First and last frame of every real image against DCMTK, or against stored values known from elsewhere."""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.conformance.dcmtk_images import dcmtk_image
from tests.conftest import DEFAULT_CORPUS
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import FrameRef, Instance, Locator
from workstation.errors import UnreadablePixels
from workstation.imaging.auto_window import full_range_window
from workstation.imaging.color import rgb_from_ybr_full
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import Pipeline, default_voi
from workstation.imaging.voi_lut import VoiLut
from workstation.imaging.window import VOILUTFunction, Window
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.objects.picture import Picture

LOSSY_COLOR = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A file where DCMTK's greys are not ours: who is right and why, and what is compared instead."""

    instead: str
    right: str
    why: str


def _same(names: str, folder: str, difference: Difference) -> dict[str, Difference]:
    return {f"{folder}/{name}": difference for name in names.split()}


WHOLE_MODALITY_VALUES = Difference(
    "stored values",
    "ours",
    "DCMTK rounds modality values to whole numbers before the window; PS3.3 C.11.1 rescales to real ones (B7)",
)
FRAME_RESCALE = Difference(
    "stored values",
    "ours",
    "DCMTK ignores the Pixel Value Transformation of the frame, PS3.3 C.7.6.16.2.9 (B8)",
)
CHROMA_CENTRE = Difference(
    "within 2",
    "ours",
    "DCMTK centres chrominance on 127.5, PS3.3 C.7.6.3.1.2 adds 128 (C2)",
)
SUPPLEMENTAL = Difference(
    "without palette",
    "ours",
    "DCMTK ignores the Supplemental Palette of a COLOR presentation, PS3.3 C.8.16.2.1.1.1 (C11)",
)
DIFFERENCES: dict[str, Difference] = {
    **_same("one_slice_data/0.dcm oriented_data/1.dcm oriented_data/2.dcm", "rt/rt-utils", WHOLE_MODALITY_VALUES),
    **{f"series/dcm_qa_philips_asl/201_pCASL/{n:04}.dcm": WHOLE_MODALITY_VALUES for n in range(1, 17)},
    "series/dicom2nifti/philips_enhanced/fmri/001/IM-0001-9600-0001.dcm": FRAME_RESCALE,
    "single/dcm4che/YBR_FULL-RLE.dcm": CHROMA_CENTRE,
    "single/pydicom-data/SC_ybr_full_uncompressed.dcm": CHROMA_CENTRE,
    **_same(
        "explicit_little_endian fragmented_no_bot_jpeg_lossless.57 fragmented_no_bot_jpeg_lossless.70 "
        "fragmented_no_bot_jpeg_ls.80 fragmented_no_bot_jpeg_ls.81 fragmented_no_bot_jpeg_baseline.51 "
        "not_fragmented_bot_jpeg_ls.80 not_fragmented_bot_rle not_fragmented_no_bot_jpeg_ls.80 "
        "not_fragmented_no_bot_rle",
        "ts/dicomParser/encapsulated/multi-frame",
        SUPPLEMENTAL,
    ),
    "single/fo-dicom/GH195.dcm": Difference(
        "as YCbCr",
        "ours",
        "a JFIF stream holds YCbCr whatever Photometric Interpretation says (C5): DCMTK's picture is violet and green",
    ),
    "single/fo-dicom/multiframe.dcm": Difference(
        "rows of the stream",
        "ours",
        "the last tile's stream is 55 × 121 in a frame of 240 × 240; DCMTK writes its rows one after the other (A28)",
    ),
}
DIFFERENCES = {
    (f"{path.rpartition('/')[0]}/CT0012.{path.rpartition('/')[2]}.dcm" if known is SUPPLEMENTAL else path): known
    for path, known in DIFFERENCES.items()
}

SAME_AS = {
    "single/pydicom-data/liver_deflate.dcm": "single/pydicom-data/liver.dcm",
    "single/pydicom-data/liver_rle.dcm": "single/pydicom-data/liver.dcm",
    "single/pydicom-data/liver_nonbyte_aligned_deflate.dcm": "single/pydicom-data/liver_nonbyte_aligned.dcm",
    "single/pydicom-data/liver_nonbyte_aligned_rle.dcm": "single/pydicom-data/liver_nonbyte_aligned.dcm",
    "single/pydicom/rtdose_expb.dcm": "single/pydicom/rtdose.dcm",
    "single/pydicom/rtdose_expb_1frame.dcm": "single/pydicom/rtdose_1frame.dcm",
}
"""Files DCMTK does not decode, or decodes wrongly, and the little-endian uncompressed file with the same pixels.

The doses are 32-bit cells in Explicit VR Big Endian: DCMTK turns the bytes of 16-bit words only and gets the halves
of each cell the wrong way round; read as 32-bit numbers they equal their little-endian originals (PS3.5 8.1.1).
"""

WITHOUT_REFERENCE = {
    "single/fo-dicom/GH1146.dcm": "Pixel Data is empty: no row is there",
    "single/fo-dicom/GH340.dcm": "12 bits allocated (retired): nothing else here unpacks them",
    "single/pydicom/badVR.dcm": "PixelRepresentation is no number: other readers refuse the file",
    "single/pydicom/MR_truncated.dcm": "truncated: others refuse the file, 63 of 64 rows are shown",
}
UNDECODABLE = {
    "single/pydicom/JPEG2000-embedded-sequence-delimiter.dcm": "the codestream's size was overwritten: 3.7 billion rows"
}


def _rows(name: str) -> list[dict[str, str]]:
    folder = Path(os.environ.get("WORKSTATION_CORPUS") or DEFAULT_CORPUS)
    path = folder / name
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


IMAGES = [
    row["path"]
    for row in _rows("index.csv")
    if row["rows"] and row["pixels"] and not row["path"].startswith(("broken/", "fuzz/"))
] or [""]
TRUTH = {row["path"]: row for row in _rows("truth/pixels.csv")}


@pytest.mark.parametrize("path", IMAGES)
def test_the_picture_is_dcmtks_or_the_stored_values_are_known(corpus: Path, dcmtk: Path, path: str) -> None:
    """Within 1 grey of DCMTK, 2 for lossy colour; where it cannot read a file, stored values by their digest."""
    instance = read_instance(Locator(str(corpus / path)))
    reader = ImageReader(instance)
    if path in UNDECODABLE:
        with pytest.raises(UnreadablePixels):
            reader.picture(FrameRef(instance.sop_instance_uid))
        return
    if path in SAME_AS:
        _check_stored_values(corpus, path, reader, instance)
        return
    for frame in sorted({0, instance.number_of_frames - 1}):
        picture = reader.picture(FrameRef(instance.sop_instance_uid, frame))
        shown = _compared(corpus / path, instance, picture, frame, DIFFERENCES.get(path))
        if shown is None:
            _check_stored_values(corpus, path, reader, instance)
            return
        ours, theirs, tolerance = shown
        assert ours.shape == theirs.shape
        assert np.abs(ours.astype(int) - theirs).max() <= tolerance


def _compared(
    path: Path, instance: Instance, picture: Picture, frame: int, known: Difference | None
) -> tuple[NDArray[Any], NDArray[Any], int] | None:
    """Return (our pixels, DCMTK's, tolerance), None where DCMTK cannot read the frame."""
    rendering, options, voi = picture.rendering, [], None
    if known is not None and known.instead == "without palette":
        rendering = replace(rendering, palette=None)
    if rendering.has_window:
        voi = default_voi(rendering, picture.statistics)
        narrow = isinstance(voi, Window) and (voi.width < 1 or voi.function == VOILUTFunction.LINEAR_EXACT)
        # DCMTK has no LINEAR_EXACT: dose, SUV and the like are compared before their rescale.
        if narrow or (known is not None and known.instead == "stored values"):
            rendering = replace(rendering, modality_stage=Rescale())
            voi = full_range_window(rendering)
            options = ["-M"]
        options += _voi_options(rendering.voi, voi)
    theirs = dcmtk_image(path, instance.transfer_syntax_uid, frame + 1, options)
    if theirs is None:
        return None
    ours = Pipeline(rendering, voi).display(picture.values)
    tolerance = 2 if rendering.color and instance.transfer_syntax_uid in LOSSY_COLOR else 1
    if known is not None and known.instead == "within 2":
        tolerance = 2
    if known is not None and known.instead == "as YCbCr":
        theirs, tolerance = rgb_from_ybr_full(theirs), 2
    if known is not None and known.instead == "rows of the stream" and picture.is_truncated:
        columns = 55
        ours = ours[: picture.complete_rows, :columns]
        theirs = theirs.reshape(-1, 3)[: picture.complete_rows * columns].reshape(ours.shape)
    return ours, theirs, tolerance


def _voi_options(choices: tuple[Any, ...], voi: Any) -> list[str]:
    if isinstance(voi, VoiLut):
        luts = [choice for choice in choices if isinstance(choice, VoiLut)]
        return ["+Wl", str(luts.index(voi) + 1)]
    function = "+Wfs" if voi.function == VOILUTFunction.SIGMOID else "+Wfl"
    return ["+Ww", repr(voi.center), repr(voi.width), function]


def _check_stored_values(corpus: Path, path: str, reader: ImageReader, instance: Instance) -> None:
    """Compare all frames with the digest in truth/pixels.csv, or with the same pixels in another file."""
    values = _all_frames(reader, instance)
    if path in WITHOUT_REFERENCE:
        return
    if path in SAME_AS:
        other = read_instance(Locator(str(corpus / SAME_AS[path])))
        assert np.array_equal(values, _all_frames(ImageReader(other), other))
        return
    truth = TRUTH[path]
    digest = hashlib.sha256(values.astype(truth["dtype"]).tobytes()).hexdigest()[:16]
    if digest == truth["sha256_16"]:
        return
    # A lossy stream may come out one off in another decoder; size, range and mean tell that it is the same.
    assert instance.transfer_syntax_uid in LOSSY_COLOR
    assert "x".join(map(str, values.shape)) == truth["shape"]
    assert abs(float(values.mean()) - float(truth["mean"])) < 0.02


def _all_frames(reader: ImageReader, instance: Instance) -> NDArray[Any]:
    count = instance.number_of_frames
    frames = [reader.picture(FrameRef(instance.sop_instance_uid, index)).values for index in range(count)]
    return np.stack(frames) if count > 1 else frames[0]


@pytest.mark.parametrize("path", [*DIFFERENCES, *SAME_AS, *WITHOUT_REFERENCE, *UNDECODABLE])
def test_every_listed_file_is_still_there(corpus: Path, path: str) -> None:
    """The list of differences has no line for a file that is gone."""
    assert (corpus / path).is_file()
