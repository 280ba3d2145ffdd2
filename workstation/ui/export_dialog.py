"""The page that asks what is to be written, how, and where. It stays beside the window's work and follows it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import export_jobs as jobs
from workstation.ui import theme
from workstation.ui.export_choices import KINDS, Offer, bytes_of, bytes_of_files, counted, offers_of, size_text
from workstation.ui.export_pages import DicomPage, MoviePage, Page, PicturePage, VolumePage
from workstation.ui.later import Later
from workstation.ui.view_picture import appearance_of, grabbed, pixels_of, place_of
from workstation.ui.widgets import plain_label, tooltip

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

NAMES = {
    "view": "view",
    "image": "image",
    "series": "images",
    "movie": "movie",
    "volume": "volume",
    "dicom": "dicom",
}
"""Names of files and folders at first: they never come from the data."""
SUFFIXES = (".png", ".jpg", ".tif", ".mp4", ".gif", ".nii.gz", ".nii", ".nrrd", ".npy", ".zip")

FOLLOWS = 100
"""Milliseconds after which the page follows what is shown in the window."""


class ExportDialog(QDialog):
    """Offers what can be written of the active pane, and of everything open."""

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._offers: dict[str, Offer] = {}
        self.setWindowTitle(self.tr("Export"))
        self.image_page, self.series_page = PicturePage(of_view=False), PicturePage(of_view=False)
        self.view_page, self.movie_page = PicturePage(of_view=True), MoviePage()
        self.volume_page, self.dicom_page = VolumePage(), DicomPage()
        self.pages: dict[str, Page] = {
            "view": self.view_page,
            "image": self.image_page,
            "series": self.series_page,
            "movie": self.movie_page,
            "volume": self.volume_page,
            "dicom": self.dicom_page,
        }
        self.kinds: dict[str, QRadioButton] = {}
        self._details: dict[str, QLabel] = {}
        self._named = False
        """Whether somebody typed or chose the destination."""
        self._named_for: tuple[str, str] | None = None
        self._rate_of = ""
        self._heard: set[int] = set()
        self._lay_out()
        self._follow_later = Later(self.follow, self, FOLLOWS)
        workspace = window.workspace
        workspace.active_changed.connect(self._follow_later.ask)
        workspace.catalogue_changed.connect(self._follow_later.ask)
        workspace.options_changed.connect(self._follow_later.ask)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._follow_later.ask)
        self.follow()
        self._choose_first()
        self.resize(720, 500)

    @property
    def kind(self) -> str:
        """What is to be written."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), KINDS[0])

    # building

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        whole.setSpacing(2 * theme.GAP)
        upper = QHBoxLayout()
        upper.setSpacing(3 * theme.GAP)
        upper.addLayout(self._kinds())
        line = QFrame()
        line.setFixedWidth(1)
        line.setObjectName("dividingLine")
        upper.addWidget(line)
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
            page.changed.connect(self._changed)
        upper.addWidget(self.stack, 1)
        whole.addLayout(upper, 1)
        whole.addLayout(self._destination())
        whole.addLayout(self._foot())

    def _kinds(self) -> QGridLayout:
        titles = {
            "view": self.tr("This &view as on screen"),
            "image": self.tr("This &image"),
            "series": self.tr("&Every image of this series"),
            "movie": self.tr("&Movie of this series"),
            "volume": self.tr("V&olume of this series"),
            "dicom": self.tr("&DICOM files"),
        }
        form = QGridLayout()
        form.setVerticalSpacing(2)
        group = QButtonGroup(self)
        for row, (kind, title) in enumerate(titles.items()):
            button, detail = QRadioButton(title), plain_label("", "dim")
            detail.setContentsMargins(24, 0, 0, theme.GAP)
            group.addButton(button)
            button.toggled.connect(lambda on, kind=kind: self._show_kind(kind) if on else None)
            form.addWidget(button, 2 * row, 0)
            form.addWidget(detail, 2 * row + 1, 0)
            self.kinds[kind], self._details[kind] = button, detail
        form.setRowStretch(2 * len(titles), 1)
        return form

    def _destination(self) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(theme.GAP)
        form.setVerticalSpacing(theme.GAP // 2)
        form.setColumnStretch(1, 1)
        self.line = QLineEdit()
        self.line.setAccessibleName(self.tr("Destination"))
        self.line.textEdited.connect(self._edited)
        self.choose = QPushButton(self.tr("&Choose…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.problem = plain_label("", "problem", wrap=True)
        self.problem.hide()
        self.identity = QCheckBox(self.tr("&With identity (plain UIDs)"))
        self.identity.toggled.connect(self._changed)
        self.explained = plain_label("", "dim", wrap=True)
        self.explained.setContentsMargins(23, 0, 0, 0)
        label = plain_label(self.tr("Destination"))
        label.setBuddy(self.line)
        form.addWidget(label, 0, 0)
        form.addWidget(self.line, 0, 1)
        form.addWidget(self.choose, 0, 2)
        form.addWidget(self.problem, 1, 1, 1, 2)
        form.setRowMinimumHeight(2, theme.GAP // 2)
        about = QWidget()
        column = QVBoxLayout(about)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP // 2)
        column.addWidget(self.identity)
        column.addWidget(self.explained)
        column.addStretch(1)
        # as high for every kind, so that nothing jumps
        about.setMinimumHeight(self.identity.sizeHint().height() + 3 * self.fontMetrics().lineSpacing())
        form.addWidget(about, 3, 0, 1, 3)
        return form

    def _foot(self) -> QHBoxLayout:
        self.summary = plain_label("")
        warning = plain_label(self.tr("Not for diagnosis"), "dim")
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.export = QPushButton(self.tr("Export"))
        self.export.setDefault(True)
        self.export.clicked.connect(self._start)
        bar = QHBoxLayout()
        bar.setSpacing(theme.GAP)
        bar.addWidget(self.summary, 1)
        bar.addWidget(warning)
        bar.addSpacing(theme.GAP)
        bar.addWidget(cancel)
        bar.addWidget(self.export)
        return bar

    # following the window

    def follow(self) -> None:
        """Offer what the active pane shows now."""
        window = self._window
        pane = window.active_pane()
        if pane.number not in self._heard:
            self._heard.add(pane.number)
            pane.painted.connect(self._follow_later.ask)
        self._offers = offers_of(window)
        stack = window.workspace.stack()
        for kind, button in self.kinds.items():
            offer = self._offers[kind]
            button.setEnabled(not offer.why_not)
            button.setToolTip(tooltip(offer.why_not))
            detail = self._details[kind]
            detail.setText(self._detail(kind, offer))
            detail.setEnabled(not offer.why_not)
            detail.setToolTip(tooltip(offer.why_not))
        color = stack is not None and bool(stack.frames) and stack.frames[0].instance.samples_per_pixel > 1
        for page in (self.image_page, self.series_page):
            page.set_color(color)
        if stack is not None and stack.frames and stack.id != self._rate_of:
            from workstation.viewing.cine import clock_of

            self._rate_of = stack.id
            clock = clock_of(stack.frames[0].instance.values, len(stack.frames))
            self.movie_page.fps.setValue(clock.fps)
        series = stack.series_instance_uid if stack is not None else ""
        hidden = window.workspace.options.identity_hidden
        self.dicom_page.set_catalogue(window.workspace.catalogue, series, hidden=hidden)
        self._changed()

    def _choose_first(self) -> None:
        first = next((kind for kind in KINDS if not self._offers[kind].why_not), None)
        if first is not None:
            self.kinds[first].setChecked(True)

    def _detail(self, kind: str, offer: Offer) -> str:
        if kind == "dicom":
            instances = len(self._window.workspace.catalogue.instances)
            return counted(instances, self.tr("1 file is open"), self.tr("{0} files are open"))
        if offer.why_not:
            return self.tr("not possible here")
        names = {
            "movie": (self.tr("1 frame"), self.tr("{0} frames")),
            "volume": (self.tr("1 slice"), self.tr("{0} slices")),
        }
        one, many = names.get(kind, (self.tr("1 image"), self.tr("{0} images")))
        return f"{counted(offer.count, one, many)} · {offer.detail}" if kind != "volume" else offer.detail

    # what is chosen

    def _show_kind(self, kind: str) -> None:
        self.stack.setCurrentWidget(self.pages[kind])
        self._named = False
        self._named_for = None
        self._changed()

    def _changed(self, *_: object) -> None:
        if not self._offers:
            return
        kind, page, offer = self.kind, self.pages[self.kind], self._offers[self.kind]
        self._name(kind, page.suffix if kind != "series" else "")
        self._explain(kind, page.suffix)
        self.problem.hide()
        if offer.why_not:
            self.summary.setText(offer.why_not)
            self.export.setEnabled(False)
            return
        if kind == "dicom":
            instances = self.dicom_page.instances()
            count, size = len(instances), bytes_of_files(instances)
            text = counted(count, self.tr("1 file"), self.tr("{0} files"))
        else:
            wide = isinstance(page, PicturePage) and page.kind != "display"
            count, size = offer.count, bytes_of(offer, page.suffix, wide=wide)
            text = self._detail(kind, offer).split(" · ")[0]
        if kind == "movie":
            seconds = offer.count / self.movie_page.fps.value()
            text = self.tr("{0}, {1} s").format(text, f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}")
        self.summary.setText(self.tr("{0}, {1}").format(text, size_text(size)) if count else self.tr("Nothing chosen"))
        self.export.setEnabled(count > 0)

    def _explain(self, kind: str, suffix: str) -> None:
        """Say what goes out about the patient."""
        stamp = self.tr(
            "Each picture carries a stamp: which frame it shows, window, zoom and a hash of the values, but no name, "
            "date or number of the patient. With identity its UIDs are plain; without, they are hashed."
        )
        texts = {
            "movie": self.tr("A movie carries no stamp and no identity."),
            "volume": self.tr("The file holds values and geometry only.")
            if suffix != ".npy"
            else self.tr("The JSON beside it names the series by its UID: plain with identity, hashed without."),
            "dicom": self.tr("The files are copies: they hold names, dates and numbers of the patient."),
        }
        fixed = kind in ("movie", "dicom") or (kind == "volume" and suffix != ".npy")
        self.identity.setVisible(kind != "dicom")
        self.identity.setEnabled(not fixed)
        self.identity.setToolTip(tooltip(texts[kind]) if fixed and kind in texts else "")
        self.explained.setText(texts.get(kind, stamp))
        self.explained.setContentsMargins(0 if kind == "dicom" else 23, 0, 0, 0)

    def _name(self, kind: str, suffix: str) -> None:
        """Give the destination a name that is free, or the new ending to the name that was typed."""
        if (kind, suffix) == self._named_for:
            return
        self._named_for = kind, suffix
        if not self._named:
            folder = Path(self.line.text()).parent if self.line.text() else Path(self._window.exports.home())
            self.line.setText(str(free_path(folder, NAMES[kind], suffix)))
            return
        stem = self.line.text()
        old = next((each for each in SUFFIXES if stem.lower().endswith(each)), "")
        if old != suffix:
            self.line.setText(stem[: len(stem) - len(old)] + suffix)

    def _edited(self) -> None:
        self._named = True
        self.problem.hide()

    def _choose(self) -> None:
        path = Path(self.line.text() or self._window.exports.home())
        is_folder = self.kind == "series" or not self.pages[self.kind].suffix
        dialog = QFileDialog(self, self.tr("Export to"), str(path.parent))
        if is_folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, True)
            dialog.selectFile(path.name)
        dialog.fileSelected.connect(lambda chosen: self._chosen(chosen, is_folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.show()

    def _chosen(self, path: str, is_folder: bool) -> None:
        if is_folder:
            path = str(free_path(Path(path), NAMES[self.kind], ""))
        self._named, self._named_for = True, None
        self.line.setText(path)
        self._changed()

    # going

    def _start(self) -> None:
        path = Path(self.line.text().strip()).expanduser()
        problem = self._problem(path)
        if problem:
            self.problem.setText(problem)
            self.problem.show()
            self.line.setFocus()
            return
        job = self._job(path)
        if job is None:
            self._follow_later.ask()
            return
        total = len(self.dicom_page.instances()) if self.kind == "dicom" else self._offers[self.kind].count
        self._window.exports.start(job, total, path)
        self.accept()

    def _problem(self, path: Path) -> str:
        suffix = self.pages[self.kind].suffix if self.kind != "series" else ""
        if not path.is_absolute() or not path.name:
            return self.tr("The destination must be a whole path.")
        if suffix and not path.name.lower().endswith(suffix):
            return self.tr("The name must end in {0}.").format(suffix)
        if os.path.lexists(path) and not (self.kind == "dicom" and not suffix and path.is_dir()):
            return self.tr("{0} exists already; nothing is written over it.").format(path.name)
        if not path.parent.is_dir():
            return self.tr("The folder {0} is not there.").format(path.parent)
        return ""

    def _job(self, path: Path) -> jobs.Job | None:
        """Return what is to be done, made of what the pane shows at this moment; None where that has just gone."""
        kind, identified, page = self.kind, self.identity.isChecked(), self.pages[self.kind]
        if kind == "dicom":
            profile, unpack = self.dicom_page.profile_name, self.dicom_page.unpack.isChecked()
            return jobs.media_job(path, self.dicom_page.instances(), profile, unpack=unpack)
        pane, stack = self._window.active_pane(), self._window.workspace.stack()
        place, shown, appearance = place_of(pane), pane.picture, appearance_of(pane)
        if stack is None or not stack.frames:
            return None
        places = tuple((frame.instance, frame.ref) for frame in stack.frames)
        if kind == "series":
            values = self.series_page.kind
            return jobs.series_job(path, places, page.suffix, values, appearance, identified=identified)
        if kind == "movie":
            return jobs.movie_job(path, places, self.movie_page.fps.value(), appearance)
        if kind == "volume":
            return jobs.volume_job(path, stack, identified=identified)
        if place is None or shown is None:
            return None
        if kind == "image":
            return jobs.image_job(path, place, self.image_page.kind, appearance, identified=identified)
        text = self.view_page.text is not None and self.view_page.text.isChecked()
        image = grabbed(pane, text=text, identity=identified)
        return jobs.view_job(
            path,
            lambda: pixels_of(image),
            lambda: jobs.shown_stamp(place, shown, appearance, identified=identified),
        )


def free_path(folder: Path, name: str, suffix: str) -> Path:
    """Return a path that is not there yet: view.png, then view-2.png."""
    for number in range(1, 1000):
        path = folder / (f"{name}{suffix}" if number == 1 else f"{name}-{number}{suffix}")
        if not os.path.lexists(path):
            return path
    return folder / f"{name}{suffix}"
