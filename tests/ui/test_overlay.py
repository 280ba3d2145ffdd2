"""What is drawn over a picture: text that finds room, and a warning that covers nothing."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from workstation.ui.overlay_text import Line, corner_lines
from workstation.ui.pane_overlay import OverlayContent, PaneOverlay, Ruler
from workstation.viewing.corner_text import Corners


def _lines(corners: Corners, width: float, letters: tuple[str, str] = ("A", "P")) -> list[Line]:
    return list(corner_lines(corners, letters, QFontMetricsF(QFont()), 8, width - 8, 8, 400))


def test_a_line_with_nothing_opposite_is_not_shortened(qtbot: QtBot) -> None:
    corners = Corners(bottom_left=("Pos -98.5 mm · T 3 mm", "W 400 L 40 HU"), bottom_right=("CT",))
    assert "Pos -98.5 mm · T 3 mm" in [line.text for line in _lines(corners, 260)]


def test_two_long_lines_share_the_width_and_do_not_touch(qtbot: QtBot) -> None:
    corners = Corners(top_left=("x", "a" * 80), top_right=("y", "b" * 80))
    left, right = (line for line in _lines(corners, 400) if len(line.text) > 1)
    assert left.x + QFontMetricsF(QFont()).horizontalAdvance(left.text) < right.x


def test_text_leaves_the_letter_of_its_edge_free(qtbot: QtBot) -> None:
    metrics = QFontMetricsF(QFont())
    first, second = _lines(Corners(top_left=("a" * 80,), top_right=("b" * 80,)), 400, ("AHL", ""))
    letter = metrics.horizontalAdvance("AHL")
    assert first.x + metrics.horizontalAdvance(first.text) < 200 - letter / 2
    assert second.x > 200 + letter / 2


def test_the_ruler_stands_outside_the_right_letter(qtbot: QtBot) -> None:
    overlay = PaneOverlay(None)  # type: ignore[arg-type]
    qtbot.addWidget(overlay)
    overlay.resize(400, 300)
    metrics = QFontMetricsF(overlay.font())
    letters = ("R", "L", "A", "P")
    bare = overlay.letter_places(OverlayContent(letters=letters), metrics)[1].x()
    ruled = overlay.letter_places(OverlayContent(letters=letters, ruler=Ruler(100, "5 cm")), metrics)[1].x()
    assert ruled < bare
