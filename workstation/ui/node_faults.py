"""What is wrong with each field of a node that is being written, by the one definition of a node that can be used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.network.nodes import Node, NodeError, Web, check_node

if TYPE_CHECKING:
    from collections.abc import Callable

_SOUND = Node(name="-", ae_title="A", host="a")
_WEB = "https://a"


def faults(node: Node, others: Collection[str] = ()) -> dict[str, str]:
    """Return a sentence for each field that cannot stay as it is; ``others`` are the names of the other nodes.

    Each field is put into a node that is sound otherwise, so that all faults are told and none twice. The fields are
    those of a node; of its web service ``root``, and ``issuer`` for what OpenID Connect needs.
    """
    found: dict[str, str] = {}

    def look(field: str, sound: Node) -> None:
        if field not in found and (said := _fault(sound)):
            found[field] = said

    look("name", replace(_SOUND, name=node.name))
    if node.name in others:
        found["name"] = "Another node has this name."
    if node.host or node.web is None:
        if not node.host:
            found["host"] = "A host is missing, or the root of a DICOMweb service."
        else:
            look("host", replace(_SOUND, host=node.host))
        look("ae_title", replace(_SOUND, ae_title=node.ae_title))
        look("calling", replace(_SOUND, calling=node.calling))
        look("move_to", replace(_SOUND, move_to=node.move_to))
        look("port", replace(_SOUND, port=node.port))
    if node.web is not None:
        look("root", replace(_SOUND, web=Web(node.web.root)))
        look("issuer", replace(_SOUND, web=replace(node.web, root=_WEB)))
    if not found and (said := _fault(node)):
        found["name"] = said
    return found


def _fault(node: Node) -> str:
    try:
        check_node(node)
    except NodeError as error:
        said = str(error).removeprefix(f"{node.name}: ").removeprefix(f"{node.name}, ")
        for whose in ("its AE title: ", "our AE title: ", "the title it sends to: "):
            said = said.removeprefix(whose)
        return said[:1].upper() + said[1:]
    return ""


def unused(name: str, taken: Collection[str], numbered: Callable[[str, int], str] = "{0} {1}".format) -> str:
    """Return a name that no node has: this one, or with the first free number after it."""
    if name not in taken:
        return name
    number = 2
    while numbered(name, number) in taken:
        number += 1
    return numbered(name, number)
