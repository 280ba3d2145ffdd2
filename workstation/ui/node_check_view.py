"""What a check of a node found, step by step, and the buttons that begin, end and copy it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.node_checks import STEPS, Heading, Line, as_text, examined, planned
from workstation.ui.widgets import IconLabel, icon_button, plain, plain_label

if TYPE_CHECKING:
    from workstation.errors import WorkstationError
    from workstation.network.doctor import Finding
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets
    from workstation.ui.network_desk import Errand, NetworkDesk

MARKS = {True: ("check", "ok"), False: ("close", "error"), None: ("minus", "text-off")}
NAME = 92
"""Width of the words for a step."""


class NodeCheckView(QWidget):
    """Checks the node that ``current`` gives, None where it cannot be checked as it is written.

    ``secrets`` gives those of that node, typed ones included.
    """

    check_ended = Signal()

    def __init__(
        self,
        desk: NetworkDesk,
        current: Callable[[], Node | None],
        secrets: Callable[[], Secrets],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._secrets = secrets
        self.setObjectName("panelFoot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._desk, self._current = desk, current
        self._errand: Errand | None = None
        self._node: Node | None = None
        self.lines: list[Line] = []
        self.check = QPushButton(self.tr("Check"))
        self.check.setToolTip(self.tr("Find out how far a conversation with this node gets (F5)"))
        # a shortcut of the button itself would wait for the button to look pressed
        QShortcut(QKeySequence("F5"), self, activated=self.start)  # type: ignore[call-overload]
        self.check.clicked.connect(self.start)
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.clicked.connect(self.cancel)
        self.patient = QLineEdit()
        self.patient.setPlaceholderText(self.tr("Patient ID to find (any)"))
        self.patient.setAccessibleName(self.tr("Patient ID to find"))
        self.patient.setFixedWidth(190)
        self.patient.returnPressed.connect(self.start)
        self.state = plain_label("", "dim", wrap=True)
        self.copying = icon_button("copy", self.tr("Copy the result as text"))
        self.copying.clicked.connect(self.copy)
        self._lay_out()
        self.clear()

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._errand is not None

    def may_start(self, able: bool) -> None:
        """Allow a check, or not: a node with faults cannot be asked."""
        self.check.setEnabled(able and not self.running)

    def start(self) -> None:
        """Check the node as it is written now, saved or not."""
        node = self._current()
        if node is None or self.running:
            return
        self.clear()
        self._node = node
        checks = planned(node, self.patient.text().strip(), self._desk.move_check, self._secrets())
        self._errand = self._desk.follow(lambda stop: examined(node, checks, stop), self._told, self._ended)
        self._say(self.tr("Checking {0}…").format(node.name))

    def cancel(self) -> None:
        """End a check; what it found by then stays."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None
            self._say(self.tr("Stopped."))
            self.check_ended.emit()

    def clear(self) -> None:
        """Forget a check: another node is shown."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None
        self.lines = []
        while self._grid.count():
            taken = self._grid.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._say("")

    def copy(self) -> None:
        """Copy what was found as text."""
        if self._node is not None:
            QGuiApplication.clipboard().setText(as_text(self._node, self.lines, self.tr))

    def _told(self, line: Line) -> None:
        self.lines.append(line)
        row = len(self.lines)
        if isinstance(line, Heading):
            self._grid.addWidget(plain_label(self.tr(line.title), "groupTitle"), row, 0, 1, 3)
        else:
            self._finding(line.finding, row)
        self.area.show()
        bar = self.area.verticalScrollBar()
        self._page.adjustSize()
        bar.setValue(bar.maximum())

    def _finding(self, finding: Finding, row: int) -> None:
        icon, colour = MARKS[finding.good]
        mark = IconLabel(icon, 16, colour)
        mark.setAccessibleName(
            {True: self.tr("good"), False: self.tr("failed"), None: self.tr("not done")}[finding.good]
        )
        self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        step = plain_label(self.tr(STEPS[finding.step.value]), "dim")
        step.setFixedWidth(NAME)
        self._grid.addWidget(step, row, 1, Qt.AlignmentFlag.AlignTop)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        names = {True: "", False: "problem", None: "dim"}
        said = plain_label(plain(finding.sentence, 400), names[finding.good], wrap=True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(said)
        if finding.remedy:
            column.addWidget(plain_label(plain(finding.remedy, 400), wrap=True))
        self._grid.addWidget(words, row, 2, Qt.AlignmentFlag.AlignTop)

    def _ended(self, failure: WorkstationError | None) -> None:
        self._errand = None
        findings = [line.finding for line in self.lines if not isinstance(line, Heading)]
        if failure is not None:
            said = plain(str(failure), 400)
        elif any(one.good is False for one in findings):
            said = self.tr("Something does not work; see below.")
        else:
            said = self.tr("Everything that was asked works.") if any(one.good for one in findings) else ""
        self._say(said)
        self.check_ended.emit()

    def _say(self, text: str) -> None:
        self.state.setText(text)
        self.check.setVisible(not self.running)
        self.check.setEnabled(not self.running)
        self.stop.setVisible(self.running)
        self.copying.setVisible(bool(self.lines) and not self.running)
        self.area.setVisible(bool(self.lines))

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, theme.GAP)
        bar.setSpacing(theme.GAP)
        for widget in (self.check, self.stop, self.patient):
            bar.addWidget(widget)
        bar.addWidget(self.state, 1)
        bar.addWidget(self.copying)
        self._page = QWidget()
        self._page.setObjectName("panel")
        self._page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(2 * theme.GAP, 0, 2 * theme.GAP, theme.GAP)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(2, 1)
        self.area = QScrollArea()
        self.area.setWidget(self._page)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFixedHeight(228)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.area)
