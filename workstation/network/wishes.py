"""What is wanted from a node, and what the node says it has of it, series by series (C-FIND, PS3.4 C.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workstation.network.association import Proposal, associated, ended
from workstation.network.failures import NetworkFailure, Step
from workstation.network.statuses import status

if TYPE_CHECKING:
    import threading

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
_PLAIN: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")


@dataclass(frozen=True, slots=True)
class Wish:
    """A study, or some of its series, or some objects of one series.

    ``first`` are series that come before the others, in this order: what is on screen.
    """

    study: str
    series: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """Return STUDY, SERIES or IMAGE."""
        return "IMAGE" if self.instances else "SERIES" if self.series else "STUDY"


@dataclass(frozen=True, slots=True)
class HeldSeries:
    """One series of the node; ``count`` is None where it does not say how many objects there are (G11)."""

    uid: str
    modality: str = ""
    number: int = 0
    count: int | None = None


@dataclass(frozen=True, slots=True)
class HeldInstance:
    """One object of the node; ``sop_class_uid`` is empty where it does not say."""

    uid: str
    sop_class_uid: str = ""
    number: int = 0


def check_wish(wish: Wish) -> None:
    """Refuse a wish that would be taken for a pattern, or names no one place (G3).

    Raises
    ------
    NetworkFailure
    """
    named = (wish.study, *wish.series, *wish.instances)
    if any(not uid.strip() or len(uid) > 64 or set(uid) & set("*?\\ ") for uid in named):
        raise _unusable("A UID has one to 64 characters, and no wildcard.")
    if wish.instances and len(wish.series) != 1:
        raise _unusable("Single objects are asked for with the UID of their one series.")


def _unusable(sentence: str) -> NetworkFailure:
    return NetworkFailure(sentence, step=Step.SERVICE, cause="wish")


def held_series(
    node: Node, wish: Wish, stop: threading.Event
) -> tuple[list[HeldSeries], dict[str, list[HeldInstance]]]:
    """Return the series of the wish that the node has, those of ``first`` first, the others by number.

    With them come the objects of the first series, found on the same association.

    Raises
    ------
    NetworkFailure
        Also where it has none.
    """
    keys = {"SeriesInstanceUID": "", "Modality": "", "SeriesNumber": "", "NumberOfSeriesRelatedInstances": ""}
    found: dict[str, HeldSeries] = {}
    with _asking(node, stop) as association:
        for answer in _find(node, association, "SERIES", {"StudyInstanceUID": wish.study, **keys}):
            uid = _text(answer, "SeriesInstanceUID")
            # a node that does not match what was asked answers with all it has
            if (
                uid
                and (not wish.series or uid in wish.series)
                and _text(answer, "StudyInstanceUID") in ("", wish.study)
            ):
                count = _count(_text(answer, "NumberOfSeriesRelatedInstances"))
                found[uid] = HeldSeries(uid, _text(answer, "Modality"), _number(answer, "SeriesNumber"), count)
        if not found:
            raise NetworkFailure(
                f"{node.name} has nothing of what is asked for.",
                step=Step.SERVICE,
                cause="nothing",
                remedy="Query it again; it may have been moved or removed.",
            )
        order = {uid: place for place, uid in enumerate((*wish.first, *wish.series))}
        listed = sorted(found.values(), key=lambda one: (order.get(one.uid, len(order)), one.number))
        return listed, {listed[0].uid: _instances(node, association, wish, listed[0])}


def held_instances(node: Node, wish: Wish, series: HeldSeries, stop: threading.Event) -> list[HeldInstance]:
    """Return the objects of a series that the wish names, by instance number.

    Raises
    ------
    NetworkFailure
    """
    with _asking(node, stop) as association:
        return _instances(node, association, wish, series)


def _instances(node: Node, association: Association, wish: Wish, series: HeldSeries) -> list[HeldInstance]:
    keys = {"SOPInstanceUID": "", "SOPClassUID": "", "InstanceNumber": ""}
    above = {"StudyInstanceUID": wish.study, "SeriesInstanceUID": series.uid}
    found: dict[str, HeldInstance] = {}
    for answer in _find(node, association, "IMAGE", {**above, **keys}):
        uid = _text(answer, "SOPInstanceUID")
        wanted = uid and (not wish.instances or uid in wish.instances)
        if wanted and _text(answer, "SeriesInstanceUID") in ("", series.uid):
            found[uid] = HeldInstance(uid, _text(answer, "SOPClassUID"), _number(answer, "InstanceNumber"))
    return sorted(found.values(), key=lambda one: one.number)


def _asking(node: Node, stop: threading.Event) -> AbstractContextManager[Association]:
    return associated(node, [Proposal(STUDY_ROOT_FIND, _PLAIN)], stop=stop)


def _find(node: Node, association: Association, level: str, keys: dict[str, str]) -> Iterator[Dataset]:
    from pydicom.dataset import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value or None)
    for answer, found in association.send_c_find(identifier, STUDY_ROOT_FIND):
        if "Status" not in answer:
            raise ended(association, node)
        told = status(answer.Status, "find")
        if told.kind not in ("pending", "success"):
            raise NetworkFailure(
                f"{node.name} did not say which objects it has: {told}", step=Step.SERVICE, cause="status"
            )
        if found is not None:
            yield found


def _text(answer: Dataset, keyword: str) -> str:
    value: Any = answer.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _number(answer: Dataset, keyword: str) -> int:
    return _count(_text(answer, keyword)) or 0


def _count(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
