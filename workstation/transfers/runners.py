"""What each kind of job in the queue does: parameters as JSON -> the generator of a service.

A kind that is not in the table fails with a sentence (:class:`workstation.transfers.jobs.JobQueue`). Modules of
services are imported when a job of their kind runs, on its thread: that imports pynetdicom.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress
    from workstation.network.secrets import Secrets
    from workstation.transfers.jobs import Runner
    from workstation.transfers.retrieve_job import Surroundings

KINDS: Final = ("retrieve", "send", "commit", "print", "web_retrieve", "web_send")
"""Every kind of job there may be."""


@dataclass(frozen=True, slots=True)
class Context:
    """What jobs need of the program.

    ``node`` gives a node by its name, as it is now, or raises ``NodeError``. ``surroundings`` is what retrieving needs
    besides.
    """

    node: Callable[[str], Node]
    surroundings: Surroundings
    secrets: Callable[[], Secrets]


Service = Callable[[Context, Mapping[str, Any], threading.Event], "Iterator[Progress]"]


def runners(context: Context) -> dict[str, Runner]:
    """Return what does each kind of job that this version knows."""

    def runner(service: Service) -> Runner:
        return lambda parameters, stop: service(context, parameters, stop)

    return {kind: runner(service) for kind, service in SERVICES.items()}


def _print(context: Context, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    from workstation.transfers.film_spool import print_films
    from workstation.transfers.print_job import print_job

    run = print_films if "films" in parameters else print_job
    return run(context.node(parameters["node"]), parameters, stop)


def _send(context: Context, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    from workstation.transfers.send_job import send_job

    return send_job(context.node(parameters["node"]), parameters, stop)


def _retrieve(context: Context, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    from workstation.transfers.retrieve_job import retrieve_job

    return retrieve_job(context.node(parameters["node"]), parameters, stop, context.surroundings)


def _web_retrieve(context: Context, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    from workstation.transfers.web_retrieve_job import web_retrieve_job

    node = context.node(parameters["node"])
    return web_retrieve_job(node, parameters, stop, context.surroundings, context.secrets())


def _web_send(context: Context, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    from workstation.transfers.web_send_job import web_send_job

    return web_send_job(context.node(parameters["node"]), parameters, stop, context.secrets())


SERVICES: Final[Mapping[str, Service]] = {
    "retrieve": _retrieve,
    "print": _print,
    "send": _send,
    "web_retrieve": _web_retrieve,
    "web_send": _web_send,
}
