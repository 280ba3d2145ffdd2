"""Everything a window shows, as one value that is kept: a session file, a line of the journal, a study's last view.

It holds no text of a data set but UIDs. Paths are relative to the session's own file where they can be; absolute
ones are hints, for when it lies elsewhere.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from workstation import __version__
from workstation.dicom.identity import FrameRef, Vector
from workstation.errors import WorkstationError
from workstation.geometry.image_plane import ImagePlane
from workstation.imaging.window import Window
from workstation.measurements.measurement import Measurement
from workstation.viewing.layout import LARGEST, Layout
from workstation.viewing.plain_json import UnfitError, fitted, parsed, plain
from workstation.viewing.view_state import ORIENTATIONS, WAYS, Section, ViewState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workstation.geometry.stack import Stack

SCHEMA: Final = 1
SUFFIX: Final = ".workstation.json"
MOST_PANES: Final = LARGEST * LARGEST
MOST_POINTS: Final = 100_000
"""Points of one measurement."""
_NAMES: Final = (("Vector", Vector), ("FrameRef", FrameRef), ("ImagePlane", ImagePlane), ("Window", Window))
_UNIT: Final = 1e-6
_ONE: Final = Layout()


class SessionError(WorkstationError):
    """A session cannot be read or written; the sentence says why."""

    code = "session"


@dataclass(frozen=True, slots=True)
class KeptPath:
    """A file or folder: ``relative`` to the session's file (with /), "" where there is no such way; and where it was.

    ``member`` is the name inside a ZIP archive, "" for a plain file.
    """

    relative: str
    hint: str
    member: str = ""

    def candidates(self, base: Path | None) -> tuple[str, ...]:
        """Return where it may be, the likeliest first."""
        near = (os.path.normpath(os.path.join(base, self.relative)),) if base is not None and self.relative else ()
        return tuple(dict.fromkeys((*near, *((self.hint,) if self.hint else ()))))

    def __str__(self) -> str:
        name = self.relative or self.hint
        return f"{name}!{self.member}" if self.member else name


@dataclass(frozen=True, slots=True)
class PaneView:
    """What one pane shows: the frame on screen by its UID (``frame`` from 1, ``tile`` from 0), and the whole state.

    ``merged`` tells that the stacks of its series were made one by hand.
    ``window`` is the window a default or automatic choice came to, by which the pane can be drawn again.
    ``display_sha256`` is that of its display values before scaling; "" where none was made.
    """

    pane: int
    view: ViewState
    sop_instance_uid: str
    frame: int = 1
    tile: int | None = None
    series_uid: str = ""
    study_uid: str = ""
    merged: bool = False
    window: Window | None = None
    display_sha256: str = ""

    @property
    def ref(self) -> FrameRef:
        """The frame on screen."""
        return FrameRef(self.sop_instance_uid, self.frame - 1, self.tile)


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """A SOP Instance that was there: its file, and size and hash of its Pixel Data as stored."""

    sop_instance_uid: str
    path: KeptPath
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Session:
    """What was open and how it was looked at. ``saved_at`` is ISO 8601, UTC."""

    layout: Layout = _ONE
    active: int = 0
    point: Vector | None = None
    panes: tuple[PaneView, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    paths: tuple[KeptPath, ...] = ()
    instances: tuple[InstanceRecord, ...] = ()
    saved_at: str = ""
    program: str = __version__
    schema: int = SCHEMA

    @property
    def empty(self) -> bool:
        """Whether nothing is shown and nothing was open."""
        return not self.panes and not self.paths

    def same_view(self, other: Session) -> bool:
        """Whether both show the same, whenever and wherever they were saved."""
        return _bare(self) == _bare(other)

    def of_study(self, study_uid: str) -> Session:
        """Return what belongs to one study: all of it where nothing else is shown, else the panes on screen alone."""
        panes = tuple(pane for pane in self.panes if pane.study_uid == study_uid)
        if len(panes) == len(self.panes):
            return replace(self, paths=(), instances=())
        seen = {cell[0] for cell in self.layout.cells()}
        panes = tuple(pane for pane in panes if pane.pane in seen) or panes[:1]
        active = next((place for place, pane in enumerate(panes) if pane.pane == self.active), 0)
        uids = {pane.sop_instance_uid for pane in panes}
        drawn = tuple(m for m in self.measurements if m.ref is not None and m.ref.sop_instance_uid in uids)
        return replace(
            self,
            layout=_grid_for(len(panes)),
            panes=tuple(replace(pane, pane=place) for place, pane in enumerate(panes)),
            active=active,
            measurements=drawn,
            paths=(),
            instances=(),
        )

    def to_json(self, *, indent: int | None = 1) -> str:
        """Return the session as JSON with sorted keys, in one line where ``indent`` is None.

        Raises
        ------
        SessionError
            If it holds what could not be read again.
        """
        try:
            separators = (",", ":") if indent is None else None
            return json.dumps(plain(self), sort_keys=True, indent=indent, allow_nan=False, separators=separators)
        except UnfitError as error:
            raise SessionError(f"The session cannot be saved: {error}.") from error

    @classmethod
    def from_json(cls, text: str) -> Session:
        """Return the session that :meth:`to_json` wrote.

        Raises
        ------
        SessionError
            If it is damaged, of a later program, or no session.
        """
        try:
            document = parsed(text)
            return session_of(document)
        except UnfitError as error:
            raise SessionError(f"This is no session, or a damaged one: {error}.") from error


def session_of(document: dict[str, Any]) -> Session:
    """Return the session in a parsed document.

    Raises
    ------
    SessionError, UnfitError
    """
    schema = document.get("schema")
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        raise SessionError("The session was saved by a later version of the program and cannot be read by this one.")
    if schema != SCHEMA:
        raise UnfitError("it does not say which kind of session it is")
    session = fitted(Session, document, _NAMES)
    _check(session)
    return session


def read_session(path: Path) -> Session:
    """Return the session in a file.

    Raises
    ------
    SessionError
        A sentence that names the file and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SessionError(f"{path.name}: {error.strerror or error}.") from error
    except ValueError as error:
        raise SessionError(f"{path.name}: this is no session, or a damaged one: it is no text.") from error
    try:
        return Session.from_json(text)
    except SessionError as error:
        raise SessionError(f"{path.name}: {error}") from error


