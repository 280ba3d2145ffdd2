"""DIMSE statuses in words (PS3.7 Annex C and the service classes of PS3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Status:
    """What a status code says. ``kind`` is success, pending, cancel, warning or failure."""

    code: int
    kind: str
    sentence: str

    @property
    def is_failure(self) -> bool:
        """Tell whether what was asked was not done."""
        return self.kind == "failure"

    def __str__(self) -> str:
        return f"{self.sentence} (0x{self.code:04X})"


_GENERAL: Final = {
    0x0000: "Done.",
    0x0105: "It does not know an attribute that was asked for.",
    0x0106: "A value is not allowed.",
    0x0107: "Done, but some attributes are not known to it.",
    0x0110: "It failed to process the request.",
    0x0111: "An object with this UID exists already.",
    0x0112: "It has no object with this UID.",
    0x0113: "It does not know this kind of event.",
    0x0114: "An argument does not fit.",
    0x0115: "A value was out of range and replaced or refused.",
    0x0116: "A value was out of range and replaced.",
    0x0117: "The object's UID is not a valid one.",
    0x0118: "It does not know this SOP Class.",
    0x0119: "Class and instance do not belong together.",
    0x0120: "An attribute is missing.",
    0x0121: "A value is missing.",
    0x0122: "It does not support this SOP Class.",
    0x0123: "It does not know this action.",
    0x0124: "It does not allow this: not authorised.",
    0x0210: "It took the request for a repetition.",
    0x0211: "It does not know this operation.",
    0x0212: "It found the request mistyped.",
    0x0213: "It ran out of something it needs.",
    0xFE00: "Cancelled.",
    0xFF00: "More to come.",
    0xFF01: "More to come; some of the keys asked for are not supported.",
}
_SERVICES: Final[dict[str, dict[int, str]]] = {
    "find": {
        0xA700: "It ran out of something it needs; ask for less.",
        0xA900: "The query does not fit the model it was asked in.",
    },
    "move": {
        0xA701: "It could not count what matches.",
        0xA702: "It could not do the transfers.",
        0xA801: "It does not know the AE title to send to: our receiver has to be entered there.",
        0xA900: "The request does not fit the model it was asked in.",
        0xB000: "Done, but some objects failed or came with warnings.",
    },
    "get": {
        0xA701: "It could not count what matches.",
        0xA702: "It could not do the transfers.",
        0xA900: "The request does not fit the model it was asked in.",
        0xB000: "Done, but some objects failed or came with warnings.",
    },
    "store": {
        0xA700: "It has no room.",
        0xA900: "The data set does not fit its SOP Class, it says.",
        0xB000: "Stored, but it changed some elements.",
        0xB006: "Stored, but it left out some elements.",
        0xB007: "Stored, but the data set does not fit its SOP Class, it says.",
        0xC000: "It could not understand the object.",
    },
    "print": {
        0xB600: "Its memory allocation is not supported.",
        0xB601: "High-density printing is not supported; it prints one film.",
        0xB602: "A film of the session is empty.",
        0xB603: "The film is empty: no image was placed on it.",
        0xB604: "The image is larger than its box and was made smaller.",
        0xB605: "A density is beyond what the printer can do; the nearest is used.",
        0xB609: "The image is larger than its box and was cropped.",
        0xB60A: "The image is larger than its box and was decimated.",
        0xC600: "The film session has no film.",
        0xC601: "The print queue is full.",
        0xC602: "The print queue is full.",
        0xC603: "The image is larger than its box.",
        0xC605: "The printer has not enough memory for this image.",
        0xC613: "The combined image is larger than its box.",
        0xC616: "A film is there already that has to be printed first.",
    },
    "commit": {
        0x0110: "It failed while it looked for the object.",
        0x0112: "It does not have the object.",
        0x0119: "It has another object under this UID.",
        0x0122: "It does not commit to this SOP Class.",
        0x0131: "The transaction's UID is in use already.",
        0x0213: "It has no room.",
    },
}
_RANGES: Final[dict[str, tuple[tuple[int, int, str, str], ...]]] = {
    "store": (
        (0xA700, 0xA7FF, "failure", "It has no room."),
        (0xA900, 0xA9FF, "failure", "The data set does not fit its SOP Class, it says."),
        (0xC000, 0xCFFF, "failure", "It could not understand the object."),
    ),
    "": ((0xC000, 0xCFFF, "failure", "It could not process the request."),),
}


def status(code: int, service: str = "") -> Status:
    """Return what a status means in a service: find, move, get, store, print, commit or nothing in particular."""
    kind = status_kind(code)
    sentence = _SERVICES.get(service, {}).get(code) or _GENERAL.get(code)
    for low, high, _kind, words in (*_RANGES.get(service, ()), *_RANGES[""]):
        if sentence is None and low <= code <= high:
            sentence = words
    return Status(code, kind, sentence or _UNKNOWN[kind])


_UNKNOWN: Final = {
    "success": "Done.",
    "pending": "More to come.",
    "cancel": "Cancelled.",
    "warning": "Done with a warning this program does not know.",
    "failure": "It refused with a status this program does not know.",
}


def status_kind(code: int) -> str:
    """Return success, pending, cancel, warning or failure (PS3.7 Annex C)."""
    if code == 0x0000:
        return "success"
    if code in (0xFF00, 0xFF01):
        return "pending"
    if code == 0xFE00:
        return "cancel"
    if code in (0x0001, 0x0107, 0x0116) or 0xB000 <= code <= 0xBFFF:
        return "warning"
    return "failure"
