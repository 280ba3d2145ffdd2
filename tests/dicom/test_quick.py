"""Reading by comparison gives what the tolerant reader gives, whatever the header."""

from __future__ import annotations

import random
from dataclasses import fields
from pathlib import Path
from struct import pack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dicom import build
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Instance, Locator
from workstation.dicom.quick import QuickReader, quick_reader
from workstation.dicom.scan import Found, scan
from workstation.errors import WorkstationError

Outcome = tuple[str, object]
UID, SERIES = "1.2.840.99.1", "1.2.840.99.2"


class Header:
    """Elements of a CT image in one encoding, easy to vary."""

    def __init__(self, encoding: str = "explicit") -> None:
        self.encoding = encoding
        self.rows: dict[int, tuple[str, bytes]] = {
            0x00080008: ("CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
            0x00080016: ("UI", build.CT.encode() + b"\0"),
            0x00080018: ("UI", f"{UID}.1".encode()),
            0x00080020: ("DA", b"20240101"),
            0x00080032: ("TM", b"101112.5"),
            0x00080060: ("CS", b"CT"),
            0x0008103E: ("LO", b"Thin slices "),
            0x00081140: ("SQ", self.items({0x00081155: ("UI", b"1.2.3.4 ")})),
            0x00090010: ("LO", b"MAKER "),
            0x00091001: ("UN", b"abcd"),
            0x00091002: ("LO", b"private "),
            0x00100010: ("PN", b"Doe^Jane"),
            0x00100020: ("LO", b"P1"),
            0x00180050: ("DS", b"1.25"),
            0x00180081: ("DS", b"30"),
            0x00190010: ("LO", b"SIEMENS MR HEADER "),
            0x0019100C: ("IS", b"1000"),
            0x0019100E: ("FD", pack("<3d", 1, 0, 0)),
            0x0020000D: ("UI", b"1.2.840.99.3"),
            0x0020000E: ("UI", SERIES.encode()),
            0x00200011: ("IS", b"3 "),
            0x00200013: ("IS", b"1 "),
            0x00200032: ("DS", b"-1.5\\2\\3 "),
            0x00200037: ("DS", b"1\\0\\0\\0\\1\\0 "),
            0x00200052: ("UI", b"1.2.840.99.4"),
            0x00201041: ("DS", b"3.5 "),
            0x00204000: ("LT", b"none"),
            0x00280002: ("US", self.word(1)),
            0x00280004: ("CS", b"MONOCHROME2 "),
            0x00280010: ("US", self.word(4)),
            0x00280011: ("US", self.word(4)),
            0x00280030: ("DS", b"0.5\\0.5 "),
            0x00280100: ("US", self.word(16)),
            0x00280101: ("US", self.word(16)),
            0x00280102: ("US", self.word(15)),
            0x00280103: ("US", self.word(0)),
            0x00280106: ("US", self.word(7)),
            0x00280120: ("US", self.word(9)),
        }
        self.tail = b""

    @property
    def order(self) -> str:
        return ">" if self.encoding == "big" else "<"

    def word(self, value: int) -> bytes:
        return pack(f"{self.order}H", value)

    def items(self, *contents: dict[int, tuple[str, bytes]], undefined: bool = False) -> bytes:
        """Items as the value of a sequence."""
        out = b""
        for content in contents:
            body = b"".join(self.element(tag, *row) for tag, row in content.items())
            if undefined:
                out += self.tag(0xFFFEE000) + b"\xff" * 4 + body + self.tag(0xFFFEE00D) + bytes(4)
            else:
                out += self.tag(0xFFFEE000) + pack(f"{self.order}L", len(body)) + body
        return out

    def tag(self, tag: int) -> bytes:
        return pack(f"{self.order}HH", tag >> 16, tag & 0xFFFF)

    def element(self, tag: int, vr: str, value: bytes) -> bytes:
        length = 0xFFFFFFFF if vr == "SQ*" else len(value)
        end = self.tag(0xFFFEE0DD) + bytes(4) if vr == "SQ*" else b""
        vr = vr[:2]
        if self.encoding == "implicit":
            return self.tag(tag) + pack("<L", length) + value + end
        if vr in build.LONG:
            return self.tag(tag) + vr.encode() + bytes(2) + pack(f"{self.order}L", length) + value + end
        return self.tag(tag) + vr.encode() + pack(f"{self.order}H", length & 0xFFFF) + value

    def file(self, pixels: bytes = bytes(32)) -> bytes:
        syntax = {"explicit": build.EXPLICIT, "implicit": build.IMPLICIT, "big": build.BIG}[self.encoding]
        body = b"".join(self.element(tag, *row) for tag, row in self.rows.items())
        return build.part10(body + self.element(0x7FE00010, "OW", pixels), syntax) + self.tail


def outcome(read: object, locator: Locator) -> Outcome:
    try:
        return "read", read(locator)  # type: ignore[operator]
    except WorkstationError as error:
        return error.code, str(error)


def same(folder: Path, *files: bytes) -> QuickReader:
    """Read files one after another both ways; return the quick reader."""
    quick = QuickReader()
    for index, data in enumerate(files):
        locator = build.write(folder, data, f"{index}.dcm")
        found, expected = outcome(quick.read, locator), outcome(read_instance, locator)
        assert found == expected, differences(found, expected)
    return quick


def differences(one: Outcome, other: Outcome) -> object:
    if not isinstance(one[1], Instance) or not isinstance(other[1], Instance):
        return one, other
    names = [field.name for field in fields(Instance)]
    return [(n, getattr(one[1], n), getattr(other[1], n)) for n in names if getattr(one[1], n) != getattr(other[1], n)]


def series(encoding: str = "explicit", count: int = 6) -> list[Header]:
    """Headers of one series."""
    out = []
    for index in range(count):
        header = Header(encoding)
        header.rows[0x00080018] = ("UI", f"{UID}.{index + 9}".encode())
        header.rows[0x00200013] = ("IS", f"{index + 9}".encode())
        header.rows[0x00200032] = ("DS", f"1\\2\\{index * 1.25}".encode())
        header.rows[0x00201041] = ("DS", f"{index * 1.25}".encode())
        out.append(header)
    return out


@pytest.mark.parametrize("encoding", ["explicit", "implicit", "big"])
def test_a_series_is_read_by_its_first_file(tmp_path: Path, encoding: str) -> None:
    """The tolerant reader is needed once for a plain series, in every encoding."""
    quick = same(tmp_path, *(header.file() for header in series(encoding, 12)))
    assert quick.tolerant == 1


def test_what_files_taught_is_kept_for_the_next_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.dicom.quick._at_rest", [])
    locators = [build.write(tmp_path, header.file(), f"{n}.dcm") for n, header in enumerate(series())]
    with quick_reader() as first, quick_reader() as other:
        assert first is not other
        ahead = first.ahead
        for locator in locators[:3]:
            first.read(locator)
    with quick_reader() as one, quick_reader() as two:
        again = one if one is first else two
        assert again is first
        assert again.ahead is not ahead
        assert [again.read(locator) for locator in locators] == [read_instance(locator) for locator in locators]
        assert again.tolerant == 1


def test_a_scan_opens_no_file_of_the_scan_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A26: its medium may be gone, or none of the next one's business."""
    monkeypatch.setattr("workstation.dicom.quick._at_rest", [])
    header = Header()
    header.rows[0x00091003] = ("UN", b"x" * 20000)
    first, second = (build.write(tmp_path, header.file(), f"{n}.dcm") for n in range(2))
    opened: list[Locator] = []

    def read_range(locator: Locator, start: int, stop: int) -> bytes:
        opened.append(locator)
        return Path(locator.path).read_bytes()[start:stop]

    monkeypatch.setattr("workstation.dicom.quick.read_range", read_range)
    for locator in (first, second):
        with quick_reader() as reader:
            reader.read(locator)
    assert first not in opened


def test_a_second_series_needs_no_tolerant_reader_either(tmp_path: Path) -> None:
    """Names, UIDs and descriptions may differ as freely as numbers."""
    files = []
    for number in range(4):
        for header in series(count=4):
            header.rows[0x0020000E] = ("UI", f"{SERIES}.{number}".encode())
            header.rows[0x00100010] = ("PN", f"Doe^Number {number}".encode())
            header.rows[0x0008103E] = ("LO", b"x" * number)
            files.append(header.file())
    random.Random(3).shuffle(files)
    assert same(tmp_path, *files).tolerant == 1


@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_may_vary_where_they_are_plain(tmp_path: Path, undefined: bool) -> None:
    """References to other images differ from file to file."""
    headers = series(count=8)
    for index, header in enumerate(headers):
        row = {0x00081150: ("UI", b"1.2 "), 0x00081155: ("UI", b"1.2." + b"3" * index)}
        header.rows[0x00081140] = ("SQ*" if undefined else "SQ", header.items(row, row, undefined=undefined))
    assert same(tmp_path, *(header.file() for header in headers)).tolerant == 1


def test_the_scan_reads_by_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue of speed: a folder costs one tolerant read per structure."""
    from workstation.dicom import quick

    calls = []
    real = quick.read_header
    monkeypatch.setattr(quick, "read_header", lambda locator: calls.append(locator) or real(locator))
    for index, header in enumerate(series(count=30)):
        build.write(tmp_path, header.file(), f"{index:03}")
    assert sum(isinstance(event, Found) for event in scan([tmp_path])) == 30
    assert len(calls) == 1


def test_compressed_files_are_compared_too(tmp_path: Path) -> None:
    """A8: the end mark decides; a cut stream goes the tolerant way."""
    pixels = build.item(b"") + build.item(b"\xff\xd8ab") + b"\xfe\xff\xdd\xe0" + bytes(4)
    files = []
    for header in series(count=6):
        body = b"".join(header.element(tag, *row) for tag, row in header.rows.items())
        body += build.element(0x7FE00010, "OB", b"", length=0xFFFFFFFF) + pixels
        files.append(build.part10(body, build.JPEG))
    assert same(tmp_path, *files, files[2][:-8], files[2][:-12], files[3][:-20], files[3] + b"\0\0").tolerant == 5


NUMBERS = [b"1", b"1 ", b"-7", b"1.5", b"1e3 ", b"1_0", b"nan ", b"inf ", b"1\\2", b"1\\2\\3", b"\\", b"\\5", b"0"]
TEXTS = [
    b"",
    b" ",
    b"x",
    b"a\\b",
    b"J\xe4ger",
    b"\xc3\xa4 ",
    b"\x1b$B ",
    b"1.2.3",
    b"1.02.3",
    b"1.2.3\0",
    b"P2",
    b"MOSAIC",
]
ODD = [
    b"99999999999",
    b"ORIGINAL\\PRIMARY\\MOSAIC",
    b"0.5\\0.5",
    b"-1\\1",
    b"0\\0 ",
    b"1000\\1",
    b"1\x000 ",
    b" 5 ",
    b"\x1c5",
]
VALUES = st.sampled_from([*NUMBERS, *TEXTS, *ODD]) | st.binary(max_size=12)
TAGS = st.sampled_from(sorted(Header().rows))
VRS = st.sampled_from(["DS", "IS", "LO", "UN", "US", "UI", "CS", "FD", "SQ", "OB", "PN", "LT", "ZZ"])
CHANGES = st.one_of(
    st.tuples(st.just("value"), TAGS, VALUES),
    st.tuples(st.just("vr"), TAGS, VRS),
    st.tuples(st.just("remove"), TAGS, st.none()),
    st.tuples(st.just("insert"), st.integers(0x00080000, 0x60FFFFFF), st.tuples(VRS, VALUES)),
    st.tuples(st.just("last"), TAGS, st.none()),
    st.tuples(st.just("items"), st.sampled_from(["SQ", "SQ*"]), st.lists(VALUES, max_size=3)),
    st.tuples(st.just("nested"), st.sampled_from(["SQ", "SQ*"]), st.lists(VALUES, max_size=2)),
    st.tuples(st.just("pixels"), st.sampled_from([0, 2, 30, 31, 32, 33, 34, 64]), st.none()),
    st.tuples(st.just("tail"), st.binary(max_size=9), st.none()),
)
RAW = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 1500), st.integers(0, 255)),
    st.tuples(st.just("cut"), st.integers(0, 1500), st.none()),
    st.tuples(st.just("double"), st.integers(0, 1500), st.integers(1, 40)),
)


def changed(header: Header, change: tuple[str, object, object]) -> None:
    kind, one, two = change
    rows = header.rows
    if kind == "value" and one in rows:
        rows[one] = (rows[one][0], two)  # type: ignore[index, assignment]
    elif kind == "vr" and one in rows:
        rows[one] = (two, rows[one][1])  # type: ignore[index, assignment]
    elif kind == "remove":
        rows.pop(one, None)  # type: ignore[arg-type]
    elif kind == "insert":
        rows[one] = two  # type: ignore[index, assignment]
        header.rows = dict(sorted(rows.items()))
    elif kind == "last" and one in rows:
        rows[one] = rows.pop(one)  # type: ignore[index, arg-type]
    elif kind in ("items", "nested"):
        contents = [{0x00081150: ("UI", b"1.2 "), 0x00081160: ("LO", value)} for value in two]  # type: ignore[attr-defined]
        value = header.items(*contents, undefined=one == "SQ*")  # type: ignore[arg-type]
        if kind == "nested":
            value = header.items({0x00081199: (str(one), value)})
        rows[0x00081140] = (str(one), value)
    elif kind == "tail":
        header.tail = one  # type: ignore[assignment]


def damaged(data: bytes, change: tuple[str, int, int | None]) -> bytes:
    kind, at, more = change
    at = min(at, len(data) - 1)
    if kind == "flip":
        return data[:at] + bytes([more or 0]) + data[at + 1 :]
    return data[:at] if kind == "cut" else data[: at + (more or 0)] + data[at:]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    encoding=st.sampled_from(["explicit", "implicit", "big"]),
    files=st.lists(st.tuples(st.lists(CHANGES, max_size=3), st.lists(RAW, max_size=1)), min_size=1, max_size=6),
)
def test_any_header_is_read_as_the_tolerant_reader_reads_it(
    tmp_path: Path,
    encoding: str,
    files: list[tuple[list[tuple[str, object, object]], list[tuple[str, int, int | None]]]],
) -> None:
    """A5-A22: changed, inserted, removed and reordered elements, garbage, cuts, odd text, in every encoding."""
    plain = [header.file() for header in series(encoding, 3)]
    odd = []
    for index, (changes, raw) in enumerate(files):
        header = Header(encoding)
        header.rows[0x00080018] = ("UI", f"{UID}.{index + 50}".encode())
        for change in changes:
            changed(header, change)
        pixels = next((bytes(one) for kind, one, _ in changes if kind == "pixels"), bytes(32))  # type: ignore[call-overload]
        data = header.file(pixels)
        for one in raw:
            data = damaged(data, one)
        odd.append(data)
    same(tmp_path, *plain, *odd, plain[0], *odd)


@pytest.mark.parametrize("encoding", ["explicit", "implicit", "big"])
def test_every_byte_matters_as_much_as_to_the_tolerant_reader(tmp_path: Path, encoding: str) -> None:
    """A5: one byte of a plain header changed at a time, after a series that taught what may vary."""
    files = [header.file() for header in series(encoding, 4)]
    chance = random.Random(encoding)
    quick = same(tmp_path, *files)
    for at in chance.sample(range(len(files[1])), 300):
        data = bytearray(files[1])
        data[at] ^= 1 << chance.randrange(8)
        locator = build.write(tmp_path, bytes(data), "flipped")
        found, expected = outcome(quick.read, locator), outcome(read_instance, locator)
        assert found == expected, (at, differences(found, expected))


def test_every_folder_of_real_data_is_read_alike(corpus: Path) -> None:
    """File by file after all before it in its folder, and by one reader across all folders."""
    across = QuickReader()
    for folder in sorted(path for path in corpus.rglob("*") if path.is_dir() and path.name != "truth"):
        quick = QuickReader()
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            locator = Locator(str(path))
            expected = outcome(read_instance, locator)
            assert outcome(quick.read, locator) == expected, path
            assert outcome(across.read, locator) == expected, path


def test_a_file_that_vanishes_is_told_as_ever(tmp_path: Path) -> None:
    """A39: the sentence is the tolerant reader's."""
    files = [build.write(tmp_path, header.file(), f"{index}") for index, header in enumerate(series())]
    quick = QuickReader()
    for locator in files[:3]:
        quick.read(locator)
    Path(files[4].path).unlink()
    assert outcome(quick.read, files[4]) == outcome(read_instance, files[4])
