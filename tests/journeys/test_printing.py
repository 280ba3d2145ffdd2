"""Printing from the window: film printers get the preview's pixels; PDFs hold text as text and sizes in true mm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QRadioButton, QSpinBox, QWidget

from tests.journeys.hand import Hand
from tests.journeys.test_export import told, until
from tests.network.peers import Peer, dcmprscp
from tests.network.test_printing import PlayedPrinter, printed
from workstation.app import Application
from workstation.network.film import preview, sheets
from workstation.network.nodes import Node
from workstation.transfers.film_spool import films_folder
from workstation.transfers.jobs import Job
from workstation.ui.main_window import MainWindow
from workstation.ui.print_page import PrintPage
from workstation.ui.view_picture import grabbed, pixels_of

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def printer(dcmtk: Path, tmp_path: Path) -> Iterator[Peer]:
    with dcmprscp(dcmtk, tmp_path / "printer") as peer:
        yield peer


def click(widget: QWidget) -> None:
    """Click a button in its middle, a box or a round button on its mark: it is wider than what can be hit."""
    at = QPoint(8, widget.height() // 2) if isinstance(widget, QCheckBox | QRadioButton) else widget.rect().center()
    QTest.mouseClick(widget, LEFT, pos=at)


def typed(box: QSpinBox, value: int) -> None:
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, str(value))
    QTest.keyClick(box, Qt.Key.Key_Tab)


def choose(page: PrintPage, text: str) -> None:
    page.sheet.text.setCurrentIndex(page.sheet.text.findData(text))


def shown(page: PrintPage) -> PrintPage:
    """Wait until the preview shows what is chosen."""
    until(lambda: page._fresh)
    return page


def asked(window: MainWindow, target: str) -> PrintPage:
    window.activateWindow()
    until(window.isActiveWindow)
    window.grid.focus_active()
    if target == "film":
        QTest.keyClick(window.active_pane(), Qt.Key.Key_P, CTRL | ALT)
    elif target == "paper":
        QTest.keyClick(window.active_pane(), Qt.Key.Key_P, CTRL)
    else:
        window.dispatch("file.print_pdf")
    until(lambda: any(page.isVisible() for page in window.findChildren(PrintPage)))
    page = next(page for page in window.findChildren(PrintPage) if page.isVisible())
    assert page.target == target
    return shown(page)


def with_printer(window: MainWindow, node: Node) -> None:
    window.network.put_node(replace(node, name="film room", services=frozenset({"print"})))


def volume_shown(window: MainWindow, hand: Hand) -> None:
    chosen = next(stack for stack in window.workspace.catalogue.ordered_stacks() if stack.is_volume)
    window.workspace.show_stack(chosen.id)
    hand.settle()


def over(window: MainWindow) -> Job:
    until(lambda: window.network.has_queue and all(job.is_over for job in window.network.queue.jobs()))
    return window.network.queue.jobs()[0]


def saved_pdf(page: PrintPage, path: Path) -> Path:
    window = page._window
    page.paper.path.setFocus()
    page.paper.path.selectAll()
    QTest.keyClicks(page.paper.path, str(path))
    shown(page)
    click(page.print)
    until(lambda: path.exists() and not window.exports.running)
    return path


def words_of(poppler: Path, pdf: Path) -> str:
    return subprocess.run(
        [poppler / "pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True
    ).stdout


def opened(application: Application, path: Path) -> MainWindow:
    from workstation.ui.screenshot import wait_until_settled

    window = application.window
    window.desk.open_paths([str(path)])
    assert wait_until_settled(window, 20)
    window.grid.focus_active()
    return window


def square(path: Path, name: str = "Verysecret^Name", pixels: int = 200, spacing: float = 0.5) -> Path:
    """A CT of one slice: a bright square of half the image's side on black, `spacing` mm a pixel."""
    from pydicom.data import get_testdata_file

    data_set = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    values = np.zeros((pixels, pixels), np.int16)
    quarter = pixels // 4
    values[quarter : 3 * quarter, quarter : 3 * quarter] = 1000
    data_set.Rows = data_set.Columns = pixels
    data_set.PixelSpacing = [spacing, spacing]
    data_set.RescaleIntercept, data_set.RescaleSlope = 0, 1
    data_set.WindowCenter, data_set.WindowWidth = 500, 1000
    data_set.PixelData = values.tobytes()
    data_set.PatientName = name
    data_set.PatientID = "SECRET-77"
    data_set.PatientBirthDate = "19431224"
    data_set.SeriesDescription = "Phantom square"
    data_set.save_as(path)
    return path


