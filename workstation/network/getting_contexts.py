"""Which presentation contexts a C-GET proposes, so that objects come as they are stored (G9, G10).

An acceptor picks one transfer syntax for each context. One context with every syntax makes it pick one, often an
uncompressed one, and compressed objects are then decompressed or not sent at all. So there is a context for each
syntax wherever the SOP Classes are few enough for that; 128 contexts are all that an association can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from workstation.network.association import MOST_CONTEXTS, Proposal

STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
_DICOM: Final = "1.2.840.10008.1.2"
PLAIN: Final = (f"{_DICOM}.1", _DICOM)
SYNTAXES: Final = (
    *PLAIN,
    *(f"{_DICOM}.4.{number}" for number in (70, 90, 91, 50, 80, 51, 57, 81)),
    f"{_DICOM}.5",
    *(f"{_DICOM}.4.{number}" for number in (201, 202, 203, 102, 103, 100, 101, 104, 105, 106, 107, 108, 110, 111, 112)),
    f"{_DICOM}.1.99",
    f"{_DICOM}.2",
    *(f"{_DICOM}.4.{number}" for number in (92, 93)),
    f"{_DICOM}.8.1",
)
"""Syntaxes whose objects are whole in themselves, the commonest first; those that refer to a stream are left out."""
_COMMON: Final = SYNTAXES[:14]
"""Those in contexts for every class there is, where a hundred with all syntaxes would take half a second."""
CLASSES_AT_ONCE: Final = (MOST_CONTEXTS - 1) // len(SYNTAXES)
_WIDE: Final = 120
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
OF_MODALITY: Final = {
    "CT": ("2", "2.1", "7"),
    "MR": ("4", "4.1", "7"),
    "US": ("6.1", "3.1", "7"),
    "CR": ("1", "1.1", "7"),
    "DX": ("1.1", "1", "7"),
    "MG": ("1.2", "13.1.3", "7"),
    "XA": ("12.1", "12.1.1", "7"),
    "RF": ("12.2", "12.2.1", "7"),
    "PT": ("128", "130", "7"),
    "NM": ("20", "7", "7.3"),
    "ES": ("77.1.1", "77.1.1.1", "7"),
    "XC": ("77.1.4", "77.1.4.1", "7"),
    "GM": ("77.1.2", "77.1.2.1", "7"),
    "SM": ("77.1.6", "77.1.3", "77.1.2"),
    "OP": ("77.1.5.1", "77.1.5.2", "77.1.5.4"),
    "OT": ("7", "7.4", "7.3"),
}
"""What a series of a modality is likely to hold, after the root of the storage classes."""


def batches(items: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Return the items in tuples of at most ``size``."""
    listed = tuple(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def by_class_and_syntax(classes: Iterable[str]) -> Iterator[tuple[tuple[str, ...], list[Proposal]]]:
    """Return contexts for each class and syntax, a few classes at a time: the classes and their proposals."""
    for some in batches(dict.fromkeys(classes), CLASSES_AT_ONCE):
        yield some, [_retrieve(), *(Proposal(one, (syntax,), as_scp=True) for one in some for syntax in SYNTAXES)]


def by_class(classes: Iterable[str]) -> Iterator[tuple[tuple[str, ...], list[Proposal]]]:
    """Return one context for each class: for peers that take only one, and where the classes are not known."""
    for some in batches(dict.fromkeys(classes), _WIDE):
        syntaxes = SYNTAXES if len(some) <= CLASSES_AT_ONCE else _COMMON
        yield some, [_retrieve(), *(Proposal(one, syntaxes, as_scp=True) for one in some)]


def storage_classes() -> tuple[str, ...]:
    """Return every storage SOP Class known here, the commonest first."""
    from pynetdicom import AllStoragePresentationContexts, StoragePresentationContexts

    both = (*StoragePresentationContexts, *AllStoragePresentationContexts)
    return tuple(dict.fromkeys(str(context.abstract_syntax) for context in both))


def likely(modality: str) -> tuple[str, ...]:
    """Return the classes that a series of this modality is likely to hold."""
    return tuple(f"{_STORAGE}{ending}" for ending in OF_MODALITY.get(modality, OF_MODALITY["OT"]))


def _retrieve() -> Proposal:
    return Proposal(STUDY_ROOT_GET, PLAIN)
