"""The form of one node: its titles and address, TLS, DICOMweb, times and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workstation.network.nodes import OUR_TITLE, Node, Tls, Web
from workstation.ui import theme
from workstation.ui.node_fields import FIELD, FileLine, Section, all_of, beside
from workstation.ui.number_boxes import DecimalBox, IntegerBox
from workstation.ui.widgets import WheelGuard, plain_label

SECRETS = {"basic": "password", "bearer": "token"}
"""Which secret a way of authentication needs, by its kind in :class:`workstation.network.secrets.Secrets`."""
CERTIFICATES = "PEM (*.pem *.crt *.cer *.key)"


class NodeForm(QScrollArea):
    """Shows a node and gives back what was made of it."""

    changed = Signal()
    """The user changed something."""
    look_wanted = Signal()
    """The certificate of the peer is to be looked at."""
    secret_wanted = Signal()
    """The way of authentication is another now, or is seen: where its secret is kept is to be found out."""

    sign_in_seen = Signal()
    """A node is seen that is signed in to: who is, is to be found out."""
    sign_in_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node = Node(name="")
        self._filling = False
        self._kept = False
        self._wheel = WheelGuard(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, theme.GAP)
        self.sections = (self._entity(), self._tls(), self._web(), self._limits())
        for section in self.sections:
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(page)
        self._listen(page)

    # what is shown

    def show_node(self, node: Node) -> None:
        """Show a node."""
        self._filling, self._node, self._kept = True, node, False
        self.name.setText(node.name)
        self.ae_title.setText(node.ae_title)
        self.host.setText(node.host)
        self.port.setValue(node.port)
        self.calling.setText(node.calling)
        self.move_to.setText(node.move_to)
        self.retrieve.setCurrentIndex(max(self.retrieve.findData(node.retrieve), 0))
        for service, box in self.services.items():
            box.setChecked(service in node.services)
        if self.character_set.findData(node.character_set) < 0:
            self.character_set.addItem(node.character_set, node.character_set)
        self.character_set.setCurrentIndex(self.character_set.findData(node.character_set))
        self._show_tls(node.tls)
        self._show_web(node.web)
        self.connect_timeout.setValue(node.connect_timeout)
        self.answer_timeout.setValue(node.answer_timeout)
        self.stall_timeout.setValue(node.stall_timeout)
        self.largest_pdu.setValue(node.largest_pdu)
        self.answer_limit.setValue(node.answer_limit)
        self._filling = False
        self._web_rows()
        self.verticalScrollBar().setValue(0)

    def node(self) -> Node:
        """Return the node as it is written now; it may have faults."""
        return replace(
            self._node,
            name=self.name.text().strip(),
            ae_title=self.ae_title.text().strip(" "),
            host=self.host.text().strip(),
            port=self.port.value(),
            calling=self.calling.text().strip(" "),
            move_to=self.move_to.text().strip(" "),
            retrieve=self.retrieve.currentData(),
            services=frozenset(service for service, box in self.services.items() if box.isChecked()),
            character_set=self.character_set.currentData(),
            tls=self._written_tls(),
            web=self._written_web(),
            connect_timeout=self.connect_timeout.value(),
            answer_timeout=self.answer_timeout.value(),
            stall_timeout=self.stall_timeout.value(),
            largest_pdu=self.largest_pdu.value(),
            answer_limit=self.answer_limit.value(),
        )

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it."""
        for section in self.sections:
            section.show_faults(faults)

    def written_secret(self) -> tuple[str, str] | None:
        """Return (kind, secret) that was typed, an empty one where it is to be forgotten; None where it was let be."""
        kind = SECRETS.get(self.authentication.currentData())
        if kind is None or not self.secret.isModified() or not self._web_on:
            return None
        return kind, self.secret.text()

    @property
    def secret_kind(self) -> str:
        """The kind of secret this node needs, nothing where it needs none."""
        return SECRETS.get(self.authentication.currentData(), "") if self._web_on else ""

    def show_secret_state(self, *, lasting: bool, kept: bool) -> None:
        """Say where a secret is kept, and whether there is one; it is never shown."""
        self._kept = kept
        self.secret.setPlaceholderText(self.tr("kept; type to replace it") if kept else "")
        if lasting:
            said = self.tr("It is kept in the keyring of this system, never in a file of this program.")
        else:
            said = self.tr("This system has no keyring: it is kept in memory until the program ends.")
        self.secret_note.setText(said)
        self.secret_note.show()

    def show_sign_in(self, said: str, *, running: bool, signed_in: bool) -> None:
        """Say who is signed in; while somebody is signing in, the button ends that."""
        self.sign_in_note.setText(said)
        self.sign_in.setText(self.tr("Cancel") if running else self.tr("Sign in…"))
        self.sign_out.setVisible(signed_in and not running)

    def accept_certificate(self, fingerprint: str) -> None:
        """Pin the certificate with this SHA-256."""
        self.pinned.setText(fingerprint)

    # sections

    def _entity(self) -> Section:
        section = Section(self.tr("Application entity"))
        self.name, self.ae_title, self.host = QLineEdit(), QLineEdit(), QLineEdit()
        self.calling, self.move_to = QLineEdit(), QLineEdit()
        self.port = _number(1, 65535)
        self.calling.setPlaceholderText(OUR_TITLE)
        self.move_to.setPlaceholderText(self.tr("the same as our title"))
        self.retrieve = _choice(("move", self.tr("Move: it calls us back")), ("get", self.tr("Get: same connection")))
        names = {
            "query": self.tr("Query and retrieve"),
            "store": self.tr("Store"),
            "worklist": self.tr("Worklist"),
            "print": self.tr("Print"),
            "commit": self.tr("Storage commitment"),
        }
        self.services = {service: QCheckBox(text) for service, text in names.items()}
        services = QWidget()
        grid = QGridLayout(services)
        grid.setContentsMargins(0, 2, 0, 2)
        for number, box in enumerate(self.services.values()):
            grid.addWidget(box, number // 2, number % 2)
        self.character_set = _choice(
            ("", self.tr("as the answers say")),
            ("ISO_IR 100", self.tr("Latin 1 (ISO_IR 100)")),
            ("ISO_IR 101", self.tr("Latin 2 (ISO_IR 101)")),
            ("ISO_IR 144", self.tr("Cyrillic (ISO_IR 144)")),
            ("ISO_IR 192", self.tr("Unicode (ISO_IR 192)")),
            ("GB18030", self.tr("Chinese (GB18030)")),
            ("\\ISO 2022 IR 87", self.tr("Japanese (ISO 2022 IR 87)")),
        )
        section.row("name", self.tr("Name"), self.name, self.tr("What it is called here; nobody else sees it."))
        section.row("ae_title", self.tr("Its AE title"), self.ae_title)
        section.row("host", self.tr("Host"), self.host)
        section.row("port", self.tr("Port"), beside(self.port), field=self.port)
        section.row("calling", self.tr("Our AE title"), self.calling)
        section.row("move_to", self.tr("Our title for moves"), self.move_to)
        section.row("retrieve", self.tr("Retrieve by"), beside(self.retrieve), field=self.retrieve)
        section.row("services", self.tr("Used for"), services)
        section.row("character_set", self.tr("Text of answers"), beside(self.character_set), field=self.character_set)
        return section

    def _tls(self) -> Section:
        section = Section(self.tr("Security"), optional=self.tr("Secure connection (TLS)"))
        self.tls_on = section.switch
        self.authorities = FileLine(self.tr("Trusted authorities"), CERTIFICATES)
        self.authorities.line.setPlaceholderText(self.tr("those the system trusts"))
        self.certificate = FileLine(self.tr("Our certificate"), CERTIFICATES)
        self.key = FileLine(self.tr("Our key"), CERTIFICATES)
        self.check_name = QCheckBox(self.tr("The certificate has to name the host"))
        self.pinned = QLineEdit()
        self.pinned.setPlaceholderText(self.tr("SHA-256 of the one certificate accepted by hand"))
        look = QPushButton(self.tr("Look at its certificate"))
        look.clicked.connect(self.look_wanted)
        section.row("authorities", self.tr("Authorities"), self.authorities, field=self.authorities.line)
        section.row("certificate", self.tr("Our certificate"), self.certificate, field=self.certificate.line)
        section.row("key", self.tr("Our key"), self.key, field=self.key.line)
        section.row("check_name", "", self.check_name)
        self.check_name.setAccessibleName(self.check_name.text())
        section.row("pinned", self.tr("Accepted by hand"), self.pinned)
        section.wide(beside(look))
        return section

    def _web(self) -> Section:
        self._web_section = section = Section("DICOMweb", optional=self.tr("It has a DICOMweb service"))
        assert section.switch is not None
        self.web_on = section.switch
        self.root, self.user, self.issuer = QLineEdit(), QLineEdit(), QLineEdit()
        self.client_id, self.scope, self.secret = QLineEdit(), QLineEdit(), QLineEdit()
        self.root.setPlaceholderText("https://archive.example.org/dicom-web")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret_note = plain_label("", "dim", wrap=True)
        self.authentication = _choice(
            ("none", self.tr("None")),
            ("basic", self.tr("User and password (Basic)")),
            ("bearer", self.tr("Token (Bearer)")),
            ("oidc", self.tr("Sign in (OpenID Connect)")),
        )
        section.row("root", self.tr("Root"), self.root)
        section.row("authentication", self.tr("Authentication"), beside(self.authentication), field=self.authentication)
        section.row("user", self.tr("User"), self.user)
        section.row("secret", self.tr("Password or token"), self.secret)
        section.wide(self.secret_note)
        section.row("issuer", self.tr("Issuer"), self.issuer)
        section.row("client_id", self.tr("Client id"), self.client_id)
        section.row("scope", self.tr("Scope"), self.scope)
        self.sign_in, self.sign_out = QPushButton(self.tr("Sign in…")), QPushButton(self.tr("Sign out"))
        self.sign_in.clicked.connect(self.sign_in_wanted)
        self.sign_out.clicked.connect(self.sign_out_wanted)
        self.sign_in_note = plain_label("", "dim", wrap=True)
        self._sign_in_row = beside(self.sign_in, self.sign_out)
        section.wide(self._sign_in_row)
        section.wide(self.sign_in_note)
        self.authentication.currentIndexChanged.connect(self._web_rows)
        section.switched.connect(self._web_rows)
        return section

    def _limits(self) -> Section:
        section = Section(self.tr("Times and limits"))
        self.connect_timeout, self.answer_timeout, self.stall_timeout = _seconds(), _seconds(), _seconds()
        self.largest_pdu = _number(4096, 1 << 20)
        self.largest_pdu.setSingleStep(16384)
        self.largest_pdu.setSuffix(self.tr(" bytes"))
        self.answer_limit = _number(0, 100_000)
        self.answer_limit.setSpecialValueText(self.tr("no limit"))
        for key, text, box in (
            ("connect_timeout", self.tr("Connection within"), self.connect_timeout),
            ("answer_timeout", self.tr("Answer within"), self.answer_timeout),
            ("stall_timeout", self.tr("Silence at most"), self.stall_timeout),
            ("largest_pdu", self.tr("Largest PDU"), self.largest_pdu),
            ("answer_limit", self.tr("Answers at most"), self.answer_limit),
        ):
            section.row(key, text, beside(box), field=box)
        return section

    # reading and following

    @property
    def _web_on(self) -> bool:
        return self.web_on.isChecked()

    def _show_tls(self, tls: Tls | None) -> None:
        assert self.tls_on is not None
        self.tls_on.setChecked(tls is not None)
        tls = tls or Tls()
        self.authorities.line.setText(tls.authorities)
        self.certificate.line.setText(tls.certificate)
        self.key.line.setText(tls.key)
        self.check_name.setChecked(tls.check_name)
        self.pinned.setText(tls.pinned)

    def _written_tls(self) -> Tls | None:
        assert self.tls_on is not None
        if not self.tls_on.isChecked():
            return None
        return Tls(
            self.authorities.line.text().strip(),
            self.certificate.line.text().strip(),
            self.key.line.text().strip(),
            self.pinned.text().strip(),
            self.check_name.isChecked(),
        )

    def _show_web(self, web: Web | None) -> None:
        self.web_on.setChecked(web is not None)
        web = web or Web(root="")
        self.root.setText(web.root)
        self.authentication.setCurrentIndex(max(self.authentication.findData(web.authentication), 0))
        self.user.setText(web.user)
        self.issuer.setText(web.issuer)
        self.client_id.setText(web.client_id)
        self.scope.setText(web.scope)
        self.secret.clear()
        self.secret.setPlaceholderText("")
        self.secret_note.clear()

    def _written_web(self) -> Web | None:
        if not self._web_on:
            return None
        return replace(
            self._node.web or Web(root=""),
            root=self.root.text().strip(),
            authentication=self.authentication.currentData(),
            user=self.user.text(),
            issuer=self.issuer.text().strip(),
            client_id=self.client_id.text().strip(),
            scope=self.scope.text().strip(),
        )

    def _web_rows(self) -> None:
        if self._filling:
            return
        way = self.authentication.currentData()
        self._web_section.show_row("user", way == "basic")
        self._web_section.show_row("secret", way in SECRETS)
        self.secret_note.setVisible(way in SECRETS and bool(self.secret_note.text()))
        for key in ("issuer", "client_id", "scope"):
            self._web_section.show_row(key, way == "oidc")
        for widget in (self._sign_in_row, self.sign_in_note):
            widget.setVisible(way == "oidc")
        if self._web_on and way == "oidc":
            self.sign_in_seen.emit()
        if self._web_on and way in SECRETS:
            self.secret_wanted.emit()

    def _listen(self, page: QWidget) -> None:
        all_of(page, QLineEdit, lambda one: one.textChanged.connect(self._changed))  # type: ignore[attr-defined]
        all_of(page, QCheckBox, lambda one: one.toggled.connect(self._changed))  # type: ignore[attr-defined]
        for kind in (QComboBox, QSpinBox, QDoubleSpinBox):
            all_of(page, kind, self._guard)

    def _guard(self, editor: QWidget) -> None:
        editor.installEventFilter(self._wheel)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        signal = editor.currentIndexChanged if isinstance(editor, QComboBox) else editor.valueChanged  # type: ignore[attr-defined]
        signal.connect(self._changed)

    def _changed(self, *_: object) -> None:
        if not self._filling:
            self.changed.emit()


def _choice(*choices: tuple[str, str]) -> QComboBox:
    box = QComboBox()
    for value, text in choices:
        box.addItem(text, value)
    box.setMinimumWidth(FIELD)
    return box


def _number(low: int, high: int) -> QSpinBox:
    box = IntegerBox()
    box.setRange(low, high)
    box.setFixedWidth(150)
    return box


def _seconds() -> QDoubleSpinBox:
    box = DecimalBox()
    box.setRange(0.5, 3600)
    box.setDecimals(1)
    box.setSuffix(" s")
    box.setFixedWidth(150)
    return box
