"""One pixel in words: stored, modality and displayed value, and where it is (D45)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.viewing.corner_text import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.pipeline import Pipeline


def probe_line(
    values: NDArray[Any], pipeline: Pipeline, plane: ImagePlane | None, column: int, row: int, section: str = ""
) -> str:
    """Return the line for a pixel (0-based column and row), or an empty string outside the picture.

    ``section`` says how the values of a reformatted plane were made, for example ``"interpolated"``.
    """
    rows, columns = values.shape[:2]
    if not (0 <= column < columns and 0 <= row < rows):
        return ""
    value = values[row, column]
    parts = [f"col {column} row {row}"]
    if value.ndim:
        parts.append("RGB " + ", ".join(str(int(v)) for v in value))
    else:
        parts.append(_chain(pipeline, value, section))
    if plane is not None:
        x, y, z = plane.patient_point(column, row)
        parts.append(f"L {x:.1f} P {y:.1f} H {z:.1f} mm")
    return "   ".join(parts)


def _chain(pipeline: Pipeline, value: Any, section: str) -> str:
    import numpy as np

    one = np.asarray(value).reshape(1, 1)
    shown = np.asarray(pipeline.display(one)).reshape(-1)
    grey = f"grey {int(shown[0])}" if shown.size == 1 else "RGB " + ", ".join(str(int(v)) for v in shown)
    unit = f" {pipeline.rendering.unit}" if pipeline.rendering.unit else ""
    if section:
        return f"{number(float(value))}{unit} ({section}) → {grey}"
    if not pipeline.rendering.has_window:
        return f"stored {number(float(value))} → {grey}"
    modality = float(np.asarray(pipeline.rendering.modality_stage.apply(one)).reshape(-1)[0])
    return f"stored {number(float(value), 4)} → {number(modality)}{unit} → {grey}"
