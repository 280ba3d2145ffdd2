"""What an export does, away from the window: each job writes, counts, stops when asked, and says what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.export.frames import Look
    from workstation.export.stamp import Stamp
    from workstation.geometry.stack import Stack
    from workstation.imaging.auto_window import Statistics
    from workstation.imaging.rendering import Rendering
    from workstation.loading.shown import Shown
    from workstation.objects.picture import Picture
    from workstation.viewing.view_state import ViewState

Progress = Callable[[int], None]
Job = Callable[[Progress, Event], "Outcome"]
Place = tuple["Instance", "FrameRef"]


@dataclass(slots=True)
class Outcome:
    """What came of an export. ``what`` names the things counted: "image", "frame", "slice", "file" or "page".

    ``printer`` is the name of the printer that pages were sent to; ``place`` means nothing then.
    """

    place: Path
    what: str = "image"
    total: int = 1
    written: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    """(name, why): one sentence each."""
    notes: list[str] = field(default_factory=list)
    cancelled: bool = False
    printer: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a pane shows pictures: its state, what is drawn over them, and the statistics of its stack, if known."""

    state: ViewState
    overlays: bool = True
    shutter: bool = True
    statistics: Statistics | None = None

    def look(self, picture: Picture) -> Look:
        """Return how one frame looks under this, as the pane would resolve it (B20)."""
        from workstation.export.frames import Look

        state = self.state
        voi = None
        if picture.rendering.has_window:
            voi = _choice(state.voi, picture.rendering, lambda: self.statistics or picture.statistics)
        return Look(voi, state.inverted, state.color_map, self.overlays, self.shutter)

    def source(self, picture: Picture, look: Look) -> str:
        """Return where the window came from, in words of the program's own."""
        from workstation.export.frames import source_of
        from workstation.imaging.presets import CT
        from workstation.imaging.window import Window

        voi = self.state.voi
        if voi == "auto":
            return "automatic"
        if any(voi == preset.window for preset in CT):
            return "preset"
        found = source_of(picture, look.voi) if look.voi is not None else ""
        if isinstance(voi, Window):
            return found if found.startswith("header") else "chosen"
        # nobody chose one: it comes from the statistics of the whole stack
        return "automatic" if found == "chosen" else found

    def view(self) -> dict[str, Any]:
        """Return the view of a stamp."""
        from workstation.viewing.view_stamp import to_view

        return to_view(self.state)


def _choice(voi: Any, rendering: Rendering, statistics: Callable[[], Statistics]) -> Any:
    from workstation.imaging.auto_window import auto_window, default_voi
    from workstation.imaging.window import Window

    if isinstance(voi, Window):
        return voi
    if isinstance(voi, int) and voi < len(rendering.voi):
        return rendering.voi[voi]
    if voi == "auto":
        return auto_window(statistics(), rendering)
    return rendering.voi[0] if rendering.voi else default_voi(rendering, statistics())


def shown_stamp(place: Place, shown: Shown, appearance: Appearance, *, identified: bool) -> Stamp:
    """Return the stamp of what a pane shows; of a section the frame is one of its volume's, and no value is hashed."""
    from workstation.export.frames import stamp_of

    picture = picture_of(place, shown)
    look = appearance.look(picture)
    source = appearance.source(picture, look) if picture.rendering.has_window else ""
    stamp = stamp_of(place[0], picture, look, identified=identified, source=source, view=appearance.view())
    return replace(stamp, pixel_sha256="") if shown.is_section else stamp


def picture_of(place: Place, shown: Shown) -> Picture:
    """Return a pane's picture as those that are read for an export are."""
    from workstation.objects.picture import FrameKey, Picture

    rows = shown.values.shape[0] if shown.complete_rows is None else shown.complete_rows
    return Picture(FrameKey(place[1]), shown.values, shown.rendering, shown.plane, rows, shown.notes)


def view_job(path: Path, pixels: Callable[[], NDArray[np.uint8]], stamp: Callable[[], Stamp]) -> Job:
    """Return the job that writes a pane as it was on screen; pixels and stamp are worked out on the worker."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.export.picture import write_picture

        write_picture(path, pixels(), stamp=stamp())
        progress(1)
        return Outcome(path, written=1)

    return run


def image_job(path: Path, place: Place, values: str, appearance: Appearance, *, identified: bool) -> Job:
    """Return the job that writes one frame on its stored grid; ``values`` is "display", "stored" or "modality"."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.export.reading import picture_reader

        outcome = Outcome(path, written=1)
        with picture_reader() as read:
            _write(path, place, read(*place), values, appearance, identified, outcome)
        progress(1)
        return outcome

    return run


