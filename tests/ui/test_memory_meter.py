"""The memory meter: how much, whose, and a warning before it is full."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workstation.dicom.identity import FrameRef
from workstation.loading.collection import Catalogue
from workstation.loading.keys import VolumeKey
from workstation.loading.memory import Memory
from workstation.objects.picture import FrameKey
from workstation.ui.memory_meter import MemoryMeter, size_text

GB = 1 << 30


class _Loader:
    def __init__(self) -> None:
        self.used = 0

    def memory(self) -> Memory:
        return Memory(self.used, 8 * GB, 0, self.used)

    def sizes(self):
        return ((VolumeKey("a", 4), 2 * GB), (FrameKey(FrameRef("1.2")), GB))


@pytest.fixture
def loader():
    return _Loader()


@pytest.fixture
def meter(qtbot, loader):
    instance = SimpleNamespace(modality="MR", values={"SeriesNumber": 2})
    stack = SimpleNamespace(id="a", frames=(SimpleNamespace(instance=instance),) * 4, rows=5, columns=6)
    widget = MemoryMeter(loader, SimpleNamespace(catalogue=Catalogue(by_id={"a": stack})))
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 MB"),
        (1, "0.1 MB"),
        (400 << 10, "0.4 MB"),
        (310 << 20, "310 MB"),
        (GB, "1.0 GB"),
        (int(7.62 * GB), "7.6 GB"),
    ],
)
def test_sizes_are_short(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("used", "text", "warns"),
    [(0, "0 MB of 8.0 GB", False), (2 * GB, "2.0 of 8.0 GB", False), (int(7.5 * GB), "7.5 of 8.0 GB", True)],
)
def test_the_meter_tells_how_much_and_warns_before_it_is_full(meter, loader, used, text, warns):
    loader.used = used
    meter.look()
    assert meter.text() == text
    assert meter.warns is warns


def test_it_explains_what_holds_the_memory_and_for_which_series(meter):
    lines = meter.explained()
    assert "frames 1.0 GB, volumes 2.0 GB" in lines
    assert "MR 2 · 4 × 5 × 6: 2.0 GB" in lines


def test_small_holdings_are_summed(meter, loader):
    loader.sizes = lambda: ((VolumeKey("a", 4), GB), *((VolumeKey(f"s{n}", 1), 1000) for n in range(20)))
    assert "20 more: 0.1 MB" in meter.explained()


def test_many_images_make_one_look(meter, loader, qtbot):
    loader.used = GB
    for _ in range(50):
        meter.refresh()
    assert meter.text() == "0 MB of 8.0 GB"
    qtbot.waitUntil(lambda: meter.text() == "1.0 of 8.0 GB", timeout=5000)


def test_a_click_and_the_space_bar_open_the_panel(meter, qtbot):
    with qtbot.waitSignal(meter.clicked):
        QTest.mouseClick(meter, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(meter.clicked):
        QTest.keyClick(meter, Qt.Key.Key_Space)


def test_the_meter_does_not_move_its_neighbours_as_digits_change(meter, loader):
    loader.used = 8 * GB
    meter.look()
    wide = meter.sizeHint()
    loader.used = 5 << 20
    meter.look()
    assert meter.sizeHint() == wide
