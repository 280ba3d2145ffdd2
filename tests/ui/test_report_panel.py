"""The report panel by itself: pages without HTML, trees, PDFs drawn where they are seen (A31, A32, F16, F18)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextDocument
from PySide6.QtTest import QTest

from tests.objects.reports import MARKUP, container, document, image, item, num, pdf_of, report
from workstation.dicom.identity import FrameRef
from workstation.geometry.image_plane import ImagePlane
from workstation.loading.keys import PdfPageKey, PdfTextKey
from workstation.loading.loader import Loaded
from workstation.loading.report_view import ReportView, _document_view, tree_rows
from workstation.objects.content_item import Graphic, Reference
from workstation.objects.page import Heading, Page, Paragraph, Table, Target, cell
from workstation.objects.pdf_pages import drawn_page, open_pdf, page_text, search
from workstation.objects.report_page import report_page
from workstation.objects.structured_report import read_report
from workstation.phantoms.documents import pdf
from workstation.ui import theme
from workstation.ui.pdf_layout import fitting, laid_out
from workstation.ui.report_page_view import pieces, write_whole
from workstation.ui.report_panel import ReportPanel
from workstation.viewing.pointed import Pointed, place_of, shapes_on


def view_of(ds) -> ReportView:
    tree = read_report(ds)
    return ReportView(report_page(tree), *tree_rows(tree.root))


def until(ready: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        QGuiApplication.processEvents()
        time.sleep(0.004)
    assert ready()


@pytest.fixture
def panel(qtbot) -> ReportPanel:
    made = ReportPanel()
    qtbot.addWidget(made)
    made.resize(540, 700)
    made.show()
    return made


def shown(panel: ReportPanel, ds) -> ReportPanel:
    panel.show_view("SR", view_of(ds))
    until(lambda: not panel.page.writing)
    return panel


def test_markup_is_shown_as_the_characters_it_is(panel: ReportPanel) -> None:
    """A32: nothing in a value is ever HTML."""
    text = shown(panel, report(item("TEXT", "Finding", TextValue=MARKUP))).page.toPlainText()
    assert MARKUP in text


def test_a_page_loads_nothing(panel: ReportPanel) -> None:
    """A33."""
    page = shown(panel, report(item("TEXT", "Finding", TextValue="x"))).page
    assert page.loadResource(2, QUrl("file:///etc/passwd")) is None
    assert not page.openLinks()


def test_a_link_leads_to_its_target(panel: ReportPanel, qtbot) -> None:
    region = item("SCOORD", "Region", image("1.2.3", [4]), GraphicType="POINT", GraphicData=[1.0, 2.0])
    shown(panel, report(num("Length", "12.5", "mm", region)))
    with qtbot.waitSignal(panel.followed) as caught:
        panel.page.anchorClicked.emit(QUrl("#0"))
    (target,) = caught.args
    assert target.label == "Length 12.5 mm"
    assert target.reference.frames == (4,)
    panel.page.anchorClicked.emit(QUrl("http://example.org/#0x"))


def test_a_search_counts_and_goes_around(panel: ReportPanel) -> None:
    shown(panel, report(*(item("TEXT", f"Note {n}", TextValue="lung clear") for n in range(3))))
    panel.words.setText("LUNG")
    until(lambda: panel.found.text() == "1 of 3")
    panel.step_found(-1)
    assert panel.found.text() == "3 of 3"
    panel.pages.setCurrentIndex(2)
    until(lambda: panel.found.text().endswith("of 3"))


def test_the_tree_has_what_the_page_leaves_out(panel: ReportPanel) -> None:
    tree = shown(panel, report(item("UIDREF", "Tracking", UID="1.2.3"), item("CODE", "Site"))).tree.items
    names = [row.name for row in tree.rows]
    assert names == ["Imaging Report", "Tracking", "Site"]
    index = tree.index_of(2, 1)
    assert tree.data(index) == "The coded value is missing."
    assert tree.parent(index) == tree.index_of(0)


def test_a_large_tree_is_handed_over_in_pieces(panel: ReportPanel) -> None:
    ds = report(*(item("TEXT", "Note", TextValue=f"number {n}") for n in range(2000)))
    panel.show_view("SR", view_of(ds))
    tree = panel.tree
    assert tree.items.rowCount(tree.items.index_of(0)) < 1000
    assert tree.find_words("number 1999") == 1
    assert tree.items.rowCount(tree.items.index_of(0)) == 2000


def test_what_a_report_is_shown_with_is_got_in_parts(panel: ReportPanel) -> None:
    """A report that is there before all parts are is shown all the same."""
    panel.prepare()
    panel.prepare()
    assert not panel._made
    until(lambda: panel._made)
    made = panel.page
    assert shown(panel, report(item("TEXT", "Finding", TextValue="clear"))).page is made
    early = ReportPanel()
    early.prepare()
    early.show_view("SR", view_of(report(item("TEXT", "Finding", TextValue="clear"))))
    page = early.page
    QGuiApplication.processEvents()
    until(lambda: not page.writing)
    assert early.page is page
    early.deleteLater()


def long_page(items: int = 5000) -> Page:
    values = [*(f"{n}.5 mm" for n in range(items - 1)), "a value that is much longer"]
    rows = tuple((cell(f"Length {n}"), cell(value)) for n, value in enumerate(values))
    return Page("Report", (Heading("Report", 1), Table((), rows), Paragraph(cell("The end"))))


def test_a_long_page_is_on_screen_before_all_of_it_is_written(panel: ReportPanel) -> None:
    """Its top is read at once; what follows is written at the end of the document that is shown."""
    panel._make()
    page = panel.page
    page.resize(500, 600)
    page.show_page(long_page())
    shown = page.document()
    assert page.writing
    assert page.toPlainText().startswith("Report\nLength 0\n0.5 mm")
    before = shown.characterCount()
    until(lambda: shown.characterCount() > before)
    assert page.writing
    until(lambda: not page.writing)
    assert page.document() is shown
    assert (page.textCursor().position(), page.verticalScrollBar().value()) == (0, 0)


def test_a_page_written_in_turns_is_the_page_written_at_once(panel: ReportPanel, qapp) -> None:
    """Every word, and columns of one width over all pieces of a table."""
    panel._make()
    page = panel.page
    page.resize(500, 600)
    page.show_page(long_page(900))
    until(lambda: not page.writing)
    whole = QTextDocument()
    write_whole(whole, long_page(900), theme.current(), page.font())
    assert page.toPlainText() == whole.toPlainText()
    frames = page.document().rootFrame().childFrames()
    widths = {tuple(round(one.rawValue(), 6) for one in frame.format().columnWidthConstraints()) for frame in frames}
    assert len(frames) > 20
    assert len(widths) == 1


def test_a_piece_of_a_table_is_small_however_wide_it_is() -> None:
    """What is laid out at once is counted in cells."""
    wide = Page("", (Table((), tuple(tuple(cell("x") for _ in range(20)) for _ in range(100))),))
    tables = [block for block, _ in pieces(wide) if isinstance(block, Table)]
    assert max(len(table.rows) for table in tables) == 2
    assert sum(len(table.rows) for table in tables) == 100


def test_a_tree_with_many_rows_near_its_root_is_opened_no_further(panel: ReportPanel) -> None:
    ds = report(*(container(f"Section {n}", *(num("Length", "1") for _ in range(9))) for n in range(100)))
    tree = shown(panel, ds).tree
    assert tree.isExpanded(tree.items.index_of(0))
    assert not tree.isExpanded(tree.items.index_of(1))


def test_everything_is_covered_while_identity_is_hidden(panel: ReportPanel) -> None:
    shown(panel, report(PatientName="Roe^Jane"))
    panel.set_identity_hidden(True)
    assert not panel.page.isVisible()
    panel.show_view("SR", view_of(report(PatientName="Roe^Jane")))
    assert not panel.page.isVisible()
    panel.set_identity_hidden(False)
    assert panel.page.isVisible()


def test_copying_a_page_copies_plain_text(panel: ReportPanel) -> None:
    shown(panel, report(item("TEXT", "Finding", TextValue="<b>clear</b>")))
    panel.copy()
    assert "<b>clear</b>" in QGuiApplication.clipboard().text()
    panel.page.selectAll()
    assert panel.page.createMimeDataFromSelection().formats() == ["text/plain"]


def test_a_document_that_is_not_shown_says_why_and_can_be_saved(panel: ReportPanel) -> None:
    """A31."""
    view = _document_view(document(b"<html><script>alert(1)</script></html>"))
    panel.show_view("DOC", view)
    until(lambda: not panel.page.writing)
    assert "can be saved, but is not shown" in panel.page.toPlainText()
    assert "alert" not in panel.page.toPlainText()
    assert panel.save.isEnabled()
    assert view.document is not None
    assert view.document.suffix == "bin"


# PDF


def with_pdf(panel: ReportPanel, data: bytes) -> list[object]:
    """Show a PDF and answer what the view wants at once; return the keys of pictures drawn."""
    drawn: list[object] = []

    def serve(wishes: list[tuple[object, object]]) -> None:
        for key, _ in wishes:
            if isinstance(key, PdfPageKey):
                drawn.append(key)
                panel.pdf.on_loaded(Loaded(key, drawn_page(key.pdf, key.page, key.width)))
            elif isinstance(key, PdfTextKey):
                panel.pdf.on_loaded(Loaded(key, page_text(key.pdf, key.page)))

    panel.pages_wanted.connect(serve)
    panel.show_view("DOC", _document_view(document(data)))
    until(lambda: bool(drawn) and not panel.pdf.missing())
    return drawn


def test_a_page_is_drawn_as_wide_as_the_view(panel: ReportPanel) -> None:
    with_pdf(panel, pdf("Title", ["Words"]))
    picture = panel.pdf.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    left, top, width, _ = panel.pdf.layout_now.box(0, panel.pdf.viewport().width())
    assert width > 0.9 * panel.pdf.viewport().width()
    # the title's bar is 0.16 0.35 0.55 in the document
    assert picture.pixelColor(round((left + 5) * ratio), round((top + 5) * ratio)).getRgb()[:3] == (41, 89, 140)


def test_of_ten_thousand_pages_only_those_seen_are_drawn(panel: ReportPanel) -> None:
    drawn = with_pdf(panel, pdf_of(10_000))
    panel.pdf.go_to(5000)
    until(lambda: not panel.pdf.missing())
    assert len({key.page for key in drawn}) < 14  # type: ignore[attr-defined]
    assert panel.number.value() == 5001


def test_words_of_a_pdf_are_selected_found_and_copied(panel: ReportPanel) -> None:
    with_pdf(panel, pdf("Title", ["alpha beta", "gamma"]))
    view = panel.pdf
    until(lambda: 0 in view._texts)
    text = view._texts[0]
    at = text.text.index("beta")
    zoom, rect = view.layout_now.zoom, view._rect(0)
    places = [
        QPointF(rect.left() + (box[0] + box[2]) / 2 * zoom, rect.top() + (box[1] + box[3]) / 2 * zoom).toPoint()
        for box in (text.boxes[at], text.boxes[at + 3])
    ]
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    QTest.mouseMove(view.viewport(), places[1])
    view._selection = (0, view._character(QPointF(places[0]))[1], view._character(QPointF(places[1]))[1])  # type: ignore[index]
    assert view.selected_text() == "beta"
    panel.copy()
    assert QGuiApplication.clipboard().text() == "beta"
    panel.words.setText("gamma")
    panel.take_hits("gamma", search(view.pdf, "gamma"))  # type: ignore[arg-type]
    assert panel.found.text() == "1 of 1"


def test_pages_lie_below_each_other_at_any_zoom() -> None:
    layout = laid_out([(100.0, 200.0), (50.0, 100.0)], 2.0)
    assert layout.tops == (0, 410, 630)
    assert (layout.page_at(0), layout.page_at(415), layout.page_at(10_000)) == (0, 1, 1)
    assert layout.box(1, 400) == (150, 420, 100, 200)
    assert fitting([(100.0, 200.0)], 220) == 2.0


def test_a_pdf_is_printed_at_the_resolution_of_the_printer(tmp_path: Path, qapp) -> None:
    from PySide6.QtPrintSupport import QPrinter

    from workstation.ui.report_output import print_page, print_pdf

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    print_pdf(printer, open_pdf(pdf_of(3)))
    assert len(open_pdf((tmp_path / "out.pdf").read_bytes()).sizes) == 3
    printer.setOutputFileName(str(tmp_path / "page.pdf"))
    print_page(printer, view_of(report(item("TEXT", "Finding", TextValue="printed words"))), qapp.font())
    printed = open_pdf((tmp_path / "page.pdf").read_bytes())
    assert "printed words" in page_text(printed, 0).text


def test_images_hold_their_own_memory(qapp) -> None:
    from workstation.ui.pdf_view import image_of

    picture: QImage = image_of(drawn_page(open_pdf(pdf("Title", [])), 0, 50))
    assert picture.pixelColor(2, 2).getRgb()[:3] == (41, 89, 140)


# graphics


PLANE = ImagePlane((0.0, 0.0, 10.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (2.0, 2.0), 100, 100, "1.9")


def test_points_of_an_image_count_from_its_corner() -> None:
    """C.18.6: 0.0 is the corner of the first pixel, as image points count."""
    pointed = Pointed(0, "Length", "1.2", (3,), (Graphic("POLYLINE", ((0.5, 0.5), (3.0, 4.0))),))
    (shape,) = shapes_on(pointed, FrameRef("1.2", 2), None)
    assert shape.points == ((0.5, 0.5), (3.0, 4.0))
    assert shapes_on(pointed, FrameRef("1.2", 1), None) == []
    assert shapes_on(pointed, FrameRef("1.3", 2), None) == []


def test_a_circle_and_an_ellipse_go_through_their_points() -> None:
    """C.18.6.1.2: centre and a point of the rim; ends of the major, then of the minor axis."""
    circle = Graphic("CIRCLE", ((10.0, 10.0), (13.0, 14.0)))
    ellipse = Graphic("ELLIPSE", ((0.0, 5.0), (20.0, 5.0), (10.0, 0.0), (10.0, 10.0)))
    first, second = shapes_on(Pointed(0, "", "1.2", (), (circle, ellipse)), FrameRef("1.2"), None)
    assert {round((x - 10) ** 2 + (y - 10) ** 2, 6) for x, y in first.points} == {25.0}
    assert {round(((x - 10) / 10) ** 2 + ((y - 5) / 5) ** 2, 6) for x, y in second.points} == {1.0}
    assert first.closed
    assert second.closed


def test_places_in_the_patient_are_drawn_on_planes_they_lie_on() -> None:
    """C.18.9: millimetres of a Frame of Reference."""
    graphic = Graphic("POINT", ((10.0, 20.0, 10.4),), "1.9")
    pointed = Pointed(0, "", graphics=(graphic,))
    (shape,) = shapes_on(pointed, None, PLANE)
    assert shape.marks == (PLANE.image_point((10.0, 20.0, 10.4)),)
    assert shapes_on(pointed, None, PLANE.moved(5.0)) == []
    other = Pointed(0, "", graphics=(Graphic("POINT", ((10.0, 20.0, 10.4),), "1.8"),))
    assert shapes_on(other, None, PLANE) == []


def test_a_reference_to_what_is_not_open_leads_nowhere() -> None:
    assert place_of(Target("x", Reference("1", "1.2.3")), {}, ()) is None
