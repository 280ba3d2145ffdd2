"""The performance panel reads counters while it is seen, and its report names nobody (features N13)."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from workstation import stopwatch
from workstation.dicom.identity import FrameRef
from workstation.loading.collection import Catalogue
from workstation.loading.keys import VolumeKey
from workstation.loading.memory import Memory
from workstation.objects.picture import FrameKey
from workstation.ui.frame_plot import SMOOTH, FramePlot
from workstation.ui.performance_follower import PerformanceFollower
from workstation.ui.performance_panel import PerformancePanel, Reading


@pytest.fixture(autouse=True)
def _fresh():
    stopwatch.reset()
    yield
    stopwatch.reset()


@pytest.fixture
def loader():
    return SimpleNamespace(
        memory=lambda: Memory(300 << 20, 1 << 30, 200 << 20, 100 << 20),
        sizes=lambda: ((VolumeKey("a", 4), 200 << 20), (FrameKey(FrameRef("1.2")), 100 << 20)),
        pending=lambda most: 3 + 2 * int(most),
    )


@pytest.fixture
def workspace():
    values = {"SeriesNumber": 7, "PatientName": "Secret^Name"}
    instance = SimpleNamespace(
        modality="CT", values=values, samples_per_pixel=1, transfer_syntax_uid="1.2.840.10008.1.2.1"
    )
    frame = SimpleNamespace(instance=instance)
    stack = SimpleNamespace(id="a", frames=(frame,) * 4, rows=5, columns=6, is_volume=True)
    catalogue = Catalogue(by_id={"a": stack}, places={FrameRef("1.2"): (stack, 0)})
    patient = SimpleNamespace(studies=())
    object.__setattr__(catalogue, "patients", (patient,))
    return SimpleNamespace(catalogue=catalogue)


@pytest.fixture
def panel(qtbot):
    widget = PerformancePanel()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def follower(panel, workspace, loader):
    return PerformanceFollower(panel, workspace, loader)


def test_times_memory_and_queue_are_told(panel, follower):
    stopwatch.painted(0.004)
    stopwatch.took("FrameKey", 0.0031)
    stopwatch.add(stopwatch.CINE_SHOWN, 9)
    stopwatch.add(stopwatch.CINE_DROPPED, 2)
    follower.look()
    assert panel.value("frame") == "4.0 4.0 4.0"
    assert panel.value("decode") == "3.1 3.1 3.1"
    assert panel.value("section") == "– – –"
    assert panel.value("images") == "300 MB of 1.0 GB"
    assert panel.value("cine") == "9 shown · 2 left out"
    assert panel.value("queue").startswith("3 now · 2 small · 2 ahead")
    assert panel.stacks.rows == (("CT 7 · 4 × 5 × 6", 300 << 20),)


def test_nothing_runs_while_the_panel_is_hidden(panel, follower, qtbot):
    assert not follower.timer.isActive()
    with qtbot.waitExposed(panel):
        panel.show()
    assert follower.timer.isActive()
    panel.hide()
    assert not follower.timer.isActive()


def test_start_again_forgets_the_times(panel, follower):
    stopwatch.painted(0.004)
    follower.look()
    panel.again.click()
    assert panel.value("frame") == "– – –"


def test_the_saved_report_has_figures_but_no_names(follower, tmp_path):
    stopwatch.painted(0.004)
    follower.save(str(tmp_path / "report.json"))
    text = (tmp_path / "report.json").read_text()
    report = json.loads(text)
    assert report["source"] == "window"
    assert report["work"]["frame"]["count"] == 1
    assert report["memory"]["volume_bytes"] == 200 << 20
    assert "Secret" not in text
    assert str(tmp_path) not in text


def test_a_report_that_cannot_be_written_is_told(panel, workspace, loader, tmp_path):
    told = []
    follower = PerformanceFollower(panel, workspace, loader, lambda level, text: told.append(level))
    follower.save(str(tmp_path / "not" / "there.json"))
    assert told == ["warning"]


def test_report_and_bench_have_the_same_parts(follower):
    from workstation.loading.speed_report import document

    assert set(document("bench")) <= set(follower.report())


def test_one_slow_picture_does_not_flatten_the_others(qtbot):
    plot = FramePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 64)
    plot.set_times([4.0] * 99 + [2000.0])
    assert SMOOTH < plot.top() < 100


def test_a_reading_of_nothing_shows_dashes(panel):
    panel.show_reading(Reading())
    assert panel.value("first") == panel.value("rate") == "–"
