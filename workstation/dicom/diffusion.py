"""b-value and gradient direction of classic images, wherever the maker put them (D18)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pydicom.tag import BaseTag

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom.siemens_csa import parse_csa

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

GE_PARAMETERS, GE_ACQUISITION = "GEMS_PARM_01", "GEMS_ACQU_01"
PHILIPS = "Philips Imaging DD 001"
SIEMENS_MR, SIEMENS_CSA = "SIEMENS MR HEADER", "SIEMENS CSA HEADER"

_PHILIPS_MR = "Philips MR Imaging DD 001"
_PRIVATE = (
    (0x2001, PHILIPS, 0x03),
    (0x0019, SIEMENS_MR, 0x0C),
    (0x0019, SIEMENS_MR, 0x0E),
    (0x0043, GE_PARAMETERS, 0x39),
    (0x0029, SIEMENS_CSA, 0x10),
    *((0x0019, GE_ACQUISITION, element) for element in (0xBB, 0xBC, 0xBD)),
    *((0x2005, _PHILIPS_MR, element) for element in (0xB0, 0xB1, 0xB2)),
)


def looked_at(ds: Dataset) -> tuple[BaseTag, ...]:
    """Return the tags that b-value and direction of a data set may come from, and those of their creators."""
    out = [tag for tag in map(v.tag_of, ("DiffusionBValue", "DiffusionGradientOrientation")) if tag in ds]
    for group, creator, element in _PRIVATE:
        if (tag := a.private_tag(ds, group, creator, element)) is not None:
            out += [BaseTag(group << 16 | (tag & 0xFFFF) >> 8), tag]
    return tuple(dict.fromkeys(out))


def b_value(ds: Dataset) -> float | None:
    """Return the diffusion b-value in s/mm2, None where the image tells none."""
    standard = a.number(ds, "DiffusionBValue")
    if standard is not None:
        return standard
    for group, creator, element in (
        (0x2001, PHILIPS, 0x03),
        (0x0019, SIEMENS_MR, 0x0C),
        (0x0043, GE_PARAMETERS, 0x39),
    ):
        found = _private(ds, group, creator, element)
        if found and found[0] is not None:
            # GE adds multiples of 10^9 to mark the slice direction; the b-value is the rest.
            return found[0] % 100000 if creator == GE_PARAMETERS else found[0]
    return _csa_b_value(ds)


def gradient(ds: Dataset) -> tuple[float, ...] | None:
    """Return the diffusion gradient orientation; GE's is in its own image frame, good for telling apart only."""
    standard = a.vector(ds, "DiffusionGradientOrientation", 3)
    if standard is not None:
        return standard
    siemens = _private(ds, 0x0019, SIEMENS_MR, 0x0E)
    if len(siemens) == 3 and None not in siemens:
        return siemens  # type: ignore[return-value]
    parts = [_private(ds, 0x0019, GE_ACQUISITION, element) for element in (0xBB, 0xBC, 0xBD)]
    if not all(parts):
        parts = [_private(ds, 0x2005, _PHILIPS_MR, element) for element in (0xB0, 0xB1, 0xB2)]
    firsts = [part[0] if part else None for part in parts]
    return tuple(firsts) if None not in firsts else None  # type: ignore[arg-type]


def csa_header(ds: Dataset) -> bytes:
    """Return the bytes of the Siemens CSA image header, b"" without one."""
    tag = a.private_tag(ds, 0x0029, SIEMENS_CSA, 0x10)
    return a.raw_value(ds, tag) if tag is not None else b""


def _csa_b_value(ds: Dataset) -> float | None:
    header = csa_header(ds)
    if b"B_value" not in header:
        return None
    try:
        value = float(parse_csa(header, ("B_value",)).get("B_value", ("",))[0])
    except ValueError:
        return None
    return value if isfinite(value) else None


def _private(ds: Dataset, group: int, creator: str, element: int) -> tuple[float | None, ...]:
    tag = a.private_tag(ds, group, creator, element)
    return a.private_numbers(ds, tag) if tag is not None else ()
