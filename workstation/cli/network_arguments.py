"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.network_options import add_node_options

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))
    _add_get(
        commands.add_parser("get", help="retrieve from a node by C-GET; the same again goes on with what is missing")
    )
    _add_move(commands.add_parser("move", help="have a node send to us, or to a third one, by C-MOVE"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_echo(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    _add_json(parser)


def _add_get(parser: argparse.ArgumentParser) -> None:
    _add_retrieving(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="where the files go, named by their hash")


def _add_move(parser: argparse.ArgumentParser) -> None:
    _add_retrieving(parser)
    parser.add_argument("--out", metavar="DIR", help="where the files go, named by their hash")
    parser.add_argument("--port", type=int, default=11112, help="where we listen for the objects (11112)")
    parser.add_argument("--to", metavar="TITLE", help="another application to send to, as the node knows it")


def _add_retrieving(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    parser.add_argument("--level", choices=("study", "series", "image"), default="study")
    parser.add_argument(
        "-k",
        dest="key",
        action="append",
        required=True,
        metavar="KEYWORD=UID",
        help="StudyInstanceUID, and for the level SeriesInstanceUID and SOPInstanceUID; may be repeated",
    )
    parser.add_argument("--library", action="store_true", help="ask only for what the library lacks, and add it there")
    _add_json(parser)
