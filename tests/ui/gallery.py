"""Draws every panel with synthetic data: ``python tests/ui/gallery.py FOLDER [NAME...]`` writes PNGs.

Each is drawn in both themes; run with ``QT_SCALE_FACTOR=2`` for the double size.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication, QWidget

from tests.ui import samples
from workstation.ui import theme


def study_browser() -> QWidget:
    from workstation.ui.study_browser import StudyBrowser

    browser = StudyBrowser()
    browser.resize(330, 860)
    browser.set_patients(samples.patients(), samples.stacks())
    for seed, stack_id in enumerate(("a1/0", "a2/0", "a4/0", "b1/0", "b1/2", "b2/0")):
        browser.set_thumbnail(stack_id, samples.thumbnail(seed))
    browser.set_shown({"a1/0": "C"})
    browser.set_shown({"a2/0": "A", "b2/0": "B"})
    browser.select_stack("a3/0")
    return browser


def study_browser_hidden() -> QWidget:
    browser = study_browser()
    browser.set_identity_hidden(True)
    browser.filter.setText("mr")
    return browser


def study_browser_empty() -> QWidget:
    from workstation.ui.study_browser import StudyBrowser

    browser = StudyBrowser()
    browser.resize(300, 420)
    return browser


def header_everything() -> QWidget:
    from workstation.ui.header_panel import HeaderPanel

    panel = HeaderPanel()
    panel.resize(640, 560)
    title = "MR 5 t2_tse_tra · IM0003.dcm · frame 3 of 24"
    panel.show_rows(title, samples.clinical_blocks(), samples.header_blocks(), samples.children)
    panel.pages.setCurrentIndex(1)
    model = panel.everything.lines
    for name in ("Per-frame Functional Groups Sequence", "Item 2"):
        model.set_open(next(n for n, line in enumerate(model.lines) if line.row and line.row.name == name), True)
    panel.everything.go_to(next(n for n, line in enumerate(model.lines) if line.row and line.row.name == "Echo Time"))
    return panel


def header_filtered() -> QWidget:
    panel = header_everything()
    panel.filter.setText("position")
    panel.go_next()
    return panel


def header_check() -> QWidget:
    """The page on conformance, of an enhanced CT that a phantom writes without its acquisition groups."""
    from tempfile import TemporaryDirectory

    from workstation.cli.collect import collect
    from workstation.loading.check_view import check_view
    from workstation.phantoms.enhanced import write_enhanced_ct

    with TemporaryDirectory() as folder:
        (instance,) = collect([str(write_enhanced_ct(Path(folder) / "enhanced.dcm"))]).instances
        view = check_view(instance)
    panel = header_everything()
    panel.check.show_check(view)
    panel.pages.setCurrentIndex(2)
    return panel


def header_check_findings() -> QWidget:
    panel = header_check()
    panel.check.only.setChecked(True)
    panel.check.table.go_to(4)
    return panel


def header_clinical() -> QWidget:
    panel = header_everything()
    panel.resize(360, 400)
    panel.pages.setCurrentIndex(0)
    return panel


def order_panel() -> QWidget:
    from workstation.ui.order_panel import OrderPanel

    panel = OrderPanel()
    panel.resize(640, 460)
    panel.show_report("CT 3 · Abdomen 3.0 B30f", samples.order_report(), 60)
    return panel


def order_panel_without_positions() -> QWidget:
    from workstation.geometry.order_report import OrderEvent, OrderReport
    from workstation.ui.order_panel import OrderPanel

    panel = OrderPanel()
    panel.resize(420, 260)
    event = OrderEvent("missing_position", "4 of 4 images have no Image Position (Patient)", (0, 1, 2, 3))
    panel.show_report("CT 4", OrderReport((0, 1, 2, 3), "instance_number", events=(event,)))
    return panel


def messages() -> QWidget:
    from PySide6.QtWidgets import QVBoxLayout

    from workstation.ui.message_bar import MessageBar

    page = QWidget()
    page.resize(760, 170)
    column = QVBoxLayout(page)
    for tone, text in (
        ("info", "The view was copied."),
        ("warning", "10 files could not be read; everything else is shown."),
        ("error", "IM0017: JPEG 2000 stream ends after 3,212 of 20,118 bytes; the first 300 of 512 rows are shown."),
    ):
        bar = MessageBar()
        column.addWidget(bar)
        bar.show_message("An archive is protected by a password.")
        bar.show_message(text, tone)
        if tone == "warning":
            bar.show_message(text, tone, "Show", page.update)
    column.addStretch(1)
    return page


def skipped_panel() -> QWidget:
    from workstation.ui.skipped_panel import SkippedPanel

    panel = SkippedPanel()
    panel.resize(900, 240)
    damaged = samples.series("a4", "CT", 4, "", problems=(samples.truncated(),)).instances[:1]
    panel.show_report(samples.skipped(), damaged, ("/media/cdrom/AUTORUN.INF", "/media/cdrom/viewer.exe"))
    return panel


def audit_of_a_good_disc() -> QWidget:
    from workstation.ui.audit_panel import AuditPanel

    panel = AuditPanel()
    panel.resize(1000, 300)
    panel.show_audit(samples.audit(good=True))
    return panel


def audit_of_a_broken_disc() -> QWidget:
    from workstation.ui.audit_panel import AuditPanel

    panel = AuditPanel()
    panel.resize(1000, 460)
    panel.show_audit(samples.audit())
    profiles, faults = panel.tree.topLevelItem(0), panel.tree.topLevelItem(1)
    profiles.child(3).setExpanded(True)
    faults.child(0).setExpanded(True)
    faults.child(1).setExpanded(True)
    panel.tree.setCurrentItem(faults.child(1).child(0))
    return panel


def audit_hidden() -> QWidget:
    panel = audit_of_a_broken_disc()
    panel.set_identity_hidden(True)  # type: ignore[attr-defined]
    panel.tree.expandAll()  # type: ignore[attr-defined]
    return panel


def audit_to_choose() -> QWidget:
    from workstation.ui.audit_panel import AuditPanel

    panel = AuditPanel()
    panel.resize(800, 260)
    panel.offer(disc=True)
    return panel


def audit_under_way() -> QWidget:
    from workstation.ui.audit_panel import AuditPanel

    panel = AuditPanel()
    panel.resize(800, 160)
    panel.show_progress(1234)
    return panel


def report_panel() -> QWidget:
    from tests.objects.reports import container, image, item, num, report
    from workstation.loading.report_view import ReportView, tree_rows
    from workstation.objects.report_page import report_page
    from workstation.objects.structured_report import read_report
    from workstation.ui.report_panel import ReportPanel

    groups = [
        container(
            "Measurement Group",
            item("TEXT", "Tracking Identifier", TextValue=name),
            num(
                "Length", value, "mm", item("SCOORD", "Path", image("1.2"), GraphicType="POINT", GraphicData=[1.0, 2.0])
            ),
            item("CODE", "Finding Site"),
        )
        for name, value in (("Nodule, right upper lobe", "14.2"), ("Cyst, liver", "26"))
    ]
    text = item(
        "TEXT", "Impression", TextValue="Two findings, both unchanged since the last examination. <b>No markup.</b>"
    )
    tree = read_report(report(text, *groups, PatientName="Phantom^Testä^Maria", PatientID="0042-17"))
    panel = ReportPanel()
    panel.resize(560, 600)
    panel.show_view("SR · Imaging Report", ReportView(report_page(tree), *tree_rows(tree.root)))
    panel.set_position(1, 3)
    panel.set_stranger("Phantom, Maria")
    return panel


def command_palette() -> QWidget:
    from workstation.ui.palette import CommandPalette, Entry

    page = QWidget()
    page.resize(760, 420)
    names = (
        ("Multiplanar view", "View", "F3"),
        ("Maximise the pane", "View", "F, F11"),
        ("Compare with the prior study", "Layout", ""),
        ("Window preset: lung", "Image", "4"),
        ("Hide identity", "View", "Ctrl+Shift+H"),
        ("3 Thorax 1.0 B70f", "240 images", ""),
        ("Zoom in", "Image", "+"),
    )
    palette = CommandPalette([Entry(name, name, where, keys, page.update) for name, where, keys in names], page)
    page.show()
    palette.open_over(page)
    return page


def help_sheet() -> QWidget:
    from workstation.ui.help_sheet import HelpSheet

    rows = [
        ("File", "Open files…", ("Ctrl+O",), ""),
        ("File", "Open folder…", ("Ctrl+Shift+O",), "subfolders too"),
        ("Tools", "Window", ("W",), "drag right: wider, up: brighter"),
        ("Tools", "Scroll", ("S",), ""),
        ("Image", "Next image", ("Down",), "hold to run"),
        ("Image", "Ten images on", ("PgDown", "Shift+Down"), ""),
        ("Image", "Zoom in", ("+",), ""),
        ("View", "Multiplanar view", ("F3",), ""),
    ]
    mouse = [
        ("Left drag", "The active tool; window at start: right widens, up brightens"),
        ("Shift+left drag", "Pan, in every tool"),
        ("Right drag", "Zoom; a click without movement opens the menu"),
        ("Study browser", "Drag to a pane; double-click or Enter opens in the active pane, Ctrl+Enter in a free one"),
    ]
    return HelpSheet(rows, mouse)


def plain_words() -> QWidget:
    from workstation.dicom.plain_words import described
    from workstation.ui.words_page import WordsPage

    page = WordsPage()
    page.show_element(described("RescaleIntercept"))
    return page


def plain_words_found() -> QWidget:
    from workstation.ui.words_page import WordsPage

    page = WordsPage()
    page.show_topic("position")
    page.filter.setText("spacing")
    return page


def preferences() -> QWidget:
    from workstation import settings
    from workstation.ui.preferences import Preferences

    return Preferences(settings.Settings(Path(os.devnull) / "settings.json"))


def nodes_empty() -> QWidget:
    from tests.ui import network_samples
    from workstation.ui.nodes_page import NodesPage

    return NodesPage(network_samples.desk())


def nodes_filled() -> QWidget:
    from tests.ui import network_samples
    from workstation.ui.nodes_page import NodesPage

    return NodesPage(network_samples.desk(*network_samples.nodes()))


def nodes_faulty() -> QWidget:
    page = nodes_filled()
    page.list.setCurrentRow(1)  # type: ignore[attr-defined]
    page.form.ae_title.setText("MUCH_TOO_LONG_A_TITLE")  # type: ignore[attr-defined]
    page.form.host.setText("archive/dicom")  # type: ignore[attr-defined]
    page.form.root.setText("archive.example.org")  # type: ignore[attr-defined]
    page.resize(880, 1500)
    return page


def nodes_good() -> QWidget:
    from tests.ui import network_samples
    from workstation.ui.nodes_page import NodesPage

    page = NodesPage(network_samples.desk(*network_samples.nodes(), found=network_samples.GOOD))
    page.checks.start()
    return page


def nodes_bad() -> QWidget:
    from tests.ui import network_samples
    from workstation.ui.nodes_page import NodesPage

    page = NodesPage(network_samples.desk(*network_samples.nodes(), found=network_samples.BAD))
    page.checks.start()
    return page


def _web_node(found: str, *, signed_in: bool) -> QWidget:
    from tests.ui import network_samples
    from workstation.network.web.tokens import keep
    from workstation.ui.nodes_page import NodesPage

    desk = network_samples.desk(*network_samples.web_nodes(), found=getattr(network_samples, found))
    if signed_in:
        token = {"access_token": "-", "refresh_token": "-", "expires_at": 1_796_040_000}
        keep(desk.secrets, "Cloud archive", token, "ada@example.org")
    page = NodesPage(desk)
    page.resize(880, 1000)
    page.form.ensureWidgetVisible(page.form.sign_in_note, 0, 40)
    page.checks.start()
    return page


def nodes_web_good() -> QWidget:
    return _web_node("WEB_GOOD", signed_in=True)


def nodes_web_bad() -> QWidget:
    return _web_node("WEB_BAD", signed_in=False)


def secret_line() -> QWidget:
    from workstation.ui.credentials import SecretLine

    line = SecretLine()
    line.ask("The password for Research archive is needed. What you type is kept until the program ends.", "password")
    line.resize(900, line.sizeHint().height())
    return line


def transfers_panel() -> QWidget:
    from tests.ui import network_samples
    from workstation.ui.transfers_panel import TransfersPanel

    panel = TransfersPanel()
    panel.resize(1000, 360)
    panel.show_jobs(network_samples.jobs())
    panel.tree.expand(panel.model.index(4, 0))
    return panel


def transfers_hidden() -> QWidget:
    panel = transfers_panel()
    panel.set_identity_hidden(True)  # type: ignore[attr-defined]
    panel.resize(420, 360)
    return panel


def transfers_empty() -> QWidget:
    from workstation.ui.transfers_panel import TransfersPanel

    panel = TransfersPanel()
    panel.resize(1000, 250)
    return panel


def transfer_chips() -> QWidget:
    from PySide6.QtWidgets import QVBoxLayout

    from workstation.ui.transfer_chip import TransferChip

    page = QWidget()
    column = QVBoxLayout(page)
    for running, failed in (("2 transfers, 12.3 MB/s", 0), ("1 transfer", 1), ("", 3)):
        chip = TransferChip()
        column.addWidget(chip)
        chip.show_state(running, failed)
    return page


def empty_state() -> QWidget:
    from workstation.ui.empty_state import EmptyState

    page = EmptyState()
    page.resize(820, 560)
    page.set_recent(["/data/Study 2024-01-18", "/home/reader/archive.zip"])
    return page


PAGES = (
    study_browser,
    study_browser_hidden,
    study_browser_empty,
    header_everything,
    header_filtered,
    header_check,
    header_check_findings,
    header_clinical,
    order_panel,
    order_panel_without_positions,
    messages,
    skipped_panel,
    audit_of_a_good_disc,
    audit_of_a_broken_disc,
    audit_hidden,
    audit_to_choose,
    audit_under_way,
    report_panel,
    command_palette,
    help_sheet,
    plain_words,
    plain_words_found,
    preferences,
    nodes_empty,
    nodes_filled,
    nodes_faulty,
    nodes_good,
    nodes_bad,
    nodes_web_good,
    nodes_web_bad,
    secret_line,
    transfers_panel,
    transfers_hidden,
    transfers_empty,
    transfer_chips,
    empty_state,
)


def main(folder: str, names: list[str]) -> None:
    app = QApplication.instance() or QApplication([])
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name in theme.NAMES:
        theme.apply_theme(app, name)
        for page in PAGES:
            if names and page.__name__ not in names:
                continue
            widget = page()
            widget.show()
            for _ in range(3):
                app.processEvents()
            shot = widget.grab()
            shot.save(str(out / f"{page.__name__}-{name}-{shot.devicePixelRatio():g}x.png"))
            widget.close()
            widget.deleteLater()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "gallery", sys.argv[2:])
