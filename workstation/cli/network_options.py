"""What the network verbs share: which node, our title, TLS."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

    from workstation.network.nodes import Node, Tls


def add_node_options(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add ``--node``, ``--peer``, ``--aet`` and ``--tls``."""
    where = parser.add_mutually_exclusive_group(required=required)
    where.add_argument("--node", metavar="NAME", help="a node of the settings")
    where.add_argument("--peer", metavar="AET@HOST:PORT", help="a node that is not in the settings")
    parser.add_argument("--aet", metavar="TITLE", help="our AE title towards it (WORKSTATION)")
    parser.add_argument(
        "--tls",
        nargs=3,
        metavar=("CERT", "KEY", "CA"),
        help="PEM files: our certificate and key, and the authorities trusted; - for none (CA: the system's)",
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long an answer is waited for")


def chosen_node(options: argparse.Namespace) -> Node:
    """Return the node that the options name.

    Raises
    ------
    BadUsage
    NodeError
    """
    from workstation.network.nodes import NodeBook, check_node, peer_node

    if not options.node and not options.peer:
        raise BadUsage("--node NAME or --peer AET@HOST:PORT is needed")
    if options.node:
        book = NodeBook()
        node = book.named(options.node)
    else:
        node = peer_node(options.peer)
    if options.aet:
        node = replace(node, calling=options.aet)
    if options.tls:
        node = replace(node, tls=tls_of(*options.tls))
    if options.timeout is not None:
        if not 0 < options.timeout <= 3600:
            raise BadUsage("--timeout is more than 0 and at most 3600 seconds")
        node = replace(node, answer_timeout=options.timeout, connect_timeout=min(node.connect_timeout, options.timeout))
    check_node(node)
    return node


def tls_of(certificate: str, key: str, authorities: str) -> Tls:
    """Return what the three words of ``--tls`` say."""
    from workstation.network.nodes import Tls

    def name(word: str) -> str:
        return "" if word == "-" else word

    return Tls(authorities=name(authorities), certificate=name(certificate), key=name(key))


def complain_of(node: Node, text: str) -> None:
    """Say one line about a node on stderr, with its name once."""
    named = text if text.startswith(node.name) else f"{node.name}: {text}"
    sys.stderr.write(f"{named.rstrip()}\n")
