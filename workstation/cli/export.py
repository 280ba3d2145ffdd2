"""``workstation export``: pictures, movies and volumes with a stamp of what they show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.collect import collect, complain
from workstation.cli.documents import write_json
from workstation.cli.pixels import volume_stack
from workstation.cli.render import chosen_frames, wanted_instances
from workstation.cli.voi import linear_window
from workstation.dicom.identity import FrameRef
from workstation.errors import BadUsage, WorkstationError
from workstation.export import movie, volume
from workstation.export.frames import Look, export_picture, shown_frames
from workstation.export.picture import FORMATS, read_stamp
from workstation.export.reading import picture_reader, pictures_of
from workstation.measurements.calibration import pixel_aspect
from workstation.viewing.cine import clock_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from workstation.cli.collect import Collected
    from workstation.dicom.identity import Instance
    from workstation.objects.picture import Picture

    Place = tuple[Instance, FrameRef]

SUFFIXES = (*FORMATS, *movie.SUFFIXES, *volume.SUFFIXES)


@dataclass(slots=True)
class Report:
    """What was written and what was not; ``code`` is the exit code so far."""

    code: int = 0
    written: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)

    def fail(self, path: object, reason: object) -> None:
        """Name a failure on stderr and remember it."""
        complain(path, reason)
        self.failed.append({"path": str(path), "reason": str(reason)})
        self.code = 1


def run(options: argparse.Namespace) -> int:
    """Write what the options name, or print a picture's stamp."""
    if options.read_stamp is not None:
        return _print_stamp(options)
    target, suffix = _target(options)
    _check(options, suffix)
    report = Report()
    if suffix in volume.SUFFIXES:
        _write_volume(options, target, suffix, report)
    else:
        collected = collect(options.paths)
        report.code = collected.report_faults()
        if suffix in movie.SUFFIXES:
            _write_movie(options, collected, target, suffix, report)
        else:
            _write_pictures(options, collected, target, suffix, report)
    if options.json:
        write_json({"written": report.written, "failed": report.failed})
    return report.code


def _target(options: argparse.Namespace) -> tuple[Path, str]:
    """Return where to write and the format as a file's ending."""
    if not options.paths or options.out is None:
        raise BadUsage("PATH and --out are needed, or --read-stamp alone.")
    target = Path(options.out)
    wanted = f".{options.format}" if options.format else None
    found = None if target.is_dir() else next((s for s in SUFFIXES if target.name.lower().endswith(s)), None)
    if found is None:
        return target, wanted or ".png"
    kind = FORMATS.get(found, found)
    if wanted is not None and FORMATS.get(wanted, wanted) != kind:
        raise BadUsage(f"--format {options.format}: --out ends in {found}.")
    return target, found


def _check(options: argparse.Namespace, suffix: str) -> None:
    if options.values and options.bits == 8:
        raise BadUsage("--values needs 16 bits.")
    values = options.values or options.bits == 16
    if values and suffix not in (".png", ".tif", ".tiff"):
        raise BadUsage(f"--bits 16 and --values are for PNG and TIFF, not {suffix}.")
    if options.window is not None:
        linear_window(options.window)
        if values or suffix in volume.SUFFIXES:
            raise BadUsage("--window changes what is displayed; values are written as they are.")
    if options.frame is not None and suffix not in FORMATS:
        raise BadUsage("--frame is for pictures.")
    if options.stack is not None and suffix not in volume.SUFFIXES:
        raise BadUsage("--stack is for volumes.")
    if options.sop is not None and suffix in volume.SUFFIXES:
        raise BadUsage("--sop is for pictures and movies; --series chooses a volume.")
    if options.fps is not None and suffix not in movie.SUFFIXES:
        raise BadUsage("--fps is for movies.")
    if options.fps is not None and not movie.LEAST_FPS <= options.fps <= movie.MOST_FPS:
        raise BadUsage(f"--fps: must lie between {movie.LEAST_FPS:g} and {movie.MOST_FPS:g}.")


def _write_pictures(
    options: argparse.Namespace, collected: Collected, target: Path, suffix: str, report: Report
) -> None:
    todo = _places(options, collected, target, suffix)
    with picture_reader() as read:
        for path, (instance, ref) in todo:
            try:
                picture = read(instance, ref)
            except WorkstationError as error:
                report.fail(instance.locator, error)
            else:
                _write_picture(options, path, instance, picture, report)


