"""Multipart bodies in every shape servers give them (G18)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.network.played_web import told_before
from workstation.network.web.media import media_type
from workstation.network.web.multipart import LONGEST_PREAMBLE, BadMultipart, CutOff, parts_of

BOUNDARY = "b0und--ary"
TWO = (
    b"--b0und--ary\r\nContent-Type: application/dicom\r\n\r\nfirst\r\nline"
    b"\r\n--b0und--ary\r\ncontent-type: text/plain\r\n\r\nsecond\r\n--b0und--ary--\r\n"
)


def read(body: bytes, boundary: str | None = BOUNDARY, size: int = 7) -> list[tuple[dict[str, str], bytes]]:
    pieces = (body[place : place + size] for place in range(0, len(body), size))
    return [(dict(part.headers), b"".join(part.pieces)) for part in parts_of(pieces, boundary)]


def bodies(body: bytes, boundary: str | None = BOUNDARY) -> list[bytes]:
    return [content for _headers, content in read(body, boundary)]


def test_each_part_has_its_own_headers_and_body() -> None:
    assert read(TWO) == [
        ({"content-type": "application/dicom"}, b"first\r\nline"),
        ({"content-type": "text/plain"}, b"second"),
    ]


def test_text_before_and_after_the_parts_is_passed_over() -> None:
    """RFC 2046 5.1.1: preamble and epilogue."""
    assert bodies(b"hello\r\n\r\n" + TWO + b"\r\n--b0und--ary\r\n\r\nnot a part") == bodies(TWO)


def test_without_a_boundary_in_the_header_the_first_line_is_it() -> None:
    assert bodies(TWO, None) == bodies(TWO)


def test_hyphens_written_into_the_header_are_the_boundary_too() -> None:
    assert bodies(TWO, "--b0und--ary") == bodies(TWO)


def test_lines_that_end_with_a_line_feed_alone_are_lines() -> None:
    assert bodies(TWO.replace(b"\r\n", b"\n")) == [b"first\nline", b"second"]


def test_blanks_after_a_boundary_belong_to_it() -> None:
    assert bodies(TWO.replace(b"ary\r\n", b"ary \t\r\n")) == bodies(TWO)


def test_a_line_that_only_begins_like_the_boundary_is_content() -> None:
    body = b"--cut\r\n\r\nA\r\n--cutter\r\nB\r\n--cut\r\n\r\n\r\n--cut--"
    assert bodies(body, "cut") == [b"A\r\n--cutter\r\nB", b""]


def test_no_part_at_all_is_no_fault() -> None:
    assert bodies(b"--b0und--ary--\r\n") == []
    assert bodies(b"") == []


@pytest.mark.parametrize("end", range(1, len(TWO) - 4))
def test_a_body_that_ends_early_is_told_and_whole_parts_are_kept(end: int) -> None:
    whole = told_before(CutOff, (b"".join(part.pieces) for part in parts_of([TWO[:end]], BOUNDARY)))
    assert whole == bodies(TWO)[: len(whole)]
    assert len(whole) == (1 if end >= TWO.index(b"content-type") else len(whole))


def test_what_never_begins_a_part_is_bounded() -> None:
    """A35."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in itertools.count():
            taken += 65536
            yield b"x" * 65536

    with pytest.raises(BadMultipart):
        list(parts_of(endless(), BOUNDARY))
    assert taken < 2 * LONGEST_PREAMBLE


def test_headers_without_end_are_bounded() -> None:
    """A35."""
    lines = itertools.chain([b"--cut\r\n"], itertools.repeat(b"X-Header: y\r\n"))
    with pytest.raises(BadMultipart):
        list(parts_of(lines, "cut"))


def test_a_part_that_nobody_reads_is_passed_over() -> None:
    assert [part.headers["content-type"] for part in parts_of([TWO], BOUNDARY)] == ["application/dicom", "text/plain"]


@given(
    st.lists(st.binary(max_size=300) | st.sampled_from([b"\r\n--cu", b"\r\n", b"-", b"--cut", b"\r", b"\n--cut--x"])),
    st.data(),
)
def test_any_cutting_into_pieces_gives_the_same_parts(contents: list[bytes], data: st.DataObject) -> None:
    """G18: what arrives together is the network's accident."""
    contents = [one for one in contents if b"\r\n--cut" not in b"\r\n" + one]
    body = b"".join(b"--cut\r\nA: b\r\n\r\n" + one + b"\r\n" for one in contents) + b"--cut--"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=30)))
    pieces = [body[a:b] for a, b in itertools.pairwise([0, *cuts, len(body)])]
    assert [b"".join(part.pieces) for part in parts_of(pieces, "cut")] == contents


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ('multipart/related; type="application/dicom"; boundary="a b"', "a b"),
        ("multipart/related; boundary=abc; type=application/dicom", "abc"),
        ("Multipart/Related;Boundary='q'", "q"),
        ('multipart/related; boundary="a\\"b"', 'a"b'),
        ("multipart/related", None),
    ],
)
def test_boundaries_are_read_with_and_without_quotes(header: str, boundary: str | None) -> None:
    kind = media_type(header)
    assert (kind.name, kind.parameters.get("boundary")) == ("multipart/related", boundary)
