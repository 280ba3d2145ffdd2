"""A small page with what the certificate of a node says, and the button that accepts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QWidget

from workstation.ui import theme
from workstation.ui.widgets import plain, plain_label

if TYPE_CHECKING:
    from workstation.network.certificate_look import Certificate


def certificate_page(certificate: Certificate, accept: Callable[[str], object], parent: QWidget) -> QDialog:
    """Return a page that calls ``accept`` with the fingerprint if the user accepts the certificate."""
    page = QDialog(parent)
    tr = page.tr
    page.setWindowTitle(tr("Certificate"))
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    form = QFormLayout(page)
    form.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
    form.setSpacing(theme.GAP)
    print_ = certificate.fingerprint
    blocks = [" ".join(print_[at : at + 8] for at in range(start, start + 32, 8)) for start in (0, 32)]
    for name, value in (
        (tr("Of"), plain(certificate.subject, 300)),
        (tr("Signed by"), plain(certificate.issuer, 300)),
        (tr("Valid"), f"{certificate.begins:%Y-%m-%d} – {certificate.ends:%Y-%m-%d}"),
    ):
        label = plain_label(value, wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(plain_label(name, "dim"), label)
    digest = plain_label("\n".join(blocks))
    digest.setFont(theme.fixed_font())
    digest.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    form.addRow(plain_label("SHA-256", "dim"), digest)
    if certificate.fault:
        form.addRow(plain_label(plain(certificate.fault, 300), "problem", wrap=True))
        advice = tr("Compare the SHA-256 with what its administrator tells you before you accept it.")
    else:
        advice = tr("It is trusted already; accepting it by hand binds the node to this one certificate.")
    form.addRow(plain_label(advice, "dim", wrap=True))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    button = buttons.addButton(tr("Accept this certificate"), QDialogButtonBox.ButtonRole.AcceptRole)
    button.setObjectName("acceptCertificate")
    # Enter must not accept what was not read
    button.setAutoDefault(False)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
    buttons.accepted.connect(page.accept)
    buttons.rejected.connect(page.reject)
    page.accepted.connect(lambda: accept(certificate.fingerprint))
    form.addRow(buttons)
    page.resize(480, page.sizeHint().height())
    return page
