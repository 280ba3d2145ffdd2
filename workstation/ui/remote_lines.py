"""What is told of a search on servers, above the list: how far it is, what it found, which server failed and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workstation.ui import theme
from workstation.ui.place_words import names
from workstation.ui.study_list_model import plural
from workstation.ui.widgets import ElidedLabel, IconLabel, plain, tooltip

if TYPE_CHECKING:
    from workstation.ui.remote_desk import NodeState

ROOM = 6
"""Lines at most; servers that failed beyond that are told in the last."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``act`` names what its button does, "" for none; ``tip`` is more to tell."""

    text: str
    icon: str = "info"
    tone: str = ""
    tip: str = ""
    button: str = ""
    act: str = ""


class _LineWidget(QWidget):
    """Draws a line, and stays for the next one in its place: what is told changes ten times a second."""

    def __init__(self, use: Callable[[str], object]) -> None:
        super().__init__()
        self.line = Line("")
        self.icon, self.label, self.button = IconLabel("info", 14), ElidedLabel(), QPushButton()
        self.button.setProperty("chip", True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(lambda: use(self.line.act))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 1, theme.GAP, 1)
        row.setSpacing(6)
        row.addWidget(self.icon)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)

    def show_line(self, line: Line) -> None:
        if line == self.line:
            return
        self.line = line
        self.icon.set_icon(line.icon, line.tone or "icon")
        self.label.tone, self.label.dim = line.tone if line.tone == "warning" else "", not line.tone
        self.label.set_text(line.text)
        self.label.setToolTip(tooltip("\n".join(part for part in (line.text, line.tip) if part)))
        self.label.setAccessibleDescription(plain(line.tip))
        self.button.setText(line.button)
        self.button.setVisible(bool(line.button))


class RemoteLines(QWidget):
    """As many lines as there is to tell, none where there is nothing."""

    search_wanted = Signal()
    stop_wanted = Signal()
    check_wanted = Signal(str)
    """The name of a server that is to be examined."""
    give_wanted = Signal(str)
    """The name of a server that needs a password, a token or a sign-in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 3)
        self._column.setSpacing(0)
        self._lines: list[_LineWidget] = []
        self.hide()

    def lines(self) -> list[Line]:
        """Return what is told."""
        return [one.line for one in self._lines if not one.isHidden()]

    def button(self, act: str) -> QPushButton:
        """Return the button that does something."""
        return next(one.button for one in self._lines if one.line.act == act)

    def tell(self, lines: Sequence[Line]) -> None:
        """Tell this."""
        while len(self._lines) < len(lines):
            made = _LineWidget(self._use)
            self._lines.append(made)
            self._column.addWidget(made)
        for place, widget in enumerate(self._lines):
            if place < len(lines):
                widget.show_line(lines[place])
            widget.setVisible(place < len(lines))
        self.setVisible(bool(lines))

    def _use(self, act: str) -> None:
        if act == "search":
            self.search_wanted.emit()
        elif act == "stop":
            self.stop_wanted.emit()
        elif act.startswith("check "):
            self.check_wanted.emit(act.removeprefix("check "))
        elif act.startswith("give "):
            self.give_wanted.emit(act.removeprefix("give "))

    def of_states(self, states: Sequence[NodeState]) -> list[Line]:
        """Return the lines on a search that runs or has ended."""
        lines = []
        asking = [one for one in states if one.state == "asking"]
        if asking:
            told = " · ".join(self._amount(one, "{0}… {1}") for one in asking)
            text = self.tr("Asking {0}").format(told)
            lines.append(Line(text, "search", button=self.tr("Stop (Esc)"), act="stop"))
        ended = [one for one in states if one.state in ("done", "stopped") and not (one.more and one.state == "done")]
        if ended:
            told = " · ".join(self._amount(one, "{0}: {1}") for one in ended)
            tip = "\n".join(f"{one.node}: {line}" for one in ended for line in one.tip.split("\n") if line)
            text = f"{told} · {self.tr('more on this in the tip')}" if tip else told
            lines.append(Line(text, "info" if tip else "check", tip=tip))
        for one in states:
            if one.more and one.state == "done":
                text = self.tr("{0}: {1} of possibly more: narrow the search").format(one.node, one.kept)
                lines.append(Line(text, "warning", "warning", tip=one.tip))
        failed = [one for one in states if one.state == "failed"]
        for one in failed[:ROOM]:
            text = one.sentence if one.needs or one.sentence.startswith(one.node) else f"{one.node}: {one.sentence}"
            if one.kept:
                text += " " + self.tr("What came by then ({0}) is listed.").format(one.kept)
            button, act = self.tr("Check…"), f"check {one.node}"
            if one.needs:
                words = {"sign_in": self.tr("Sign in…"), "token": self.tr("Token…")}
                button, act = words.get(one.needs, self.tr("Password…")), f"give {one.node}"
            lines.append(Line(text, "error", "warning", one.tip, button, act))
        if len(failed) > ROOM:
            rest = names([one.node for one in failed[ROOM:]])
            lines.append(Line(self.tr("These failed as well: {0}").format(rest), "error", "warning"))
        return lines

    def _amount(self, one: NodeState, text: str) -> str:
        studies = plural(one.kept, self.tr("1 study"), self.tr("{0} studies"))
        told = text.format(one.node, studies)
        return self.tr("{0}, stopped; there may be more").format(told) if one.state == "stopped" else told
