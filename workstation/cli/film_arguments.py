"""What ``workstation print`` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.argument_types import add_look, size
from workstation.cli.network_options import add_node_options

if TYPE_CHECKING:
    import argparse


def add_print(parser: argparse.ArgumentParser) -> None:
    """Add what is printed, how a film looks, and where it goes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="what to print: a file, a folder, a DICOMDIR, a ZIP")
    add_node_options(parser, required=False)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")
    add_look(parser)
    parser.add_argument("--frames", type=_range, metavar="FIRST-LAST", help="frames along the stack, from 1")
    parser.add_argument("--layout", type=size, default=(1, 1), metavar="COLSxROWS", help="images on a film")
    parser.add_argument("--film", default="14INX17IN", metavar="SIZE", help="8INX10IN, 14INX17IN, A4, A3…")
    parser.add_argument("--orientation", choices=("portrait", "landscape"), default="portrait")
    parser.add_argument("--magnification", choices=("", "replicate", "bilinear", "cubic", "none"), default="")
    parser.add_argument("--medium", default="", help="paper, clear film, blue film…")
    parser.add_argument("--destination", choices=("", "magazine", "processor"), default="")
    parser.add_argument("--priority", choices=("high", "med", "low"), default="med")
    parser.add_argument("--copies", type=int, default=1, metavar="N")
    parser.add_argument("--border", choices=("black", "white"), default="black")
    parser.add_argument("--trim", action="store_true", help="a line around each image")
    parser.add_argument("--presentation-lut", choices=("", "identity", "lin od"), default="")
    parser.add_argument("--annotation", default="", metavar="TEXT", help="for a printer that has a box for it")
    parser.add_argument("--true-size", action="store_true", help="as large as in the patient, or refused")
    parser.add_argument("--color", action="store_true", help="Basic Color Print Management")
    parser.add_argument("--preview", metavar="FILE.png", help="write what would be printed instead")
    parser.add_argument("--state", action="store_true", help="only ask the printer how it is")


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return max(1, int(first)), int(last or first)