def is_session(path: str) -> bool:
    """Whether a path is named as session files are."""
    return path.lower().endswith(SUFFIX)


def kept_path(path: str, base: Path | None, member: str = "") -> KeptPath:
    """Return a path as seen from the folder ``base``."""
    relative = ""
    if base is not None:
        try:
            relative = os.path.relpath(path, base).replace(os.sep, "/")
        except ValueError:  # another drive
            relative = ""
    return KeptPath(relative, path, member)


def pane_view(pane: int, state: ViewState, stack: Stack | None) -> PaneView | None:
    """Return what a pane shows as it is kept, None where it shows nothing."""
    if stack is None or not stack.frames:
        return None
    frame = stack.frames[min(max(state.index, 0), len(stack.frames) - 1)]
    ref = frame.ref
    return PaneView(
        pane=pane,
        view=state,
        sop_instance_uid=ref.sop_instance_uid,
        frame=ref.frame_index + 1,
        tile=ref.tile,
        series_uid=stack.series_instance_uid,
        study_uid=frame.instance.study_instance_uid,
        merged=stack.merged,
    )


def now() -> str:
    """Return the time as sessions keep it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def saved_time(session: Session) -> datetime | None:
    """Return when it was saved, None where it does not say."""
    try:
        found = datetime.fromisoformat(session.saved_at)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def series_of(panes: Iterable[PaneView]) -> tuple[str, ...]:
    """Return the different series of some panes, in order."""
    return tuple(dict.fromkeys(pane.series_uid for pane in panes))


def _grid_for(panes: int) -> Layout:
    """Return the smallest grid that holds so many."""
    columns = next(size for size in range(1, LARGEST + 1) if size * size >= panes)
    return Layout(max(1, -(-panes // columns)), columns)


def _bare(session: Session) -> Session:
    panes = tuple(replace(pane, window=None, display_sha256="") for pane in session.panes)
    return replace(session, panes=panes, paths=(), instances=(), saved_at="", program="", schema=SCHEMA)


def _check(session: Session) -> None:
    """Refuse what no window could show."""
    layout, panes = session.layout, session.panes
    size = 1 <= layout.rows <= LARGEST and 1 <= layout.columns <= LARGEST
    _demand(size and (layout.maximised is None or 0 <= layout.maximised < MOST_PANES), "the layout")
    _demand(0 <= session.active < MOST_PANES, "the active pane")
    _demand(len({pane.pane for pane in panes}) == len(panes), "a pane that is there twice")
    for pane in panes:
        _demand(0 <= pane.pane < MOST_PANES and pane.frame >= 1 and (pane.tile is None or pane.tile >= 0), "a pane")
        _check_view(pane.view)
    for measurement in session.measurements:
        _check_measurement(measurement)
    for record in session.instances:
        _demand(record.size >= 0, "the size of a file")


def _check_view(view: ViewState) -> None:
    _demand(view.index >= 0 and abs(view.rotation) <= 360, "a view")
    _demand(view.scale is None or view.scale > 0, "a zoom")
    _demand(view.fitted is None or min(view.fitted) > 0, "the size of a view")
    if isinstance(view.voi, Window):
        _demand(view.voi.width > 0, "a window")
    elif isinstance(view.voi, int):
        _demand(view.voi >= 0, "a window")
    else:
        _demand(view.voi in (None, "auto"), "a window")
    _demand(view.taken_over is None or view.taken_over.how in WAYS, "where a window is from")
    if view.section is not None:
        _check_section(view.section)


def _check_section(section: Section) -> None:
    _demand(section.orientation in ORIENTATIONS and section.projection in ("max", "min", "mean"), "a section")
    _demand(0 <= section.slab_mm < 1e6 and max(map(abs, section.point)) < 1e7, "a section")
    _demand((section.right is None) == (section.down is None), "a section")
    if section.right is not None and section.down is not None:
        sizes = (sum(a * a for a in section.right), sum(a * a for a in section.down))
        skew = sum(a * b for a, b in zip(section.right, section.down, strict=True))
        _demand(max(abs(sizes[0] - 1), abs(sizes[1] - 1), abs(skew)) < _UNIT, "the directions of a section")


def _check_measurement(measurement: Measurement) -> None:
    count = len(measurement.pixels)
    _demand(measurement.kind.isidentifier() and 0 < count <= MOST_POINTS, "a measurement")
    plane = measurement.plane
    _demand(plane is None or (min(plane.spacing) > 0 and min(plane.rows, plane.columns) > 0), "a measurement's plane")
    _demand(len(measurement.patient_points) in (0, count), "a measurement's points")


def _demand(fits: bool, what: str) -> None:
    if not fits:
        raise UnfitError(f"{what} makes no sense")
