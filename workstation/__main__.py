"""Parses the command line: a subcommand runs without a window, anything else opens one.

Nothing heavy is imported before it is known to be needed: ``--version`` answers at once.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from workstation import __version__
from workstation.cli import SUBCOMMANDS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0 done, 1 done with faults, 2 bad usage or nothing usable."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--version"]:
        sys.stdout.write(f"workstation {__version__}\n")
        return 0
    if given[:1] == ["--first-look"]:
        from workstation.loading.first_look import send

        return 0 if send(given[1:], sys.stdout.buffer) else 1
    if given[:1] == ["--decoder-process"]:
        from workstation.imaging.isolation import serve

        serve()
        return 0
    if given[:1] == ["--receiver-process"]:
        from workstation.network.receiver_process import main as receive

        receive()
    if given[:1] == ["--compile-kernels"]:
        from workstation.loading.machine_code import load

        if hasattr(os, "nice"):
            os.nice(10)  # a window is open beside it
        load()
        return 0
    if given and given[0] in SUBCOMMANDS:
        from workstation.cli.main import run as run_subcommand

        return run_subcommand(given)
    try:
        options = _window_parser().parse_args(given)
    except SystemExit as stop:
        return int(stop.code or 0)
    unattended = options.screenshot is not None or not _has_display()
    missing = [path for path in options.paths if not os.path.exists(path)] if unattended else []
    for path in missing:
        sys.stderr.write(f"workstation: {path}: there is no such file or folder, and no such command.\n")
    if missing and len(missing) == len(options.paths):
        return 2
    if options.screenshot is None and not _has_display():
        sys.stderr.write("workstation: there is no display; --screenshot FILE.png and the commands need none.\n")
        return 2
    from workstation.app import run as run_window

    code = run_window(
        paths=options.paths,
        demo=options.demo,
        screenshot=options.screenshot,
        size=options.size,
        layout=options.layout,
    )
    return code or int(bool(missing))


def _has_display() -> bool:
    """Tell whether a window can be shown, or the user chose how without a display."""
    return not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )


def _window_parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="workstation",
        description="Open DICOM files, folders, discs and ZIP archives in a window.",
        epilog=f"Without a window: workstation {{{','.join(SUBCOMMANDS)}}} --help. Not for diagnostic use.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a file, a folder, a DICOMDIR or a ZIP archive")
    parser.add_argument("--demo", action="store_true", help="open the built-in synthetic study")
    parser.add_argument(
        "--screenshot", metavar="FILE.png", help="save the window when everything is on screen, then end"
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window, for example 1600x1000")
    parser.add_argument("--layout", metavar="RxC|mpr", help="panes to begin with, for example 2x2")
    parser.add_argument("--version", action="version", version=f"workstation {__version__}")
    return parser


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]), int(match[2])


if __name__ == "__main__":
    sys.exit(main())
