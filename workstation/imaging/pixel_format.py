"""How one frame's samples are stored: Image Pixel Module (PS3.3 C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation.dicom.attributes import integer, text
from workstation.errors import UnreadablePixels

if TYPE_CHECKING:
    from pydicom import Dataset

FLOAT_PIXEL_DATA: Final = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA: Final = 0x7FE00009
PIXEL_DATA: Final = 0x7FE00010

GRAYSCALE: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
ONE_SAMPLE: Final = GRAYSCALE | {"PALETTE COLOR"}
SUBSAMPLED: Final = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})
YBR: Final = SUBSAMPLED | {"YBR_FULL", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"}
COLOR: Final = YBR | {"RGB"}
RETIRED_COLOR: Final = frozenset({"HSV", "ARGB", "CMYK"})
BITS_ALLOCATED: Final = frozenset({1, 8, 12, 16, 32, 64})


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """The header's description of the stored samples.

    ``kind`` is ``"integer"``, ``"float"`` (Float Pixel Data) or ``"double"``. ``high_bit`` may differ from
    ``bits_stored - 1`` in legacy data (B2).
    """

    rows: int
    columns: int
    samples_per_pixel: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar_configuration: int
    number_of_frames: int
    transfer_syntax_uid: str
    kind: str = "integer"

    @property
    def subsampled(self) -> bool:
        """Whether native data hold two luminances per pair of chrominances (PS3.3 C.7.6.3.1.2)."""
        return self.samples_per_pixel == 3 and self.photometric in SUBSAMPLED

    @property
    def frame_bits(self) -> int:
        """Bits of one frame as stored natively; 1-bit frames follow each other without padding."""
        bits = self.rows * self.columns * self.samples_per_pixel * self.bits_allocated
        return bits * 2 // 3 if self.subsampled else bits

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame as stored natively (1-bit frames are counted rounded up)."""
        return (self.frame_bits + 7) // 8

    @property
    def is_color(self) -> bool:
        """Whether pixels have three samples; palette indices have one."""
        return self.samples_per_pixel == 3

    @property
    def stored_range(self) -> tuple[int, int]:
        """Least and greatest value an integer sample can take after masking and sign extension."""
        if self.signed:
            return -(1 << (self.bits_stored - 1)), (1 << (self.bits_stored - 1)) - 1
        return 0, (1 << self.bits_stored) - 1


def pixel_format_of(
    ds: Dataset, transfer_syntax_uid: str, *, tag: int = PIXEL_DATA, name: str = "file"
) -> tuple[PixelFormat, tuple[str, ...]]:
    """Return the format of a data set's pixels and sentences on what had to be assumed.

    ``tag`` is the pixel data element present, ``name`` the file's name for messages.

    Raises
    ------
    UnreadablePixels
        When Rows, Columns or Bits Allocated are absent or impossible, or the colour space is a retired one
        that is not converted (C3).
    """
    notes: list[str] = []
    rows, columns = integer(ds, "Rows") or 0, integer(ds, "Columns") or 0
    if rows <= 0 or columns <= 0:
        raise UnreadablePixels(f"{name}: the header gives no usable image size (Rows {rows}, Columns {columns})")
    kind, allocated, stored, high_bit = _bits(ds, tag, name, notes)
    samples, photometric = _samples(ds, name, notes)
    return (
        PixelFormat(
            rows=rows,
            columns=columns,
            samples_per_pixel=samples,
            photometric=photometric,
            bits_allocated=allocated,
            bits_stored=stored,
            high_bit=high_bit,
            signed=(integer(ds, "PixelRepresentation") or 0) == 1,
            planar_configuration=_planar_configuration(ds, samples, notes),
            number_of_frames=_number_of_frames(ds, notes),
            transfer_syntax_uid=transfer_syntax_uid,
            kind=kind,
        ),
        tuple(notes),
    )


def _bits(ds: Dataset, tag: int, name: str, notes: list[str]) -> tuple[str, int, int, int]:
    """Return (kind, bits allocated, bits stored, high bit)."""
    if tag == FLOAT_PIXEL_DATA:
        return "float", 32, 32, 31
    if tag == DOUBLE_FLOAT_PIXEL_DATA:
        return "double", 64, 64, 63
    allocated = integer(ds, "BitsAllocated")
    if allocated not in BITS_ALLOCATED:
        said = "is missing" if allocated is None else f"is {allocated}, which cannot be read"
        raise UnreadablePixels(f"{name}: Bits Allocated (0028,0100) {said}")
    stored = integer(ds, "BitsStored")
    if stored is None or not 1 <= stored <= allocated:
        notes.append(f"Bits Stored {stored} is impossible; {allocated} assumed")
        stored = allocated
    high_bit = integer(ds, "HighBit")
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        notes.append(f"High Bit {high_bit} is impossible; {stored - 1} assumed")
        high_bit = stored - 1
    return "integer", allocated, stored, high_bit


def _samples(ds: Dataset, name: str, notes: list[str]) -> tuple[int, str]:
    """Return samples per pixel and a photometric interpretation that fits them."""
    photometric = text(ds, "PhotometricInterpretation").strip().upper()
    samples = integer(ds, "SamplesPerPixel")
    if photometric in RETIRED_COLOR or samples == 4:
        raise UnreadablePixels(f"{name}: the retired colour space {photometric} is not shown")
    if samples not in (1, 3):
        assumed = 3 if photometric in COLOR else 1
        notes.append(f"Samples per Pixel {samples} is not 1 or 3; {assumed} assumed")
        samples = assumed
    if photometric not in (ONE_SAMPLE if samples == 1 else COLOR):
        assumed_color = "MONOCHROME2" if samples == 1 else "RGB"
        found = photometric or "absent"
        notes.append(f"Photometric Interpretation {found} does not fit {samples} sample(s); {assumed_color} assumed")
        photometric = assumed_color
    return samples, photometric


def _planar_configuration(ds: Dataset, samples: int, notes: list[str]) -> int:
    if samples == 1:
        return 0
    planar = integer(ds, "PlanarConfiguration")
    if planar in (0, 1):
        return planar
    notes.append("Planar Configuration is missing; colour by pixel assumed")
    return 0


def _number_of_frames(ds: Dataset, notes: list[str]) -> int:
    if "NumberOfFrames" not in ds:
        return 1
    frames = integer(ds, "NumberOfFrames")
    if frames is None or frames < 1:
        notes.append("Number of Frames is empty or not positive; 1 assumed")
        return 1
    return frames
