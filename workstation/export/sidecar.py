"""A JSON document beside an array that cannot say where it lies."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from workstation.export.saving import saved

if TYPE_CHECKING:
    from pathlib import Path


def write_sidecar(target: Path, document: dict[str, Any], *, replace: bool = True) -> None:
    """Write the JSON beside an array, under the array's name with the ending ``.json``.

    Raises
    ------
    ExportError
    """
    text = json.dumps(finite(document), indent=1) + "\n"
    with saved(target.with_suffix(".json"), replace=replace) as part:
        part.write_text(text, encoding="utf-8")


def finite(value: Any) -> Any:
    """Return ``value`` with every NaN or infinite number replaced by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
