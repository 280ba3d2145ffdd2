"""Asks where files go, and how; it stays beside the window's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workstation.errors import WorkstationError
from workstation.ui import theme
from workstation.ui.send_choice import Found, SendChoice, looked_up
from workstation.ui.transfer_words import size_words
from workstation.ui.widgets import plain, plain_label

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.ui.network_desk import Errand, NetworkDesk
    from workstation.ui.window_api import WindowApi


class SendDialog(QDialog):
    """What, where to, and what may be done on the way; Send puts a job into the queue."""

    def __init__(self, window: WindowApi, choice: SendChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Send to"))
        self._window, self._choice = window, choice
        self._network: NetworkDesk = window.network  # type: ignore[assignment]
        self._found: Found | None = None
        self._lay_out()
        self._list_nodes()
        self._network.nodes_changed.connect(self._list_nodes)
        window.workspace.options_changed.connect(self._name)
        self.node.currentIndexChanged.connect(self._node_chosen)
        self._name()
        self.what.setText(self.tr("Looking for the files…"))
        self._errand: Errand = self._network.ask(lambda: looked_up(choice), self._take)
        self.resize(500, self.sizeHint().height())

    def _lay_out(self) -> None:
        self.title, self.what = plain_label("", "panelTitle", wrap=True), plain_label("", wrap=True)
        self.gone = plain_label("", "caution", wrap=True)
        self.gone.hide()
        self.node = QComboBox()
        self.node.setAccessibleName(self.tr("Node"))
        self.convert = QCheckBox(self.tr("&Convert losslessly where the node does not take a syntax"))
        self.convert.setChecked(True)
        self.commit = QCheckBox(self.tr("&Ask for storage commitment"))
        self.first = QCheckBox(self.tr("&Before everything that waits"))
        self.no_node = plain_label(self.tr("There is no node to send to: add one and tick “store” for it."), "caution")
        self.no_node.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        column.setSpacing(theme.GAP)
        for label in (self.title, self.what, self.gone):
            column.addWidget(label)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("&Node"), self.node)
        column.addSpacing(theme.GAP)
        column.addLayout(form)
        column.addWidget(self.no_node)
        told = (
            self.tr(
                "Such an object is unpacked to Explicit or Implicit VR Little Endian, and Transfers says so. Nothing "
                "is compressed anew, no UID changes. Without this it is not sent."
            ),
            self.tr(
                "The node answers for what it keeps, at once or later; a later answer reaches this program only while "
                "it receives studies."
            ),
            "",
        )
        for box, text in zip((self.convert, self.commit, self.first), told, strict=True):
            column.addWidget(box)
            if text:
                label = plain_label(text, "dim", wrap=True)
                label.setContentsMargins(23, 0, 0, theme.GAP // 2)
                column.addWidget(label)
        column.addStretch(1)
        self.nodes = QPushButton(self.tr("Nodes…"))
        self.nodes.clicked.connect(lambda: self._window.dispatch("network.nodes"))
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.send = QPushButton(self.tr("Send"))
        self.send.setDefault(True)
        self.send.setEnabled(False)
        self.send.clicked.connect(self._start)
        for button in (self.nodes, cancel):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addWidget(self.nodes)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.send)
        column.addSpacing(theme.GAP)
        column.addLayout(foot)

    def _list_nodes(self) -> None:
        chosen = self.node.currentText() or self._window.settings["send_node"]
        self.node.clear()
        for node in self._network.book:
            if kind_for(node):
                self.node.addItem(plain(node.name, 60), node)
        self.node.setCurrentIndex(max(self.node.findText(chosen), 0))
        some = self.node.count() > 0
        self.node.setEnabled(some)
        self.no_node.setVisible(not some)
        self._node_chosen()

    def _node_chosen(self) -> None:
        node: Node | None = self.node.currentData()
        commits = node is not None and "commit" in node.services and node.speaks_dimse
        self.convert.setEnabled(node is None or node.speaks_dimse)
        self.commit.setEnabled(commits)
        if not commits:
            self.commit.setChecked(False)
        self._enable()

    def _name(self) -> None:
        hidden = self._window.workspace.options.identity_hidden
        self.title.setText(self.tr("Name hidden") if hidden else plain(self._choice.title, 120))

    def _take(self, found: Found | WorkstationError) -> None:
        """Say what was found."""
        if isinstance(found, WorkstationError):
            self.what.setText(plain(str(found), 300))
            return
        self._found = found
        number = len(found.places)
        one, more = self.tr("1 object, {1}"), self.tr("{0} objects, {1}")
        self.what.setText((one if number == 1 else more).format(f"{number:,}", size_words(found.size)))
        if found.gone:
            text = self.tr("{0} more are not where they were: put the disc or stick back to send them too.")
            self.gone.setText(text.format(f"{found.gone:,}"))
            self.gone.show()
        self._enable()

    def _enable(self) -> None:
        ready = self._found is not None and bool(self._found.places)
        self.send.setEnabled(ready and self.node.currentData() is not None)

    def _start(self) -> None:
        from workstation.transfers.send_job import send_parameters

        node: Node | None = self.node.currentData()
        if node is None or self._found is None or not self._found.places:
            return
        self._window.settings.set("send_node", node.name)
        parameters = send_parameters(
            node.name,
            self._found.places,
            consent="lossless" if self.convert.isChecked() and node.speaks_dimse else "as_is",
            commit=self.commit.isChecked(),
        )
        self._network.add(kind_for(node), node.name, self._choice.title, parameters, first=self.first.isChecked())
        text = self.tr("On its way to {0}: {1}").format(plain(node.name, 60), self.what.text())
        self._window.messages.show_message(
            text,
            action=self.tr("Show transfers"),
            run=lambda: self._window.show_panel("transfers"),
            key="sending",
        )
        self.accept()

    def done(self, result: int) -> None:
        """Look for nothing any more."""
        self._errand.stop()
        super().done(result)


def kind_for(node: Node) -> str:
    """Return the kind of job that sends to a node, nothing where it takes nothing."""
    from workstation.transfers.runners import SERVICES

    if "store" not in node.services:
        return ""
    kind = "send" if node.speaks_dimse else "web_send"
    return kind if kind in SERVICES else ""
