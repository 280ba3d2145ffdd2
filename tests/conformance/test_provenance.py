"""A pixel's story ends in the byte that is rendered, begins in the byte of the file, and adds up in between."""

from __future__ import annotations

import csv
import os
import random
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from tests.conftest import DEFAULT_CORPUS
from workstation.cli.main import run
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import FrameRef, Locator
from workstation.errors import WorkstationError
from workstation.export.frames import Look as Shown
from workstation.export.frames import display_pixels
from workstation.imaging.auto_window import default_voi
from workstation.imaging.pipeline import Pipeline
from workstation.objects.images import ImageReader
from workstation.viewing.provenance import Explanation, Look, frame_pixel

SAMPLE = (
    "dicomdir/pydicom-dicomdirtests/77654033/CR1/6154",  # MONOCHROME1
    "seg/highdicom/seg_image_sm_control_labelmap_palette_color.dcm",
    "seg/highdicom/sm_image_jpegls.dcm",
    "single/dcm4che/US-PAL-8-10x-echo",
    "single/dcm4che/YBR_422.dcm",
    "single/dcm4che/YBR_FULL-RLE.dcm",
    "single/fo-dicom/CR-ModalitySequenceLUT.dcm",
    "single/fo-dicom/GH538-jpeg1.dcm",
    "single/fo-dicom/TestPattern_Palette_16.dcm",
    "single/pydicom-data/HTJ2K_08_RGB.dcm",
    "single/pydicom-data/SC_rgb_16bit.dcm",
    "single/pydicom-data/SC_rgb_expb.dcm",
    "single/pydicom-data/SC_ybr_full_uncompressed.dcm",
    "single/pydicom-data/US1_J2KI.dcm",
    "single/pydicom-data/color-pl.dcm",
    "single/pydicom/SC_rgb_rle_32bit.dcm",
    "single/pydicom/SC_ybr_full_422_uncompressed.dcm",
    "single/pydicom/examples_jpeg2k.dcm",
    "single/pydicom/examples_ybr_color.dcm",
    "ts/nema-wg04/compsamples_jpegls/IMAGES/JLSN/RG3_JLSN",
)
"""Every photometric interpretation there is, native and compressed, by pixel and by plane, both byte orders."""
EVERY = os.environ.get("WORKSTATION_PROVENANCE", "")
"""Set to a number to explain as many pixels of every image of the corpus."""


def every_image() -> list[str]:
    """Return the images of the corpus whose pixels can be read, without the wish for all of them one."""
    index = Path(os.environ.get("WORKSTATION_CORPUS") or DEFAULT_CORPUS) / "index.csv"
    if not EVERY or not index.is_file():
        return list(SAMPLE[:1])
    with index.open(newline="") as lines:
        return [row["path"] for row in csv.DictReader(lines) if row["rows"] and row["pixels"] == "decoded"]


def places(shape: tuple[int, ...], count: int) -> list[tuple[int, int]]:
    chance = random.Random(7)
    corners = [(0, 0), (shape[0] - 1, shape[1] - 1)]
    return corners + [(chance.randrange(shape[0]), chance.randrange(shape[1])) for _ in range(count - 2)]


def same(screen: tuple[int, ...], pixel: np.ndarray) -> bool:
    """Whether they are one colour; a picture with a supplemental palette has its greys as colours too."""
    return screen == tuple(pixel.tolist()) if np.ndim(pixel) and len(screen) > 1 else bool((pixel == screen[0]).all())


def explained(path: Path, count: int) -> tuple[list[tuple[int, int]], list[Explanation], np.ndarray, ImageReader]:
    """Return places, their explanations, and the pixels as they are rendered."""
    locator = Locator(str(path))
    reader = ImageReader(read_instance(locator))
    ref = FrameRef(reader.instance.sop_instance_uid, 0)
    picture = reader.picture(ref)
    voi = default_voi(picture.rendering, picture.statistics)
    pipeline, origin = Pipeline(picture.rendering, voi), reader.origin(ref)
    chosen = places(picture.values.shape, count)
    found = [
        frame_pixel(picture.values, pipeline, column, row, Look(), origin=origin, name=path.name)
        for row, column in chosen
    ]
    for row, column in chosen:
        stored = picture.values[row, column]
        before = [int(report.output) for report in origin.read(column, row)] if origin.reading else None
        color = origin.color(column, row)
        after = list(color[0].output) if color else before
        assert after is None or after == np.atleast_1d(stored).tolist(), (row, column)
    return chosen, found, display_pixels(picture, Shown()), reader


@pytest.mark.parametrize("name", SAMPLE)
def test_the_last_stage_is_the_byte_that_the_command_renders(corpus: Path, tmp_path: Path, name: str) -> None:
    where, stories, _, _ = explained(corpus / name, 50)
    out = tmp_path / "out.png"
    run(["render", str(corpus / name), "--out", str(out)])
    png = imagecodecs.png_decode(out.read_bytes())
    for (row, column), story in zip(where, stories, strict=True):
        assert same(story.screen, png[row, column]), (row, column, story.text())


@pytest.mark.parametrize("name", every_image())
def test_the_last_stage_is_the_byte_rendered_anywhere(corpus: Path, name: str) -> None:
    try:
        where, stories, shown, _ = explained(corpus / name, int(EVERY or 50))
    except WorkstationError as error:
        pytest.skip(str(error))
    for (row, column), story in zip(where, stories, strict=True):
        assert same(story.screen, shown[row, column]), (row, column, story.text())


@pytest.mark.parametrize("name", SAMPLE)
def test_the_offset_leads_to_the_cell_in_the_file(corpus: Path, name: str) -> None:
    """Native cells are found again by another hand: the bytes at the offset, in the file's byte order."""
    path = corpus / name
    reader = ImageReader(read_instance(Locator(str(path))))
    origin = reader.origin(FrameRef(reader.instance.sop_instance_uid, 0))
    data = path.read_bytes()
    if origin.encapsulated:
        assert all(data[f.offset - 4 : f.offset] == f.length.to_bytes(4, "little") for _, f in origin.fragments)
        return
    size = origin.format.bits_allocated // 8
    order = "big" if origin.big_endian else "little"
    for row, column in places((origin.format.rows, origin.format.columns), 50):
        cells = [int.from_bytes(data[bit // 8 :][:size], order) for bit in origin.bits(column, row)]
        assert cells == [int(cell) for cell in origin.cells(column, row)]
