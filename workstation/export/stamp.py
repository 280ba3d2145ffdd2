"""The stamp of an exported picture: which stored frame it shows and how, so that the view can be found again.

It holds nothing of the patient. UIDs go out as SHA-256 unless asked for plainly: whoever has the study can find
the frame by either, nobody else learns anything from the first.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from workstation import __version__
from workstation.export.saving import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SCHEMA: Final = 1
HASHED: Final = "sha256:"
PIXELS: Final = ("display", "stored", "modality")
LONGEST: Final = 1 << 16
"""Characters of the longest stamp that is read."""
FARTHEST: Final = 1e300
"""Numbers beyond are damage."""
_UID: Final = re.compile(r"[0-9.]{1,64}")
_STAMPED_UID: Final = re.compile(r"|[0-9.]{1,64}|sha256:[0-9a-f]{64}")
_WORD: Final = re.compile(r"[a-z_]{0,32}")
_DIGEST: Final = re.compile(r"|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an exported picture shows; free of any text of the data set.

    UIDs are plain or ``sha256:`` and 64 hexadecimal digits; ``frame`` counts from 1, ``tile`` is the slice of a
    mosaic from 1, 0 without one. ``window`` is (centre, width) in modality units, None under a VOI LUT and for
    colour; ``window_source`` says where it came from. ``pixels`` says what the picture's numbers are: "display",
    "stored" or "modality" values, which are ``slope * pixel + intercept`` in ``unit``. ``view`` is the pane's:
    zoom, centre, rotation, flips, as numbers, lists of numbers, truth values or single words.
    ``pixel_sha256`` is that of the frame's stored values (:func:`pixel_hash`).
    """

    study_uid: str = ""
    series_uid: str = ""
    sop_instance_uid: str = ""
    frame: int = 1
    tile: int = 0
    window: tuple[float, float] | None = None
    window_source: str = ""
    voi_function: str = ""
    inverted: bool = False
    color_map: str = ""
    pixels: str = "display"
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    view: dict[str, Any] = field(default_factory=dict)
    pixel_sha256: str = ""
    program: str = __version__
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the stamp as one line of ASCII, with a hash over itself.

        Raises
        ------
        ExportError
            If a field holds what could not be read again.
        """
        document = asdict(self)
        _refuse_unfit(document)
        return _canonical({**document, "stamp_sha256": _digest(document)})

    @classmethod
    def from_json(cls, text: str) -> Stamp:
        """Return the stamp that :meth:`to_json` wrote.

        Raises
        ------
        ExportError
            If it was altered, is of a later program, or is no stamp.
        """
        document = _parsed(text)
        claimed = document.pop("stamp_sha256", None)
        if document.get("schema") != SCHEMA:
            raise ExportError("The stamp was written by another version of the program and cannot be read.")
        if claimed != _digest(document):
            raise ExportError("The stamp was altered after it was written and is not trusted.")
        if set(document) != {each.name for each in fields(cls)}:
            raise ExportError("The stamp lacks fields or has unknown ones.")
        if document["window"] is not None:
            document["window"] = tuple(document["window"]) if isinstance(document["window"], list) else ()
        _refuse_unfit(document)
        return cls(**document)


def stamped_uid(uid: str, *, identified: bool = False) -> str:
    """Return a UID as a stamp holds it: hashed unless ``identified``; what is no UID may be anything, so is hashed."""
    if not uid or (identified and _UID.fullmatch(uid)):
        return uid
    return HASHED + hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()


def matches(stamp: Stamp, sop_uid: str) -> bool:
    """Return whether the stamp is of this SOP Instance, by plain or hashed UID."""
    return bool(sop_uid) and stamp.sop_instance_uid in (sop_uid, stamped_uid(sop_uid))


def pixel_hash(values: NDArray[Any]) -> str:
    """Return the SHA-256 of stored values: row by row, little endian, in the width they are decoded to.

    A lossless copy in another transfer syntax has the same.
    """
    import numpy as np

    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    return hashlib.sha256(little.data.cast("B") if little.size else b"").hexdigest()


def _refuse_unfit(document: dict[str, Any]) -> None:
    if wrong := [name for name, fits in _FITS.items() if not fits(document[name])]:
        raise ExportError(f"The stamp is damaged: {wrong[0].replace('_', ' ')} makes no sense.")


def _canonical(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(document).encode("ascii")).hexdigest()


def _parsed(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, parse_constant=_refused, parse_float=_finite) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise ExportError("The stamp is damaged and cannot be read.") from error
    if not isinstance(document, dict):
        raise ExportError("What is in the place of the stamp is none.")
    return document


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) <= FARTHEST else _refused(text)


def _refused(constant: str) -> float:
    raise ValueError(constant)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FARTHEST


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 1 << 31


def _is_text(value: object, pattern: re.Pattern[str] = re.compile(r"[ -~]{0,64}")) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_view(value: object) -> bool:
    return isinstance(value, dict) and all(_WORD.fullmatch(key) and _is_setting(each) for key, each in value.items())


def _is_setting(value: object) -> bool:
    numbers = value if isinstance(value, (list, tuple)) and len(value) <= 16 else [value]
    return value is None or isinstance(value, bool) or _is_text(value, _WORD) or all(map(_is_number, numbers))


def _is_window(value: object) -> bool:
    return value is None or (isinstance(value, tuple) and len(value) == 2 and all(map(_is_number, value)))


_FITS: Final[dict[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("study_uid", "series_uid", "sop_instance_uid"), lambda value: _is_text(value, _STAMPED_UID)),
    **dict.fromkeys(("window_source", "voi_function", "color_map", "unit", "program"), _is_text),
    "frame": lambda value: _is_count(value, 1),
    "tile": lambda value: _is_count(value, 0),
    "window": _is_window,
    "inverted": lambda value: isinstance(value, bool),
    "pixels": lambda value: value in PIXELS,
    "slope": _is_number,
    "intercept": _is_number,
    "view": lambda value: _is_view(value),
    "schema": lambda value: _is_count(value, 1),
    "pixel_sha256": lambda value: _is_text(value, _DIGEST),
}
"""What each field must be when it is read."""
