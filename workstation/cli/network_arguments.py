"""What each network verb takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.film_arguments import add_print
from workstation.cli.network_options import add_node_options
from workstation.cli.web_arguments import add_web_verbs

QUERY_LEVELS = ("patient", "study", "series", "image")

if TYPE_CHECKING:
    import argparse


def add_network_verbs(commands: Any) -> None:
    """Add the verbs that talk to other applications."""
    _add_echo(commands.add_parser("echo", help="whether a node answers, and if not, what to change"))
    add_print(commands.add_parser("print", help="images on the film of a DICOM printer, or on a preview of it"))
    _add_find(commands.add_parser("find", help="what a server has: patients, studies, series, images"))
    _add_worklist(commands.add_parser("worklist", help="what is scheduled"))
    _add_receive(commands.add_parser("receive", help="be a storage server: keep what other applications send"))
    _add_store(commands.add_parser("store", help="send files, folders and archives to a node"))
    _add_commit(commands.add_parser("commit", help="ask a node to answer for what it was sent"))
    _add_get(
        commands.add_parser("get", help="retrieve from a node by C-GET; the same again goes on with what is missing")
    )
    _add_move(commands.add_parser("move", help="have a node send to us, or to a third one, by C-MOVE"))
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
