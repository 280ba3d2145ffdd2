"""The nodes this program may talk to: a list, the form of one, a check of it. Opening it asks nobody anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workstation.errors import WorkstationError
from workstation.network.nodes import NodeError
from workstation.ui import theme
from workstation.ui.message_bar import MessageBar
from workstation.ui.node_check_view import NodeCheckView
from workstation.ui.node_entries import Entries, Entry, drafted
from workstation.ui.node_form import NodeForm
from workstation.ui.node_sign_in import NodeSignIn
from workstation.ui.widgets import EmptyNote, icon_button, plain, plain_label, tooltip

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets
    from workstation.ui.network_desk import NetworkDesk

LIST = 200
"""Width of the list, logical pixels."""


class NodesPage(QWidget):
    """A list of nodes beside the form of one. What has no fault is saved when it is left."""

    def __init__(self, desk: NetworkDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Nodes"))
        self._desk = desk
        self._shown: Entry | None = None
        self._removed: list[Entry] = []
        self.entries = Entries(desk)
        self.messages = MessageBar()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Nodes"))
        self.form = NodeForm()
        self.checks = NodeCheckView(desk, self._checkable, self._secrets)
        self._make_buttons()
        self._lay_out()
        self.list.currentRowChanged.connect(self._choose)
        self.form.changed.connect(self._written)
        self.form.look_wanted.connect(self._look)
        self.form.secret_wanted.connect(self._ask_secret)
        self.signing = NodeSignIn(desk, self.form, lambda: self._shown, self.save)
        self.signing.failed.connect(lambda said: self.messages.show_message(plain(said, 400), "warning", key="sign in"))
        self.checks.check_ended.connect(self._renew_buttons)
        desk.closing.connect(self.close)
        self._fill()
        self.resize(880, 760)

    # what the user does

    def show_node(self, name: str) -> None:
        """Go to a node; where none has that name the page stays as it is."""
        for place, entry in enumerate(self.entries.all):
            if entry.saved is not None and entry.saved.name == name:
                self.list.setCurrentRow(place)

    def add(self) -> None:
        """Begin a new node."""
        self._go_to(self.entries.add(self.tr("New node")))
        self.form.name.setFocus()
        self.form.name.selectAll()

    def duplicate(self) -> None:
        """Begin a new node like the one shown."""
        if self._shown is not None:
            like = self._shown.draft
            self._go_to(self.entries.add(like.name, like))
            self.form.name.setFocus()
            self.form.name.selectAll()

    def remove(self) -> None:
        """Take the node that is shown off the list; the message bar can bring it back."""
        place = self.list.currentRow()
        if not 0 <= place < len(self.entries.all):
            return
        self._shown = None
        entry = self.entries.remove(place)
        self._removed.append(entry)
        self._fill(min(place, len(self.entries.all) - 1))
        self.list.setFocus()
        said = self.tr("{0} was removed.").format(plain(entry.draft.name, 60))
        self.messages.show_message(said, action=self.tr("Undo"), run=lambda: self._put_back(place, entry))

    def save(self) -> bool:
        """Save the node that is shown; False where that cannot be, its fields then say why."""
        entry = self._shown
        if entry is None:
            return False
        if self.entries.faults(entry):
            self._show_faults(entry)
            return False
        try:
            self.entries.save(entry)
        except NodeError as error:
            self.messages.show_message(str(error), "warning", key="save")
            return False
        self._renew_item(entry)
        self._renew_buttons()
        return True

    def revert(self) -> None:
        """Forget what was written of the node since it was saved."""
        entry = self._shown
        if entry is not None and entry.saved is not None:
            entry.draft, entry.secret = entry.saved, None
            self._show(entry)
            self._renew_item(entry)

    # events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.checks.running:
                self.checks.cancel()
            else:
                self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.checks.clear()
        self._leave()
        self.entries.forget_secrets(self._removed)
        unsaved = self.entries.keep_unsaved()
        if unsaved:
            self._desk.tell_unsaved([plain(one.draft.name, 40) or self.tr("a new node") for one in unsaved])
        super().closeEvent(event)

    # following

    def _fill(self, place: int = 0) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for entry in self.entries.all:
                self.list.addItem(QListWidgetItem())
                self._renew_item(entry)
        if self.entries.all:
            self._pages.setCurrentIndex(1)
            self.list.setCurrentRow(max(place, 0))
            self._choose(self.list.currentRow())
            self.list.setFocus()
        else:
            self._shown = None
            self._pages.setCurrentIndex(0)
            self.first.setFocus()
        self._renew_buttons()

    def _go_to(self, place: int) -> None:
        self._leave()
        self._shown = None
        self._fill(place)

    def _choose(self, place: int) -> None:
        entry = self.entries.all[place] if 0 <= place < len(self.entries.all) else None
        if entry is self._shown:
            return
        self._leave()
        if entry is not None:
            self._show(entry)

    def _leave(self) -> None:
        """Save what was written, if it has no fault; it stays marked in the list otherwise."""
        entry = self._shown
        if entry is None or not entry.changed or self.entries.faults(entry):
            return
        if self.save():
            self.messages.show_message(self.tr("{0} was saved.").format(plain(entry.draft.name, 60)), key="saved")

    def _show(self, entry: Entry) -> None:
        self._shown = entry
        self.checks.clear()
        self.title.setText(plain(entry.draft.name, 60))
        self.form.show_node(entry.draft)
        self._show_faults(entry)
        self._renew_buttons()

    def _show_faults(self, entry: Entry) -> None:
        # a new node is not called faulty before anything was written
        self.form.show_faults(self.entries.faults(entry) if entry.saved is not None or entry.begun else {})

    def _written(self) -> None:
        entry = self._shown
        if entry is None:
            return
        entry.draft = self.form.node()
        entry.secret = self.form.written_secret() or entry.secret
        self.title.setText(plain(entry.draft.name, 60))
        self._show_faults(entry)
        self._renew_item(entry)
        self._renew_buttons()

    def _renew_item(self, entry: Entry) -> None:
        place = next((n for n, one in enumerate(self.entries.all) if one is entry), None)
        item = self.list.item(place) if place is not None else None
        if item is None:
            return
        name = plain(entry.draft.name, 60) or self.tr("without a name")
        faulty = entry.changed and bool(self.entries.faults(entry))
        item.setText(f"{name} •" if entry.changed else name)
        item.setIcon(theme.icon("warning") if faulty and (entry.begun or entry.saved) else theme.icon("node"))
        state = self.tr("not saved") if entry.changed else ""
        item.setToolTip(tooltip("\n".join(part for part in (str(entry.draft), state) if part)))

    def _renew_buttons(self) -> None:
        entry = self._shown
        sound = entry is not None and not self.entries.faults(entry)
        self.saving.setEnabled(entry is not None and entry.changed and sound)
        self.reverting.setVisible(entry is not None and entry.changed and entry.saved is not None)
        self.checks.may_start(sound)
        for button in (self.duplicating, self.removing):
            button.setEnabled(entry is not None)

    def _put_back(self, place: int, entry: Entry) -> None:
        try:
            self.entries.put_back(place, entry)
        except NodeError as error:
            self.messages.show_message(str(error), "warning")
            return
        self._removed = [one for one in self._removed if one is not entry]
        self._leave()
        self._shown = None
        self._fill(place)

    # asking

    def _checkable(self) -> Node | None:
        entry = self._shown
        return entry.draft if entry is not None and not self.entries.faults(entry) else None

    def _secrets(self) -> Secrets:
        return drafted(self._desk.secrets, self._shown)

    def _look(self) -> None:
        """Fetch the certificate of the node and show it."""
        node = self._checkable()
        if node is None or node.tls is None or not node.speaks_dimse:
            said = self.tr("A host and port without faults are needed to look at a certificate.")
            self.messages.show_message(said, "warning", key="certificate")
            return

        def work() -> object:
            from workstation.network.certificate_look import look_at_certificate

            return look_at_certificate(node)

        entry = self._shown
        self.messages.show_message(self.tr("Looking at the certificate…"), key="certificate")
        self._desk.ask(work, lambda answer: self._show_certificate(answer, entry))

    def _show_certificate(self, answer: object, entry: Entry | None) -> None:
        if not self.isVisible() or entry is not self._shown:
            return
        self.messages.withdraw("certificate")
        if isinstance(answer, WorkstationError):
            self.messages.show_message(plain(str(answer), 400), "warning", key="certificate")
            return
        from workstation.ui.node_certificate import certificate_page

        certificate_page(answer, self.form.accept_certificate, self).open()  # type: ignore[arg-type]

    def _ask_secret(self) -> None:
        """Find out where a secret of this node is kept; the keyring of the system is asked on a thread."""
        entry, kind, secrets = self._shown, self.form.secret_kind, self._desk.secrets
        if entry is None or not kind:
            return
        name = entry.saved.name if entry.saved is not None else ""

        def answer(found: object) -> None:
            if self.isVisible() and entry is self._shown and isinstance(found, tuple):
                self.form.show_secret_state(lasting=found[0], kept=found[1])

        self._desk.ask(lambda: (secrets.lasting, bool(name) and secrets.get(name, kind) is not None), answer)

    # building

    def _make_buttons(self) -> None:
        self.adding = icon_button("plus", self.tr("Add a node (Ctrl+N)"))
        self.duplicating = icon_button("copy", self.tr("Duplicate this node (Ctrl+D)"))
        self.removing = icon_button("delete", self.tr("Remove this node (Del)"))
        self.saving = QPushButton(self.tr("Save"))
        self.saving.setToolTip(self.tr("Save this node (Ctrl+S); one without faults is saved by leaving it as well"))
        self.reverting = QPushButton(self.tr("Revert"))
        self.first = QPushButton(self.tr("Add a node"))
        self.first.setProperty("primary", True)
        run = (
            (self.adding, self.add, "Ctrl+N"),
            (self.duplicating, self.duplicate, "Ctrl+D"),
            (self.saving, self.save, "Ctrl+S"),
            (self.reverting, self.revert, ""),
            (self.first, self.add, ""),
        )
        for button, act, key in run:
            button.clicked.connect(lambda _=False, act=act: act())
            if key:
                QShortcut(QKeySequence(key), self, activated=button.click)  # type: ignore[call-overload]
        self.removing.clicked.connect(self.remove)
        # only in the list: in a field the key deletes characters
        shortcut = QShortcut(QKeySequence("Del"), self.list, activated=self.remove)  # type: ignore[call-overload]
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        empty = EmptyNote(
            "node",
            self.tr("No node yet"),
            self.tr("A node is another DICOM application, such as an archive, a worklist or a printer."),
        )
        empty.add_button(self.first)
        self._pages.addWidget(empty)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._left())
        split.addWidget(self._right())
        split.setSizes([LIST, 680])
        split.setStretchFactor(1, 1)
        self._pages.addWidget(split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._pages, 1)

    def _left(self) -> QWidget:
        left = QWidget()
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.GAP, 4, theme.GAP, 4)
        row.setSpacing(2)
        row.addWidget(plain_label(self.tr("Nodes"), "panelTitle"), 1)
        buttons: tuple[QToolButton, ...] = (self.adding, self.duplicating, self.removing)
        for button in buttons:
            row.addWidget(button)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.list, 1)
        return left

    def _right(self) -> QWidget:
        right = QWidget()
        self.title = plain_label("", "panelTitle")
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * theme.GAP, 3, theme.GAP, 3)
        row.addWidget(self.title, 1)
        row.addWidget(self.reverting)
        row.addWidget(self.saving)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.form, 1)
        column.addWidget(self.checks)
        return right
