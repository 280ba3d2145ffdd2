"""The line under the study list: what speaks for the current study being whole, where the rest is, how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workstation.ui import place_words, theme
from workstation.ui.widgets import ElidedLabel, tooltip

if TYPE_CHECKING:
    from workstation.transfers.study_places import Place


class StudyFoot(QWidget):
    """Its buttons are there where a server has the study."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelFoot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.said = ""
        self.evidence = ElidedLabel()
        self.evidence.dim = True
        self.count = QPushButton(self.tr("Count"))
        self.count.setToolTip(tooltip(self.tr("Ask the server for every series and image, as it supplies no counts")))
        self.retrieve = QPushButton(self.tr("Retrieve"))
        self.retrieve.setToolTip(
            tooltip(self.tr("Fetch the selected studies, or the series the keyboard is on (Ctrl+T); opens nothing"))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 5, theme.GAP, 2)
        row.setSpacing(6)
        row.addWidget(self.evidence, 1)
        for button in (self.count, self.retrieve):
            button.setProperty("chip", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.hide()
            row.addWidget(button)

    def tell(self, said: str, place: Place | None) -> None:
        """Say what the library knows of a study, and where it is."""
        self.said = said
        where = place_words.sentence(place) if place is not None and place.nodes else ""
        if place is not None and place.kind == "partly":
            self.evidence.tone = "warning"
        self.evidence.set_text(" · ".join(part for part in (where, said) if part))
        if where and place is not None:
            self.evidence.setToolTip(tooltip("\n".join((place_words.details(place), said)).strip()))
        self.count.setVisible(bool(where) and place is not None and bool(place.uncounted))
        self.retrieve.setVisible(bool(where) and place is not None and place.kind != "local")
