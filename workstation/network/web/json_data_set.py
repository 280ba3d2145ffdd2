"""The DICOM JSON model (PS3.18 F.2) back into data sets, whatever a server put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

# it makes pydicom take values as they are
import workstation.dicom.read  # noqa: F401

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DEEPEST: Final = 16


def data_set_of(model: Mapping[str, Any]) -> Dataset:
    """Return a data set with every element that can be understood; bulk data is left out.

    Keys are tags in hexadecimal; some servers write keywords instead. An element without a value is there, empty.
    """
    from pydicom.dataset import Dataset

    ds = Dataset()
    for name, element in model.items():
        if (tag := _tag(name)) is None or not isinstance(element, dict) or _too_deep(element, 0):
            continue
        try:
            ds.update(Dataset.from_json({f"{tag:08X}": _plain(tag, element)}, lambda *_words: None))
        except Exception:
            # pydicom raises whatever a value makes it raise; the other elements still count
            continue
    return ds


def _tag(name: str) -> int | None:
    if re.fullmatch(r"[0-9A-Fa-f]{8}", name):
        return int(name, 16)
    from pydicom.datadict import tag_for_keyword

    return tag_for_keyword(name)


def _plain(tag: int, element: dict[str, Any]) -> dict[str, Any]:
    """Return an element with a VR, and names as objects where they came as text."""
    from workstation.dicom.vocabulary import vr_of

    vr = element.get("vr") or vr_of(tag).split(" or ")[0]
    plain = {key: value for key, value in element.items() if key in ("Value", "InlineBinary")} | {"vr": vr}
    if "Value" in plain and not isinstance(plain["Value"], list):
        plain["Value"] = [plain["Value"]]
    if vr == "PN" and "Value" in plain:
        plain["Value"] = [{"Alphabetic": one} if isinstance(one, str) else one for one in plain["Value"]]
    return plain


def _too_deep(value: Any, depth: int) -> bool:
    if depth > DEEPEST * 3:
        return True
    if isinstance(value, dict):
        return any(_too_deep(one, depth + 1) for one in value.values())
    return isinstance(value, list) and any(_too_deep(one, depth + 1) for one in value)
