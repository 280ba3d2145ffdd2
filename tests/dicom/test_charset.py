"""Text in every repertoire: the example names of PS3.5 Annexes H to K, and what writers forget."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dicom import build
from workstation.dicom import attributes as a
from workstation.dicom.read import read_dataset

EXAMPLES = [
    (
        r"\ISO 2022 IR 87",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
    ),
    (
        r"ISO 2022 IR 13\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    (
        r"\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    (r"\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东"),
    ("ISO_IR 192", "Wang^XiaoDong=王^小东=".encode(), "Wang^XiaoDong=王^小东"),
    ("GB18030", "Wang^XiaoDong=王^小东=".encode("gb18030"), "Wang^XiaoDong=王^小东"),
    ("GBK", "Wang^XiaoDong=王^小东=".encode("gbk"), "Wang^XiaoDong=王^小东"),
    ("ISO_IR 100", "Äneas^Rüdiger".encode("latin-1"), "Äneas^Rüdiger"),
    ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
    ("ISO_IR 126", "Διονυσιος".encode("iso8859_7"), "Διονυσιος"),
    ("ISO_IR 127", "قباني^لنزار".encode("iso8859_6"), "قباني^لنزار"),
    ("ISO_IR 138", "שרון^דבורה".encode("iso8859_8"), "שרון^דבורה"),
    ("ISO IR 100", "Ärger".encode("latin-1"), "Ärger"),
    ("UTF8", "Ärger".encode(), "Ärger"),
]


def read(tmp_path: Path, charset: str | None, name: bytes):  # type: ignore[no-untyped-def]
    name += b" " * (len(name) % 2)
    body = build.element(0x00080005, "CS", charset) if charset is not None else b""
    body += build.element(0x00080016, "UI", build.CT) + build.element(0x00100010, "PN", name)
    return read_dataset(build.write(tmp_path, build.part10(body)))


@pytest.mark.parametrize(("charset", "raw", "expected"), EXAMPLES)
def test_the_names_of_the_standard_decode_exactly(tmp_path: Path, charset: str, raw: bytes, expected: str) -> None:
    """A17: PS3.5 H.3, I.2, J.3, K.2."""
    result = read(tmp_path, charset, raw)
    assert a.text(result.ds, "PatientName").rstrip("=") == expected
    assert result.deviations == ()


@pytest.mark.parametrize(("codec", "shown"), [("utf-8", "UTF-8"), ("latin-1", "Latin-1")])
@pytest.mark.parametrize("charset", [None, "", "ISO_IR 6"])
def test_a_missing_charset_is_guessed_and_said(tmp_path: Path, charset: str | None, codec: str, shown: str) -> None:
    """A16: UTF-8 if valid, else Latin-1, marked."""
    result = read(tmp_path, charset, "Müller^Jörg".encode(codec))
    assert a.text(result.ds, "PatientName") == "Müller^Jörg"
    assert any("Charset guessed" in note and shown in note for note in result.deviations)


def test_an_unknown_charset_is_said_and_guessed(tmp_path: Path) -> None:
    """A16: 'ISO_IR 999'."""
    result = read(tmp_path, "ISO_IR 999", "Müller".encode())
    assert a.text(result.ds, "PatientName") == "Müller"
    assert any("unknown" in note for note in result.deviations)


def test_the_guess_reaches_into_sequences(tmp_path: Path) -> None:
    """A16: an item inherits the character set."""
    inner = build.item(build.element(0x00080104, "LO", "Schädel ".encode()))
    body = build.element(0x00080016, "UI", build.CT) + build.sequence(0x00082218, inner)
    ds = read_dataset(build.write(tmp_path, build.part10(body))).ds
    assert a.text(a.items(ds, "AnatomicRegionSequence")[0], "CodeMeaning") == "Schädel"
    assert ds.AnatomicRegionSequence[0].CodeMeaning == "Schädel"


def test_plain_ascii_needs_no_guess(tmp_path: Path) -> None:
    """A16: nothing is said where nothing is guessed."""
    assert read(tmp_path, None, b"Doe^Jane").deviations == ()


@pytest.mark.parametrize("charset", ["GB18030", "GBK"])
def test_a_trail_byte_does_not_split_a_value(tmp_path: Path, charset: str) -> None:
    r"""A18: a trail byte of 0x5C is no separator."""
    text = "乗\\倢"
    raw = text.encode(charset.lower())
    assert b"\\" in "倢".encode("gbk") or b"\\" in "乗".encode("gbk")
    body = build.element(0x00080005, "CS", charset) + build.element(0x00080016, "UI", build.CT)
    body += build.element(0x00081030, "LO", raw + b" " * (len(raw) % 2)) + build.element(
        0x00100010, "PN", raw + b" " * (len(raw) % 2)
    )
    ds = read_dataset(build.write(tmp_path, build.part10(body))).ds
    assert a.texts(ds, "StudyDescription") == ("乗", "倢")
    assert a.texts(ds, "PatientName") == ("乗", "倢")


@pytest.mark.parametrize(
    "charset", ["\0", "a\0b", "idna", "zlib", "\xff\xfe", "x" * 5000, "\\\\\\", "ISO_IR 999\\ISO 2022 IR 87"]
)
def test_no_charset_value_raises(tmp_path: Path, charset: str) -> None:
    """A16: the value comes from a file; it must not reach Python's codec search as it is."""
    assert a.text(read(tmp_path, charset, b"Doe^J\xfcrg").ds, "PatientName").startswith("Doe^J")


@pytest.mark.parametrize("raw", [b"", b"^^^^", b"A\\B", b"=", b"\\\\", b"\x1b$B\xff", b"\xff\xfe"])
def test_no_name_raises(tmp_path: Path, raw: bytes) -> None:
    """A19: empty, multi-valued and broken names."""
    assert isinstance(a.text(read(tmp_path, "\\ISO 2022 IR 87", raw).ds, "PatientName"), str)
