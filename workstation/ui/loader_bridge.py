"""The one crossing from worker threads to the GUI thread: queued signals that carry frozen values."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class LoaderBridge(QObject):
    """Workers emit; Qt queues to the GUI thread."""

    loaded = Signal(object)
    progress = Signal(object, float)
    catalogue = Signal(object)
    first_look = Signal(object)
