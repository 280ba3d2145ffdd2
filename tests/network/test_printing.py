"""Films: what the printer gets is what the preview showed (G15, features N6x)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.network.peers import Peer, dcmprscp, free_port, node
from workstation.network.association import Proposal  # noqa: F401 - sets pynetdicom's habits
from workstation.network.failures import NetworkFailure
from workstation.network.film import (
    FilmError,
    FilmImage,
    FilmOptions,
    as_grey,
    preview,
    sheets,
    square_pixels,
)
from workstation.network.printing import (
    ANNOTATION_BOX,
    COLOR_BOX,
    COLOR_META,
    FILM_BOX,
    GRAYSCALE_META,
    print_sheets,
    printer_state,
)


def ramp(rows: int, columns: int, seed: int = 0) -> FilmImage:
    pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)
    return FilmImage(pixels, width=columns * 0.5)


@pytest.fixture(scope="module")
def printer(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with dcmprscp(dcmtk, tmp_path_factory.mktemp("printer")) as peer:
        yield peer


def printed(printer: Peer) -> list[Any]:
    """Return the pixels of every image the printer kept, the oldest first."""
    files = sorted((printer.folder / "db").glob("HG_*.dcm"), key=lambda path: path.stat().st_mtime_ns)
    return [pydicom.dcmread(path).pixel_array for path in files]


def test_the_printer_keeps_exactly_the_pixels_that_were_sent(printer: Peer) -> None:
    """G15: finished pixels, sheet by sheet."""
    before = len(printed(printer))
    images = [ramp(64, 48, seed) for seed in range(6)]
    options = FilmOptions(columns=2, rows=2, size="8INX10IN", medium="PAPER", magnification="BILINEAR")
    told = list(print_sheets(printer.node, sheets(images, options)))
    assert told[-1].done == 2
    assert told[-1].failed == 0
    kept = printed(printer)[before:]
    assert len(kept) == 6
    for image in images:
        assert any(np.array_equal(image.pixels, one) for one in kept)


def test_the_printer_tells_how_it_is(printer: Peer) -> None:
    state = printer_state(printer.node)
    assert state.status == "NORMAL"
    assert state.sentence == "The printer is ready."


def test_a_printer_without_colour_says_so(printer: Peer) -> None:
    with pytest.raises(NetworkFailure) as caught:
        printer_state(printer.node, color=True)
    assert caught.value.cause == "no_context"


def test_true_size_is_asked_for_or_refused_before_anything_is_sent(printer: Peer) -> None:
    """Features N6x: never shrunk unseen."""
    options = FilmOptions(size="8INX10IN", true_size=True)
    assert list(print_sheets(printer.node, sheets([ramp(40, 100)], options)))[-1].done == 1
    with pytest.raises(FilmError, match="true size"):
        sheets([replace(ramp(40, 100), width=400.0)], options)


def test_text_for_a_printer_without_a_box_for_it_is_told(printer: Peer) -> None:
    told = list(print_sheets(printer.node, sheets([ramp(16, 16)], FilmOptions(size="8INX10IN", annotation="Note"))))
    assert told[-1].outcome is not None
    assert "no box for a line of text" in told[-1].outcome.sentence


def test_the_preview_shows_the_pixels_that_are_sent() -> None:
    options = FilmOptions(columns=2, rows=1, size="8INX10IN", orientation="LANDSCAPE")
    images = [FilmImage(np.full((100, 100), grey, np.uint8)) for grey in (80, 200)]
    film = preview(sheets(images, options)[0], 1.0)
    assert film.shape == (203, 254)
    assert film[101, 64] == 80
    assert film[101, 190] == 200
    assert film[0, 0] == 0


def test_the_preview_shows_true_size() -> None:
    image = FilmImage(np.full((50, 100), 255, np.uint8), width=60.0)
    film = preview(sheets([image], FilmOptions(size="A4", true_size=True))[0], 2.0)
    rows, columns = np.nonzero(film)
    assert columns.max() - columns.min() + 1 == 120
    assert rows.max() - rows.min() + 1 == 60


def test_pixels_that_are_not_square_are_made_so() -> None:
    """G15: the printer does not know their shape."""
    pixels = np.zeros((100, 100), np.uint8)
    assert square_pixels(pixels, (2.0, 1.0)).shape == (200, 100)
    assert square_pixels(pixels, (1.0, 2.0)).shape == (100, 200)
    assert square_pixels(pixels, (1.0, 1.0)) is not None
    assert square_pixels(pixels, None).shape == (100, 100)


def test_colour_on_a_grey_printer_is_its_luminance() -> None:
    red, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    red[..., 0] = 255
    assert as_grey(red).tolist() == [[76]]
    assert as_grey(white).tolist() == [[255]]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": "9INX9IN"}, "size"),
        ({"columns": 0}, "columns"),
        ({"copies": 0}, "copies"),
        ({"medium": "X"}, "medium"),
    ],
    ids=["size", "columns", "copies", "medium"],
)
def test_what_no_printer_can_do_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(FilmError, match=words):
        sheets([ramp(4, 4)], FilmOptions(**wrong))


class PlayedPrinter:
    """A printer played by the test, in grey or colour; it answers as ``answers`` says, by operation."""

    def __init__(self, answers: dict[str, int], *, state: str = "NORMAL") -> None:
        self.answers = answers
        self.state = state
        self.boxes: list[Dataset] = []
        self.texts: list[str] = []
        self.deleted = 0

    def get(self, event: Any) -> tuple[int, Dataset | None]:
        values = Dataset()
        if event.request.RequestedSOPClassUID == "1.2.840.10008.5.1.1.14":
            values.ExecutionStatus = "FAILURE" if self.answers.get("job") else "PRINTING"
            values.ExecutionStatusInfo = "NO RECEIVE MGZ"
            return 0, values
        values.PrinterStatus = self.state
        values.PrinterStatusInfo = "SUPPLY EMPTY" if self.state != "NORMAL" else "NORMAL"
        return 0, values

    def create(self, event: Any) -> tuple[int, Dataset | None]:
        values = event.attribute_list
        if event.request.AffectedSOPClassUID == FILM_BOX:
            columns, rows = (
                (int(word) for word in str(values.ImageDisplayFormat[1]).split(","))
                if not isinstance(values.ImageDisplayFormat, str)
                else (int(word) for word in values.ImageDisplayFormat.split("\\")[1].split(","))
            )
            values.ReferencedImageBoxSequence = [self.box(COLOR_BOX, number) for number in range(columns * rows)]
            values.ReferencedBasicAnnotationBoxSequence = [self.box(ANNOTATION_BOX, 99)]
            return self.answers.get("film", 0), values
        return self.answers.get("session", 0), values

    def box(self, kind: str, number: int) -> Dataset:
        item = Dataset()
        item.ReferencedSOPClassUID = kind
        item.ReferencedSOPInstanceUID = f"1.2.3.{number}"
        return item

    def set(self, event: Any) -> tuple[int, Dataset | None]:
        values = event.modification_list
        if "TextString" in values:
            self.texts.append(values.TextString)
        else:
            self.boxes.append(values)
        return self.answers.get("image", 0), values

    def action(self, event: Any) -> tuple[int, Dataset | None]:
        values = Dataset()
        values.ReferencedPrintJobSequence = [self.box("1.2.840.10008.5.1.1.14", 7)]
        return self.answers.get("print", 0), values

    def delete(self, event: Any) -> int:
        self.deleted += 1
        return 0

    @contextmanager
    def serving(self) -> Iterator[Any]:
        from pynetdicom import AE, evt

        entity = AE("PLAYED")
        for uid in (GRAYSCALE_META, COLOR_META, ANNOTATION_BOX, "1.2.840.10008.5.1.1.23", "1.2.840.10008.5.1.1.14"):
            entity.add_supported_context(uid)
        port = free_port()
        handlers = [
            (evt.EVT_N_GET, self.get),
            (evt.EVT_N_CREATE, self.create),
            (evt.EVT_N_SET, self.set),
            (evt.EVT_N_ACTION, self.action),
            (evt.EVT_N_DELETE, self.delete),
        ]
        server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
        try:
            yield node("PLAYED", port)
        finally:
            server.shutdown()
            entity.shutdown()


def test_colour_films_carry_rgb_by_plane() -> None:
    """Basic Color Print Management (PS3.4 H.3.2.2.2)."""
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    played = PlayedPrinter({})
    with played.serving() as peer:
        options = FilmOptions(size="A4", color=True, annotation="Left knee", presentation_lut="IDENTITY")
        assert list(print_sheets(peer, sheets([FilmImage(pixels)], options)))[-1].done == 1
    (item,) = played.boxes[0].BasicColorImageSequence
    assert (item.PhotometricInterpretation, item.PlanarConfiguration, item.Rows, item.Columns) == ("RGB", 1, 20, 30)
    assert np.array_equal(np.frombuffer(item.PixelData, np.uint8).reshape(3, 20, 30).transpose(1, 2, 0), pixels)
    assert played.texts == ["Left knee"]
    assert played.deleted == 2


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ({"image": 0xB604}, "warning", "made smaller"),
        ({"image": 0xC605}, "failed", "not enough memory"),
        ({"print": 0xC601}, "failed", "queue is full"),
        ({"film": 0x0213}, "failed", "ran out"),
        ({"job": 1}, "failed", "no receive mgz"),
    ],
    ids=["warning", "no memory", "queue", "film box", "job"],
)
def test_what_the_printer_answers_is_told_sheet_by_sheet(answers: dict[str, int], kind: str, words: str) -> None:
    """G15."""
    with PlayedPrinter(answers).serving() as peer:
        last = list(print_sheets(peer, sheets([ramp(8, 8)], FilmOptions(size="A4"))))[-1]
    assert last.outcome is not None
    assert last.outcome.kind == kind
    assert words in last.outcome.sentence


def test_a_printer_that_has_failed_gets_nothing() -> None:
    played = PlayedPrinter({}, state="FAILURE")
    with played.serving() as peer, pytest.raises(NetworkFailure, match="supply empty"):
        list(print_sheets(peer, sheets([ramp(8, 8)], FilmOptions())))
    assert played.boxes == []


def test_a_session_that_is_refused_is_told() -> None:
    with PlayedPrinter({"session": 0x0213}).serving() as peer, pytest.raises(NetworkFailure, match="film session"):
        list(print_sheets(peer, sheets([ramp(8, 8)], FilmOptions())))


def test_printing_stops_between_sheets() -> None:
    stop = threading.Event()
    with PlayedPrinter({}).serving() as peer:
        told = print_sheets(peer, sheets([ramp(8, 8)] * 3, FilmOptions()), stop=stop)
        next(told)
        next(told)
        stop.set()
        with pytest.raises(NetworkFailure):
            list(told)


def test_print_from_the_command_line_sends_what_render_writes(
    printer: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Film images are those of the preview and of ``render``."""
    from PIL import Image
    from pydicom.data import get_testdata_file

    from workstation.cli.main import run

    ct = str(get_testdata_file("CT_small.dcm"))
    before = len(printed(printer))
    peer = ["--peer", f"{printer.node.ae_title}@127.0.0.1:{printer.node.port}"]
    assert run(["print", ct, *peer, "--film", "8INX10IN", "--window", "40,400"]) == 0
    assert run(["render", ct, "--out", str(tmp_path / "ct.png"), "--window", "40,400"]) == 0
    (film,) = printed(printer)[before:]
    with Image.open(tmp_path / "ct.png") as picture:
        assert np.array_equal(film, np.asarray(picture))
    assert run(["print", ct, "--film", "A4", "--true-size", "--preview", str(tmp_path / "film.png")]) == 0
    with Image.open(tmp_path / "film.png") as film_picture:
        assert film_picture.size == (420, 594)
    capsys.readouterr()
    assert run(["print", *peer, "--state"]) == 0
    assert capsys.readouterr().out == "The printer is ready.\n"
    assert run(["print", ct]) == 2
    assert "--peer" in capsys.readouterr().err
