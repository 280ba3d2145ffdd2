"""Pictures as PNG, JPEG or TIFF with their stamp, their size in millimetres and "Not for diagnosis" (H6)."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any, Final

from workstation import __version__
from workstation.export.saving import ExportError, saved
from workstation.export.stamp import Stamp

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
"""Formats by the ending of a file's name."""
WARNING: Final = "Not for diagnosis"
KEY: Final = "DICOM Workstation"
DESCRIPTION, SAMPLE_FORMAT, SIGNED = 270, 339, 2
"""Tags of TIFF, and the sample format of two's complement."""
SIGN: Final = 1 << 15
"""What is added to signed values where only unsigned ones can be written."""
LONGEST_COMMENT: Final = 65000
LONGEST_SIDE: Final = 65500
"""Pixels, of a JPEG."""
INCH: Final = 25.4
QUALITY: Final = 95


class NotAPicture(ExportError):
    """A file is no PNG, JPEG or TIFF."""

    code = "not-a-picture"


def write_picture(
    path: Path,
    array: NDArray[Any],
    *,
    stamp: Stamp | None = None,
    note: str = "",
    spacing: tuple[float, float] | None = None,
    replace: bool = False,
) -> Stamp | None:
    """Write an array as the picture its name's ending says, and return the stamp that is in it.

    Parameters
    ----------
    path
        Ends in .png, .jpg, .jpeg, .tif or .tiff.
    array
        uint8 (rows, columns) or (rows, columns, 3); for PNG and TIFF also uint16 and int16 (rows, columns). PNG
        has no signed values: 32768 is added, and the intercept of stamp and description takes it off again.
    stamp
        Written into iTXt of PNG, tag 270 of TIFF, the comment of JPEG.
    note
        A sentence for the description; without anything of the patient.
    spacing
        (Row spacing, column spacing) in mm per pixel; JPEG knows whole dots per inch only.
    replace
        Whether a file of that name may be replaced.

    Raises
    ------
    ExportError
        If the array does not fit the format, the file exists, or the system refuses.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ExportError(f"{path.name}: a picture's name ends in {', '.join(FORMATS)}.")
    _check(path, array, kind)
    stamp = _as_written(array, kind, stamp)
    options = _metadata(kind, _description(stamp, note), stamp)
    if array.dtype.name == "int16" and kind == "TIFF":
        options["tiffinfo"][SAMPLE_FORMAT] = SIGNED
    if spacing is not None and min(spacing) > 0:
        options["dpi"] = (INCH / spacing[1], INCH / spacing[0])
        if kind == "JPEG":
            options["dpi"] = tuple(min(max(round(each), 1), 65535) for each in options["dpi"])
    with saved(path, replace=replace) as part:
        _image(array, kind).save(part, kind, **options)
    return stamp


def read_stamp(path: Path) -> Stamp | None:
    """Return the stamp of a picture; None where it has none.

    Raises
    ------
    NotAPicture
        If the file is no PNG, JPEG or TIFF, or cannot be read.
    ExportError
        If the stamp was altered or is damaged.
    """
    text = _stamp_text(path)
    return None if text is None else Stamp.from_json(text)


def _stamp_text(path: Path) -> str | None:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG", "JPEG", "TIFF")) as image:
            if image.format == "PNG":
                found = image.info.get(KEY)
                return None if found is None else str(found)
            if image.format == "TIFF":
                text = str(image.tag_v2.get(DESCRIPTION, ""))  # type: ignore[attr-defined]
            else:
                text = bytes(image.info.get("comment", b"")).decode("utf-8", "replace")
    except OSError as error:
        reason = error.strerror or "it is no PNG, JPEG or TIFF"
        raise NotAPicture(f"{path.name}: {reason}.") from error
    except Exception as error:  # whatever a broken file makes the library raise, it is the file's fault
        raise NotAPicture(f"{path.name}: the picture is damaged.") from error
    # The stamp is the last line: the first is for people.
    head, _, line = text.partition("\n")
    return line if head.startswith(WARNING) and line else None


def _check(path: Path, array: NDArray[Any], kind: str) -> None:
    grey, color = array.ndim == 2, array.ndim == 3 and array.shape[2] == 3
    wide = array.dtype.name in ("uint16", "int16")
    if array.size == 0 or not (grey or color):
        raise ExportError(f"{path.name}: an array of the shape {array.shape} is no picture.")
    if array.dtype.name != "uint8" and not (wide and grey):
        raise ExportError(f"{path.name}: {array.dtype} values cannot be written as a picture.")
    if kind == "JPEG" and max(array.shape) > LONGEST_SIDE:
        raise ExportError(f"{path.name}: {array.shape[1]} × {array.shape[0]} pixels are too many for JPEG.")
    if wide and kind == "JPEG":
        raise ExportError(f"{path.name}: JPEG holds 8 bits; 16 go into PNG or TIFF.")


def _as_written(array: NDArray[Any], kind: str, stamp: Stamp | None) -> Stamp | None:
    if array.dtype.name != "int16" or kind != "PNG" or stamp is None:
        return stamp
    return changed(stamp, intercept=stamp.intercept - SIGN * stamp.slope)


def _image(array: NDArray[Any], kind: str) -> Image.Image:
    import numpy as np
    from PIL import Image

    if array.dtype.name == "int16":
        lifted: NDArray[np.uint16] = array.view(np.uint16)
        array = lifted ^ np.uint16(SIGN) if kind == "PNG" else lifted
    return Image.fromarray(np.ascontiguousarray(array))


def _description(stamp: Stamp | None, note: str) -> str:
    sentences = [f"{WARNING}. {KEY} {__version__}."]
    if stamp is not None and stamp.pixels != "display":
        unit = f" {stamp.unit}" if stamp.unit else ""
        sentences.append(f"{stamp.pixels} value = {stamp.slope!r} * pixel + {stamp.intercept!r}{unit}.")
    return " ".join([*sentences, *note.split()]).encode("ascii", "backslashreplace").decode()


def _metadata(kind: str, description: str, stamp: Stamp | None) -> dict[str, Any]:
    text = "" if stamp is None else stamp.to_json()
    together = description + ("\n" + text if text else "")
    if kind == "TIFF":
        from PIL.TiffImagePlugin import ImageFileDirectory_v2

        tags = ImageFileDirectory_v2()
        tags[DESCRIPTION] = together
        return {"tiffinfo": tags, "compression": "tiff_adobe_deflate"}
    if kind == "JPEG":
        if len(together) > LONGEST_COMMENT:
            raise ExportError("The note is too long for a JPEG.")
        return {"comment": together.encode("ascii"), "quality": QUALITY, "subsampling": 0}
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    chunks.add_itxt("Description", description)
    if text:
        chunks.add_itxt(KEY, text)
    return {"pnginfo": chunks}
