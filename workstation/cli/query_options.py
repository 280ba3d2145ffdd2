"""What queries and worklists share on the command line: keys, and what is told at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.network_options import complain_of
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

    from workstation.network.failures import NetworkFailure
    from workstation.network.find_service import FindReport
    from workstation.network.nodes import Node


def given_keys(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """Return the pairs of ``-k KEY=VALUE``; without ``=`` the attribute is only returned.

    Raises
    ------
    BadUsage
    """
    pairs = []
    for word in options.key:
        name, _, value = word.partition("=")
        if not name.strip():
            raise BadUsage(f"-k {word}: a key is KEY=VALUE, KEY a keyword or gggg,eeee")
        pairs.append((name.strip(), value))
    return tuple(pairs)


def given_limit(options: argparse.Namespace) -> int | None:
    """Return the limit of answers.

    Raises
    ------
    BadUsage
    """
    if options.limit is not None and options.limit < 0:
        raise BadUsage("--limit is 0 for none, or a number of answers")
    return options.limit  # type: ignore[no-any-return]


def told(node: Node, report: FindReport, failure: NetworkFailure | None, shown: int) -> int:
    """Say on stderr what there is besides the answers and return the exit code."""
    if report.sentence:
        complain_of(node, report.sentence)
    if failure is None:
        return 1 if report.unreadable else 0
    complain_of(node, str(failure))
    return 1 if shown else 2
