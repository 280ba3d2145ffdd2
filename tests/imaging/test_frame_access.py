from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate

from tests.imaging.making import data_set, read
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.errors import TooLarge, UnreadablePixels, UnsupportedTransferSyntax
from workstation.imaging.frame_access import FrameAccess
from workstation.phantoms.pixels import CASES, PixelCase, write_case

FRAMES = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5)
JPEG_BASELINE, JPEG_2000, JPEG_LS, RLE = (f"1.2.840.10008.1.2.{end}" for end in ("4.50", "4.90", "4.80", "5"))


def bundled(name: str) -> FrameAccess:
    """Return access to a file that comes with pydicom."""
    path = get_testdata_file(name, download=False)
    assert path is not None
    return FrameAccess(read_dataset(Locator(str(path))))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name} {c.transfer_syntax_uid}")
def test_one_image_in_every_transfer_syntax_has_the_same_values(tmp_path: Path, case: PixelCase) -> None:
    """A3, B1, B3, B4, C1, C2, C6: lossless ones exactly, lossy ones within the codec's error."""
    written = write_case(tmp_path, case)
    values = FrameAccess(read_dataset(Locator(str(written.path)))).stored_values().values.astype(np.float64)
    assert values.shape == written.stored.shape
    assert np.abs(values - written.stored).max() <= case.tolerance


