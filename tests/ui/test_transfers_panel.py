"""The panel of transfers and its words, without a queue (features O, P)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from tests.ui import network_samples
from workstation.transfers.jobs import Job
from workstation.ui.transfer_chip import TransferChip
from workstation.ui.transfer_model import TransferModel
from workstation.ui.transfer_words import log_text, seconds_left, size_words, summary, time_words
from workstation.ui.transfers_panel import TransfersPanel


@pytest.fixture
def panel(qtbot) -> TransfersPanel:
    made = TransfersPanel()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    QTest.qWaitForWindowExposed(made)
    return made


def tr(text: str) -> str:
    return text


def titles(model: TransferModel) -> list[str]:
    return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]


def test_the_model_keeps_qts_rules_while_jobs_come_move_and_go(qapp) -> None:
    model = TransferModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    jobs = list(network_samples.jobs())
    model.show(jobs)
    assert titles(model) == [job.title for job in jobs]
    jobs = [jobs[3], replace(jobs[0], faults=jobs[1].faults), *jobs[5:], jobs[4]]
    model.show(jobs)
    assert titles(model) == [job.title for job in jobs]
    assert model.rowCount(model.index(1, 0)) == 2
    model.show([replace(jobs[1], faults=()), *jobs[2:]])
    assert model.rowCount(model.index(0, 0)) == 0
    model.show(())
    assert model.rowCount() == 0
    tester.deleteLater()


def test_two_hundred_jobs_are_renewed_by_what_changed_alone(panel: TransfersPanel) -> None:
    jobs = [network_samples.job(str(n), "send", "waiting", f"Study {n}", total=10) for n in range(200)]
    panel.show_jobs(jobs)
    changed: list[int] = []
    panel.model.dataChanged.connect(lambda first, last: changed.extend(range(first.row(), last.row() + 1)))
    jobs[7] = network_samples.job("7", "send", "running", "Study 7", total=10, done=1)
    panel.show_jobs(jobs)
    assert changed == [7]


def test_a_row_is_opened_to_its_faults_which_name_no_uid(panel: TransfersPanel) -> None:
    panel.show_jobs(network_samples.jobs())
    panel.tree.setCurrentIndex(panel.model.index(4, 0))
    QTest.keyClick(panel.tree, Qt.Key.Key_Right)
    assert panel.tree.isExpanded(panel.model.index(4, 0))
    below = panel.model.index(0, 0, panel.model.index(4, 0))
    text = str(panel.model.data(below))
    assert text.startswith("#")
    assert "out of resources" in text
    assert "1.2.826" not in text
    assert panel.model.parent(below) == panel.model.index(4, 0)
    assert panel.model.parent(panel.model.index(0, 0)) == QModelIndex()


@pytest.mark.parametrize(
    ("row", "key", "asked"),
    [
        (0, Qt.Key.Key_Space, "pause"),
        (3, Qt.Key.Key_Space, "resume"),
        (2, Qt.Key.Key_Delete, "cancel"),
        (6, Qt.Key.Key_R, "retry"),
        (7, Qt.Key.Key_R, "retry"),
    ],
)
def test_each_state_has_its_key(panel: TransfersPanel, row: int, key: Qt.Key, asked: str) -> None:
    heard: list[tuple[str, str]] = []
    panel.asked.connect(lambda name, job: heard.append((name, job)))
    panel.activateWindow()
    QTest.qWaitForWindowActive(panel)
    panel.show_jobs(network_samples.jobs())
    panel.tree.setFocus()
    panel.tree.setCurrentIndex(panel.model.index(row, 0))
    QTest.keyClick(panel.tree, key)
    assert heard == [(asked, str(row + 1))]


def test_what_is_over_is_neither_paused_nor_cancelled_and_a_print_is_not_paused(panel: TransfersPanel) -> None:
    """A sheet that was printed cannot be taken back, and would be printed again."""
    panel.show_jobs([network_samples.job("p", "print", "running", "1 film", total=1), *network_samples.jobs()])
    panel.tree.setCurrentIndex(panel.model.index(0, 0))
    assert not panel.actions_by_name["pause"].isEnabled()
    assert panel.actions_by_name["cancel"].isEnabled()
    panel.tree.setCurrentIndex(panel.model.index(6, 0))
    assert not any(panel.actions_by_name[name].isEnabled() for name in ("pause", "cancel", "retry", "first"))


def test_hidden_identity_takes_titles_from_the_rows_and_tooltips(panel: TransfersPanel) -> None:
    panel.show_jobs(network_samples.jobs())
    panel.set_identity_hidden(True)
    for row in range(panel.model.rowCount()):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            text = str(panel.model.data(panel.model.index(row, 0), role))
            assert "Phantom" not in text
            assert "Tester" not in text
    assert titles(panel.model)[0] == "Fetch"


def test_the_copied_log_holds_nothing_of_a_patient_nor_what_a_peer_said(panel: TransfersPanel) -> None:
    """A34."""
    said = (("1.2.3", "The server refuses it (A700). “Phantom^Maria is locked”"),)
    jobs: list[Job] = [replace(job, faults=job.faults and said) for job in network_samples.jobs()]
    panel.show_jobs(jobs)
    panel.tree.selectAll()
    panel.copy()
    text = QApplication.clipboard().text()
    assert text == log_text(jobs, tr)
    assert "Phantom" not in text
    assert "Tester" not in text
    assert "1.2.3" not in text
    assert "The server refuses it (A700). “…”" in text
    assert "nothing listens at archive.example.org:104" in text


def test_the_time_left_is_reckoned_from_what_was_moved() -> None:
    running = network_samples.job("1", "send", "running", "", done=10, total=30, size=10_000, speed=1000.0)
    assert seconds_left(running) == pytest.approx(20)
    assert seconds_left(replace(running, state="paused")) is None
    assert seconds_left(replace(running, speed=0.0)) is None
    assert [time_words(seconds, tr) for seconds in (0.2, 59, 61, 5400, 7200)] == [
        "1 s left",
        "59 s left",
        "1 min left",
        "2 h left",
        "2 h left",
    ]
    assert [size_words(size) for size in (0, 999, 1000, 12_340_000, 5.2e9)] == [
        "0 B",
        "999 B",
        "1 kB",
        "12.3 MB",
        "5.2 GB",
    ]


def test_the_chip_is_seen_only_while_there_is_something_to_say(qtbot) -> None:
    chip = TransferChip()
    qtbot.addWidget(chip)
    chip.show_state("", 0)
    assert not chip.isVisible()
    chip.show_state(summary(network_samples.jobs(), tr), 0)
    assert chip.isVisible()
    assert chip.text() == "2 transfers, 15.4 MB/s"
    chip.show_state("", 1)
    assert chip.text() == "1 transfer failed"
    chip.show_state("", 0)
    assert not chip.isVisible()
