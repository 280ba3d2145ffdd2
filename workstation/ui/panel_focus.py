"""The keyboard goes from the panes to the panels and back (F6), and the panel that has it shows it in its title."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QDockWidget, QWidget

HEADINGS = 20
"""Rows among which one that is no heading is looked for."""
FOCUSED = "focused"
"""Property of the dock that has the keyboard; the style sheet marks its title."""


def next_panel(docks: Collection[QDockWidget], to_panes: Callable[[], object], way: int) -> None:
    """Give the keyboard to the next panel in front, after the last one to the panes; ``way`` is 1 or -1."""
    shown = [dock for dock in docks if not dock.visibleRegion().isEmpty() and _worked_with(dock) is not None]
    shown.sort(key=lambda dock: (dock.x(), dock.y()))
    here = dock_of(QApplication.focusWidget())
    place = shown.index(here) + way if here in shown else (0 if way > 0 else len(shown) - 1)
    if 0 <= place < len(shown):
        enter(shown[place])
    else:
        to_panes()


def enter(dock: QDockWidget) -> None:
    """Give a panel the keyboard."""
    wanted = _worked_with(dock)
    if wanted is None:
        return
    wanted.setFocus(Qt.FocusReason.TabFocusReason)
    if isinstance(wanted, QAbstractItemView) and not wanted.currentIndex().isValid():
        model = wanted.model()
        rows = (model.index(row, 0) for row in range(min(model.rowCount(), HEADINGS)))
        first = next((index for index in rows if index.flags() & Qt.ItemFlag.ItemIsSelectable), None)
        if first is not None:
            wanted.setCurrentIndex(first)  # else nothing would tell where the keyboard is


def _worked_with(dock: QDockWidget) -> QWidget | None:
    """Return what a panel is read or worked with: where the keyboard was before, a list, a page, or any field."""
    inside = dock.widget()
    before = inside.focusWidget() if inside is not None else None
    able = [child for child in dock.findChildren(QWidget) if child.isVisible() and child.isEnabled()]
    able = [child for child in able if child.focusPolicy() & Qt.FocusPolicy.TabFocus]
    read = [child for child in able if isinstance(child, QAbstractScrollArea)]
    return before if before in able else next(iter([*read, *able]), None)


def dock_of(widget: QWidget | None) -> QDockWidget | None:
    """Return the dock a widget stands in."""
    while widget is not None and not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget


class PanelFocus(QObject):
    """Marks the title of the dock that has the keyboard; one that closes gives it back to the panes."""

    def __init__(self, to_panes: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._to_panes = to_panes
        self._dock: QDockWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._changed)

    def _changed(self, _: QWidget | None, now: QWidget | None) -> None:
        dock = dock_of(now)
        if dock is self._dock or (now is None and self._dock is not None):  # another window has it for a while
            return
        before, self._dock = self._dock, dock
        for each, focused in ((before, False), (dock, True)):
            if each is not None:
                each.setProperty(FOCUSED, focused)
                each.style().unpolish(each)
                each.style().polish(each)
        if before is not None and before.isHidden():
            self._to_panes()
