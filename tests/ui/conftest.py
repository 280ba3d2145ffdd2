"""Widgets are drawn offscreen unless a display is chosen, and wear the dark theme."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _dressed(qapp):
    from workstation.ui import theme

    theme.apply_theme(qapp, "dark")
