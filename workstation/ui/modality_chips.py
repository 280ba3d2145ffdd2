"""Modalities as buttons to press: studies with at least one of those that are down."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workstation.ui.widgets import plain

MOST = 60
SPACE = 4


class ModalityChips(QWidget):
    """A row of buttons, made anew when other modalities are there; what finds no place is in a menu at its end."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, QPushButton] = {}
        self._left_out: tuple[str, ...] = ()
        self.more = QPushButton(self)
        self.more.setProperty("chip", True)
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip(self.tr("Other modalities"))
        self.more.hide()
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill)
        self.more.clicked.connect(self._offer)

    def set_modalities(self, found: Sequence[str]) -> None:
        """Offer these modalities; one that is down stays, though nothing has it now: it is asked for."""
        chosen = self.chosen()
        names = sorted({*found[:MOST], *chosen})
        if names == list(self._buttons):
            return
        for button in self._buttons.values():
            button.hide()
            button.deleteLater()
        self._buttons = {name: self._button(name, name in chosen) for name in names}
        before: QWidget = self.more
        for button in self._buttons.values():
            self.setTabOrder(before, button)
            before = button
        if names:
            self._step_to(self._buttons[names[0]])
        self.updateGeometry()
        self._place()

    def chosen(self) -> tuple[str, ...]:
        """Return the modalities that are down."""
        return tuple(name for name, button in self._buttons.items() if button.isChecked())

    def choose(self, names: Sequence[str]) -> None:
        """Press exactly these; one that is not offered is from now on."""
        if not set(names) <= set(self._buttons):
            self.set_modalities([*self._buttons, *names])
        for name, button in self._buttons.items():
            button.blockSignals(True)
            button.setChecked(name in names)
            button.blockSignals(False)
        self._mark_more()

    def left_out(self) -> tuple[str, ...]:
        """Return the modalities that are in the menu."""
        return self._left_out

    def sizeHint(self) -> QSize:
        return QSize(sum(b.sizeHint().width() + SPACE for b in self._buttons.values()), self.more.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of_more(), self.more.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tab comes to the chips once, the arrow keys go along them."""
        if isinstance(watched, QPushButton) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = (event.key() == Qt.Key.Key_Right) - (event.key() == Qt.Key.Key_Left)
            if step:
                shown = [button for name, button in self._buttons.items() if name not in self._left_out]
                place = shown.index(watched) + step if watched in shown else 0
                self._step_to(shown[min(max(place, 0), len(shown) - 1)])
                return True
        return super().eventFilter(watched, event)

    def _step_to(self, chosen: QPushButton) -> None:
        had = any(button.hasFocus() for button in self._buttons.values())
        for button in self._buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus if button is chosen else Qt.FocusPolicy.NoFocus)
        if had:
            chosen.setFocus(Qt.FocusReason.TabFocusReason)

    def _place(self) -> None:
        """Put as many as find a place side by side, and the rest into the menu."""
        widths = {name: button.sizeHint().width() for name, button in self._buttons.items()}
        room, names = self.width(), list(self._buttons)
        fits = sum(widths.values()) + SPACE * (len(names) - 1) <= room
        left, shown = 0, 0
        for name in names:
            if not fits and left + widths[name] + SPACE + self._width_of_more() > room:
                break
            button = self._buttons[name]
            button.setGeometry(left, 0, widths[name], button.sizeHint().height())
            left, shown = left + widths[name] + SPACE, shown + 1
        self._left_out = tuple(names[shown:])
        for name, button in self._buttons.items():
            button.setVisible(name not in self._left_out)
        self.more.setText(f"+{len(self._left_out)}")
        self.more.setGeometry(left, 0, self._width_of_more(), self.more.sizeHint().height())
        self.more.setVisible(bool(self._left_out))
        self._mark_more()

    def _width_of_more(self) -> int:
        return self.fontMetrics().horizontalAdvance("+00") + 24

    def _mark_more(self) -> None:
        self.more.setChecked(any(self._buttons[name].isChecked() for name in self._left_out))

    def _offer(self) -> None:
        self._mark_more()
        self._menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _fill(self) -> None:
        self._menu.clear()
        for name in self._left_out:
            button = self._buttons[name]
            action = self._menu.addAction(button.text())
            action.setCheckable(True)
            action.setChecked(button.isChecked())
            action.toggled.connect(button.setChecked)

    def _button(self, name: str, down: bool) -> QPushButton:
        button = QPushButton(plain(name, 8).replace("&", "&&"), self)
        button.setCheckable(True)
        button.setChecked(down)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        button.installEventFilter(self)
        button.setProperty("chip", True)
        button.setAccessibleName(self.tr("Only studies with {0}").format(plain(name, 8)))
        button.setToolTip(self.tr("Only studies with {0}").format(plain(name, 8)))
        button.toggled.connect(self._toggled)
        return button

    def _toggled(self) -> None:
        self._mark_more()
        self.changed.emit()
