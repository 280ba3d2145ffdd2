"""What the program does with the instances of a family of SOP Classes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SOPClassHandler:
    """One family of SOP Classes: its ``kind`` as listed, and a short ``badge`` for the browser.

    ``why_not`` says, as a sentence, why objects of this family are listed but not drawn; "" where they are.
    ``has_pixels`` tells that frames are shown by way of :class:`workstation.objects.images.ImageReader`, ``is_read``
    that objects are shown as a page beside the images.
    """

    name: str
    kind: str
    uids: frozenset[str]
    badge: str = ""
    why_not: str = ""
    has_pixels: bool = False
    is_read: bool = False


def storage(*suffixes: str) -> frozenset[str]:
    """Return Storage SOP Class UIDs from what follows their common root (PS3.6 Annex A)."""
    return frozenset(f"1.2.840.10008.5.1.4.1.1.{suffix}" for suffix in suffixes)


def template(*suffixes: str) -> frozenset[str]:
    """Return the UIDs of non-patient objects and instructions, which have a shorter root."""
    return frozenset(f"1.2.840.10008.5.1.4.{suffix}" for suffix in suffixes)
