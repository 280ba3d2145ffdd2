"""Which DICOMweb service a verb talks to, and who asks; secrets come from variables or a question, never as words."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

    from workstation.network.nodes import Node, Web
    from workstation.network.web.auth import Authority
    from workstation.network.web.session import WebSession


def add_web_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--node``, ``--url`` and how to sign in."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--node", metavar="NAME", help="a node of the settings")
    where.add_argument("--url", metavar="ROOT", help="the root of a service that is not in the settings")
    parser.add_argument("--user", metavar="NAME", help="for basic authentication; the password is asked for")
    parser.add_argument("--password-env", metavar="VAR", help="the environment variable that holds the password")
    parser.add_argument("--token-env", metavar="VAR", help="the environment variable that holds a bearer token")
    parser.add_argument(
        "--tls",
        nargs=3,
        metavar=("CERT", "KEY", "CA"),
        help="PEM files: our certificate and key, and the authorities trusted; - for none (CA: the system's)",
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long an answer is waited for")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def web_session(options: argparse.Namespace) -> WebSession:
    """Return the session that the options describe; nothing is sent yet.

    Raises
    ------
    BadUsage
    NodeError
    NetworkFailure
        Where a secret is missing and nobody can be asked for it.
    """
    from workstation.network.secrets import Secrets
    from workstation.network.web.session import WebSession

    node = _node(options)
    return WebSession(node, _given(options, node), secrets=Secrets(use_keyring=bool(options.node)))


def _node(options: argparse.Namespace) -> Node:
    from workstation.cli.network_options import tls_of
    from workstation.network.nodes import Node, NodeBook, Web, check_node

    if options.node:
        node = NodeBook().named(options.node)
        if node.web is None:
            raise BadUsage(f"{node.name} has no DICOMweb service; --url names one")
    else:
        check_node(Node(name="--url", web=Web(root=options.url)))
        node = Node(name=urlsplit(options.url).hostname or options.url, web=Web(root=options.url))
    assert node.web is not None
    node = replace(node, web=_who(options, node.web))
    if options.tls:
        node = replace(node, tls=tls_of(*options.tls))
    if options.timeout is not None:
        if not 0 < options.timeout <= 3600:
            raise BadUsage("--timeout is more than 0 and at most 3600 seconds")
        node = replace(
            node,
            answer_timeout=options.timeout,
            stall_timeout=options.timeout,
            connect_timeout=min(node.connect_timeout, options.timeout),
        )
    check_node(node)
    return node


def _who(options: argparse.Namespace, web: Web) -> Web:
    if options.user and options.token_env:
        raise BadUsage("a user or a token, not both")
    if options.user:
        return replace(web, authentication="basic", user=options.user)
    if options.token_env:
        return replace(web, authentication="bearer")
    return web


def _given(options: argparse.Namespace, node: Node) -> Authority | None:
    """Return who asks, where a secret is given here; it is used for this command and not kept."""
    from workstation.network.secrets import Secrets
    from workstation.network.web.auth import Basic, Bearer

    assert node.web is not None
    if options.token_env:
        return Bearer(_variable(options.token_env))
    if node.web.authentication != "basic":
        return None
    if options.password_env:
        return Basic(node.web.user, _variable(options.password_env))
    kept = options.node and Secrets().get(node.name, "password") is not None
    if not kept and sys.stdin is not None and sys.stdin.isatty():
        import getpass

        return Basic(node.web.user, getpass.getpass(f"Password of {node.web.user}: "))
    return None


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise BadUsage(f"the environment variable {name} holds nothing")
    return value.rstrip("\r\n")
