"""A volume read straight into place is the one made frame by frame, bit for bit."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path
from unittest.mock import patch

import imagecodecs
import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from tests.imaging.making import lut_item
from tests.loading.stacks import (
    assert_same,
    compressed_slice,
    safe_volume,
    slice_of,
    stack_in,
    stacks_in,
    write_slices,
)
from workstation.errors import TooLarge, WorkstationError
from workstation.imaging import plain_frame
from workstation.loading import volume_builder
from workstation.loading.volume_builder import Built, StoppedError, build_volume, bytes_needed
from workstation.objects.images import ImageReader
from workstation.phantoms import zoo
from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.phantoms.pixels import rle

RANDOM = np.random.default_rng(7)
SHAPE = (12, 10)
SLICES = 5


def noise(low: int, high: int, dtype: str) -> list[np.ndarray]:
    return [RANDOM.integers(low, high, SHAPE).astype(dtype) for _ in range(SLICES)]


def made(folder: Path, slices: list[np.ndarray], syntax: str = ImplicitVRLittleEndian, **attributes: object) -> Path:
    write_slices(folder, [slice_of(pixels, n, **attributes) for n, pixels in enumerate(slices)], syntax)
    return folder


def fast_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    """Build without any header being read again."""
    with monkeypatch.context() as patched:
        patched.setattr(ImageReader, "_open", lambda self: pytest.fail("a header was read"))
        return build_volume(stack_in(folder))


STORED = {
    "signed 16": ((-32768, 32767, "i2"), {}),
    "signed 12 of 16 with garbage above": ((-32768, 32767, "i2"), {"BitsStored": 12, "HighBit": 11}),
    "unsigned 12 of 16 with garbage above": ((0, 65535, "u2"), {"BitsStored": 12, "HighBit": 11}),
    "unsigned 15 of 16": ((0, 65535, "u2"), {"BitsStored": 15, "HighBit": 14}),
    "unsigned 16": ((0, 65535, "u2"), {}),
    "left justified": ((0, 65535, "u2"), {"BitsStored": 12, "HighBit": 15}),
    "left justified, signed": ((-32768, 32767, "i2"), {"BitsStored": 12, "HighBit": 15}),
    "unsigned 8": ((0, 255, "u1"), {}),
    "signed 8": ((-128, 127, "i1"), {}),
    "6 of 8 with garbage above": ((0, 255, "u1"), {"BitsStored": 6, "HighBit": 5}),
    "whole rescale": ((0, 4095, "u2"), {"RescaleSlope": 2, "RescaleIntercept": -1024}),
    "fraction": ((-2000, 2000, "i2"), {"RescaleSlope": 0.37, "RescaleIntercept": -3.5}),
    "negative slope, unsigned 16": ((0, 65535, "u2"), {"RescaleSlope": -1.5, "RescaleIntercept": 7}),
    "padding": ((-4, 4, "i2"), {"PixelPaddingValue": -2}),
    "padding with a range": ((0, 65535, "u2"), {"PixelPaddingValue": 65535, "PixelPaddingRangeLimit": 50000}),
}


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize("name", STORED)
def test_native_frames_of_every_kind(name: str, modality: str, syntax: str, tmp_path: Path) -> None:
    """B1, B2, B7, B26, D42: garbage bits, high bit, sign, width, rescale, padding, byte order."""
    (low, high, dtype), attributes = STORED[name]
    made(tmp_path, noise(low, high, dtype), syntax, Modality=modality, **attributes)
    stack = stack_in(tmp_path)
    volume = build_volume(stack).volume
    assert_same(volume, safe_volume(stack))
    assert volume.array.dtype == np.int16
    assert not volume.array.flags.writeable


def test_plain_frames_are_read_without_their_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(-2000, 2000, "i2")
    volume = fast_only(made(tmp_path, pixels, RescaleSlope=1, RescaleIntercept=-5), monkeypatch).volume
    assert np.array_equal(volume.array, np.stack(pixels))
    assert (volume.slope, volume.intercept) == (1, -5)


def test_words_with_garbage_are_read_as_the_standard_says(tmp_path: Path) -> None:
    """B1: 0x8FFF, 0x8800, 0x87FF, 0x8005 with 12 signed bits are -1, -2048, 2047, 5."""
    words = np.array([[0x8FFF, 0x8800, 0x87FF, 0x8005]] * 2, "<u2").view("<i2")
    volume = build_volume(stack_in(made(tmp_path, [words] * 3, BitsStored=12, HighBit=11))).volume
    assert volume.array[1, 1].tolist() == [-1, -2048, 2047, 5]


def test_a_rescale_that_varies_makes_a_float_volume(tmp_path: Path) -> None:
    """B7, D42: each frame is rescaled with its own slope."""
    slices = [
        slice_of(pixels, n, RescaleSlope=0.5 + n, RescaleIntercept=n) for n, pixels in enumerate(noise(0, 999, "u2"))
    ]
    write_slices(tmp_path, slices)
    volume = build_volume(stack_in(tmp_path)).volume
    assert volume.array.dtype == np.float32
    assert_same(volume, safe_volume(stack_in(tmp_path)))


def test_a_modality_table_goes_the_safe_way(tmp_path: Path) -> None:
    """B5: also where its entries rise above both of their ends."""
    table = [*range(0, 20000, 200), *range(60000, 0, -600)]
    made(tmp_path, noise(0, 199, "u2"), ModalityLUTSequence=[lut_item(0, table, 16)])
    assert_same(build_volume(stack_in(tmp_path)).volume, safe_volume(stack_in(tmp_path)))
    assert build_volume(stack_in(tmp_path)).volume.modality_values().max() > 32767


@pytest.mark.parametrize("cut", [1, 60, 200])
def test_a_truncated_slice_keeps_what_is_there(cut: int, tmp_path: Path) -> None:
    """A8: missing rows are no measurement; the other slices are whole."""
    made(tmp_path, noise(-500, 500, "i2"))
    path = tmp_path / "slice2.dcm"
    path.write_bytes(path.read_bytes()[:-cut])
    stack = stack_in(tmp_path)
    volume = build_volume(stack).volume
    assert_same(volume, safe_volume(stack))
    assert volume.padding is not None
    assert volume.padding[2, -1].all()
    assert not volume.padding[1].any()


def test_a_file_changed_after_the_scan_is_read_as_it_is_now(tmp_path: Path) -> None:
    made(tmp_path, noise(0, 500, "i2"))
    stack = stack_in(tmp_path)
    replaced = noise(0, 500, "i2")[0]
    write_slices(tmp_path, [slice_of(replaced, 0, PatientComments="a sentence that moves the pixels")])
    volume = build_volume(stack).volume
    assert np.array_equal(volume.array[0], replaced)


def test_bytes_that_are_no_pixel_data_any_more_are_not_believed(tmp_path: Path) -> None:
    made(tmp_path, noise(0, 500, "i2"))
    stack = stack_in(tmp_path)
    path = tmp_path / "slice0.dcm"
    data = path.read_bytes()
    path.write_bytes(bytes(len(data)))
    with pytest.raises(WorkstationError, match=r"slice0\.dcm"):
        build_volume(stack)


def test_a_lenient_volume_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    """D11: a gap with a note, not a lost volume; the slices around it are untouched."""
    pixels = noise(0, 500, "i2")
    made(tmp_path, pixels)
    stack = stack_in(tmp_path)
    (tmp_path / "slice2.dcm").unlink()
    with pytest.raises(WorkstationError, match=r"slice2\.dcm"):
        build_volume(stack)
    built = build_volume(stack, lenient=True)
    assert built.volume.padding is not None
    assert built.volume.padding.any(axis=(1, 2)).tolist() == [False, False, True, False, False]
    assert np.array_equal(built.volume.array[3], pixels[3])
    assert built.volume.grid.gaps == ((2.0, 6.0),)
    assert "1 of 5 slices could not be read" in built.notes[0]
    assert "slice2.dcm" in built.notes[0]


def test_a_volume_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    made(tmp_path, noise(0, 500, "i2"))
    stack = stack_in(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(WorkstationError, match="slice"):
        build_volume(stack, lenient=True)


def test_members_of_an_archive_and_deflated_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    made(tmp_path / "in", noise(0, 500, "i2"), DeflatedExplicitVRLittleEndian)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in (tmp_path / "in").iterdir():
            archive.write(path, path.name)
            path.unlink()
    stack = stack_in(tmp_path)
    assert_same(build_volume(stack).volume, safe_volume(stack))


def lossless(pixels: np.ndarray) -> dict[str, bytes]:
    return {
        "1.2.840.10008.1.2.5": rle(pixels),
        "1.2.840.10008.1.2.4.70": imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=16),
        "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_encode(pixels),
        "1.2.840.10008.1.2.4.90": imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k"),
        "1.2.840.10008.1.2.4.201": imagecodecs.htj2k_encode(pixels),
    }


@pytest.mark.parametrize("syntax", list(lossless(np.zeros((8, 8), np.uint16))))
@pytest.mark.parametrize("attributes", [{}, {"PixelRepresentation": 1}, {"BitsStored": 12, "HighBit": 11},
                                        {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 1}])  # fmt: skip
def test_compressed_frames_are_decoded_into_place(
    syntax: str, attributes: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B4: sign and width are the header's; no header is read a second time."""
    pixels = noise(0, 1 << attributes.get("BitsStored", 16), "u2")
    slices = [compressed_slice(lossless(p)[syntax], p, n, **attributes) for n, p in enumerate(pixels)]
    write_slices(tmp_path, slices, syntax)
    volume = fast_only(tmp_path, monkeypatch).volume
    assert_same(volume, safe_volume(stack_in(tmp_path)))
    if "PixelRepresentation" not in attributes:
        assert np.array_equal(volume.modality_values(), np.stack(pixels))


