"""Notices above the panes, never in the way: information goes by itself, the rest waits to be closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from workstation.ui import theme
from workstation.ui.widgets import Chip, IconLabel, icon_button, plain, plain_label

INFO_MILLISECONDS = 6000
_WEIGHT = {"info": 0, "warning": 1, "error": 2}


@dataclass(slots=True)
class Message:
    """A notice. ``tone`` is "info", "warning" or "error"; ``key`` names what may be replaced or withdrawn."""

    text: str
    tone: str = "info"
    action: str = ""
    run: Callable[[], None] | None = field(default=None, repr=False)
    key: str = ""
    times: int = 1


class MessageBar(QWidget):
    """Shows one message and how many more wait; the gravest and newest first."""

    emptied = Signal()
    dismissed = Signal(str)
    """The key of a message that was closed without its action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: list[Message] = []
        self._icon = IconLabel("info", 18, "info")
        self.text = plain_label("", wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._times = Chip()
        self._more = Chip()
        self.action = QPushButton()
        self.action.clicked.connect(self._act)
        self.close_button = icon_button("close", self.tr("Close this message (Esc)"))
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(theme.GAP)
        for widget in (self._icon, self.text, self._times, self.action, self._more, self.close_button):
            row.addWidget(widget, 1 if widget is self.text else 0)
        self._clock = QTimer(self, singleShot=True, interval=INFO_MILLISECONDS)
        self._clock.timeout.connect(self.dismiss)
        self.setAccessibleName(self.tr("Messages"))
        self.hide()

    def show_message(
        self,
        text: str,
        tone: str = "info",
        action: str = "",
        run: Callable[[], None] | None = None,
        key: str = "",
    ) -> None:
        """Show a sentence. One with the ``key`` of an earlier one replaces it, the same sentence is counted."""
        same = next((m for m in self._messages if (key and m.key == key) or (m.text, m.tone) == (text, tone)), None)
        message = Message(text, tone if tone in _WEIGHT else "info", action, run, key)
        if same is not None:
            message.times = same.times + 1 if same.text == text else 1
            self._messages.remove(same)
        self._messages.append(message)
        self._messages.sort(key=lambda m: _WEIGHT[m.tone])
        self._renew()

    def retell(self, key: str, text: str) -> None:
        """Change the words of the message with this key, if it has not been closed; nobody is alerted again."""
        for message in self._messages:
            if message.key == key and key:
                message.text = text
                if message is self._messages[-1]:
                    self.text.setText(plain(text, 600))

    def withdraw(self, key: str) -> None:
        """Take back the message with this key."""
        kept = [message for message in self._messages if message.key != key]
        if len(kept) < len(self._messages):  # else what is in front would start anew, and never go by itself
            self._messages = kept
            self._renew()

    def dismiss(self) -> None:
        """Close the message in front; the next one comes up."""
        closed = self._messages.pop() if self._messages else None
        self._renew()
        if closed is not None and closed.key:
            self.dismissed.emit(closed.key)

    def messages(self) -> tuple[Message, ...]:
        """Return what waits, the one in front last."""
        return tuple(self._messages)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._time()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._messages:
            return
        tone = self._messages[-1].tone
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.mixed("window", tone, 0.16))
        painter.fillRect(0, 0, 3, self.height(), colours[tone])

    def _renew(self) -> None:
        self._clock.stop()
        if not self._messages:
            self.hide()
            self.emptied.emit()
            return
        message = self._messages[-1]
        self._icon.set_icon(message.tone, message.tone)
        self.text.setText(plain(message.text, 600))
        self.action.setText(plain(message.action, 60).replace("&", "&&"))
        self.action.setVisible(bool(message.action and message.run))
        self._times.set_text(f"× {message.times}" if message.times > 1 else "")
        others = len(self._messages) - 1
        self._more.set_text(self.tr("{} more").format(others) if others else "")
        self.setAccessibleDescription(message.text)
        self.show()
        self.update()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self._time()

    def _time(self) -> None:
        if self._messages and self._messages[-1].tone == "info" and not self._messages[-1].run:
            self._clock.start()

    def _act(self) -> None:
        chosen = self._messages.pop() if self._messages else None
        self._renew()
        if chosen is not None and chosen.run is not None:
            chosen.run()
