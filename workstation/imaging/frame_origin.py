"""Where the stored values of one frame come from: bytes, cells, decoder, colour space (PS3.5 section 8, Annex A)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.dicom.attributes import numbers, text, texts
from workstation.errors import WorkstationError
from workstation.imaging.codestream import codestream_header
from workstation.imaging.color import explain_ybr
from workstation.imaging.decode import DAMAGED, components_of, decoder_name, transfer_syntax_name
from workstation.imaging.frame_access import reading_of
from workstation.imaging.pixel_format import YBR
from workstation.imaging.stage import StageReport, number_text
from workstation.wording import phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from workstation.imaging.decode import Samples
    from workstation.imaging.encapsulation import Fragment
    from workstation.imaging.frame_access import FrameAccess
    from workstation.imaging.pixel_format import PixelFormat
    from workstation.imaging.samples import CellReading

CHANNELS: Final = {"YBR": ("Y", "CB", "CR"), "RGB": ("R", "G", "B")}


@dataclass(frozen=True, slots=True)
class Lossy:
    """What the header says of lossy compression (PS3.3 C.7.6.1.1.5); ``happened`` "" where it says nothing."""

    happened: str = ""
    ratios: tuple[float, ...] = ()
    methods: tuple[str, ...] = ()

    def steps(self) -> tuple[str, ...]:
        """Return each compression with its ratio, in the order they happened."""
        count = max(len(self.ratios), len(self.methods))
        found = []
        for step in range(count):
            method = self.methods[step] if step < len(self.methods) else "method not said"
            found.append(f"{method} {self.ratios[step]:g} : 1" if step < len(self.ratios) else method)
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class FrameOrigin:
    """What one frame's stored values were made of; explains any of its pixels without another read.

    ``offset`` is the first byte of the pixel data's value: in the file, or in the inflated data set where
    ``inflated``. ``fragments`` are those of this frame with their numbers from 1, none of native data.
    ``components`` are a JPEG's own luminance and chrominances where its decoder made RGB of them. ``corner`` is the
    (row, column) of a mosaic's tile inside the frame.
    """

    format: PixelFormat
    frame_index: int
    samples: Samples
    reading: CellReading | None
    offset: int
    inflated: bool = False
    swapped: bool = False
    big_endian: bool = False
    encapsulated: bool = False
    fragments: tuple[tuple[int, Fragment], ...] = ()
    decoder: str = ""
    kind: str = ""
    components: NDArray[Any] | None = None
    lossy: Lossy = Lossy()
    corner: tuple[int, int] = (0, 0)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.samples.values.nbytes) + (self.components.nbytes if self.components is not None else 0)

    @property
    def transfer_syntax(self) -> str:
        """Name of the transfer syntax."""
        return transfer_syntax_name(self.format.transfer_syntax_uid)

    @property
    def compressed_bytes(self) -> int:
        """Bytes of the frame's fragments, 0 of native data."""
        return sum(fragment.length for _, fragment in self.fragments)

    @property
    def channels(self) -> tuple[str, ...]:
        """What the samples of a pixel are called; none of a pixel with one sample."""
        if not self.format.is_color:
            return ()
        return CHANNELS["YBR" if self.samples.photometric in YBR else "RGB"]

    def cells(self, column: int, row: int) -> tuple[Any, ...]:
        """Return the cells of a pixel before masks and signs, one per sample."""
        found = self.samples.values[row + self.corner[0], column + self.corner[1]]
        return tuple(found) if np.ndim(found) else (found,)

    def bits(self, column: int, row: int) -> tuple[int, ...]:
        """Return where each sample's cell begins: bits from the first byte of the file. None of compressed frames.

        Two pixels of 4:2:2 data share their chrominances; planes lie one after the other (PS3.3 C.7.6.3.1.2, 1.3).
        """
        if self.encapsulated:
            return ()
        fmt, row, column = self.format, row + self.corner[0], column + self.corner[1]
        pixel = row * fmt.columns + column
        if fmt.subsampled:
            pair = pixel // 2 * 4
            samples = [pair + column % 2, pair + 2, pair + 3]
        elif fmt.samples_per_pixel == 3 and fmt.planar_configuration == 1:
            samples = [plane * fmt.rows * fmt.columns + pixel for plane in range(3)]
        else:
            samples = [pixel * fmt.samples_per_pixel + sample for sample in range(fmt.samples_per_pixel)]
        first = self.frame_index * fmt.frame_bits
        bits = [first + sample * fmt.bits_allocated for sample in samples]
        if self.swapped:
            bits = [bit ^ 8 for bit in bits]
        return tuple(self.offset * 8 + bit for bit in bits)

    def is_present(self, row: int) -> bool:
        """Whether a row was in the file (A8)."""
        return row + self.corner[0] < self.samples.complete_rows

    def read(self, column: int, row: int) -> list[StageReport]:
        """Return how each cell becomes a stored value, in the order of the samples."""
        if self.reading is None:
            sentence = phrase("{0}-bit floating point, as it is", self.format.bits_allocated)
            return [StageReport("Stored value", cell, cell, sentence) for cell in self.cells(column, row)]
        allocated = self.cell_bits
        return [self.reading.explain(cell, allocated) for cell in self.cells(column, row)]

    @property
    def cell_bits(self) -> int:
        """Bits of a cell: as allocated in native data, as the decoder gives them otherwise."""
        if self.encapsulated:
            return int(self.samples.values.dtype.itemsize) * 8
        return self.format.bits_allocated

    def color(self, column: int, row: int) -> list[StageReport]:
        """Return how the samples of a colour pixel become RGB; nothing where they are RGB or of one sample."""
        if not self.format.is_color:
            return []
        place = (row + self.corner[0], column + self.corner[1])
        if self.components is not None:
            before = tuple(self.components[place].tolist())
            after = tuple(self.samples.values[place].tolist())
            sentence = phrase("(Y, CB, CR) {0} of the JPEG became RGB in its decoder", number_text(before))
            return [StageReport("Colour space", before, after, sentence)]
        if self.samples.photometric not in YBR:
            return []
        values = tuple(int(report.output) for report in self.read(column, row))  # type: ignore[arg-type]
        return [explain_ybr(values, self.samples.photometric, self.format.bits_stored)]

    @property
    def second_opinion(self) -> bool:
        """Whether the first decoder refused and another one read the frame."""
        return DAMAGED in self.samples.notes