def test_frames_in_several_fragments_and_of_8_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(0, 255, "u1")
    slices = []
    for number, one in enumerate(pixels):
        data = imagecodecs.jpegls_encode(one)
        data += b"\0" * (len(data) % 2)
        slices.append(compressed_slice([data[:20], data[20:]], one, number))
    write_slices(tmp_path, slices, "1.2.840.10008.1.2.4.80")
    assert np.array_equal(fast_only(tmp_path, monkeypatch).volume.array, np.stack(pixels))


def test_a_damaged_compressed_slice_is_as_the_safe_way_has_it(tmp_path: Path) -> None:
    """A29: refused with the file's name, left out where that is allowed."""
    pixels = noise(0, 4000, "u2")
    slices = [compressed_slice(rle(p), p, n) for n, p in enumerate(pixels)]
    paths = write_slices(tmp_path, slices, "1.2.840.10008.1.2.5")
    data = paths[1].read_bytes()
    paths[1].write_bytes(data[:-40])
    stack = stack_in(tmp_path)
    with pytest.raises(WorkstationError) as safe:
        safe_volume(stack)
    with pytest.raises(WorkstationError) as fast:
        build_volume(stack)
    assert str(fast.value) == str(safe.value)
    assert build_volume(stack, lenient=True).notes


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: write_enhanced_ct(folder / "enhanced.dcm"),
        zoo.write_gap,
        zoo.write_tilt,
        zoo.write_uneven,
        zoo.write_echoes,
        zoo.write_mosaic,
    ],
)
def test_phantoms(write, tmp_path: Path) -> None:
    write(tmp_path)
    for stack in stacks_in(tmp_path):
        assert_same(build_volume(stack).volume, safe_volume(stack))


