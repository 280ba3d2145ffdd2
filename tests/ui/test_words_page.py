"""Plain words where they are needed: on header rows, over a pane, and on a page of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import samples
from workstation.dicom.plain_words import Described, topic_for, topics, words_for
from workstation.ui.header_panel import HeaderPanel
from workstation.ui.pane_overlay import OverlayContent, PaneOverlay
from workstation.ui.pane_words import PaneWords
from workstation.ui.words_page import KEY, WordsPage, words_page
from workstation.viewing.corner_text import Corners

SPACING = Described("PixelSpacing", "Pixel Spacing", "(0028,0030)", "DS")


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    for page in widget.findChildren(WordsPage):
        page.close()


def listed(page: WordsPage) -> list[str]:
    return [page.list.item(row).text() for row in range(page.list.count())]


def test_the_page_lists_every_topic_and_shows_the_first(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_topic()
    assert listed(page) == [topic.title for topic in topics()]
    assert page.shown[0] == "Hounsfield units"
    assert "Water 0 HU" in page.shown


def test_an_element_stands_above_its_topic(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_element(SPACING)
    topic = topic_for("PixelSpacing")
    assert topic is not None
    assert page.shown == ["Pixel Spacing", words_for("PixelSpacing"), topic.title, *topic.paragraphs]
    assert page.list.currentItem().text() == topic.title


def test_the_topic_of_an_element_can_be_left_and_come_back_to(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_element(SPACING)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Up)
    assert page.shown[0] == "Dates, times and time zones"
    page.show_element(SPACING)
    assert page.shown[0] == "Pixel Spacing"


def test_what_nobody_wrote_about_is_said_so(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_element(Described("PatientAlternativeCalendar", "Patient's Alternative Calendar", "(0010,0035)", "CS"))
    assert page.shown == ["Patient's Alternative Calendar", "Nothing is written about this element."]
    assert page.list.currentItem() is None


def test_a_private_element_leads_to_the_topic_of_private_ones(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_element(Described("", "B <b>value</b>", "(0019,100C)", "IS"))
    assert page.shown[:3] == [
        "B <b>value</b>",
        "A private element: only its maker can say what it means.",
        "Private elements",
    ]


@pytest.mark.parametrize("text", ["imager spacing", "ImagerPixelSpacing", "(0018,1164)", "00181164"])
def test_elements_are_found_by_name_keyword_and_tag(owner: QWidget, text: str) -> None:
    page = words_page(owner)
    QTest.keyClicks(page.filter, text)
    assert listed(page)[-2:] == ["Elements", "Imager Pixel Spacing"]
    QTest.keyClick(page.filter, Qt.Key.Key_Return)
    while page.list.currentRow() < page.list.count() - 1:
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.shown[:2] == ["Imager Pixel Spacing", words_for("ImagerPixelSpacing")]


def test_typing_leaves_the_page_as_it_is(owner: QWidget) -> None:
    page = words_page(owner)
    page.show_topic("window")
    for text in ("lossy", "zzz", ""):
        page.filter.setText(text)
        assert page.shown[0] == "Window centre and width"


def test_escape_empties_the_filter_then_closes(owner: QWidget) -> None:
    page = words_page(owner)
    page.filter.setText("time")
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert (page.filter.text(), page.isVisible()) == ("", True)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_one_page_is_enough(owner: QWidget) -> None:
    assert words_page(owner) is words_page(owner)


def test_the_heading_of_elements_is_not_a_choice(owner: QWidget) -> None:
    page = words_page(owner)
    page.filter.setText("ConvolutionKernel")
    heading = next(page.list.item(row) for row in range(page.list.count()) if page.list.item(row).data(KEY) is None)
    assert not heading.flags() & Qt.ItemFlag.ItemIsSelectable


# header rows


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[HeaderPanel]:
    widget = HeaderPanel()
    qtbot.addWidget(widget)
    widget.resize(640, 420)
    widget.show_rows("IM0001", samples.clinical_blocks(), samples.header_blocks(), samples.children)
    widget.pages.setCurrentIndex(1)
    with qtbot.waitExposed(widget):
        widget.show()
    yield widget
    for page in widget.findChildren(WordsPage):
        page.close()


def row_of(panel: HeaderPanel, keyword: str) -> int:
    lines = panel.everything.lines.lines
    return next(n for n, line in enumerate(lines) if line.row is not None and line.row.keyword == keyword)


def test_a_row_tells_its_words_in_the_tooltip(panel: HeaderPanel) -> None:
    model = panel.everything.lines
    told = model.data(model.index(row_of(panel, "Modality"), 1), Qt.ItemDataRole.ToolTipRole)
    assert all(part in told for part in ("(0008,0060)", "Modality", "CS", words_for("Modality")))


def test_f1_on_a_row_opens_its_words_and_nothing_else(panel: HeaderPanel) -> None:
    panel.everything.setFocus()
    panel.everything.go_to(row_of(panel, "Modality"))
    QTest.keyClick(panel.everything, Qt.Key.Key_F1)
    (page,) = panel.findChildren(WordsPage)
    assert page.shown[:2] == ["Modality", words_for("Modality")]
    assert not page.isModal()


def test_f1_on_a_heading_is_left_to_the_window(panel: HeaderPanel) -> None:
    heading = next(n for n, line in enumerate(panel.everything.lines.lines) if line.row is None)
    panel.everything.go_to(heading)
    QTest.keyClick(panel.everything, Qt.Key.Key_F1)
    assert panel.findChildren(WordsPage) == []


def test_the_menu_of_a_row_offers_its_words(panel: HeaderPanel) -> None:
    panel.everything.go_to(row_of(panel, "Modality"))
    action = next(a for a in panel.everything.actions() if a.text().startswith("What is this?"))
    action.trigger()
    assert len(panel.findChildren(WordsPage)) == 1


# over a pane


@pytest.fixture
def pane(qtbot: QtBot) -> tuple[QWidget, PaneOverlay, PaneWords]:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 500)
    overlay = PaneOverlay(widget)
    overlay.resize(600, 500)
    words = PaneWords(widget, overlay)
    lines = ("Series 2", "Pos -98.5 mm · T 3 mm", "W 400 L 40 HU · SOFT TISSUE")
    overlay.set_content(OverlayContent(corners=Corners(top_right=("here",), bottom_left=lines), starred=True))
    widget.show()
    return widget, overlay, words


def rest(widget: QWidget, at: QPoint) -> str:
    event = QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)
    return QToolTip.text()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("W 400 L 40 HU · SOFT TISSUE", (words_for("WindowWidth"), words_for("WindowCenter"), "Hounsfield")),
        ("Pos -98.5 mm · T 3 mm", ("Where the slice lies", words_for("SliceThickness"))),
        ("TR 520 · TE 12 ms", (words_for("RepetitionTime"), words_for("EchoTime"))),
        ("120 kV · 220 mA", (words_for("KVP"), words_for("XRayTubeCurrent"))),
        ("HFDR", (words_for("PatientPosition"),)),
        ("LOSSY 12:1", (words_for("LossyImageCompression"),)),
    ],
)
def test_a_line_over_a_picture_is_explained(pane: tuple, line: str, told: tuple[str, ...]) -> None:
    said = pane[2].words_of(line)
    assert all(part in said for part in told)
    assert "HU" not in pane[2].words_of("W 960 L 480").replace("HU for", "")


@pytest.mark.parametrize("line", ["", "Demo, Anna", "Image 1 of 60", "Zoom 67 %", "Warm", "Tom 3", "HFS clinic"])
def test_what_speaks_for_itself_is_not_explained(pane: tuple, line: str) -> None:
    assert pane[2].words_of(line) == ""


def test_the_words_come_where_the_line_stands(pane: tuple, qtbot: QtBot) -> None:
    widget, overlay, _ = pane
    places = {overlay.line_at(QPoint(20, y)): y for y in range(400, 500)}
    assert set(places) == {"", "Series 2", "Pos -98.5 mm · T 3 mm", "W 400 L 40 HU · SOFT TISSUE"}
    assert "contrast" in rest(widget, QPoint(20, places["W 400 L 40 HU · SOFT TISSUE"] - 3))
    assert "key image" in rest(widget, overlay.star_place().center().toPoint())
    rest(widget, QPoint(300, 250))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_the_star_stands_below_the_text_and_only_where_given(pane: tuple) -> None:
    overlay = pane[1]
    assert overlay.line_at(overlay.star_place().center().toPoint()) == ""
    assert overlay.rect().contains(overlay.star_place().toAlignedRect())
    overlay.set_content(OverlayContent())
    assert overlay.star_place().isEmpty()


def test_a_search_that_finds_nothing_says_so(owner: QWidget) -> None:
    """An empty list tells nothing; its one line is no choice."""
    page = words_page(owner)
    page.filter.setText("zzzq")
    assert [page.list.item(row).text() for row in range(page.list.count())] == ["Nothing found"]
    QTest.keyClick(page.filter, Qt.Key.Key_Return)
    assert page.list.currentRow() == -1
