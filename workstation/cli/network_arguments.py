"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.network_options import add_node_options
from workstation.cli.web_arguments import add_web_verbs

QUERY_LEVELS = ("patient", "study", "series", "image")

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))
    _add_find(commands.add_parser("find", help="what a server has: patients, studies, series, images"))
    _add_worklist(commands.add_parser("worklist", help="what is scheduled"))
    add_web_verbs(commands.add_parser("web", help="search, fetch and store by DICOMweb"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_echo(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    _add_json(parser)


def _add_find(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    parser.add_argument("--level", choices=QUERY_LEVELS, default="study", help="what is listed (study)")
    parser.add_argument("--root", choices=("study", "patient"), help="information model (patient for patients)")
    parser.add_argument(
        "--dates", metavar="SPAN", help="studies of: today, yesterday, last 7 days, last 30 days, last year"
    )
    parser.add_argument("--count", action="store_true", help="count what the server does not count, by asking for it")
    _add_query(parser)


def _add_worklist(parser: argparse.ArgumentParser) -> None:
    add_node_options(parser)
    parser.add_argument("--station", metavar="TITLE", default="", help="AE title of the station it is scheduled for")
    parser.add_argument("--date", metavar="DATE", default="", help="YYYYMMDD, a range of two with -, or a span: today…")
    parser.add_argument("--modality", metavar="MODALITY", default="")
    parser.add_argument("--name", metavar="NAME", default="", help="the patient's, * and ? allowed")
    parser.add_argument("--id", metavar="ID", default="", help="the patient's")
    parser.add_argument("--accession", metavar="NUMBER", default="")
    _add_query(parser)


def _add_query(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-k",
        "--key",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="what is asked for; KEY is a keyword or gggg,eeee; without VALUE it is returned",
    )
    parser.add_argument("--everything", action="store_true", help="allow a query without any key")
    parser.add_argument("--limit", type=int, metavar="N", help="end after N answers; 0 for no limit (the node's, 500)")
    _add_json(parser)
