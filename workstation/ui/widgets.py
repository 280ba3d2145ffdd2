"""Small parts that several panels share: plain labels, elided labels, chips, notes for empty panels."""

from __future__ import annotations

import html
import unicodedata

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workstation.ui import theme

TEXT_LIMIT = 2000
"""Characters of one value that reach a widget; a value may be megabytes long."""


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return ``text`` on one line, without control, format and bidi-override characters, cut at ``limit``."""
    cut = text[: limit + 1]
    if not cut.isascii() or not cut.isprintable():
        cut = "".join(
            " " if char in "\r\n\t" else char
            for char in cut
            if char in "\r\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        )
    return cut if len(text) <= limit else cut[:limit].rstrip() + "…"


def tooltip(text: str) -> str:
    """Return a tooltip that shows ``text`` as it stands: Qt takes unescaped text for HTML when it looks so."""
    lines = (html.escape(plain(line)) for line in text[: 2 * TEXT_LIMIT].split("\n")[:40])
    return f"<p style='white-space:pre-wrap'>{'<br>'.join(lines)}</p>" if text else ""


def plain_label(text: str = "", name: str = "", *, wrap: bool = False) -> QLabel:
    """Return a label that never takes its text for HTML."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    label.setText(text)
    if name:
        label.setObjectName(name)
    return label


class ElidedLabel(QWidget):
    """One line of plain text that gives way: elided in the middle or at the end, whole in the tooltip."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._mode = mode
        self.dim = False
        self.tone = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = plain(text)
        self.setAccessibleName(self._text)
        self.setToolTip(tooltip(self._text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.current()[self.tone or ("text-dim" if self.dim else "text")])
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def chip_font(base: QFont) -> QFont:
    """Return the font of chips: a point smaller than the text around them."""
    return theme.resized(base, -1.0)


def chip_size(base: QFont, text: str) -> QSize:
    """Return the size of a chip with ``text`` beside text in font ``base``."""
    metrics = QFontMetrics(chip_font(base))
    return QSize(metrics.horizontalAdvance(text) + 10, metrics.height() + 2)


def draw_chip(painter: QPainter, rect: QRect, text: str, tone: str = "", *, filled: bool = False) -> None:
    """Draw a rounded chip. ``tone`` names a colour of the theme ("warning"...); "" is neutral."""
    colours = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(chip_font(painter.font()))
    if filled:
        fill, ink = colours[tone or "accent"], colours["accent-text"]
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        fill = colours.mixed("panel", tone, 0.14) if tone else colours["raised"]
        ink = colours[tone] if tone else colours["text-dim"]
        edge = colours.mixed("panel", tone, 0.45) if tone else colours["border"]
        painter.setPen(edge)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(ink)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 8)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()


class Chip(QWidget):
    """A short remark in a rounded box, for example a count or a reason."""

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone = text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set_text(self, text: str, tone: str = "") -> None:
        self._text, self._tone = plain(text, 80), tone
        self.setAccessibleName(self._text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        return chip_size(self.font(), self._text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_chip(painter, self.rect(), self._text, self._tone)


class IconLabel(QWidget):
    """An icon that follows the theme."""

    def __init__(self, name: str, size: int = 20, colour: str = "icon", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self.setFixedSize(size, size)

    def set_icon(self, name: str, colour: str = "icon") -> None:
        self._name, self._colour = name, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        drawn: QPixmap = theme.pixmap(self._name, self.width(), self.devicePixelRatioF(), self._colour)
        painter.drawPixmap(QPoint(0, 0), drawn)


def icon_button(name: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """Return a flat button with an icon; the tip is its accessible name as well."""
    button = QToolButton()
    theme.give_icon(button, name)
    button.setIconSize(QSize(16, 16))
    button.setToolTip(tooltip(tip))
    button.setAccessibleName(tip)
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    return button


def mask(field: QLineEdit, hidden: bool) -> None:
    """Show what is typed as dots, for fields that name a patient while identity is hidden."""
    field.setEchoMode(QLineEdit.EchoMode.Password if hidden else QLineEdit.EchoMode.Normal)


class EmptyNote(QWidget):
    """What an empty panel says: an icon, a line, and what to do."""

    def __init__(self, icon: str, line: str, what_to_do: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = plain_label(line, "panelTitle", wrap=True)
        self.advice = plain_label(what_to_do, "dim", wrap=True)
        self.icon = IconLabel(icon, 36, "text-off")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        layout.setSpacing(theme.GAP)
        layout.addStretch(2)
        layout.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addStretch(3)
        self._column = layout
        self.setAccessibleName(f"{line}. {what_to_do}")

    def add_button(self, button: QWidget) -> None:
        """Put what helps under the advice."""
        self._column.insertWidget(self._column.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)


class WheelGuard(QObject):
    """Keeps the wheel, meant for the page, from changing an editor it passes over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def tone_colour(tone: str) -> QColor:
    """Return the theme's colour of a tone; neutral text where the tone is empty."""
    return theme.current()[tone or "text-dim"]
