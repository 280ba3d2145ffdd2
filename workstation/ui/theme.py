"""The look: colours, fonts, sizes and icons, from one table of colours per theme.

Widgets ask :func:`current` when they paint, so a change of theme needs no wiring; icons given with
:func:`give_icon` are drawn anew by :func:`apply_theme`.
"""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from workstation.paths import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("dark", "light")
GAP = 8
"""Distance between things that do not belong together, logical pixels."""
THUMBNAIL = 56
"""Side of a thumbnail in the study browser, logical pixels."""

_PROPERTY = "workstation.theme"
_ICON_NAME = "workstation.icon"


@dataclass(frozen=True, slots=True)
class Theme:
    """One table of colours; ``theme["accent"]`` is a QColor."""

    name: str
    colours: Mapping[str, str]

    def __getitem__(self, colour: str) -> QColor:
        return QColor(self.colours[colour])

    def mixed(self, colour: str, other: str, share: float) -> QColor:
        """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
        a, b = self[colour], self[other]
        parts = (
            round(x * (1 - share) + y * share)
            for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)  # type: ignore[index]
        )
        return QColor(*parts)


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon) -> None: ...

    def setProperty(self, name: str, value: object) -> bool: ...


@lru_cache(maxsize=4)
def load(name: str) -> Theme:
    """Return the theme of that name; an unknown name gives the dark one."""
    known = name if name in NAMES else NAMES[0]
    table = tomllib.loads(resource(f"theme/{known}.toml").read_text(encoding="utf-8"))
    return Theme(known, table)


def current() -> Theme:
    """Return the theme the application wears; dark before :func:`apply_theme`."""
    app = QApplication.instance()
    return load(str(app.property(_PROPERTY) or NAMES[0]) if app else NAMES[0])


def apply_theme(app: QApplication, name: str) -> Theme:
    """Dress the whole application in theme ``name`` ("dark" or "light")."""
    theme = load(name)
    if app.property(_PROPERTY) is None:
        app.setStyle("Fusion")
        _readable_font(app)
    app.setProperty(_PROPERTY, theme.name)
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))
    for widget in app.allWidgets():
        _renew_icon(widget)
        for action in widget.actions():
            _renew_icon(action)
    return theme


def give_icon(target: QObject, name: str, colour: str = "icon") -> None:
    """Set the icon of a button or action and remember its name for the next change of theme."""
    holder = cast("_HasIcon", target)
    holder.setProperty(_ICON_NAME, f"{name} {colour}")
    holder.setIcon(_icon(name, current().name, colour))


def icon(name: str, theme: str | None = None) -> QIcon:
    """Return icon ``name`` of ``resources/icons`` in the colours of ``theme`` (the current one by default)."""
    return _icon(name, theme or current().name, "icon")


def pixmap(name: str, size: int, ratio: float = 1.0, colour: str | QColor = "icon") -> QPixmap:
    """Return icon ``name`` drawn ``size`` logical pixels wide for a device pixel ratio."""
    wanted = colour if isinstance(colour, QColor) else current()[colour]
    drawn = _drawn(name, round(size * ratio), wanted.name())
    drawn.setDevicePixelRatio(ratio)
    return drawn


def app_icon() -> QIcon:
    """Return the program's own icon, for windows and the task bar."""
    renderer = QSvgRenderer(str(resource("app.svg")))
    result = QIcon()
    for pixels in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(_rendered(renderer, pixels))
    return result


def fixed_font(size_change: float = 0.0) -> QFont:
    """Return the monospaced font for tags and UIDs."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(max(QApplication.font().pointSizeF() + size_change, 7.0))
    return font


def resized(font: QFont, change: float, *, bold: bool = False) -> QFont:
    """Return ``font`` ``change`` points larger (smaller when negative)."""
    other = QFont(font)
    other.setPointSizeF(max(font.pointSizeF() + change, 7.0))
    if bold:
        other.setWeight(QFont.Weight.DemiBold)
    return other


class _DrawnWhenShown(QIconEngine):
    """Draws an icon at the very size it is shown at, and not before: most icons of a window are never seen."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name, self._colour, self._disabled = name, colour, disabled

    def clone(self) -> QIconEngine:
        return _DrawnWhenShown(self._name, self._colour, self._disabled)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        drawn = self.scaledPixmap(rect.size(), mode, state, ratio)
        painter.drawPixmap(rect, drawn)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        ink = self._disabled if mode == QIcon.Mode.Disabled else self._colour
        return _drawn(self._name, max(round(min(size.width(), size.height()) * scale), 1), ink)


@lru_cache(maxsize=256)
def _icon(name: str, theme: str, colour: str) -> QIcon:
    colours = load(theme).colours
    return QIcon(_DrawnWhenShown(name, colours[colour], colours["text-off"]))


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _drawn_once(name: str, pixels: int, colour: str) -> QPixmap:
    svg = _source(name).replace("currentColor", colour)
    return _rendered(QSvgRenderer(QByteArray(svg.encode())), pixels)


def _rendered(renderer: QSvgRenderer, pixels: int) -> QPixmap:
    canvas = QPixmap(QSize(pixels, pixels))
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return canvas


def _drawn(name: str, pixels: int, colour: str) -> QPixmap:
    return QPixmap(_drawn_once(name, pixels, colour))


def _renew_icon(target: QWidget | QAction) -> None:
    given = target.property(_ICON_NAME)
    if isinstance(given, str):
        name, _, colour = given.partition(" ")
        cast("_HasIcon", target).setIcon(_icon(name, current().name, colour))


def _readable_font(app: QApplication) -> None:
    """Use the desktop's font, but never below 9.5 points: small print is read in the dark here."""
    font = app.font()
    if 0 < font.pointSizeF() < 9.5:
        font.setPointSizeF(9.5)
        app.setFont(font)


def _style_sheet(theme: Theme) -> str:
    class Dashed(string.Template):
        idpattern = r"[a-z]+(?:-[a-z]+)*"

    text = resource("theme/theme.qss").read_text(encoding="utf-8")
    marks = {
        f"mark-{name}": f'url("{resource(f"theme/{name}-{theme.name}.svg").as_posix()}")'
        for name in ("check", "tick", "down", "up", "close", "float")
    }
    return Dashed(text).substitute(theme.colours, **marks)


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, colour in {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "field",
        role.AlternateBase: "panel",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "error",
        role.Highlight: "accent",
        role.HighlightedText: "accent-text",
        role.Link: "link",
        role.LinkVisited: "link",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Accent: "accent",
        role.Light: "hover",
        role.Midlight: "hover",
        role.Mid: "border",
        role.Dark: "border",
        role.Shadow: "image",
    }.items():
        palette.setColor(name, theme[colour])
    palette.setColor(role.PlaceholderText, theme.mixed("text-dim", "field", 0.15))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, theme["text-off"])
    return palette