def frame_origin(access: FrameAccess, ds: Dataset, frame_index: int, corner: tuple[int, int] = (0, 0)) -> FrameOrigin:
    """Read a frame once more, keeping what its values were made of.

    Raises
    ------
    UnreadablePixels, UnsupportedTransferSyntax, TooLarge
    """
    samples, location = access.samples(frame_index), access.location
    fmt = access.format if access.encapsulated else access.full_length_format()
    integer = samples.values.dtype.kind != "f"
    reading = reading_of(samples, access.format, encapsulated=access.encapsulated) if integer else None
    swapped = location.big_endian and fmt.bits_allocated <= 8 and location.vr != "OB"
    lossy = Lossy(
        text(ds, "LossyImageCompression"),
        numbers(ds, "LossyImageCompressionRatio"),
        texts(ds, "LossyImageCompressionMethod"),
    )
    if not access.encapsulated:
        return FrameOrigin(
            fmt,
            frame_index,
            samples,
            reading,
            location.offset,
            inflated=location.buffer is not None,
            swapped=swapped,
            big_endian=location.big_endian,
            decoder=f"numpy {np.__version__}",
            lossy=lossy,
            corner=corner,
        )
    data = access.compressed(frame_index)
    header = codestream_header(data)
    kind = header.kind if header is not None else ""
    return FrameOrigin(
        fmt,
        frame_index,
        samples,
        reading,
        location.offset,
        inflated=location.buffer is not None,
        encapsulated=True,
        fragments=_fragments(access, frame_index),
        decoder=decoder_name(kind, fmt.transfer_syntax_uid),
        kind=kind,
        components=_components(data, access, samples),
        lossy=lossy,
        corner=corner,
    )


def _components(data: bytes, access: FrameAccess, samples: Samples) -> NDArray[Any] | None:
    found = components_of(data, access.format) if samples.photometric == "RGB" else None
    return found if found is not None and found.shape == samples.values.shape else None


def _fragments(access: FrameAccess, frame_index: int) -> tuple[tuple[int, Fragment], ...]:
    """Return a frame's fragments with their numbers in the file; joined frames lie in the only one (A10)."""
    try:
        frames = access.frame_table()
    except WorkstationError:
        return ()
    if frame_index >= len(frames):
        return ()
    before = sum(len(frame) for frame in frames[:frame_index])
    return tuple((before + number + 1, fragment) for number, fragment in enumerate(frames[frame_index]))