def series_job(
    folder: Path, places: tuple[Place, ...], suffix: str, values: str, appearance: Appearance, *, identified: bool
) -> Job:
    """Return the job that writes every frame into a new folder under its number."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.export.reading import picture_reader

        outcome = Outcome(folder, total=len(places))
        _new_folder(folder)
        steady = appearance
        try:
            with picture_reader() as read:
                for number, place in enumerate(places, 1):
                    if cancel.is_set():
                        outcome.cancelled = True
                        break
                    path = folder / f"{number:04}{suffix}"
                    try:
                        picture = read(*place)
                        steady = _steady(steady, picture)
                        _write(path, place, picture, values, steady, identified, outcome)
                        outcome.written += 1
                    except WorkstationError as error:
                        outcome.failed.append((path.name, str(error)))
                    progress(number)
        finally:
            with contextlib.suppress(OSError):
                if not outcome.written:
                    folder.rmdir()
        return outcome

    return run


def movie_job(path: Path, places: tuple[Place, ...], fps: float, appearance: Appearance) -> Job:
    """Return the job that writes every frame of a series as a movie."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.export.movie import write_movie
        from workstation.measurements.calibration import pixel_aspect

        movie = write_movie(
            path,
            _frames(places, appearance),
            fps=fps,
            aspect=pixel_aspect(places[0][0]),
            progress=progress,
            cancel=cancel,
        )
        return Outcome(path, "frame", len(places), movie.frames, notes=[movie.note] if movie.note else [])

    return run


def volume_job(path: Path, stack: Stack, *, identified: bool) -> Job:
    """Return the job that writes a stack as a volume of modality values."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.export.volume import export_volume

        shape = export_volume(path, stack, identified=identified, progress=progress, cancel=cancel)
        return Outcome(path, "slice", len(stack.frames), shape[0])

    return run


def media_job(target: Path, instances: tuple[Instance, ...], profile: str, *, unpack: bool) -> Job:
    """Return the job that writes instances as DICOM files; without a profile there is no DICOMDIR."""

    def run(progress: Progress, cancel: Event) -> Outcome:
        from workstation.library.fileset import MediaOptions, write_media

        outcome, options = Outcome(target, "file", len(instances)), MediaOptions(profile, unpack)
        for report in write_media(instances, target, options, stop=cancel):
            progress(report.done)
            outcome.written, outcome.cancelled = report.written, report.cancelled
        outcome.failed += [(Path(path).name, why) for path, why in report.left_out]
        outcome.failed += [("", fault) for fault in report.faults]
        return outcome

    return run


def image_pixels(place: Place, shown: Shown, appearance: Appearance) -> NDArray[np.uint8]:
    """Return what a pane shows on the picture's own grid, without text."""
    from workstation.export.frames import display_pixels

    picture = picture_of(place, shown)
    return display_pixels(picture, appearance.look(picture))


def _write(
    path: Path,
    place: Place,
    picture: Picture,
    values: str,
    appearance: Appearance,
    identified: bool,
    outcome: Outcome,
) -> None:
    from workstation.export.frames import export_picture

    look = appearance.look(picture)
    display = values == "display"
    source = appearance.source(picture, look) if display and picture.rendering.has_window else ""
    export_picture(
        path,
        place[0],
        picture,
        look if display else values,
        identified=identified,
        source=source,
        view=appearance.view(),
    )
    if picture.is_truncated:
        outcome.notes.append(f"{path.name}: {picture.complete_rows} of {picture.values.shape[0]} rows are in the file.")


def _frames(places: tuple[Place, ...], appearance: Appearance) -> Iterator[NDArray[np.uint8]]:
    from workstation.export.frames import display_pixels
    from workstation.export.reading import pictures_of

    for picture in pictures_of(places):
        appearance = _steady(appearance, picture)
        yield display_pixels(picture, appearance.look(picture))


def _steady(appearance: Appearance, picture: Picture) -> Appearance:
    """Keep the statistics of the first picture where those of the stack are not known: windows must not flicker."""
    if appearance.statistics is not None or not picture.rendering.has_window or picture.rendering.voi:
        return appearance
    return replace(appearance, statistics=picture.statistics)


def _new_folder(folder: Path) -> None:
    from workstation.export.saving import ExportError

    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise ExportError(f"{folder.name} exists already; nothing is written over it.") from error
    except OSError as error:
        raise ExportError(f"{folder.name} could not be made: {error.strerror or 'the system refused'}.") from error