def test_a_film_printer_gets_the_very_pixels_of_the_preview(
    window: MainWindow, hand: Hand, printer: Peer, tmp_path: Path
) -> None:
    """G15, N6x: 60 images, 4 by 5, are three films; what arrives is what was shown, byte for byte."""
    volume_shown(window, hand)
    with_printer(window, printer.node)
    page = asked(window, "film")
    click(page.film.ask)
    until(lambda: "ready" in page.film.answer.text())
    click(page.what.kinds["frames"])
    typed(page.sheet.columns, 4)
    typed(page.sheet.rows, 5)
    page.sheet.sheet_size.setCurrentIndex(page.sheet.sheet_size.findData("14INX17IN"))
    shown(page)
    assert page.summary.text() == "60 images on 3 films"
    previews = []
    for _number in range(3):
        drawn = shown(page).drawn
        assert drawn is not None
        (sheet,) = sheets(list(drawn.images), page.options())
        view = page.preview.view
        assert np.array_equal(drawn.pixels, preview(sheet, view.dots_per_mm(page.options().sheet)))
        previews += [image.pixels for image in drawn.images]
        if page.preview.on.isEnabled():
            click(page.preview.on)
    assert len(previews) == 60
    click(page.print)
    job = over(window)
    assert (job.state, job.progress.done, job.kind) == ("done", 3, "print")
    arrived = {pixels.tobytes() for pixels in printed(printer)}
    assert arrived == {pixels.tobytes() for pixels in previews}
    until(lambda: not list(films_folder().iterdir()))
    assert window.panel_shown("transfers")


def test_a_printer_that_has_failed_leaves_a_sentence_and_the_films_to_try_again(window: MainWindow, hand: Hand) -> None:
    """G15: a job that failed says why; its films go when it is taken off the list."""
    with PlayedPrinter({}, state="FAILURE").serving() as node:
        with_printer(window, node)
        page = asked(window, "film")
        click(page.print)
        job = over(window)
    assert job.state == "failed"
    assert "supply empty" in job.sentence
    assert len(list(films_folder().iterdir())) == 1
    window.network.queue.forget_ended()
    until(lambda: not list(films_folder().iterdir()))


def test_the_printer_that_was_used_last_is_offered_first(window: MainWindow, hand: Hand) -> None:
    """Archives may stand before it in the list, whose nodes may all be ticked for printing."""
    with PlayedPrinter({}).serving() as node:
        window.network.put_node(replace(node, name="archive"))
        window.network.put_node(replace(node, name="film"))
        page = asked(window, "film")
        assert page.film.node.currentText() == "archive"
        page.film.node.setCurrentText("film")
        click(page.print)
        assert over(window).node == "film"
        again = asked(window, "film")
        assert again.film.node.currentText() == "film"
        again.close()


def test_a_print_that_failed_is_printed_when_it_is_tried_again(window: MainWindow, hand: Hand) -> None:
    played = PlayedPrinter({}, state="FAILURE")
    with played.serving() as node:
        with_printer(window, node)
        page = asked(window, "film")
        drawn = page.drawn
        click(page.print)
        failed = over(window)
        assert (failed.state, played.boxes) == ("failed", [])
        played.state = "NORMAL"
        window.network.queue.retry(failed.key)
        assert over(window).state == "done"
    assert drawn is not None
    sent = [box.BasicGrayscaleImageSequence[0].PixelData for box in played.boxes]
    assert sent == [image.pixels.tobytes() for image in drawn.images]
    until(lambda: not list(films_folder().iterdir()))


