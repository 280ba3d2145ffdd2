"""The warning that the panes show more than one patient: always there while they do (E15)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workstation.ui.widgets import IconLabel, plain, plain_label
from workstation.ui.workspace import Workspace

GROUND, TEXT = QColor("#4a3400"), "#ffcf5c"
"""The same in both themes: panes are black in both, and a warning must not fade."""


class PatientsStrip(QWidget):
    """A line above the panes with the names of the patients in them; it cannot be closed."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.text = plain_label("")
        self.text.setStyleSheet(f"color: {TEXT}; font-weight: 600;")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 12, 3)
        row.addWidget(IconLabel("warning", 16, "warning"))
        row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(self.tr("Patients on screen"))
        self.hide()
        for signal in (workspace.layout_changed, workspace.options_changed, workspace.catalogue_changed):
            signal.connect(self.renew)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._changed)

    def _changed(self, old, new) -> None:  # type: ignore[no-untyped-def]
        if old.stack_id != new.stack_id:
            self.renew()

    def renew(self, *_: object) -> None:
        """Show or hide the warning as the panes now are."""
        names = self._workspace.patients_shown()
        several = len(names) > 1
        if several:
            listed = "" if self._workspace.options.identity_hidden else ": " + "  ·  ".join(names)
            self.text.setText(plain(self.tr("{0} patients on screen").format(len(names)) + listed, 300))
        self.setVisible(several)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), GROUND)
