"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.network_options import add_node_options

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))
    _add_store(commands.add_parser("store", help="send files, folders and archives to a node"))
    _add_commit(commands.add_parser("commit", help="ask a node to answer for what it was sent"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_echo(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    _add_json(parser)


def _add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a folder, a DICOMDIR or a ZIP archive")
    add_node_options(parser)
    parser.add_argument("--as-is", action="store_true", help="send nothing in another syntax than its own")
    parser.add_argument("--commit", action="store_true", help="then ask for storage commitment of what was sent")
    _add_listen(parser)
    _add_json(parser)


def _add_commit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="what was sent: files, folders, archives")
    add_node_options(parser, required=False)
    parser.add_argument("--pending", action="store_true", help="list what was asked for and is not reported yet")
    _add_listen(parser)
    _add_json(parser)


def _add_listen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen",
        metavar="[ADDRESS:]PORT",
        help="take the node's report at this port (of 127.0.0.1, unless an address of this computer is given)",
    )
    parser.add_argument(
        "--wait", type=float, default=30.0, metavar="SECONDS", help="how long the report is waited for (30)"
    )
