"""``workstation web login`` and ``logout``: sign in to a service by the browser, for the commands that follow."""

from __future__ import annotations

import sys
import webbrowser
from typing import TYPE_CHECKING

from workstation.cli.documents import write_json
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

    from workstation.network.nodes import Node
    from workstation.network.secrets import Secrets


def login(options: argparse.Namespace) -> int:
    """Let the user sign in; the page's address is told too, for where no browser opens."""
    from workstation.network.web.oidc import sign_in

    node = _node(options.node)
    secrets = _keyring()

    def opened(address: str) -> None:
        sys.stderr.write(f"Sign in at {address}\n")
        sys.stderr.flush()
        if not options.no_browser:
            webbrowser.open(address)

    sign_in(node, secrets, opened)
    _tell(options, node, signed_in=True)
    return 0


def logout(options: argparse.Namespace) -> int:
    """Forget the tokens of a node."""
    from workstation.network.web.oidc import sign_out

    node = _node(options.node)
    sign_out(node, _keyring())
    _tell(options, node, signed_in=False)
    return 0


def _tell(options: argparse.Namespace, node: Node, *, signed_in: bool) -> None:
    if options.json:
        write_json({"node": node.name, "signed_in": signed_in})
    else:
        print(f"{node.name}: signed {'in' if signed_in else 'out'}")


def _node(name: str) -> Node:
    from workstation.network.nodes import NodeBook, check_node

    node = NodeBook().named(name)
    if node.web is None or node.web.authentication != "oidc":
        raise BadUsage(f"{name} is not signed in to by OpenID Connect")
    check_node(node)
    return node


def _keyring() -> Secrets:
    """Return where tokens outlast this command; without that a sign-in would be for nothing."""
    from workstation.network.secrets import Secrets

    secrets = Secrets()
    if not secrets.lasting:
        raise BadUsage("this system has no keyring to keep a sign-in; --token-env gives a token to each command")
    return secrets
