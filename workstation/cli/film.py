"""``workstation print``: images on the film of a DICOM printer, or on a preview of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.collect import collect, complain
from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node
from workstation.cli.render import chosen_frames, look_of
from workstation.errors import BadUsage, WorkstationError

if TYPE_CHECKING:
    import argparse

    from workstation.network.film import FilmImage, FilmOptions, Sheet


def run(options: argparse.Namespace) -> int:
    """Print frames, write a preview, or tell how the printer is."""
    if options.state:
        return _state(options)
    if not options.paths:
        raise BadUsage("PATH is needed, or --state alone.")
    from workstation.network.film import sheets

    wanted = _film(options)
    images, code = _images(options)
    pages = sheets(images, wanted)
    if options.preview is not None:
        _write_previews(Path(options.preview), pages)
        return code
    return max(code, _print(options, pages))


def _film(options: argparse.Namespace) -> FilmOptions:
    from workstation.network.film import FilmOptions

    columns, rows = options.layout
    return FilmOptions(
        columns=columns,
        rows=rows,
        size=options.film.upper(),
        orientation=options.orientation.upper(),
        magnification=options.magnification.upper(),
        medium=options.medium.upper(),
        destination=options.destination.upper(),
        priority=options.priority.upper(),
        copies=options.copies,
        border=options.border.upper(),
        empty=options.border.upper(),
        trim=options.trim,
        presentation_lut=options.presentation_lut.upper(),
        annotation=options.annotation,
        true_size=options.true_size,
        color=options.color,
    )


def _images(options: argparse.Namespace) -> tuple[list[FilmImage], int]:
    from workstation.export.reading import picture_reader
    from workstation.transfers.film_images import film_image

    collected = collect(options.paths)
    code = collected.report_faults()
    places = chosen_frames(collected, options)
    if options.frames is not None:
        first, last = options.frames
        places = places[first - 1 : last]
        if not places:
            raise BadUsage(f"--frames {first}-{last}: there are not so many.")
    images = []
    with picture_reader() as read:
        for instance, ref in places:
            try:
                picture = read(instance, ref)
                images.append(film_image(instance, picture, look_of(options, picture), color=options.color))
            except WorkstationError as error:
                complain(instance.locator, error)
                code = 1
    return images, code


def _write_previews(target: Path, pages: list[Sheet]) -> None:
    from workstation.cli.png import write_png
    from workstation.network.film import preview

    for number, page in enumerate(pages, 1):
        path = target if len(pages) == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        write_png(path, preview(page))
        print(path)


def _print(options: argparse.Namespace, pages: list[Sheet]) -> int:
    from workstation.network.printing import print_sheets

    node = chosen_node(options)
    told: list[dict[str, Any]] = []
    code = 0
    for progress in print_sheets(node, pages):
        outcome = progress.outcome
        if outcome is None:
            continue
        told.append({"sheet": int(outcome.sop_instance_uid), "outcome": outcome.kind, "sentence": outcome.sentence})
        if not options.json:
            print(f"sheet {outcome.sop_instance_uid}: {outcome.kind} {outcome.sentence}".rstrip())
        if outcome.kind == "failed":
            sys.stderr.write(f"sheet {outcome.sop_instance_uid}: {outcome.sentence}\n")
            code = 1
    if options.json:
        write_json({"node": node.name, "sheets": told})
    return 2 if all(one["outcome"] == "failed" for one in told) else code


def _state(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from workstation.network.printing import printer_state

    state = printer_state(chosen_node(options), color=options.color)
    if options.json:
        write_json(asdict(state))
    else:
        print(state.sentence)
    return 0 if state.status in ("NORMAL", "WARNING", "") else 1
