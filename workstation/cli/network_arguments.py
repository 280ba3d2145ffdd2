"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.network_options import add_node_options

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))
    _add_receive(commands.add_parser("receive", help="be a storage server: keep what other applications send"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_echo(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    _add_json(parser)


def _add_receive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--aet", metavar="TITLE", default="WORKSTATION", help="our AE title (WORKSTATION)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="where to listen; a free port without it")
    parser.add_argument(
        "--address", default="127.0.0.1", metavar="A", help="address to listen at; without it, this computer alone"
    )
    parser.add_argument("--from", dest="allowed", nargs="+", metavar="TITLE", help="who may send, by calling AE title")
    parser.add_argument("--anyone", action="store_true", help="let every application send")
    parser.add_argument("--out", metavar="DIR", help="keep objects here, each under the hash of its content")
    parser.add_argument("--library", nargs="?", const="", metavar="DIR", help="hand objects to the library")
    parser.add_argument("--once", type=int, metavar="N", help="end after so many objects")
    parser.add_argument(
        "--tls",
        nargs=3,
        metavar=("CERT", "KEY", "CA"),
        help="PEM files: our certificate and key, and the authorities whose callers are let in; - for everybody",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a line for everything that happens")
