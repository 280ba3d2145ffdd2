"""What the verbs of ``workstation web`` take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.web_options import add_web_options

if TYPE_CHECKING:
    import argparse


def add_web_verbs(parser: argparse.ArgumentParser) -> None:
    """Add search, retrieve, store, metadata, rendered, login and logout."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_search(verbs.add_parser("search", help="what a service has: studies, series, images"))
    _add_retrieve(verbs.add_parser("retrieve", help="fetch objects as they are stored; what is there is not fetched"))
    _add_store(verbs.add_parser("store", help="send files as they are"))
    metadata = verbs.add_parser("metadata", help="data sets without pixels, in the DICOM JSON model")
    add_web_options(metadata)
    _add_object(metadata)
    _add_rendered(verbs.add_parser("rendered", help="a picture as the server renders it"))
    login = verbs.add_parser("login", help="sign in by the browser (OpenID Connect), for the commands that follow")
    login.add_argument("--no-browser", action="store_true", help="only tell the address of the page")
    for verb in (login, verbs.add_parser("logout", help="forget the sign-in")):
        verb.add_argument("--node", metavar="NAME", required=True, help="a node of the settings")
        verb.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _add_search(parser: argparse.ArgumentParser) -> None:
    add_web_options(parser)
    parser.add_argument("--level", choices=("study", "series", "image"), default="study", help="what is listed (study)")
    parser.add_argument(
        "-k",
        "--key",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="what is asked for; KEY is a keyword or gggg,eeee; without VALUE it is returned",
    )
    parser.add_argument("--everything", action="store_true", help="allow a search without any key")
    parser.add_argument("--fuzzy", action="store_true", help="names that sound alike, where the service knows how")
    parser.add_argument("--limit", type=int, metavar="N", help="end after N answers; 0 for no limit (the node's, 500)")


def _add_object(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", metavar="UID", required=True)
    parser.add_argument("--series", metavar="UID")
    parser.add_argument("--instance", metavar="UID")


def _add_retrieve(parser: argparse.ArgumentParser) -> None:
    add_web_options(parser)
    _add_object(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="folder the files are put into, each under a hash")


def _add_store(parser: argparse.ArgumentParser) -> None:
    add_web_options(parser)
    parser.add_argument("--study", metavar="UID", help="let the service take objects of this study only")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, and folders of them")


def _add_rendered(parser: argparse.ArgumentParser) -> None:
    add_web_options(parser)
    _add_object(parser)
    parser.add_argument("--frame", type=int, metavar="N", help="a frame, counted from 1")
    parser.add_argument("--window", nargs=2, type=float, metavar=("CENTER", "WIDTH"))
    parser.add_argument("--size", nargs=2, type=int, metavar=("WIDTH", "HEIGHT"), help="pixels it is fitted into")
    parser.add_argument("--out", metavar="FILE", required=True, help=".png or .jpg")
    parser.add_argument("--force", action="store_true", help="replace FILE")
