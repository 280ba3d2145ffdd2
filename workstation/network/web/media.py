"""Media types as headers write them: a name and parameters, quoted or not (RFC 9110 8.3, PS3.18 8.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_PARAMETER: Final = re.compile(r""";\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^;\s]*))""")

DICOM: Final = "application/dicom"
DICOM_JSON: Final = "application/dicom+json"
RELATED: Final = "multipart/related"


@dataclass(frozen=True, slots=True)
class MediaType:
    """``name`` in lower case, names of ``parameters`` too; values are as they were."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_multipart(self) -> bool:
        """Tell whether the body is made of parts."""
        return self.name.startswith("multipart/")


def media_type(header: str) -> MediaType:
    """Return what a Content-Type says; an empty or broken one has an empty name."""
    name = header.partition(";")[0].strip().lower()
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(header[:4096]):
        key, quoted, single, plain = match.groups()
        # some write type='application/dicom'
        value = quoted if quoted is not None else single if single is not None else plain
        parameters.setdefault(key.lower(), re.sub(r"\\(.)", r"\1", value))
    return MediaType(name if "/" in name else "", parameters)
