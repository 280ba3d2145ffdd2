"""Pictures and the keys they are asked for by: keys say what is wanted, never who wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.dicom.identity import FrameRef
    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.auto_window import Statistics
    from workstation.imaging.rendering import Rendering


@dataclass(frozen=True, slots=True)
class FrameKey:
    """One stored frame, or one tile of a mosaic."""

    ref: FrameRef


@dataclass(frozen=True, slots=True)
class SectionKey:
    """One plane through a volume; a slab of ``slab_mm`` is projected by "mean", "max" or "min"."""

    volume_id: str
    plane: ImagePlane
    slab_mm: float = 0.0
    projection: str = "mean"


PictureKey = FrameKey | SectionKey


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels on an image plane, with everything needed to show them.

    ``values`` are stored values, (rows, columns) or (rows, columns, 3) RGB, read-only; ``plane`` is None where
    there is no patient space. Rows from ``complete_rows`` on were not in the file (A8).
    """

    key: PictureKey
    values: NDArray[Any]
    rendering: Rendering
    plane: ImagePlane | None
    complete_rows: int
    notes: tuple[str, ...]

    @property
    def statistics(self) -> Statistics:
        """Statistics of this picture's modality values, without padding and missing rows; computed each time."""
        from workstation.imaging.auto_window import frame_statistics

        return frame_statistics(self.values, self.rendering, self.complete_rows)

    @property
    def nbytes(self) -> int:
        """Bytes to count in a cache."""
        return int(self.values.nbytes)

    @property
    def is_truncated(self) -> bool:
        """Whether rows are missing at the end."""
        return self.complete_rows < int(self.values.shape[0])