def test_more_than_memory_holds_is_refused_with_a_sentence(
    window: MainWindow, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.ui import print_sheets

    monkeypatch.setattr(print_sheets, "MOST", 10 << 20)
    with PlayedPrinter({}).serving() as node:
        volume_shown(window, hand)
        with_printer(window, node)
        page = asked(window, "film")
        click(page.what.kinds["frames"])
        click(shown(page).print)
        until(lambda: "too many images" in page.problem.text())
        assert page.print.isEnabled()
        page.close()
    assert not window.network.queue.jobs()


def test_a_colour_film_keeps_its_colours(window: MainWindow, hand: Hand) -> None:
    """Colour where the printer takes it (PS3.4 H.3.2.2.2)."""
    chosen = next(
        stack
        for stack in window.workspace.catalogue.ordered_stacks()
        if stack.kind == "image" and stack.frames[0].instance.samples_per_pixel == 3
    )
    window.workspace.show_stack(chosen.id)
    hand.settle()
    played = PlayedPrinter({})
    with played.serving() as node:
        with_printer(window, node)
        page = asked(window, "film")
        click(page.what.kinds["image"])
        choose(page, "none")
        click(page.sheet.color)
        drawn = shown(page).drawn
        click(page.print)
        assert over(window).state == "done"
    (item,) = played.boxes[0].BasicColorImageSequence
    sent = np.frombuffer(item.PixelData, np.uint8)[: 3 * item.Rows * item.Columns]
    assert drawn is not None
    assert np.array_equal(sent.reshape(3, item.Rows, item.Columns).transpose(1, 2, 0), drawn.images[0].pixels)


def test_what_does_not_fit_in_its_true_size_is_refused_before_anything_is_sent(
    application: Application, tmp_path: Path
) -> None:
    """Features N6x: never shrunk unseen."""
    window = opened(application, square(tmp_path / "a.dcm", spacing=3.0))
    with PlayedPrinter({}).serving() as node:
        with_printer(window, node)
        page = asked(window, "film")
        click(page.what.kinds["image"])
        click(page.sheet.true_size)
        shown(page)
        assert "600 × 600 mm in its true size" in page.preview.view.sentence
        assert not page.print.isEnabled()
        click(page.sheet.true_size)
        shown(page)
        assert page.print.isEnabled()


def films_of(application: Application, path: Path, text: str, *, hidden: bool = False) -> NDArray[np.uint8]:
    window = opened(application, path)
    window.workspace.set_options(identity_hidden=hidden)
    page = PrintPage(window, window)
    page.show()
    click(page.what.kinds["view"])
    choose(page, text)
    drawn = shown(page).drawn
    page.close()
    window.desk.close_all()
    assert drawn is not None
    return drawn.images[0].pixels


def test_no_name_is_in_the_pixels_of_a_film_unless_it_is_asked_for(application: Application, tmp_path: Path) -> None:
    """Two patients who differ in their names alone give the same film; with their names they do not."""
    one, other = square(tmp_path / "a.dcm"), square(tmp_path / "b.dcm", "Quitediffer^Ent")
    assert np.array_equal(films_of(application, one, "image"), films_of(application, other, "image"))
    assert not np.array_equal(films_of(application, one, "patient"), films_of(application, other, "patient"))
    # with identity hidden in the window there is no asking for it
    assert np.array_equal(
        films_of(application, one, "patient", hidden=True), films_of(application, other, "patient", hidden=True)
    )


@pytest.mark.parametrize("hidden", [False, True], ids=["shown", "hidden"])
def test_text_of_a_pdf_is_text_and_names_nobody_whose_identity_is_hidden(
    application: Application, tmp_path: Path, poppler: Path, hidden: bool
) -> None:
    """N5x: re-rendered, not screen pixels; a name is found in it only where it was asked for."""
    window = opened(application, square(tmp_path / "a.dcm"))
    window.workspace.set_options(identity_hidden=hidden)
    page = asked(window, "pdf")
    choose(page, "patient")
    pdf = saved_pdf(shown(page), tmp_path / "out.pdf")
    words = words_of(poppler, pdf)
    assert "Phantom square" in words
    assert "Not for diagnosis" in words
    assert "Page 1 of 1" in words
    assert words.count("W 1000 L 500") == 1
    for secret in ("Verysecret", "SECRET-77", "1943"):
        assert (secret in words) is not hidden
        assert secret.encode() not in pdf.read_bytes()


def test_a_true_size_is_true_on_paper(application: Application, tmp_path: Path, poppler: Path) -> None:
    """A square of 50 mm is 50 mm, within 1 %."""
    window = opened(application, square(tmp_path / "a.dcm"))
    page = asked(window, "pdf")
    click(page.what.kinds["image"])
    choose(page, "none")
    click(page.sheet.true_size)
    pdf = saved_pdf(shown(page), tmp_path / "out.pdf")
    subprocess.run([poppler / "pdftoppm", "-r", "300", "-gray", pdf, tmp_path / "page"], check=True)
    (found,) = tmp_path.glob("page*.pgm")
    with Image.open(found) as picture:
        paper = np.asarray(picture)
    assert paper.shape == pytest.approx((297 / 25.4 * 300, 210 / 25.4 * 300), abs=2)
    dark = np.argwhere(paper < 128)
    inner = dark[(np.abs(dark - dark.mean(axis=0)) < 60 / 25.4 * 300).all(axis=1)]
    (top, left), (bottom, right) = inner.min(axis=0), inner.max(axis=0)
    image = paper[top : bottom + 1, left : right + 1]
    assert image.shape == pytest.approx((100 / 25.4 * 300, 100 / 25.4 * 300), rel=0.01)
    middle = image.shape[0] // 2
    across, down = (image[middle] > 128).sum(), (image[:, middle] > 128).sum()
    assert across / 300 * 25.4 == pytest.approx(50, rel=0.01)
    assert down / 300 * 25.4 == pytest.approx(50, rel=0.01)


def test_sixty_images_are_three_pages(window: MainWindow, hand: Hand, tmp_path: Path, poppler: Path) -> None:
    """The grid holds for paper too; each page has its number."""
    volume_shown(window, hand)
    page = asked(window, "pdf")
    click(page.what.kinds["frames"])
    shown(page)
    assert (page.sheet.columns.value(), page.sheet.rows.value()) == (4, 5)
    words = words_of(poppler, saved_pdf(page, tmp_path / "out.pdf"))
    assert [f"Page {number} of 3" in words for number in (1, 2, 3)] == [True] * 3
    assert "Image 60 of 60" in words


def test_nothing_is_written_over_a_file_that_is_there(window: MainWindow, tmp_path: Path) -> None:
    there = tmp_path / "mine.pdf"
    there.write_text("mine")
    page = asked(window, "pdf")
    page.paper.path.selectAll()
    QTest.keyClicks(page.paper.path, str(there))
    click(shown(page).print)
    until(lambda: "exists already" in page.problem.text())
    assert there.read_text() == "mine"
    page.close()


def test_choosing_every_third_or_the_key_images_is_followed(window: MainWindow, hand: Hand) -> None:
    volume_shown(window, hand)
    window.dispatch("key_image.toggle")
    page = asked(window, "pdf")
    click(page.what.kinds["frames"])
    page.what.which.setCurrentIndex(page.what.which.findData("nth"))
    typed(page.what.every, 3)
    typed(page.what.last, 30)
    shown(page)
    assert page.summary.text().startswith("10 images")
    page.what.which.setCurrentIndex(page.what.which.findData("key"))
    typed(page.what.last, 60)
    shown(page)
    assert page.summary.text().startswith("1 image on")
    page.close()


@pytest.mark.parametrize("kind", ["view", "image"])
def test_what_is_printed_lies_as_in_the_pane(window: MainWindow, hand: Hand, kind: str) -> None:
    """Turned and mirrored as on screen; the export picture of the pane is the oracle."""
    volume_shown(window, hand)
    pane = window.active_pane()
    state = pane.viewport.state
    pane.viewport.set_state(replace(state.rotated(90), flip_horizontal=True, index=20))
    hand.settle()
    seen = Image.fromarray(pixels_of(grabbed(pane, text=False))).convert("L")
    page = PrintPage(window, window)
    page.show()
    click(page.what.kinds[kind])
    choose(page, "none")
    drawn = shown(page).drawn
    page.close()
    assert drawn is not None
    film = Image.fromarray(drawn.images[0].pixels)
    width, height = seen.size
    if kind == "image":
        side = min(seen.size) - 2
        seen = seen.crop(((width - side) // 2, (height - side) // 2, (width + side) // 2, (height + side) // 2))
    small = seen.resize((96, 96), Image.Resampling.BOX), film.resize((96, 96), Image.Resampling.BOX)
    one, other = (np.asarray(picture, float).ravel() for picture in small)
    assert np.corrcoef(one, other)[0, 1] > 0.97


def test_a_sheet_of_two_patients_names_both_and_says_nothing_of_one_alone(
    application: Application, tmp_path: Path
) -> None:
    """E15 on paper: no heading may give one patient's pictures to another."""
    from workstation.ui.print_source import Source
    from workstation.ui.screenshot import wait_until_settled

    other = pydicom.dcmread(square(tmp_path / "a.dcm"))
    other.PatientName, other.PatientID, other.SeriesDescription = "Second^Ent", "OTHER-1", "Other square"
    other.StudyInstanceUID, other.SeriesInstanceUID = "1.2.3.1", "1.2.3.2"
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.3"
    other.PatientBirthDate = "19990101"
    other.save_as(tmp_path / "b.dcm")
    window = opened(application, tmp_path)
    window.dispatch("layout.set", name="1x2")
    for pane, stack in enumerate(window.workspace.catalogue.ordered_stacks()):
        window.workspace.show_stack(stack.id, pane)
    assert wait_until_settled(window, 20)
    source = Source(window)
    both = source.heading("layout", "patient")
    assert "Verysecret" in both
    assert "Second" in both
    assert not any(only in both for only in ("1943", "1999", "square"))
    one = source.heading("view", "patient")
    assert ("Verysecret" in one) is not ("Second" in one)
    assert "square" in one
    assert source.heading("layout", "none") == ""


def test_a_pane_on_film_is_finer_than_the_screen(window: MainWindow, hand: Hand) -> None:
    """W#509: not screen pixels."""
    volume_shown(window, hand)
    page = PrintPage(window, window)
    page.show()
    click(page.what.kinds["view"])
    drawn = shown(page).drawn
    page.close()
    assert drawn is not None
    assert drawn.images[0].pixels.shape[1] >= 2 * window.active_pane().width()


def test_paper_without_a_printer_says_so(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    from workstation.ui import print_page

    monkeypatch.setattr(print_page, "printer_names", list)
    page = asked(window, "paper")
    until(lambda: "No printer is set up" in page.summary.text())
    assert not page.print.isEnabled()
    page.close()


def test_a_printer_of_the_system_gets_every_page(
    window: MainWindow, hand: Hand, tmp_path: Path, poppler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N5x: the printer is one that keeps what it gets in a file."""
    from PySide6.QtPrintSupport import QPrinter

    from workstation.ui import paper_pages, print_page

    def office(name: str) -> QPrinter:
        assert name == "Office"
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "office.pdf"))
        return printer

    monkeypatch.setattr(print_page, "printer_names", lambda: ["Office"])
    monkeypatch.setattr(paper_pages, "system_printer", office)
    volume_shown(window, hand)
    page = asked(window, "paper")
    until(lambda: page.paper.printer.currentText() == "Office" and page._fresh)
    click(page.what.kinds["frames"])
    typed(page.sheet.columns, 5)
    typed(page.sheet.rows, 6)
    click(shown(page).print)
    until(lambda: told(window) == "2 pages were sent to Office.")
    words = words_of(poppler, tmp_path / "office.pdf")
    assert "Page 2 of 2" in words
    assert "Image 60 of 60" in words


def test_a_printer_that_is_gone_is_told(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    from workstation.ui import print_page

    monkeypatch.setattr(print_page, "printer_names", lambda: ["Nowhere"])
    page = asked(window, "paper")
    until(lambda: page.paper.printer.currentText() == "Nowhere" and page._fresh)
    click(page.print)
    until(lambda: told(window) == "That printer is not there any more.")


def test_the_print_page_needs_no_printing_of_qt_before_paper_is_chosen() -> None:
    """Heavy modules come when they are used."""
    said = (
        "import sys; import workstation.ui.print_page, workstation.ui.commands; "
        "assert 'PySide6.QtPrintSupport' not in sys.modules; assert 'pynetdicom' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", said], check=True)
