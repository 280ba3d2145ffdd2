"""The counters of the real window: first image, pictures, memory (features N13)."""

from __future__ import annotations

from workstation import stopwatch
from workstation.ui.main_window import MainWindow


def test_the_panel_tells_the_first_image_pictures_and_whose_the_memory_is(window: MainWindow, qtbot) -> None:
    assert not window.performance.timer.isActive()
    window.dispatch("view.performance")
    qtbot.waitUntil(window.performance.timer.isActive, timeout=5000)
    reading = window.performance.reading()
    assert reading.first_image is not None
    assert reading.first_image > 0
    assert reading.frame is not None
    assert reading.decode is not None
    assert reading.used > 0
    assert any(name.startswith("CT") for name, _ in reading.stacks)


def test_the_meter_follows_what_is_open_and_opens_the_panel(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: window.status.memory.share > 0, timeout=5000)
    window.status.memory.click()
    assert window.panel_shown("performance")
    window.desk.close_all()
    qtbot.waitUntil(lambda: window.status.memory.text().startswith("0 MB"), timeout=5000)


def test_scrolling_is_counted_as_pictures(window: MainWindow, qtbot) -> None:
    before = stopwatch.count(stopwatch.FRAME)
    window.workspace.go_to(window.workspace.active, 1)
    qtbot.waitUntil(lambda: stopwatch.count(stopwatch.FRAME) > before, timeout=5000)
