"""How each study was looked at when it was closed, for the day it is opened again."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workstation.paths import data_folder
from workstation.viewing.session import SessionError, read_session
from workstation.whole_file import write_whole

if TYPE_CHECKING:
    from workstation.viewing.session import Session

MOST_STUDIES: Final = 500
"""Studies whose views are kept; those looked at longest ago go."""


def views_folder() -> Path:
    """Return where they are."""
    return data_folder() / "views"


def place_of(study_uid: str, folder: Path | None = None) -> Path:
    """Return the file of a study: its name is a hash, the UID cannot be read from it."""
    digest = hashlib.sha256(study_uid.encode("utf-8", "surrogatepass")).hexdigest()
    return (folder or views_folder()) / f"{digest}.json"


def keep_view(study_uid: str, session: Session, folder: Path | None = None) -> None:
    """Keep how a study was looked at, whole or not at all.

    Raises
    ------
    OSError, SessionError
    """
    view = session.of_study(study_uid)
    if not study_uid or not view.panes:
        return
    place = place_of(study_uid, folder)
    write_whole(place, view.to_json())
    _drop_oldest(place.parent)


def kept_view(study_uid: str, folder: Path | None = None) -> Session | None:
    """Return how a study was looked at, None where that is not known."""
    place = place_of(study_uid, folder)
    try:
        session = read_session(place)
    except SessionError:
        return None
    return session if session.panes and all(pane.study_uid == study_uid for pane in session.panes) else None


def _drop_oldest(folder: Path) -> None:
    files = list(folder.glob("*.json"))
    if len(files) <= MOST_STUDIES:
        return
    dated = []
    for file in files:
        with contextlib.suppress(OSError):
            dated.append((file.stat().st_mtime, file))
    for _, file in sorted(dated)[: len(dated) - MOST_STUDIES]:
        with contextlib.suppress(OSError):
            file.unlink()
