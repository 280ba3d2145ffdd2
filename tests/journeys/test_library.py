"""The library in the real window: add, find, open, throw away."""

from __future__ import annotations

from pathlib import Path

from workstation.ui.main_window import MainWindow


def test_a_study_is_added_found_opened_and_thrown_away(window: MainWindow, demo: Path, qtbot) -> None:
    window.dispatch("view.library")
    panel = window.library.panel
    qtbot.waitUntil(panel.isVisible, timeout=2000)
    window.library.add([str(demo)])
    qtbot.waitUntil(lambda: len(panel.model.rows) > 0, timeout=10000)
    studies = len(panel.model.rows)
    word = panel.model.rows[0].name.split("^")[0][:4]
    panel.search.setText(word)
    qtbot.waitUntil(lambda: 0 < len(panel.model.rows) <= studies, timeout=5000)
    window.desk.close_all()
    recent = window.settings["recent_paths"]
    panel.select(0)
    panel.open()
    qtbot.waitUntil(lambda: bool(window.workspace.catalogue.patients) and not window.desk.running, timeout=10000)
    assert window.settings["recent_paths"] == recent
    panel.search.setText("")
    qtbot.waitUntil(lambda: len(panel.model.rows) == studies, timeout=5000)
    window.dispatch("view.library")
    panel.binned.emit(panel.chosen())
    qtbot.waitUntil(lambda: len(panel.model.rows) == studies - 1, timeout=5000)
    assert list(demo.iterdir())
    window.dispatch("edit.undo")
    qtbot.waitUntil(lambda: len(panel.model.rows) == studies, timeout=5000)