def test_the_corpus(corpus: Path) -> None:
    """Every stack of real data that makes a volume, both ways."""
    frames = plain = 0
    for stack in stacks_in(corpus):
        with patch.object(volume_builder, "read_into", side_effect=plain_frame.read_into) as read:
            try:
                safe = safe_volume(stack)
            except WorkstationError as error:
                with pytest.raises(type(error)):
                    build_volume(stack)
                continue
            assert_same(build_volume(stack).volume, safe)
            frames, plain = frames + len(stack.frames), plain + read.call_count
    assert frames > 1000
    assert plain > 0.6 * frames


def test_progress_is_told_and_stopping_heard(tmp_path: Path) -> None:
    made(tmp_path, noise(0, 500, "i2"))
    stack = stack_in(tmp_path)
    with patch.object(volume_builder, "TOLD_EVERY", 0):
        told: list[float] = []
        build_volume(stack, progress=told.append)
        assert sorted(told)[-1] < 1
        assert len(told) == SLICES
    threads: set[int] = set()
    with pytest.raises(StoppedError):
        build_volume(stack, stopped=lambda: bool(threads.add(threading.get_ident())) or True)


def test_a_volume_over_the_limit_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    """D42."""
    made(tmp_path, noise(0, 500, "i2"))
    stack = stack_in(tmp_path)
    assert bytes_needed(stack) == SLICES * SHAPE[0] * SHAPE[1] * 2
    with pytest.raises(TooLarge, match="GiB"):
        build_volume(stack, limit=bytes_needed(stack) - 1)


def test_a_reduced_volume_lies_where_the_whole_one_does(tmp_path: Path) -> None:
    """Blocks are averaged, padding left out; a voxel lies in the middle of its block."""
    pixels = [np.add.outer(np.arange(12) * 10, np.arange(10)).astype("i2") + n for n in range(4)]
    pixels[1][0, 0] = pixels[2][:2, :2] = -2000
    made(tmp_path, pixels, PixelPaddingValue=-2000)
    whole, half = (build_volume(stack_in(tmp_path), reduction=factor).volume for factor in (1, 2))
    assert half.array.shape == (4, 6, 5)
    assert half.array[0, 0, 0] == np.rint(pixels[0][:2, :2].mean())
    assert half.array[1, 0, 0] == np.rint(pixels[1][:2, :2].ravel()[1:].mean())
    assert half.padding is not None
    assert half.padding.sum() == 1
    assert half.padding[2, 0, 0]
    centre = whole.grid.point_of(np.array([1.0, 2.5, 4.5]))
    assert np.allclose(half.grid.index_of(centre), [1, 1, 2])
