"""The check of a disc in words: profiles, faults by kind, a report to copy; names hidden where identity is (N10)."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QTreeWidgetItem

from tests.ui import samples
from workstation.dicom.media_audit import Audit, Fault, Verdict
from workstation.ui import theme
from workstation.ui.audit_panel import AuditPanel
from workstation.ui.audit_rows import MOST_LINES


@pytest.fixture
def panel(qtbot) -> AuditPanel:
    widget = AuditPanel()
    qtbot.addWidget(widget)
    widget.resize(800, 300)
    widget.show_audit(samples.audit())
    widget.show()
    return widget


def rows(item: QTreeWidgetItem) -> list[tuple[str, str]]:
    return [(item.child(n).text(0), item.child(n).text(1)) for n in range(item.childCount())]


def everything(panel: AuditPanel) -> str:
    def words(item: QTreeWidgetItem) -> list[str]:
        own = [item.text(0), item.text(1), item.toolTip(0), item.toolTip(1)]
        return own + [word for n in range(item.childCount()) for word in words(item.child(n))]

    tops = [panel.tree.topLevelItem(n) for n in range(panel.tree.topLevelItemCount())]
    return "\n".join([panel.summary.text(), panel.summary.toolTip(), *(word for top in tops for word in words(top))])


def test_the_summary_counts(panel: AuditPanel) -> None:
    assert panel.summary.text() == "248 records · 246 DICOM files · 6 faults"
    panel.show_audit(samples.audit(good=True))
    assert panel.summary.text() == "248 records · 248 DICOM files · no fault"


def test_profiles_say_whether_they_could_be_claimed_and_what_breaks_them(panel: AuditPanel) -> None:
    profiles = panel.tree.topLevelItem(0)
    assert rows(profiles)[0] == ("STD-GEN-CD, STD-GEN-DVD-RAM", "could be claimed")
    assert [remark for _, remark in rows(profiles)[2:]] == ["broken by 1 file", "broken by 2 files"]
    assert rows(profiles.child(3))[1] == ("DICOM/IM1", "its Transfer Syntax is not one of the profile's")


def test_faults_are_grouped_the_graver_first(panel: AuditPanel) -> None:
    faults = panel.tree.topLevelItem(1)
    titles = [title for title, _ in rows(faults)]
    assert titles[0] == "Records without a file (2)"
    assert titles[-1] == "Copies of other files (1)"
    assert rows(faults.child(0))[1] == ("DICOM/00001/SE00003/IM00018", "The record names a file that is not there.")


def test_a_long_list_is_cut_on_screen_and_whole_in_the_report(panel: AuditPanel) -> None:
    many = tuple(Fault("orphan", f"F{n}", "A DICOM file that no record names.") for n in range(MOST_LINES + 3))
    panel.show_audit(Audit("/cd/DICOMDIR", 0, len(many), many, (Verdict("STD-GEN-CD", ()),), ()))
    group = panel.tree.topLevelItem(1).child(0)
    assert group.childCount() == MOST_LINES + 1
    assert group.child(MOST_LINES).text(0) == "… and 3 more, in the report"
    panel.copying.click()
    assert f"F{MOST_LINES + 2}: A DICOM file" in QGuiApplication.clipboard().text()


def test_the_report_is_copied_as_text(panel: AuditPanel) -> None:
    panel.copying.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("/media/cdrom/DICOMDIR: 248 records")
    assert "    COPY/IM1: It repeats Smith_John/IM1 byte for byte." in text


def test_hidden_identity_hides_every_name_of_a_file(panel: AuditPanel) -> None:
    panel.set_identity_hidden(True)
    panel.copying.click()
    for text in (everything(panel), QGuiApplication.clipboard().text()):
        assert not any(word in text for word in ("Smith", "IM1", "IM0002", "cdrom", "README"))
    assert "file 1" in everything(panel)
    panel.set_identity_hidden(False)
    assert "Smith_John" in everything(panel)


def test_a_file_that_is_activated_is_named_by_its_place(panel: AuditPanel, qtbot) -> None:
    line = panel.tree.topLevelItem(1).child(0).child(0)
    with qtbot.waitSignal(panel.file_chosen) as chosen:
        panel.tree.itemActivated.emit(line, 0)
    assert chosen.args == ["/media/cdrom/DICOM/00001/SE00003/IM00017"]


def test_names_are_shown_as_they_stand(panel: AuditPanel) -> None:
    """A file name may look like HTML."""
    fault = Fault("orphan", "<b>IM1</b>", "A DICOM file that no record names.")
    panel.show_audit(Audit("/cd/DICOMDIR", 0, 1, (fault,), (), ()))
    line = panel.tree.topLevelItem(1).child(0).child(0)
    assert line.text(0) == "<b>IM1</b>"
    assert "&lt;b&gt;" in line.toolTip(0)


def test_marks_follow_the_theme(panel: AuditPanel) -> None:
    group = panel.tree.topLevelItem(0).child(0)
    app = QApplication.instance()
    try:
        theme.apply_theme(app, "dark")
        QApplication.sendPostedEvents()
        dark = group.icon(0).pixmap(16, 16).toImage()
        theme.apply_theme(app, "light")
        QApplication.sendPostedEvents()
        assert group.icon(0).pixmap(16, 16).toImage() != dark
    finally:
        theme.apply_theme(app, "dark")
