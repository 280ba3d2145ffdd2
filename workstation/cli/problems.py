"""What keeps listed objects from being shown whole: damage, a missing decoder, a missing viewer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from workstation.dicom.identity import Problem
from workstation.objects import handler_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workstation.dicom.identity import Instance

NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"})


def problems_of(instances: Iterable[Instance]) -> list[dict[str, str]]:
    """Return each different problem of the instances once, as ``{"code", "reason"}``."""
    found = {(p.code, p.reason): None for instance in instances for p in _problems(instance)}
    return [{"code": code, "reason": reason} for code, reason in found]


def _problems(instance: Instance) -> Iterator[Problem]:
    yield from instance.problems
    handler = handler_for(instance)
    if handler.why_not:
        yield Problem("no_viewer", handler.why_not)
    elif instance.has_pixels and not _decodable(instance.transfer_syntax_uid):
        uid = instance.transfer_syntax_uid or "none"
        yield Problem("unsupported_transfer_syntax", f"There is no decoder for transfer syntax {uid}.")


@cache
def _decodable(transfer_syntax_uid: str) -> bool:
    if transfer_syntax_uid in NATIVE:
        return True
    from workstation.imaging.decode import available_decoders

    return any(d.available for d in available_decoders() if d.transfer_syntax_uid == transfer_syntax_uid)
