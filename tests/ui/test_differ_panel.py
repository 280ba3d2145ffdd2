"""The differences panel: strips that lead to images, a filter, two sides, no identity where it is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workstation.objects.header_differences import Difference, Element, Variation
from workstation.ui.differ_panel import STRIP, DifferPanel
from workstation.ui.heat_strip import strip_rect


def element(keyword: str, vr: str = "DS", identifying: bool = False) -> Element:
    return Element(keyword, "(0018,1151)", keyword, vr, identifying)


def variation(keyword: str, strip: list[float], vr: str = "DS", **more: object) -> Variation:
    own = element(keyword, vr, bool(more.pop("identifying", False)))
    return Variation(own, ((1 << 20, keyword),), 2, 0, "1 … 2", np.array(strip, np.float32), vr == "DS")


CURRENT = variation("XRayTubeCurrent", [0.0, 0.0, 1.0, 1.0])
NAME = variation("PatientName", [0.0, 1.0, 1.0, 1.0], "PN", identifying=True)
UID = variation("SOPInstanceUID", [0.0, 0.3, 0.6, 1.0], "UI")


@pytest.fixture
def panel(qtbot):
    panel = DifferPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    panel.show_varying("Series 1", (CURRENT, NAME, UID), ("160", "Doe", "1.2"), 1)
    return panel


def shown(panel: DifferPanel) -> list[str]:
    return [row.element.keyword for row in panel.model.rows]


def test_uids_are_left_out_until_asked_for(panel, qtbot) -> None:
    assert shown(panel) == ["XRayTubeCurrent", "PatientName"]
    with qtbot.waitSignal(panel.chosen):
        panel.uids.click()
    panel.show_varying("Series 1", (CURRENT, NAME, UID), ("160", "Doe", "1.2"), 1)
    assert "SOPInstanceUID" in shown(panel)


def test_a_click_into_a_strip_asks_for_that_image(panel, qtbot) -> None:
    cell = panel.table.visualRect(panel.model.index(0, STRIP))
    place = strip_rect(cell)
    at = QPoint(place.left() + round(place.width() * 0.6), place.center().y())
    with qtbot.waitSignal(panel.slice_requested) as asked:
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked.args == [2]


def test_the_strip_shows_low_and_high_and_the_current_image(panel) -> None:
    cell = panel.table.visualRect(panel.model.index(0, STRIP))
    image: QImage = panel.table.viewport().grab().toImage()
    place, y = strip_rect(cell), strip_rect(cell).center().y()
    low, high = (image.pixelColor(place.left() + round(place.width() * share), y) for share in (0.1, 0.9))
    assert high.blue() > low.blue() + 60
    marked = place.left() + round(place.width() * 1.5 / 4)
    column = [image.pixelColor(marked - 2, place.top() + dy).lightness() for dy in range(place.height())]
    assert min(column) > 150


def test_the_filter_reaches_keyword_tag_and_value(panel) -> None:
    for text, left in (("tube", 1), ("00181151", 2), ("doe", 1), ("nothing", 0), ("", 2)):
        panel.filter.setText(text)
        panel._apply_filter()
        assert len(panel.model.rows) == left


def test_hidden_identity_hides_values_and_what_is_copied(panel) -> None:
    panel.set_identity_hidden(True)
    panel.copy()
    copied = QApplication.clipboard().text()
    assert "Doe" not in copied
    assert "hidden" in copied
    assert "160" in copied


def test_two_sides_mark_what_is_only_on_one(panel) -> None:
    found = [
        Difference(element("KVP"), (), "changed", "120", "80"),
        Difference(element("Exposure"), (), "added", "–", "2"),
        Difference(element("FilterType"), (), "removed", "BODY", "–"),
    ]
    panel.show_differences("1 ↔ 2", ("Image 1", "Image 2"), found)
    cells = [[panel.model.cell(row, column) for column in (0, 2, 3)] for row in panel.model.rows]
    assert cells == [["KVP", "120", "80"], ["+ Exposure", "–", "2"], ["− FilterType", "BODY", "–"]]
    titles = [panel.model.headerData(n, Qt.Orientation.Horizontal) for n in (2, 3)]
    assert titles == ["Image 1", "Image 2"]


def test_the_choice_stays_when_the_choices_change(panel) -> None:
    panel.set_choices([("Along", ("varying", "")), ("Pane 2", ("pane", 1))])
    panel.choose(("pane", 1))
    panel.set_choices([("Along", ("varying", "")), ("Before", ("previous", "")), ("Pane 2", ("pane", 1))])
    assert panel.choice() == ("pane", 1)


def test_a_heading_sorts_numbers_as_numbers_and_a_third_click_restores_tag_order(panel) -> None:
    rows = tuple(variation(name, [0.0, 1.0]) for name in ("A", "B", "C"))
    panel.show_varying("s", rows, ("10", "9", "100"), 0)
    for order in (["B", "A", "C"], ["C", "A", "B"], ["A", "B", "C"]):
        panel.table.header().sectionClicked.emit(2)
        assert shown(panel) == order
