"""Puts off importing numpy, pydicom and the codecs until the window is on screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workstation import log

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef
    from workstation.geometry.volume import Volume
    from workstation.loading.collection import Catalogue
    from workstation.loading.fetch import Fetcher
    from workstation.loading.keys import VolumeKey
    from workstation.loading.loader import Job
    from workstation.loading.shown import Shown


_LOG = log.get("loading")


class LazyFetcher:
    """A :class:`Fetcher` that is made on the worker thread of the first fetch."""

    def __init__(self, catalogue: Callable[[], Catalogue], volume_of: Callable[[VolumeKey], Volume | None]) -> None:
        self._catalogue, self._volume_of = catalogue, volume_of
        self._fetcher: Fetcher | None = None
        self._lock = threading.Lock()

    def fetch(self, key: Any, job: Job) -> tuple[Any, int]:
        """Return (value, bytes) of a key."""
        return self._made().fetch(key, job)

    def first(self, catalogue: Catalogue, ref: FrameRef) -> Shown | None:
        """Return a frame of a catalogue that is not on screen yet; None where its pane has to say what is wrong."""
        from workstation.errors import WorkstationError

        try:
            return self._made().shown(ref, catalogue)
        except WorkstationError:
            return None
        except Exception:
            # One image must not end the scan it stands first in; the pane asks for it again and says so.
            _LOG.exception("the first image could not be fetched ahead")
            return None

    def _made(self) -> Fetcher:
        with self._lock:
            if self._fetcher is None:
                from workstation.loading.fetch import Fetcher

                self._fetcher = Fetcher(self._catalogue, self._volume_of)
            return self._fetcher
