"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.network_options import add_node_options

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_echo(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    _add_json(parser)
