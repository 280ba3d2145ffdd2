"""What each subcommand takes."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from workstation.cli.argument_types import add_look, count, length, pair, size, triple
from workstation.cli.network_arguments import add_network_verbs
from workstation.errors import BadUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

NEGATIVE = re.compile(r"-[\d.]")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; ``command`` names the subcommand.

    Raises
    ------
    SystemExit
        With code 2 after a usage message, 0 after help.
    """
    return _parser().parse_args(join_negatives(arguments))


def join_negatives(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``--window -600,1500`` as ``--window=-600,1500``.

    argparse takes a value that starts with a minus for an option unless it is a plain number.
    """
    joined: list[str] = []
    for argument in arguments:
        previous = joined[-1] if joined else ""
        if NEGATIVE.match(argument) and previous.startswith("--") and "=" not in previous and previous != "--":
            joined[-1] = f"{previous}={argument}"
        else:
            joined.append(argument)
    return joined


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workstation",
        description="Work with DICOM files without a window.",
        epilog="Exit code: 0 all done, 1 done with faults (named on stderr), 2 bad usage or nothing usable.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_info(commands.add_parser("info", help="what is there, and what is wrong with it"))
    _add_header(commands.add_parser("header", help="the header as a tree"))
    _add_check(commands.add_parser("check", help="a header against its IOD: types, values, functional groups"))
    _add_report(commands.add_parser("report", help="what a structured report, a selection or a document says"))
    _add_render(commands.add_parser("render", help="display pixels of one frame as PNG"))
    _add_section(commands.add_parser("section", help="one reformatted plane as PNG or NPY"))
    _add_volume(commands.add_parser("volume", help="modality values as NIfTI, NRRD or NPY"))
    _add_export(commands.add_parser("export", help="pictures, movies and volumes, stamped with what they show"))
    _add_library(commands.add_parser("library", help="the local library: add, list, search, check, rebuild"))
    _add_dicomdir(commands.add_parser("dicomdir", help="check a medium, or write one"))
    _add_verify(commands.add_parser("verify", help="a saved session: what is missing, altered or moved since"))
    add_network_verbs(commands)
    _add_bench(commands.add_parser("bench", help="how fast these are opened, decoded and cut here, without identity"))
    _add_selftest(commands.add_parser("selftest", help="render phantoms, check them, list decoders"))
    return parser


def _add_paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder, a DICOMDIR or a ZIP archive, read in place"
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_info(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    _add_json(parser)
    parser.add_argument("--brief", action="store_true", help="leave out the order of frames")


def _add_header(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE")
    _add_json(parser)
    parser.add_argument(
        "--format",
        choices=("tree", "text", "json", "csv"),
        default="tree",
        help="text: as dcmdump writes it; json: the DICOM JSON model; csv: a line for each element",
    )
    parser.add_argument("--frame", type=count, metavar="N", help="with the values of this frame, from 1")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="FILE", help="a file, or archive.zip!member")
    _add_json(parser)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE")
    _add_json(parser)


def _add_render(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--out", required=True, metavar="FILE.png")
    parser.add_argument("--frame", type=count, default=1, metavar="N", help="frame number, from 1")
    add_look(parser)


def _add_stack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--series", metavar="UID")
    parser.add_argument("--stack", metavar="ID", help="a stack's id as listed by info")


def _add_section(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--out", required=True, metavar="FILE.png|.npy")
    _add_stack(parser)
    parser.add_argument("--plane", choices=("axial", "coronal", "sagittal"))
    parser.add_argument("--at", type=triple, metavar="X,Y,Z", help="patient mm; default the volume's centre")
    parser.add_argument("--normal", type=triple, metavar="X,Y,Z", help="of an oblique plane")
    parser.add_argument("--up", type=triple, metavar="X,Y,Z", help="patient direction towards the top edge")
    parser.add_argument("--slab", type=length, default=0.0, metavar="MM")
    parser.add_argument("--projection", choices=("max", "min", "mean"), default="mean")
    parser.add_argument("--spacing", type=length, metavar="MM", help="edge of an output pixel")
    parser.add_argument("--size", type=size, metavar="COLSxROWS")
    parser.add_argument("--window", type=pair, metavar="CENTER,WIDTH")


def _add_volume(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    parser.add_argument("--out", required=True, metavar="FILE.nii.gz|.nii|.nrrd|.npy")
    _add_stack(parser)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a file, a folder, a DICOMDIR or a ZIP archive")
    parser.add_argument("--out", metavar="DIR|FILE", help="a folder takes every frame, in files that are counted")
    parser.add_argument("--format", choices=("png", "jpeg", "tiff", "mp4", "gif", "nii.gz", "nrrd", "npy"))
    parser.add_argument("--series", metavar="UID")
    parser.add_argument("--stack", metavar="ID", help="of a volume: a stack's id as listed by info")
    parser.add_argument("--sop", metavar="UID")
    parser.add_argument("--frame", type=count, metavar="N", help="frame number, from 1")
    parser.add_argument("--bits", type=int, choices=(8, 16), help="8: as displayed; 16: values, for PNG and TIFF")
    parser.add_argument("--values", choices=("stored", "modality"), help="which 16-bit values; stored by default")
    parser.add_argument("--window", type=pair, metavar="CENTER,WIDTH", help="VOI LUT function LINEAR")
    parser.add_argument("--fps", type=float, metavar="N", help="of a movie; by default the header's")
    parser.add_argument("--identified", action="store_true", help="plain UIDs; without it they are hashed")
    parser.add_argument("--replace", action="store_true", help="replace files that are there")
    parser.add_argument("--read-stamp", metavar="FILE", help="print the stamp of a PNG, JPEG or TIFF")
    _add_json(parser)


def _add_library(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|search|check|rebuild")
    add = actions.add_parser("add", help="link files where they are, or copy them")
    add.add_argument("words", nargs="*", metavar="PATH", help="a file, a folder, a DICOMDIR or a ZIP archive")
    add.add_argument("--copy", action="store_true", help="copy the files added; without it they are linked")
    found = {
        "list": actions.add_parser("list", help="the studies, newest first"),
        "search": actions.add_parser("search", help="studies in which all of these words occur, anywhere"),
    }
    for one in found.values():
        one.add_argument("words", nargs="*", metavar="WORD", help="words that are all to be found")
        one.add_argument("--modality", action="append", metavar="CT", help="studies with at least one of these")
        one.add_argument("--limit", type=count, metavar="N")
    check = actions.add_parser("check", help="files that are gone or have changed")
    rebuild = actions.add_parser("rebuild", help="make the index again from the files")
    for one in (add, *found.values(), check, rebuild):
        one.add_argument("--library", metavar="FOLDER", help="another library than the user's own")
        _add_json(one)


def _add_dicomdir(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|write")
    check = actions.add_parser("check", help="what is wrong with a medium, and which profile it could claim")
    check.add_argument("path", metavar="PATH", help="a disc's folder, its DICOMDIR, or a ZIP of it")
    _add_json(check)
    write = actions.add_parser("write", help="a File-set with a DICOMDIR, every byte read back")
    _add_paths(write)
    write.add_argument("--out", required=True, metavar="DIR|FILE.zip", help="a new or empty folder, or a ZIP archive")
    write.add_argument("--profile", default="STD-GEN-CD", metavar="NAME", help="of PS3.11; none for plain files")
    write.add_argument("--study", action="append", metavar="UID", help="only this study; may be given several times")
    write.add_argument("--series", action="append", metavar="UID", help="only this series")
    write.add_argument("--id", default="", metavar="NAME", help="the File-set's ID, at most 16 of A-Z, 0-9 and _")
    write.add_argument(
        "--no-transcode", action="store_true", help="leave out what the profile does not allow instead of unpacking it"
    )
    _add_json(write)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", metavar="SESSION", help="a file that Save session… wrote")
    parser.add_argument("--in", dest="folder", metavar="FOLDER", help="look below it for what is not in its place")
    _add_json(parser)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    _add_paths(parser)
    _add_json(parser)
    parser.add_argument("--out", metavar="FILE.json", help="write the report there")


def _add_selftest(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)


def checked_suffix(path: str, allowed: Sequence[str]) -> str:
    """Return which of the endings ``path`` has.

    Raises
    ------
    BadUsage
        If it has none of them.
    """
    for suffix in allowed:
        if path.lower().endswith(suffix):
            return suffix
    raise BadUsage(f"{path}: --out must end in {' or '.join(allowed)}.")
