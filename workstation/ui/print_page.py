"""The page that prints: what, on a film printer, on paper or into a PDF, with a preview of the very thing that is sent.

Nothing is read, decoded or drawn on the window's thread: a worker makes film images and pages, the page shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from workstation.errors import WorkstationError
from workstation.ui import theme
from workstation.ui.export_dialog import free_path
from workstation.ui.later import Later
from workstation.ui.paper_pages import PageOptions, paper_job, pdf_job, printer_names
from workstation.ui.print_form import KINDS, PAPERS, FilmFields, PaperFields, SheetFields, WhatFields
from workstation.ui.print_plates import PlateMaker
from workstation.ui.print_sheets import Drawn, Kept, draw_film, draw_paper, made_films, path_problem
from workstation.ui.print_source import Source
from workstation.ui.sheet_preview import SheetPreview
from workstation.ui.widgets import plain_label, tooltip

if TYPE_CHECKING:
    from workstation.network.film import FilmOptions
    from workstation.network.nodes import Node
    from workstation.ui.window_api import WindowApi

TARGETS = ("film", "paper", "pdf")
FOLLOWS = 120
"""Milliseconds after which the preview follows what is chosen or shown."""
LOOK = 150
"""Milliseconds between two looks at how many films are made."""


class PrintPage(QDialog):
    """Prints what the window shows; it stays beside the window's work and follows it."""

    def __init__(self, window: WindowApi, parent: QWidget, target: str = "film") -> None:
        super().__init__(parent)
        self._window = window
        self._source = Source(window)
        self._wish: object = None
        self._closed = self._setting = self._grid_chosen = self._color_chosen = self._named = False
        self._fresh = self._go = False
        """Whether the preview shows what is chosen; whether to print as soon as it does."""
        self._made = self._to_make = 0
        self._making = False
        self._refusal = ""
        self._printers: list[str] | None = None
        self._maker: PlateMaker | None = None
        self._maker_key: object = None
        self.drawn: Drawn | None = None
        self.setWindowTitle(self.tr("Print"))
        self._lay_out()
        self._later = Later(self.refresh, self, FOLLOWS)
        self._clock = QTimer(self, interval=LOOK)
        self._clock.timeout.connect(self._tell_made)
        self._connect()
        self._fill_nodes()
        self._follow()
        first = next((kind for kind in KINDS if not self._source.why_not(kind)), KINDS[0])
        several = len(window.workspace.visible()) > 1
        self.what.kinds["layout" if several and not self._source.why_not("layout") else first].setChecked(True)
        self.show_target(target)
        self.resize(1010, 680)

    @property
    def target(self) -> str:
        """Where it goes: one of :data:`TARGETS`."""
        return TARGETS[self.tabs.currentIndex()]

    def show_target(self, target: str) -> None:
        """Go to a target."""
        self.tabs.setCurrentIndex(TARGETS.index(target))
        self._target_changed()

    # building

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        whole.setSpacing(theme.GAP + 4)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Print on"))
        for title in (self.tr("Film printer"), self.tr("Paper"), self.tr("PDF")):
            self.tabs.addTab(title)
        whole.addWidget(self.tabs)
        self.what, self.sheet, self.film, self.paper = WhatFields(), SheetFields(), FilmFields(), PaperFields()
        self.stack = QStackedWidget()
        for page in (self.film, self.paper):
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(page)
            column.addStretch(1)
            self.stack.addWidget(holder)
        left = QVBoxLayout()
        left.setSpacing(theme.GAP + 2)
        for number, widget in enumerate((self.what, self.sheet, self.stack)):
            if number:
                line = QFrame()
                line.setFixedHeight(1)
                line.setObjectName("dividingLine")
                left.addWidget(line)
            left.addWidget(widget, int(widget is self.stack))
        self.preview = SheetPreview()
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.GAP)
        middle.addLayout(left)
        middle.addWidget(self.preview, 1)
        whole.addLayout(middle, 1)
        self.problem = plain_label("", "problem", wrap=True)
        self.problem.hide()
        whole.addWidget(self.problem)
        whole.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self.summary = plain_label("")
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.print = QPushButton(self.tr("Print"))
        self.print.setDefault(True)
        self.print.clicked.connect(self._start)
        bar = QHBoxLayout()
        bar.setSpacing(theme.GAP)
        bar.addWidget(self.summary, 1)
        bar.addWidget(plain_label(self.tr("Not for diagnosis"), "dim"))
        bar.addSpacing(theme.GAP)
        bar.addWidget(cancel)
        bar.addWidget(self.print)
        return bar

    def _connect(self) -> None:
        workspace = self._window.workspace
        for signal in (
            workspace.active_changed,
            workspace.layout_changed,
            workspace.catalogue_changed,
            workspace.options_changed,
            workspace.measurements_changed,
            workspace.stars.changed,
        ):
            signal.connect(self._changed)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._changed)
        for pane in self._window.shown_panes():
            pane.painted.connect(self._changed)
        self.tabs.currentChanged.connect(self._target_changed)
        for fields in (self.what, self.sheet, self.film, self.paper):
            fields.changed.connect(self._chosen_anew)
        for grid in (self.sheet.columns, self.sheet.rows):
            grid.valueChanged.connect(self._grid_touched)
        for button in self.what.kinds.values():
            button.toggled.connect(lambda on: self._suggest_grid() if on else None)
        self.sheet.color.toggled.connect(self._color_touched)
        self.preview.wanted.connect(self._changed)
        self.film.ask.clicked.connect(self._ask_printer)
        self.film.node.currentIndexChanged.connect(lambda: self.film.say(""))
        self.paper.path.textEdited.connect(self._path_typed)
        self.paper.choose.clicked.connect(self._choose)

    def _fill_nodes(self) -> None:
        nodes = self._window.network.book.offering("print")
        self.film.node.clear()
        for node in nodes:
            self.film.node.addItem(node.name, node)
        last = self.film.node.findText(self._window.settings["film_node"])
        self.film.node.setCurrentIndex(max(last, 0) if nodes else -1)
        self.film.ask.setEnabled(bool(nodes))
        if not nodes:
            self.film.say(self.tr("No printer is known. Add one under Network › Nodes…"))

    # following

    def _follow(self) -> None:
        """Offer what the window shows now."""
        for kind, button in self.what.kinds.items():
            why = self._source.why_not(kind)
            button.setEnabled(not why)
            button.setToolTip(tooltip(why))
        self.what.set_length(self._source.length())
        self.sheet.hide_identity(self._window.workspace.options.identity_hidden)

    def _target_changed(self, *_: object) -> None:
        target = self.target
        paper = target != "film"
        self.stack.setCurrentIndex(int(paper))
        self.paper.show_target(target)
        sizes = PAPERS if paper else tuple(self._all_sizes())
        self.sheet.offer_sizes(sizes, "A4" if paper else "14INX17IN")
        self.sheet.copies.setEnabled(target != "pdf")
        if not self._color_chosen:
            # paper takes colour as a rule, film printers seldom do
            self._setting = True
            self.sheet.color.setChecked(paper and self._source.in_color())
            self._setting = False
        self.print.setText(self.tr("Save") if target == "pdf" else self.tr("Print"))
        if target == "paper" and self._printers is None:
            self._printers = []
            self._window.exports.ask(printer_names, self._take_printers)
        if target == "pdf" and not self._named:
            self.paper.path.setText(str(free_path(Path(self._window.exports.home()), "print", ".pdf")))
        self._changed()

    @staticmethod
    def _all_sizes() -> tuple[str, ...]:
        from workstation.network.film import SIZES

        return tuple(SIZES)

    def _take_printers(self, names: list[str]) -> None:
        if self._closed:
            return
        self._printers = names
        self.paper.printer.clear()
        self.paper.printer.addItems(names)
        self.paper.printer.setCurrentIndex(0 if names else -1)
        self._changed()

    def _grid_touched(self) -> None:
        self._grid_chosen = self._grid_chosen or not self._setting

    def _color_touched(self) -> None:
        self._color_chosen = self._color_chosen or not self._setting

    def _suggest_grid(self) -> None:
        """Suggest a grid for what is printed, until somebody chose one."""
        if self._grid_chosen:
            return
        self._setting = True
        columns, rows = self._source.grid(self.what.kind, len(self._places()))
        self.sheet.columns.setValue(columns)
        self.sheet.rows.setValue(rows)
        self._setting = False

    def _places(self) -> list[int]:
        return self.what.places(self._source.length(), self._source.key_places())

    def _chosen_anew(self, *_: object) -> None:
        self._refusal = ""
        self._changed()

    def _changed(self, *_: object) -> None:
        self._fresh = False
        self._later.ask()

    # the preview

    def refresh(self) -> None:
        """Have the sheet in front made anew."""
        if self._closed:
            return
        self._follow()
        maker = self._plates()
        options = self.options()
        count = len(maker.plates) if maker is not None else 0
        sheets = -(-count // options.boxes)
        self.preview.set_count(sheets)
        self._summarise(count, sheets)
        self._fresh, self._wish = False, object()
        wish = self._wish
        if maker is None or not count:
            self._show(Drawn(sentence=self._source.why_not(self.what.kind) or self.tr("Nothing is chosen.")))
            return
        view, number = self.preview.view, self.preview.number
        dots = view.dots_per_mm(options.sheet)
        draw: Callable[[], Drawn]
        if self.target == "film":
            draw = lambda: draw_film(maker, options, number, dots)  # noqa: E731
        else:
            pages, font = self._page_options(options), self.font()
            draw = lambda: draw_paper(maker, pages, number, dots, font)  # noqa: E731

        def work() -> Drawn | None:
            return draw() if self._wish is wish and not self._closed else None

        self._window.exports.ask(work, lambda drawn: self._take(drawn, wish))

    def options(self) -> FilmOptions:
        """Return the sheets as chosen."""
        options = self.film.options(self.sheet)
        return options if self.target == "film" else replace(options, copies=1, annotation="")

    def _page_options(self, options: FilmOptions) -> PageOptions:
        heading = self._source.heading(self.what.kind, self._text()) if self.paper.heading.isChecked() else ""
        return PageOptions(
            options,
            heading,
            self.tr("Not for diagnosis"),
            self.tr("Page {0} of {1}"),
            self.sheet.copies.value(),
        )

    def _text(self) -> str:
        return str(self.sheet.text.currentData())

    def _plates(self) -> PlateMaker | None:
        """Return what makes the images; the same one while nothing changes that shows in them."""
        key, plates = self._source.plates(self.what.kind, self._places(), self._text())
        if not plates:
            self._maker = self._maker_key = None
            return None
        color = self.sheet.color.isChecked()
        if self._maker is None or key is None or (key, color) != self._maker_key:
            self._maker, self._maker_key = PlateMaker(plates, self.font(), color=color), (key, color)
        return self._maker

    def _take(self, drawn: Drawn | None, wish: object) -> None:
        if drawn is not None and wish is self._wish and not self._closed:
            self._show(drawn)

    def _show(self, drawn: Drawn) -> None:
        self.drawn, self._fresh = drawn, True
        self.preview.view.show_sheet(drawn.image, drawn.sheet, drawn.sentence)
        problem = drawn.problem or self._refusal
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        refused = bool(drawn.refused) or drawn.image is None
        self.print.setEnabled(not refused and not self._why_not_here() and not self._to_make)
        self.print.setToolTip(tooltip(self._why_not_here()))
        going, self._go = self._go, False
        if going and self.print.isEnabled():
            self._start()

    def _why_not_here(self) -> str:
        if self.target == "film" and self.film.node.currentData() is None:
            return self.tr("No printer is known. Add one under Network › Nodes…")
        if self.target == "paper" and not self.paper.printer.count():
            return self.tr("No printer is set up on this computer; a PDF can be saved.")
        return ""

    def _summarise(self, count: int, sheets: int) -> None:
        images = self.tr("1 image") if count == 1 else self.tr("{0} images").format(count)
        if self.target == "film":
            words = self.tr("1 film") if sheets == 1 else self.tr("{0} films").format(sheets)
        else:
            words = self.tr("1 page") if sheets == 1 else self.tr("{0} pages").format(sheets)
        self.summary.setText(self.tr("{0} on {1}").format(images, words) if count else "")
        why = self._why_not_here()
        if why and self.target == "paper" and self._printers is not None:
            self.summary.setText(why)

    # the printer

    def _ask_printer(self) -> None:
        node: Node | None = self.film.node.currentData()
        if node is None:
            return
        color = self.sheet.color.isChecked()
        self.film.say(self.tr("Asking {0}…").format(node.name))

        def work() -> Any:
            from workstation.network.printing import printer_state

            return printer_state(node, color=color)

        self._window.network.ask(work, self._take_state)

    def _take_state(self, state: Any) -> None:
        if not self._closed:
            self.film.say(str(state) if isinstance(state, WorkstationError) else self._told(state))

    @staticmethod
    def _told(state: Any) -> str:
        make = " ".join(part for part in (state.manufacturer, state.model) if part)
        return f"{state.sentence} ({make})" if make else str(state.sentence)

    # going

    def _start(self) -> None:
        """Print what the preview shows; where it is behind, once it has caught up."""
        maker = self._maker
        if not self._fresh or maker is None:
            self._go = True
            self.refresh()
            return
        if self.target == "film":
            self._start_film(maker)
            return
        pages = self._page_options(self.options())
        total = pages.pages(len(maker.plates))
        if self.target == "paper":
            name = self.paper.printer.currentText()
            self._window.exports.start(paper_job(name, pages, maker, self.font()), total, Path())
        else:
            path = Path(self.paper.path.text().strip()).expanduser()
            problem = path_problem(path)
            if problem:
                self._refuse(problem)
                return
            self._window.exports.start(pdf_job(path, pages, maker, self.font()), total, path)
        self.accept()

    def _start_film(self, maker: PlateMaker) -> None:
        node: Node | None = self.film.node.currentData()
        if node is None:
            return
        self._window.settings.set("film_node", node.name)
        options = self.options()
        self._made, self._to_make = 0, len(maker.plates)
        self.print.setEnabled(False)
        self._clock.start()

        def count(made: int) -> bool:
            self._made = made
            return not self._closed

        make = made_films(maker, options, count)

        def work() -> Kept | None:
            try:
                return make()
            finally:
                self._making = False

        self._making = True
        title = self.summary.text()
        self._window.exports.ask(work, lambda kept: self._films_kept(kept, node, title))

    def _films_kept(self, kept: Kept | None, node: Node, title: str) -> None:
        """Hand the films to the queue of transfers once they are in their file."""
        self._to_make = 0
        if self._closed or kept is None:
            return
        self._clock.stop()
        if kept.problem:
            self._refuse(kept.problem)
            self.print.setEnabled(True)
            return
        self._window.network.add("print", node.name, title, {"node": node.name, "films": kept.name})
        self._window.show_panel("transfers")
        self.accept()

    def _tell_made(self) -> None:
        if not self._making:
            # it ended; should it have ended by a fault, no answer comes and the window tells
            self._clock.stop()
            self._to_make = 0
            self._changed()
        elif self._to_make:
            self.summary.setText(self.tr("Making image {0} of {1}…").format(self._made, self._to_make))

    def _refuse(self, problem: str) -> None:
        """Say why not, until something else is chosen."""
        self._refusal = problem
        self.problem.setText(problem)
        self.problem.show()

    # the file

    def _path_typed(self) -> None:
        self._named = True

    def _choose(self) -> None:
        path = Path(self.paper.path.text() or self._window.exports.home())
        dialog = QFileDialog(self, self.tr("Save as"), str(path.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, True)
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(path.name)
        dialog.fileSelected.connect(self._chosen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.show()

    def _chosen(self, path: str) -> None:
        self._named = True
        self.paper.path.setText(path)
        self._changed()

    # the end

    def done(self, result: int) -> None:
        self._closed = True
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closed = True
        super().closeEvent(event)
