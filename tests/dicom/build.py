"""Tiny DICOM byte streams, element by element, so that tests can say exactly what is wrong with them."""

from __future__ import annotations

import zlib
from pathlib import Path
from struct import pack

from workstation.dicom.identity import Instance, Locator

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UC", "UN", "UR", "UT"}
CT = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.50"


def element(tag: int, vr: str, value: bytes | str | int, *, length: int | None = None, order: str = "<") -> bytes:
    """One explicit VR element; ints become US, text is padded to even length."""
    data = _bytes(vr, value, order)
    size = len(data) if length is None else length
    head = pack(f"{order}HH", tag >> 16, tag & 0xFFFF) + vr.encode("latin-1")
    return head + (pack(f"{order}HL", 0, size) if vr in LONG else pack(f"{order}H", size & 0xFFFF)) + data


def implicit(tag: int, value: bytes | str | int, *, length: int | None = None) -> bytes:
    """One implicit VR little endian element."""
    data = _bytes("US" if isinstance(value, int) else "LO", value, "<")
    return pack("<HHL", tag >> 16, tag & 0xFFFF, len(data) if length is None else length) + data


def item(content: bytes, *, undefined: bool = False) -> bytes:
    """One sequence item."""
    if undefined:
        return b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + content + b"\xfe\xff\x0d\xe0\0\0\0\0"
    return b"\xfe\xff\x00\xe0" + pack("<L", len(content)) + content


def sequence(tag: int, *items: bytes, undefined: bool = False) -> bytes:
    """One explicit VR sequence."""
    body = b"".join(items)
    if undefined:
        return element(tag, "SQ", b"", length=0xFFFFFFFF) + body + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return element(tag, "SQ", body)


def part10(body: bytes, syntax: str = EXPLICIT, preamble: bytes = bytes(128)) -> bytes:
    """A file: preamble, prefix, group 0002 and the body (deflated where the syntax says so)."""
    meta = element(0x00020002, "UI", CT) + element(0x00020003, "UI", "1.2.3") + element(0x00020010, "UI", syntax)
    if syntax == DEFLATED:
        body = zlib.compress(body)[2:-4]
    return preamble + b"DICM" + element(0x00020000, "UL", pack("<L", len(meta))) + meta + body


def image(
    rows: int = 4, columns: int = 4, *, extra: bytes = b"", pixels: bytes | None = None, uid: str = "1.2.3"
) -> bytes:
    """Elements of a small explicit VR CT image; ``extra`` stands before group 0028."""
    value = bytes(rows * columns * 2) if pixels is None else pixels
    return b"".join(
        (
            element(0x00080016, "UI", CT),
            element(0x00080018, "UI", uid),
            element(0x00080060, "CS", "CT"),
            element(0x00100020, "LO", "P1"),
            element(0x0020000D, "UI", "1.2.4"),
            element(0x0020000E, "UI", "1.2.5"),
            extra,
            element(0x00280002, "US", 1),
            element(0x00280004, "CS", "MONOCHROME2"),
            element(0x00280010, "US", rows),
            element(0x00280011, "US", columns),
            element(0x00280100, "US", 16),
            element(0x00280101, "US", 16),
            element(0x00280102, "US", 15),
            element(0x00280103, "US", 0),
            element(0x7FE00010, "OW", value),
        )
    )


def write(folder: Path, data: bytes, name: str = "file") -> Locator:
    """Write a file and return its locator."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Locator(str(path))


def instance(name: str = "a", **changes: object) -> Instance:
    """An instance as facts, without a file."""
    values = {
        "PatientID": "P1",
        "PatientName": "Doe^Jane",
        "PatientBirthDate": "19700101",
        "StudyDate": "20200102",
        "StudyTime": "101010",
        "SeriesNumber": 1,
        **changes.pop("values", {}),  # type: ignore[dict-item]
    }
    fields = {
        "locator": Locator(f"/nowhere/{name}"),
        "sop_instance_uid": f"1.2.{len(name)}.{abs(hash(name)) % 10**9}",
        "sop_class_uid": CT,
        "series_instance_uid": "1.2.5",
        "study_instance_uid": "1.2.4",
        "transfer_syntax_uid": EXPLICIT,
        "modality": "CT",
        "values": {key: value for key, value in values.items() if value is not None},
        **changes,
    }
    return Instance(**fields)  # type: ignore[arg-type]


def _bytes(vr: str, value: bytes | str | int, order: str) -> bytes:
    if isinstance(value, int):
        return pack(f"{order}H", value)
    data = value.encode("latin-1") if isinstance(value, str) else value
    if isinstance(value, str) and len(data) % 2:
        data += b"\0" if vr == "UI" else b" "
    return data
