"""Application profiles for media (PS3.11): which SOP Classes in which Transfer Syntaxes a File-set may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workstation.errors import WorkstationError

EXPLICIT: Final = "1.2.840.10008.1.2.1"
LOSSLESS: Final = "1.2.840.10008.1.2.4.70"
JPEG: Final = frozenset({EXPLICIT, LOSSLESS, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
JPEG_2000: Final = frozenset({EXPLICIT, "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})
_IMAGES: Final = "1.2.840.10008.5.1.4.1.1."
CTMR: Final = frozenset(f"{_IMAGES}{end}" for end in ("2", "4", "7"))


@dataclass(frozen=True, slots=True)
class Profile:
    """A family of application profiles that differ in the medium only; ``classes`` None for any SOP Class."""

    names: tuple[str, ...]
    syntaxes: frozenset[str]
    classes: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The names of the family, for people."""
        return ", ".join(self.names)

    def objection(self, sop_class_uid: str, transfer_syntax_uid: str) -> str:
        """Return why an instance may not be on such a medium, empty where it may."""
        if transfer_syntax_uid not in self.syntaxes:
            return "its Transfer Syntax is not one of the profile's"
        return self.class_objection(sop_class_uid)

    def class_objection(self, sop_class_uid: str) -> str:
        """Return why no transcoding would help, empty where the SOP Class may be on such a medium."""
        if self.classes is not None and sop_class_uid not in self.classes:
            return "its SOP Class is not one of the profile's"
        return ""


PROFILES: Final = (
    Profile(("STD-GEN-CD", "STD-GEN-DVD-RAM"), frozenset({EXPLICIT})),
    Profile(("STD-GEN-DVD-JPEG", "STD-GEN-USB-JPEG", "STD-GEN-BD-JPEG"), JPEG),
    Profile(("STD-GEN-DVD-J2K", "STD-GEN-USB-J2K", "STD-GEN-BD-J2K"), JPEG_2000),
    Profile(("STD-CTMR-CD", "STD-CTMR-DVD"), frozenset({EXPLICIT, LOSSLESS}), CTMR),
)
NAMES: Final = tuple(name for profile in PROFILES for name in profile.names)


def profile_named(name: str) -> Profile:
    """Return the family a profile belongs to.

    Raises
    ------
    WorkstationError
        For a name that is not one of :data:`NAMES`.
    """
    for profile in PROFILES:
        if name.upper() in profile.names:
            return profile
    raise WorkstationError(f"{name[:40]} is not a profile that is known here; those are {', '.join(NAMES)}.")
