"""Where a study is, in words: the badge of a row, its counts, and what a tooltip tells of each server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from workstation.transfers.study_places import NodeCount, Place

TONES = {"local": "", "unsure": "", "partly": "warning", "remote": "info"}
"""Colours of badges: none for what is here."""
UNKNOWN = "?"
_tr = partial(QCoreApplication.translate, "PlaceWords")


def names(nodes: tuple[str, ...] | list[str]) -> str:
    """Return names of servers as one would say them."""
    if len(nodes) < 2:
        return "".join(nodes)
    return _tr("{0} and {1}").format(", ".join(nodes[:-1]), nodes[-1])


def library() -> str:
    """Return where a study is of which no server told."""
    return _tr("Library")


def badge(place: Place) -> str:
    """Return where a study is, as short as a badge has to be."""
    where = ", ".join(one.node for one in place.nodes)
    if not place.nodes:
        return library()
    if place.here is None:
        return where
    if place.kind == "local":
        return _tr("Library, {0}").format(where)
    there = UNKNOWN if place.there is None else place.there
    return _tr("{0} of {1} · {2}").format(place.here, there, where)


def count(here: int | None, there: int | None) -> str:
    """Return a count: of the library, of servers, or both where it is here in part; "?" where nobody supplies it."""
    if here is None:
        return UNKNOWN if there is None else str(there)
    return str(here) if there is None or there <= here else f"{here} / {there}"


def details(place: Place) -> str:
    """Return what is here and what each server tells of the study, in lines."""
    lines = []
    if place.here is not None:
        lines.append(_tr("In the library: {0}").format(_images(place.here)))
    lines += [_of_node(one) for one in place.nodes]
    if place.uncounted:
        lines.append(_tr("“Count” asks for what is not supplied, series by series."))
    return "\n".join(lines)


def _of_node(one: NodeCount) -> str:
    lacking = _tr("not supplied by this server")
    if one.series is None and one.instances is None:
        return _tr("{0}: series and images {1}").format(one.node, lacking)
    text = _tr("{0}: series {1}, images {2}").format(
        one.node,
        lacking if one.series is None else one.series,
        lacking if one.instances is None else one.instances,
    )
    return f"{text} ({_tr('counted by asking')})" if one.asked else text


def sentence(place: Place) -> str:
    """Return one line on a study that servers have."""
    where = names([one.node for one in place.nodes])
    if place.kind == "partly":
        return _tr("{0} of {1} images are here; the rest is at {2}.").format(place.here, place.there, where)
    if place.kind == "unsure":
        return _tr("Here: {0}; how many {1} has is not supplied.").format(_images(place.here or 0), where)
    if place.kind == "local":
        return _tr("As many images are here as {0} counts.").format(where)
    if place.there is None:
        return _tr("At {0}; how many images is not supplied.").format(where)
    series = UNKNOWN if place.series is None else place.series
    return _tr("At {0}: {1} series, {2} by the server's count.").format(where, series, _images(place.there))


def _images(number: int) -> str:
    return _tr("1 image") if number == 1 else _tr("{0} images").format(number)
