"""The series doctor shows its evidence and leads to it (features N2)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui import samples
from workstation.geometry.order_report import OrderEvent, OrderReport
from workstation.ui.order_panel import OrderPanel
from workstation.ui.order_plot import place_of, ticks


@pytest.fixture
def panel(qtbot):
    widget = OrderPanel()
    qtbot.addWidget(widget)
    widget.resize(640, 460)
    widget.show_report("CT 3", samples.order_report(), 60)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.mark.parametrize("index", [0, 41, 117])
def test_a_click_on_a_point_goes_to_its_image(panel, qtbot, index):
    with qtbot.waitSignal(panel.slice_requested) as asked:
        QTest.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=place_of(panel.plot, index))
    assert asked.args == [index]


def test_a_click_on_a_gap_goes_to_the_image_after_it(panel, qtbot):
    gap = next(
        panel.events.item(n) for n in range(panel.events.count()) if panel.events.item(n).text().startswith("Gap")
    )
    place = panel.events.visualItemRect(gap).center()
    with qtbot.waitSignal(panel.slice_requested) as asked:
        QTest.mouseClick(panel.events.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [41]


def test_an_event_without_a_place_is_read_only(panel, qtbot):
    tilt = panel.events.item(3)
    with qtbot.assertNotEmitted(panel.slice_requested):
        panel.events.itemActivated.emit(tilt)


def test_every_event_is_a_sentence(panel):
    texts = [panel.events.item(n).text() for n in range(panel.events.count())]
    assert texts[1] == "Gap: 9.00 mm between slices 41 and 42, expected 3.00 mm (about 2 missing)"
    assert len(texts) == 4


def test_the_keys_step_from_image_to_image(panel, qtbot):
    panel.plot.setFocus()
    with qtbot.waitSignal(panel.slice_requested) as asked:
        QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    assert asked.args == [61]
    with qtbot.waitSignal(panel.slice_requested) as asked:
        QTest.keyClick(panel.plot, Qt.Key.Key_Home)
    assert asked.args == [0]


def test_the_pointer_is_told_position_and_step(panel):
    QTest.mouseMove(panel.plot, place_of(panel.plot, 41))
    panel.plot.pointed.emit(41)
    assert panel.readout.text() == "Image 42 of 118 · -51.00 mm · step 9.00 mm"


def test_the_summary_says_which_key_sorted(panel):
    assert panel.summary.text().startswith("Sorted by position along the normal · 118 images")
    report = OrderReport((0, 1), "instance_number", events=(OrderEvent("missing_position", "none", (0, 1)),))
    panel.show_report("", report)
    assert panel.summary.text() == "Sorted by instance number · 2 images · no positions to plot"
    assert not panel.plot.isVisible()


@pytest.mark.parametrize("positions", [(), (5.0,), (5.0, 5.0), (0.0, 1e-9), (-1e6, 1e6)])
def test_any_report_can_be_drawn(panel, positions):
    order = tuple(range(len(positions)))
    panel.show_report("", OrderReport(order, "position", positions=positions, events=(OrderEvent("gap", "", (7, 8)),)))
    panel.grab()


def test_a_stack_without_events_says_so(panel):
    panel.show_report("", OrderReport((0, 1), "position", positions=(0.0, 3.0), spacing=3.0, uniform=True))
    assert panel.events.item(0).text() == "Nothing odd was found."


def test_wide_and_low_the_list_stands_beside_the_plot(panel, qtbot):
    panel.resize(900, 240)
    qtbot.waitUntil(lambda: panel.events.x() > panel.plot.x())


def test_ticks_are_round_numbers():
    assert [text for _value, text in ticks(-180, 180, 4)] == ["-100", "0", "100"]
    assert [text for _value, text in ticks(0.0, 0.32, 3)] == ["0.0", "0.1", "0.2", "0.3"]
