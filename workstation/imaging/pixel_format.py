"""How one frame's samples are stored: Image Pixel Module (PS3.3 C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass


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
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame as stored natively (1-bit frames are counted rounded up)."""
        bits = self.rows * self.columns * self.samples_per_pixel * self.bits_allocated
        if self.photometric == "YBR_FULL_422" and self.samples_per_pixel == 3:
            bits = bits * 2 // 3
        return (bits + 7) // 8

    @property
    def stored_range(self) -> tuple[int, int]:
        """Least and greatest value an integer sample can take after masking and sign extension."""
        if self.signed:
            return -(1 << (self.bits_stored - 1)), (1 << (self.bits_stored - 1)) - 1
        return 0, (1 << self.bits_stored) - 1