def _places(options: argparse.Namespace, collected: Collected, target: Path, suffix: str) -> list[tuple[Path, Place]]:
    """Return where each frame goes; a folder is made if it is not there."""
    named = _is_file(target, suffix)
    if not named and options.frame is None:
        return [(_folder(target) / f"{name}{suffix}", place) for name, place in _numbered(collected, options)]
    number = options.frame or 1
    frames = chosen_frames(collected, options)
    if number > len(frames):
        raise BadUsage(f"--frame {number}: the last frame is {len(frames)}.")
    path = target if named else _folder(target) / f"0001-{number:04}{suffix}"
    return [(path, frames[number - 1])]


def _write_picture(
    options: argparse.Namespace, path: Path, instance: Instance, picture: Picture, report: Report
) -> None:
    what = {"identified": options.identified, "replace": options.replace}
    try:
        stamp = export_picture(path, instance, picture, _shown(options), **what)
    except WorkstationError as error:
        report.fail(path, error)
        return
    report.written.append({"path": str(path), "stamp": asdict(stamp)})
    if picture.is_truncated:
        rows = picture.values.shape[0]
        report.fail(instance.locator, f"truncated: {picture.complete_rows} of {rows} rows are there")


def _shown(options: argparse.Namespace) -> Look | str:
    if options.values or options.bits == 16:
        return str(options.values or "stored")
    return _look(options)


def _look(options: argparse.Namespace) -> Look:
    return Look(None if options.window is None else linear_window(options.window))


def _numbered(collected: Collected, options: argparse.Namespace) -> Iterator[tuple[str, Place]]:
    """Give every frame that is asked for with its counters, series and image: no name comes from the data (A24)."""
    series: dict[tuple[str, str], list[Instance]] = {}
    for instance in wanted_instances(collected, options):
        series.setdefault((instance.study_instance_uid, instance.series_instance_uid), []).append(instance)
    for place, instances in enumerate(series.values(), 1):
        for number, frame in enumerate(frames_in_order(collected, instances), 1):
            yield f"{place:04}-{number:04}", frame


def frames_in_order(collected: Collected, instances: list[Instance]) -> list[Place]:
    """Return every stored frame of instances once: stack by stack, then those that are in none."""
    ids = {id(instance) for instance in instances}
    frames: dict[tuple[int, int], Place] = {}
    for stack in collected.catalogue.ordered_stacks():
        for frame in stack.frames:
            if id(frame.instance) in ids:
                _add(frames, frame.instance, frame.ref.frame_index)
    for instance in instances:
        for index in range(max(instance.number_of_frames, 1)):
            _add(frames, instance, index)
    return list(frames.values())


def _add(frames: dict[tuple[int, int], Place], instance: Instance, index: int) -> None:
    frames.setdefault((id(instance), index), (instance, FrameRef(instance.sop_instance_uid, index)))


def _write_movie(options: argparse.Namespace, collected: Collected, target: Path, suffix: str, report: Report) -> None:
    frames = chosen_frames(collected, options)
    path = _single(target, suffix)
    fps = options.fps or clock_of(frames[0][0].values, len(frames)).fps
    aspect = pixel_aspect(frames[0][0])
    try:
        pictures = shown_frames(pictures_of(frames), _look(options))
        made = movie.write_movie(path, pictures, fps=fps, aspect=aspect, replace=options.replace)
    except WorkstationError as error:
        report.fail(path, error)
        return
    if made.note:
        complain(path, made.note)
    report.written.append({"path": str(path), **asdict(made)})


def _write_volume(options: argparse.Namespace, target: Path, suffix: str, report: Report) -> None:
    stack, report.code = volume_stack(options)
    path = _single(target, suffix)
    try:
        shape = volume.export_volume(path, stack, identified=options.identified, replace=options.replace)
    except WorkstationError as error:
        report.fail(path, error)
        return
    report.written.append({"path": str(path), "shape": shape, "values": "modality"})


def _single(target: Path, suffix: str) -> Path:
    return target if _is_file(target, suffix) else _folder(target) / f"0001{suffix}"


def _folder(target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    return target


def _is_file(target: Path, suffix: str) -> bool:
    return target.name.lower().endswith(suffix) and not target.is_dir()


def _print_stamp(options: argparse.Namespace) -> int:
    if options.paths or options.out is not None:
        raise BadUsage("--read-stamp goes alone.")
    path = Path(options.read_stamp)
    try:
        stamp = read_stamp(path)
    except WorkstationError as error:
        complain(path, error)
        return 1
    if stamp is None:
        complain(path, "there is no stamp in it.")
        return 1
    document = asdict(stamp)
    if options.json:
        write_json(document)
    else:
        print("\n".join(f"{name}: {value}" for name, value in document.items() if value not in ("", None, {})))
    return 0
