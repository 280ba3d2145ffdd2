"""The report panel: reports, selections and documents beside the images (features M1-M3, K4, K5, K7)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedLayout, QTabWidget, QVBoxLayout, QWidget

from workstation.ui import theme
from workstation.ui.number_boxes import IntegerBox
from workstation.ui.widgets import ElidedLabel, EmptyNote, icon_button, plain_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.loading.report_view import ReportView
    from workstation.objects.pdf_pages import Hit
    from workstation.ui.pdf_view import PdfView
    from workstation.ui.report_page_view import PageView
    from workstation.ui.report_tree import ContentTree

FIND_DELAY = 150
"""Milliseconds between the last key and the search."""
WIDTH = 540
"""Logical pixels the panel is wide at first."""
PARTS = tuple(f"workstation.ui.{name}" for name in ("report_page_view", "pdf_view", "pdf_list", "report_tree"))
"""Modules that take longer to import than a turn of the window should."""
CONTENT, NOTHING, COVERED, TROUBLE = range(4)


class ReportPanel(QWidget):
    """Shows one :class:`ReportView`; what it shows it with is made when it is first needed."""

    followed = Signal(object)
    """A :class:`Target` to go to."""
    stepped = Signal(int)
    save_wanted = Signal()
    print_wanted = Signal()
    search_wanted = Signal(str)
    pages_wanted = Signal(object)
    thumbnails_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.view: ReportView | None = None
        self.covered = False
        self._made = False
        self._parts: list[str] = []
        self._stack = QStackedLayout(self)
        advice = self.tr("Double-click a report, a document or a selection of key images in the list of studies.")
        self._blank = QWidget()
        self._stack.addWidget(self._blank)
        self._stack.addWidget(EmptyNote("series-report", self.tr("No report open"), advice))
        hidden = self.tr("Its text may name the patient. Show identity again (Ctrl+Shift+H) to read it.")
        self._stack.addWidget(EmptyNote("hide-identity", self.tr("The report is covered"), hidden))
        self._trouble = EmptyNote("warning", self.tr("The report cannot be read"), "")
        self._stack.addWidget(self._trouble)
        self._stack.setCurrentIndex(NOTHING)

    def sizeHint(self) -> QSize:
        """Return the size a page is read at without scrolling sideways."""
        return QSize(WIDTH, 600)

    # what is shown

    def show_view(self, title: str, view: ReportView) -> None:
        """Show a report, selection or document."""
        self._make()
        self.view = view
        self.title.set_text(title)
        self.words.clear()
        self._say_found(0)
        pdf, tree = view.pdf is not None, bool(view.rows)
        self.pdf.show_pdf(view.pdf)
        self.list.show_pdf(view.pdf)
        self._pdf_bar.setVisible(pdf)
        self.count.setText(self.tr("of {0}").format(len(view.pdf.sizes)) if view.pdf is not None else "")
        self.number.setRange(1, len(view.pdf.sizes) if view.pdf is not None else 1)
        self.tree.show_view(view if tree else None)
        self.page.show_page(view.page)
        for place, there in enumerate((pdf, True, tree)):
            self.pages.setTabVisible(place, there)
        self.pages.setTabText(1, self.tr("About") if pdf else self.tr("Report") if tree else self.tr("Document"))
        self.pages.tabBar().setVisible(pdf or tree)
        self.pages.setCurrentIndex(0 if pdf else 1)
        self.save.setEnabled(True)
        self._stack.setCurrentIndex(COVERED if self.covered else CONTENT)

    def show_trouble(self, reason: str) -> None:
        """Say why a report cannot be shown."""
        self.view = None
        self._trouble.advice.setText(reason)
        self._stack.setCurrentIndex(TROUBLE)

    def clear(self) -> None:
        """Show nothing."""
        self.view = None
        if self._made:
            self.pdf.show_pdf(None)
            self.list.show_pdf(None)
            self.page.show_page(None)
            self.tree.show_view(None)
        self._stack.setCurrentIndex(NOTHING)

    def set_position(self, number: int, count: int) -> None:
        """Say which of a study's reports this is."""
        self._make()
        self.position.setText(self.tr("{0} of {1}").format(number, count) if count > 1 else "")
        for button in (self.previous, self.following):
            button.setVisible(count > 1)
        self.previous.setEnabled(number > 1)
        self.following.setEnabled(number < count)

    def set_stranger(self, name: str) -> None:
        """Warn that the report is of another patient than the images in the active pane (E15)."""
        if self._made:
            self.stranger.setText(self.tr("Of another patient than the images: {0}").format(name) if name else "")
            self.stranger.setVisible(bool(name))

    def set_identity_hidden(self, hidden: bool) -> None:
        """Cover what is shown: text may name the patient."""
        self.covered = hidden
        if self.view is not None:
            self._stack.setCurrentIndex(COVERED if hidden else CONTENT)

    def focus_find(self) -> None:
        """Put the keyboard into the search line (Ctrl+F)."""
        if self._stack.currentIndex() == CONTENT:
            self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.words.selectAll()

    def focus_content(self) -> None:
        """Put the keyboard on what is read."""
        if self._stack.currentIndex() == CONTENT:
            self._front().setFocus()

    # making

    def prepare(self) -> None:
        """Get what a report is shown with, a part in each turn of the window, while the report itself is being read."""
        if self._made or self._parts:
            return
        self._parts = list(PARTS)
        self._prepare()

    def _prepare(self) -> None:
        if self._made or not self._parts:
            self._make()
            return
        import_module(self._parts.pop(0))
        QTimer.singleShot(0, self, self._prepare)

    def _make(self) -> None:
        if self._made:
            return
        self._made = True
        from workstation.ui.pdf_list import PageList
        from workstation.ui.pdf_view import PdfView
        from workstation.ui.report_page_view import PageView
        from workstation.ui.report_tree import ContentTree

        self.page, self.tree, self.pdf, self.list = PageView(), ContentTree(), PdfView(), PageList()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading())
        column.addWidget(self._bar())
        column.addWidget(self._make_pdf_bar())
        column.addWidget(self._pages(), 1)
        self._stack.removeWidget(self._blank)
        self._blank.deleteLater()
        self._stack.insertWidget(CONTENT, content)
        self._connect()

    def _heading(self) -> QWidget:
        self.title = ElidedLabel("", Qt.TextElideMode.ElideRight)
        self.position = plain_label("", "dim")
        self.previous = icon_button("chevron-left", self.tr("Previous report of the study (Ctrl+PgUp)"))
        self.following = icon_button("chevron-right", self.tr("Next report of the study (Ctrl+PgDown)"))
        heading = QWidget()
        line = QHBoxLayout(heading)
        line.setContentsMargins(theme.GAP, 4, 6, 0)
        line.setSpacing(2)
        line.addWidget(self.title, 1)
        line.addWidget(self.position)
        line.addSpacing(4)
        line.addWidget(self.previous)
        line.addWidget(self.following)
        heading.setMinimumHeight(self.following.sizeHint().height() + 4)  # as high for the only report of a study
        self.stranger = plain_label("", "otherPatient", wrap=True)
        self.stranger.hide()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(heading)
        column.addWidget(self.stranger)
        return whole

    def _bar(self) -> QWidget:
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.tr("Find"))
        self.words.setAccessibleName(self.tr("Find in the report"))
        self.words.setClearButtonEnabled(True)
        self.found = plain_label("", "dim")
        up = icon_button("chevron-up", self.tr("Previous match (Shift+F3)"))
        down = icon_button("chevron-down", self.tr("Next match (F3)"))
        up.clicked.connect(lambda: self.step_found(-1))
        down.clicked.connect(lambda: self.step_found(1))
        copy = icon_button("copy", self.tr("Copy what is selected, or all of the page"))
        copy.clicked.connect(self.copy)
        self.save = icon_button("save", self.tr("Save as…"))
        self.save.clicked.connect(self.save_wanted)
        printing = icon_button("print", self.tr("Print…"))
        printing.clicked.connect(self.print_wanted)
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(2)
        row.addWidget(self.words, 1)
        row.addSpacing(4)
        row.addWidget(self.found)
        for button in (up, down, copy, self.save, printing):
            row.addWidget(button)
        return bar

    def _make_pdf_bar(self) -> QWidget:
        self.listing = icon_button("layout", self.tr("Page list"), checkable=True)
        self.number = IntegerBox()
        self.number.setAccessibleName(self.tr("Page"))
        self.number.setKeyboardTracking(False)
        self.number.lineEdit().setTextMargins(4, 0, 0, 0)
        self.count = plain_label("", "dim")
        out = icon_button("minus", self.tr("Smaller (−)"))
        larger = icon_button("plus", self.tr("Larger (+)"))
        fit = icon_button("fit", self.tr("Fit the width"))
        out.clicked.connect(lambda: self.pdf.zoom_by(-1))
        larger.clicked.connect(lambda: self.pdf.zoom_by(1))
        fit.clicked.connect(lambda: self.pdf.fit_width())
        self._pdf_bar = QWidget()
        self._pdf_bar.setObjectName("panelBar")
        self._pdf_bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self._pdf_bar)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        for widget in (self.listing, plain_label(self.tr("Page"), "dim"), self.number, self.count):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (out, larger, fit):
            row.addWidget(button)
        return self._pdf_bar

    def _pages(self) -> QWidget:
        spread = QWidget()
        beside = QHBoxLayout(spread)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.list)
        beside.addWidget(self.pdf, 1)
        self.list.hide()
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(spread, self.tr("Pages"))
        self.pages.addTab(self.page, self.tr("Report"))
        self.pages.addTab(self.tree, self.tr("Content tree"))
        return self.pages

    def _connect(self) -> None:
        self._later = QTimer(self, singleShot=True, interval=FIND_DELAY)
        self._later.timeout.connect(self._search)
        self.words.textChanged.connect(self._later.start)
        self.words.returnPressed.connect(lambda: self.step_found(1))
        self.pages.currentChanged.connect(self._tab_changed)
        self.page.followed.connect(self._follow)
        self.page.grown.connect(self._search_again)
        self.tree.followed.connect(self.followed)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.following.clicked.connect(lambda: self.stepped.emit(1))
        self.pdf.wanted.connect(self.pages_wanted)
        self.pdf.page_changed.connect(self._page_changed)
        self.list.wanted.connect(self.thumbnails_wanted)
        self.list.chosen.connect(self.pdf.go_to)
        self.listing.toggled.connect(self.list.setVisible)
        self.number.valueChanged.connect(lambda number: self.pdf.go_to(number - 1))

    # reactions

    def _follow(self, number: int) -> None:
        targets = self.view.page.targets if self.view is not None else ()
        if 0 <= number < len(targets):
            self.followed.emit(targets[number])

    def _page_changed(self, page: int) -> None:
        self.number.blockSignals(True)
        self.number.setValue(page + 1)
        self.number.blockSignals(False)
        self.list.mark(page)

    def _front(self) -> PageView | ContentTree | PdfView:
        return (self.pdf, self.page, self.tree)[self.pages.currentIndex()]

    def _tab_changed(self, _: int) -> None:
        in_pages = self.pages.currentIndex() == 0
        self._pdf_bar.setVisible(in_pages)
        if self.words.text():
            self._search()

    # finding

    def _search_again(self) -> None:
        if self.words.text() and self._front() is self.page:
            self._search()

    def _search(self) -> None:
        from workstation.ui.pdf_view import PdfView

        words, front = self.words.text(), self._front()
        if isinstance(front, PdfView):
            self.found.setText(self.tr("searching…") if words else "")
            self.search_wanted.emit(words)
            if not words:
                self.pdf.show_hits(())
        else:
            self._say_found(front.find_words(words))

    def take_hits(self, words: str, hits: Sequence[Hit]) -> None:
        """Show what a search of the PDF has found, if it is still the one asked for."""
        if self._made and words == self.words.text() and self._front() is self.pdf:
            self.pdf.show_hits(hits)
            self._count = len(hits)
            self._say_found(len(hits))

    def step_found(self, way: int) -> None:
        """Go to the next match, or the one before (F3, Shift+F3)."""
        if self._later.isActive():
            self._later.stop()
            self._search()
            return
        self._front().step_found(way)
        self._say_found(self._count)

    def _say_found(self, count: int) -> None:
        self._count = count
        if not self.words.text():
            self.found.setText("")
            return
        here = self._front().found_here()
        told = self.tr("{0} of {1}").format(here, count) if here else self.tr("{0} found").format(count)
        self.found.setText(told if count else self.tr("none"))

    def copy(self) -> None:
        """Copy what is selected; of a page without a selection all of it."""
        front = self._front()
        if front is self.page and not self.page.textCursor().hasSelection() and self.view is not None:
            from PySide6.QtGui import QGuiApplication

            QGuiApplication.clipboard().setText(self.view.page.text)
        else:
            front.copy()

    # keys

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the window's commands."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._own(event):
            event.accept()
            return True
        return super().event(event)

    def _own(self, event: QKeyEvent) -> bool:
        keys = QKeySequence.StandardKey
        if not self._made or self._stack.currentIndex() != CONTENT:
            return False
        return event.matches(keys.Find) or event.matches(keys.Copy) or event.key() == Qt.Key.Key_F3

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._made or self._stack.currentIndex() != CONTENT:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Find):
            self.focus_find()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_F3:
            self.step_found(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape and self.words.text():
            self.words.clear()
        else:
            super().keyPressEvent(event)
