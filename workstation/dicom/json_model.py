"""A data set in the DICOM JSON model (PS3.18 F.2), whatever its values are like.

One element that cannot be converted must not cost the others: it goes out as the bytes it has.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.read import ReadResult

Model = dict[str, Any]
PER_FRAME = 0x52009230
DEEPEST = 100


def json_model(result: ReadResult, frame: int | None = None) -> Model:
    """Return the data set; with ``frame`` (from 1) only that item of the Per-frame Functional Groups.

    Pixel data goes out as a Bulk Data URI with the offset of its value in the file. Group 0002 is no part of the
    model.
    """
    model = dataset_model(result.ds, frame)
    pixels = result.pixel_data
    if pixels is not None:
        length = "" if pixels.length < 0 else f"&length={pixels.length}"
        model[f"{pixels.tag:08X}"] = {"vr": pixels.vr, "BulkDataURI": f"{_uri(result)}?offset={pixels.offset}{length}"}
    return dict(sorted(model.items()))


def _uri(result: ReadResult) -> str:
    import os
    from urllib.parse import quote

    path = quote(os.fsencode(os.path.abspath(result.locator.path)))
    member = result.locator.member
    return f"file://{path}" + (f"!/{quote(member)}" if member else "")


def dataset_model(ds: Dataset, frame: int | None = None, depth: int = 0) -> Model:
    """Return the elements of a data set by tag, groups from 0004 on."""
    model: Model = {}
    for tag in sorted(ds.keys()):
        if tag >> 16 < 4 or tag & 0xFFFF == 0:
            continue
        name = f"{tag >> 16:04X}{tag & 0xFFFF:04X}"
        try:
            model[name] = _element(ds, tag, frame if tag == PER_FRAME else None, depth)
        except Exception:  # whatever a broken value makes the library raise, the other elements still count
            model[name] = _undecoded(ds, tag)
    return model


def _element(ds: Dataset, tag: Any, frame: int | None, depth: int) -> Model:
    element = ds[tag]
    if element.VR == "SQ":
        items = list(element.value or ())
        if frame is not None:
            items = items[frame - 1 : frame]
        if depth >= DEEPEST:
            return {"vr": "SQ"}
        return (
            {"vr": "SQ", "Value": [dataset_model(item, None, depth + 1) for item in items]} if items else {"vr": "SQ"}
        )
    model: Model = element.to_json_dict(None, 0)
    if "Value" in model and not _is_json(model["Value"]):
        return _as_text(model)
    return model


def _is_json(values: Any) -> bool:
    return isinstance(values, list) and all(
        value is None or isinstance(value, (str, int, float, bool, dict)) for value in values
    )


def _as_text(model: Model) -> Model:
    values = model["Value"] if isinstance(model["Value"], (list, tuple)) else [model["Value"]]
    return {**model, "Value": [value if _is_json([value]) else str(value) for value in values]}


def _undecoded(ds: Dataset, tag: Any) -> Model:
    """Return the raw bytes of an element as UN."""
    raw = getattr(ds.get_item(tag), "value", None)
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "replace")
    if not isinstance(raw, bytes) or not raw:
        return {"vr": "UN"}
    return {"vr": "UN", "InlineBinary": base64.b64encode(raw).decode("ascii")}
