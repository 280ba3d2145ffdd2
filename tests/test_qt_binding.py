"""PySide6 6.12.0 on Python 3.11 drops references of None and True until the process aborts: watch for it."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12")


class Emitter(QObject):
    fired = Signal(bool)


def test_five_thousand_emits_cost_no_reference_of_true(qapp: QApplication) -> None:
    emitter = Emitter()
    before = sys.getrefcount(True)
    for _ in range(5000):
        emitter.fired.emit(True)
    assert abs(sys.getrefcount(True) - before) < 100


def test_calls_that_return_nothing_cost_no_reference_of_none(qapp: QApplication) -> None:
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(500):
        label.setText(str(number))
        label.resize(100 + number % 7, 20)
        QApplication.processEvents()
    assert abs(sys.getrefcount(None) - before) < 200