def test_only_the_frame_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A36: native frames by range."""
    asked = []
    monkeypatch.setattr(
        "workstation.imaging.frame_access.read_range",
        lambda locator, offset, length: asked.append(length) or FRAMES[1].tobytes(),
    )
    decoded = FrameAccess(read(tmp_path, data_set(FRAMES))).stored_values(1)
    assert asked == [40]
    assert np.array_equal(decoded.values, FRAMES[1])


def test_values_are_read_only(tmp_path: Path) -> None:
    """A cached frame is shared between panes."""
    assert not FrameAccess(read(tmp_path, data_set(FRAMES))).stored_values().values.flags.writeable


def test_truncated_pixel_data_show_the_rows_that_are_there(tmp_path: Path) -> None:
    """A8: frames 1 and 2 whole, frame 3 with two of its four rows."""
    ds = data_set(FRAMES, PixelData=FRAMES.tobytes()[:102])
    access = FrameAccess(read(tmp_path, ds))
    whole, cut = access.stored_values(1), access.stored_values(2)
    assert (whole.complete_rows, cut.complete_rows) == (4, 2)
    assert np.array_equal(cut.values[:2], FRAMES[2, :2])
    assert "truncated" in cut.notes[0]


def test_a_file_that_ends_early_is_truncated_too(tmp_path: Path) -> None:
    """A8: the declared length is a promise only."""
    result = read(tmp_path, data_set(FRAMES))
    path = Path(result.locator.path)
    path.write_bytes(path.read_bytes()[:-30])
    assert FrameAccess(result).stored_values(2).complete_rows == 1


def test_more_data_than_frames_are_not_shown(tmp_path: Path) -> None:
    """A9: exactly Number of Frames."""
    access = FrameAccess(read(tmp_path, data_set(FRAMES, NumberOfFrames=2)))
    assert np.array_equal(access.stored_values(1).values, FRAMES[1])
    with pytest.raises(UnreadablePixels, match="no frame 3 of 2"):
        access.stored_values(2)


@pytest.mark.parametrize("number", ["0", "", "-3"])
def test_an_unusable_number_of_frames_is_one(tmp_path: Path, number: str) -> None:
    """A11: with a note."""
    access = FrameAccess(read(tmp_path, data_set(FRAMES[0], NumberOfFrames=number)))
    assert access.format.number_of_frames == 1
    assert "Number of Frames" in access.stored_values().notes[0]


def test_an_absurd_size_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    """A27: Rows = Columns = 65535 with 64 bits."""
    ds = data_set(FRAMES, Rows=65535, Columns=65535, BitsAllocated=64, BitsStored=64, HighBit=63)
    with pytest.raises(TooLarge, match="budget"):
        FrameAccess(read(tmp_path, ds)).stored_values()


def test_a_claim_the_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    """A27: 200 MB announced by a small file."""
    ds = data_set(FRAMES, Rows=10000, Columns=10000, NumberOfFrames=1)
    with pytest.raises(TooLarge, match="claims"):
        FrameAccess(read(tmp_path, ds)).stored_values()


def test_a_bomb_is_refused_by_its_own_header(tmp_path: Path) -> None:
    """A28: the stream is larger than Rows x Columns."""
    stream = bytes(imagecodecs.jpeg2k_encode(np.zeros((400, 400), np.uint16), codecformat="j2k"))
    ds = data_set(FRAMES[0], PixelData=encapsulate([stream]))
    with pytest.raises(UnreadablePixels, match="400 × 400"):
        FrameAccess(read(tmp_path, ds, JPEG_2000)).stored_values()


def test_a_smaller_stream_keeps_its_corner(tmp_path: Path) -> None:
    """A28: with a note; the rest of the frame is no image."""
    stream = bytes(imagecodecs.jpeg2k_encode(FRAMES[0, :3, :4].copy(), codecformat="j2k"))
    ds = data_set(FRAMES[0], PixelData=encapsulate([stream]))
    decoded = FrameAccess(read(tmp_path, ds, JPEG_2000)).stored_values()
    assert np.array_equal(decoded.values[:3, :4], FRAMES[0, :3, :4])
    assert decoded.complete_rows == 3


def test_the_codestream_wins_over_a_wrong_transfer_syntax(tmp_path: Path) -> None:
    """A7: JPEG-LS under the name of JPEG 2000."""
    stream = bytes(imagecodecs.jpegls_encode(FRAMES[1]))
    decoded = FrameAccess(
        read(tmp_path, data_set(FRAMES[1], PixelData=encapsulate([stream])), JPEG_2000)
    ).stored_values()
    assert np.array_equal(decoded.values, FRAMES[1])
    assert any("the frame is JPEG-LS" in note for note in decoded.notes)


def test_native_pixels_under_an_encapsulated_syntax_are_read(tmp_path: Path) -> None:
    """A7: the reverse contradiction."""
    result = read(tmp_path, data_set(FRAMES))
    path = Path(result.locator.path)
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0", 1))
    access = FrameAccess(read_dataset(Locator(str(path))))
    assert np.array_equal(access.stored_values(2).values, FRAMES[2])


@pytest.mark.parametrize(("uid", "name"), [("1.2.840.10008.1.2.4.102", "MPEG-4"), ("1.2.840.10008.1.2.4.94", "JPIP")])
def test_a_syntax_without_decoder_is_named(tmp_path: Path, uid: str, name: str) -> None:
    """F26: never fed to image decoders."""
    ds = data_set(FRAMES[0], PixelData=encapsulate([b"\0\0\0\x18ftypmp42" + bytes(20)]))
    with pytest.raises(UnsupportedTransferSyntax, match=name):
        FrameAccess(read(tmp_path, ds, uid)).stored_values()


@pytest.mark.parametrize("mutilate", [lambda s: s[: len(s) // 2], lambda s: s[:60], lambda s: s[:40] + b"\xff" * 40])
@pytest.mark.parametrize("uid", [JPEG_2000, JPEG_LS, JPEG_BASELINE])
def test_a_damaged_stream_is_shown_or_refused_with_a_sentence(tmp_path: Path, uid: str, mutilate: Any) -> None:
    """A29: both decoders refuse, the sentence names file and frame."""
    grey = (np.arange(4096).reshape(64, 64) % 251).astype(np.uint8)
    encode = {JPEG_2000: imagecodecs.jpeg2k_encode, JPEG_LS: imagecodecs.jpegls_encode}.get(
        uid, imagecodecs.jpeg8_encode
    )
    ds = data_set(grey, PixelData=encapsulate([mutilate(bytes(encode(grey)))]))
    access = FrameAccess(read(tmp_path, ds, uid))
    try:
        assert access.stored_values().values.shape == (64, 64)
    except UnreadablePixels as error:
        assert str(error).startswith("image.dcm: frame 1: ")  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("name", ["RLE", "jp2klossless", "jpeg_ls_lossless", "bigendian", "implicit", "expb", "padded"])
def test_real_lossless_files_equal_their_originals(name: str) -> None:
    """A3: files of other writers."""
    original, other = bundled("MR_small.dcm"), bundled(f"MR_small_{name}.dcm")
    assert np.array_equal(original.stored_values().values, other.stored_values().values)


@pytest.mark.parametrize("name", ["SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm"])
def test_8_bit_colour_in_big_endian_words_is_turned(name: str) -> None:
    """C1: OW of 8-bit samples is swapped in Explicit VR Big Endian (PS3.5 8.1.1)."""
    values = bundled(name).stored_values().values
    assert values[:, 0].tolist() == [[166, 141, 52], [63, 87, 176], [158, 158, 158]]


@pytest.mark.parametrize("name", ["+eb+cr", "+eb+cy+n1", "+eb+cy+n2", "+eb+cy+np", "+eb+cy+s2", "+eb+cy+s4"])
def test_jpeg_colour_is_converted_once(name: str) -> None:
    """C2, C5: the same red bar, whether the stream holds RGB, YCbCr, or subsampled YCbCr."""
    values = bundled(f"SC_rgb_dcmtk_{name}.dcm").stored_values().values
    assert np.abs(values[5, 50].astype(int) - (255, 0, 0)).max() <= 2


def test_irreversible_htj2k_does_not_wrap_around(tmp_path: Path) -> None:
    """C4: overshoot at an edge of full contrast stays at black and white."""
    grey = np.kron(np.array([[0, 255], [255, 0]], np.uint8), np.ones((16, 16), np.uint8))
    stream = bytes(imagecodecs.htj2k_encode(grey, reversible=False, level=0.02))
    ds = data_set(grey, PixelData=encapsulate([stream]))
    values = FrameAccess(read(tmp_path, ds, "1.2.840.10008.1.2.4.203")).stored_values().values
    assert ((values > 127) == (grey > 127)).all()


def test_a_signed_header_over_an_unsigned_stream_has_its_sign() -> None:
    """B4: 13-bit patterns of an unsigned JPEG 2000 stream in a signed image."""
    values = bundled("J2K_pixelrep_mismatch.dcm").stored_values().values
    assert values[0, 0] == -2000
    assert values.dtype == np.int16


def test_the_complete_rows_of_a_real_truncated_file_are_there() -> None:
    """A8: 63 of 64 rows."""
    decoded = bundled("MR_truncated.dcm").stored_values()
    assert decoded.complete_rows == 63
