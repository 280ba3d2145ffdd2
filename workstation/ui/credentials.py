"""Asks for what nodes need of the user: a password or token in a line below the messages, or a sign-in.

The line takes no keyboard away and holds nothing up: transfers wait, paused, until it is answered or closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from workstation.network.nodes import Node, NodeError
from workstation.ui import theme
from workstation.ui.widgets import IconLabel, icon_button, plain, plain_label

if TYPE_CHECKING:
    from workstation.network.secrets import Secrets
    from workstation.ui.message_bar import MessageBar
    from workstation.ui.network_api import DeskApi

SIGN_IN = "sign in"
"""Key of the message that offers a sign-in."""
KINDS = {"basic": "password", "bearer": "token"}
FIELD = 220


class SecretLine(QWidget):
    """A sentence, a field whose text is not shown, and a button."""

    given = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = plain_label("", wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.go_on = QPushButton(self.tr("Go on"))
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setFixedWidth(FIELD)
        self.field.returnPressed.connect(self._give)
        self.field.textChanged.connect(lambda text: self.go_on.setEnabled(bool(text)))
        self.go_on.setEnabled(False)
        self.go_on.clicked.connect(self._give)
        close = icon_button("close", self.tr("Not now (Esc)"))
        close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(theme.GAP)
        for widget in (IconLabel("node", 18, "info"), self.text, self.field, self.go_on, close):
            row.addWidget(widget, 1 if widget is self.text else 0)
        self.hide()

    def ask(self, sentence: str, kind: str) -> None:
        """Show a sentence and an empty field."""
        self.text.setText(plain(sentence, 300))
        self.field.clear()
        self.field.setPlaceholderText(self.tr("Password") if kind == "password" else self.tr("Token"))
        self.field.setAccessibleName(sentence)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.mixed("window", "info", 0.16))
        painter.fillRect(0, 0, 3, self.height(), colours["info"])

    def _give(self) -> None:
        text = self.field.text()
        if text:
            self.field.clear()
            self.given.emit(text)


class Credentials(QObject):
    """Follows the queue: what waits for a password, a token or a sign-in is told once, and goes on when it came."""

    given = Signal(str)
    """The node of this name got what it needs."""
    waits_changed = Signal()
    """Whether a node needs something may be another than before."""

    def __init__(self, desk: DeskApi, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._messages = desk, messages
        self._line: SecretLine | None = None
        self._asked: list[str] = []
        self._told: set[str] = set()
        desk.secret_kept.connect(self._go_on)
        desk.sign_ins.done.connect(self._signed_in)
        desk.sign_ins.failed.connect(self._not_signed_in)

    def begin(self) -> None:
        """Follow the queue."""
        self._desk.jobs_changed.connect(self._look)

    @property
    def line(self) -> SecretLine:
        """The line below the messages."""
        if self._line is None:
            self._line = SecretLine()
            home = self._messages.parentWidget()
            layout = home.layout() if home is not None else None
            assert isinstance(layout, QBoxLayout)
            layout.insertWidget(layout.indexOf(self._messages) + 1, self._line)
            self._line.given.connect(self._give)
            self._line.closed.connect(self._close)
        return self._line

    def ask(self, name: str) -> None:
        """Ask for what a node needs, because the user wants to give it: the field takes the keyboard."""
        node = self._node(name)
        if node is None:
            return
        if _kind(node):
            self._ask_secret(node)
            self.line.field.setFocus()
        elif node.web is not None and node.web.authentication == "oidc":
            self._messages.withdraw(SIGN_IN)
            self._sign_in(node)

    @property
    def waits(self) -> bool:
        """Whether a node needs something."""
        return bool(self._asked or self._told)

    def attend(self) -> None:
        """Let the user give what is asked for: the keyboard goes to the line, or a sign-in begins."""
        nodes = [*self._asked, *(job.node for job in self._desk.queue.jobs() if job.needs)]
        if nodes:
            self.ask(nodes[0])

    def expect(self, key: str) -> None:
        """Hear that the job of a key goes on: should it need something again, that is told again."""
        self._told.discard(key)

    def _look(self) -> None:
        waiting = {job.key: job for job in self._desk.queue.jobs() if job.needs}
        if set(waiting) != self._told:
            self.waits_changed.emit()
        self._told &= set(waiting)
        for key, job in waiting.items():
            if key in self._told:
                continue
            self._told.add(key)
            node = self._node(job.node)
            if node is None:
                continue
            if job.needs == "sign_in":
                name = node.name
                run = lambda name=name: self.ask(name)  # noqa: E731 - bound to this node
                self._messages.show_message(job.sentence, "warning", self.tr("Sign in…"), run, key=SIGN_IN)
            elif _kind(node):
                self._ask_secret(node, job.sentence)

    def _ask_secret(self, node: Node, sentence: str = "") -> None:
        """Show the line for a node; another that is being asked for comes first."""
        if node.name not in self._asked:
            self._asked.append(node.name)
        if self._asked[0] != node.name and not sentence:
            # what the user chose comes before what only waits
            self._asked.remove(node.name)
            self._asked.insert(0, node.name)
        if self._asked[0] == node.name:
            self._show(node, sentence)

    def _show(self, node: Node, sentence: str = "") -> None:
        kind = _kind(node)
        template = self.tr("The password for {0} is needed.")
        if kind == "token":
            template = self.tr("The token for {0} is needed.")
        said = sentence or template.format(node.name)
        self.line.ask(said, kind)
        secrets = self._desk.secrets

        def answer(lasting: object) -> None:
            note = self.tr("What you type is kept until the program ends.")
            if lasting is True:
                note = self.tr("What you type is kept in the keyring.")
            if self._asked[:1] == [node.name]:
                self.line.text.setText(plain(f"{said} {note}", 400))

        self._desk.ask(lambda: secrets.lasting, answer)

    def _give(self, text: str) -> None:
        node = self._node(self._asked[0]) if self._asked else None
        self._close()
        if node is None:
            return
        secrets, name, kind = self._desk.secrets, node.name, _kind(node)
        self._desk.ask(lambda: _kept(secrets, name, kind, text), lambda _answer: self._go_on(name))

    def _close(self) -> None:
        """Ask no more for this one; the next that waits comes up."""
        self._leave_out(self._asked[0] if self._asked else "")

    def _leave_out(self, name: str) -> None:
        first = self._asked[:1] == [name]
        self._asked = [one for one in self._asked if one != name]
        if not first:
            return
        self.line.field.clear()
        self.line.hide()
        following = self._node(self._asked[0]) if self._asked else None
        if following is not None:
            self._show(following)

    def _go_on(self, name: str) -> None:
        """Let everything go on that waits for this node."""
        self._leave_out(name)
        for job in self._desk.queue.jobs() if self._desk.has_queue else ():
            if job.node == name and job.needs:
                self.expect(job.key)
                self._desk.queue.resume(job.key)
        self.given.emit(name)

    def _sign_in(self, node: Node) -> None:
        name = node.name
        text = self.tr("Sign in to {0} on the page that your browser shows.").format(name)
        self._messages.show_message(
            text, action=self.tr("Cancel"), run=lambda: self._desk.sign_ins.cancel(name), key=SIGN_IN
        )
        self._desk.sign_ins.sign_in(node)

    def _signed_in(self, name: str) -> None:
        self._messages.withdraw(SIGN_IN)
        self._go_on(name)

    def _not_signed_in(self, name: str, why: str) -> None:
        self._messages.show_message(
            plain(why, 400), "warning", self.tr("Try again"), lambda: self.ask(name), key=SIGN_IN
        )

    def _node(self, name: str) -> Node | None:
        try:
            return self._desk.book.named(name)
        except NodeError:
            return None


def _kind(node: Node) -> str:
    """Return which secret a node needs, nothing where it needs none."""
    return KINDS.get(node.web.authentication, "") if node.web is not None else ""


def _kept(secrets: Secrets, name: str, kind: str, text: str) -> bool:
    return secrets.put(name, kind, text)
