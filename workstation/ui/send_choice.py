"""What "Send to…" is about: given files, the selected studies of the study list, or the series of the active pane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from workstation.dicom.display_names import person_name, plain

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Locator, Series
    from workstation.ui.window_api import WindowApi


@dataclass(frozen=True, slots=True)
class SendChoice:
    """What is to be sent. ``title`` may name a patient; ``find`` finds the files, on a worker."""

    title: str
    find: Callable[[], list[Locator]]


@dataclass(frozen=True, slots=True)
class Found:
    """Files that are there, their size in bytes, and how many are gone."""

    places: tuple[Locator, ...]
    size: int
    gone: int


def choice_of(
    window: WindowApi, places: Sequence[Locator] | Callable[[], list[Locator]] | None, title: str
) -> SendChoice | None:
    """Return what is to be sent, None where there is nothing."""
    if callable(places):
        return SendChoice(title, places)
    if places is not None:
        fixed = list(dict.fromkeys(places))
        return SendChoice(title, lambda: fixed) if fixed else None
    if window.library.at_home:
        if not window.library.has_chosen:
            return None
        return SendChoice(window.library.chosen_title(), window.library.chosen_places())
    series = active_series(window)
    if series is None:
        return None
    return SendChoice(title_of(series.instances), lambda: places_of(series.instances))


def active_series(window: WindowApi) -> Series | None:
    """Return the series of the active pane, whole: a pane may show one stack of several."""
    workspace = window.workspace
    stack = workspace.stack()
    if stack is None or not stack.frames:
        return None
    shown = stack.frames[0].instance.sop_instance_uid
    for patient in workspace.catalogue.patients:
        for study in patient.studies:
            for series in study.series:
                if any(one.sop_instance_uid == shown for one in series.instances):
                    return series
    return None


def places_of(instances: Iterable[Instance]) -> list[Locator]:
    """Return where instances lie, each file once."""
    return list(dict.fromkeys(one.locator for one in instances))


def title_of(instances: Sequence[Instance]) -> str:
    """Return whose and which series or study it is."""
    values = instances[0].values if instances else {}
    series = {one.values.get("SeriesInstanceUID") for one in instances}
    described = values.get("SeriesDescription" if len(series) == 1 else "StudyDescription", "")
    parts = (person_name(str(values.get("PatientName", ""))), plain(str(described or ""), 60))
    return " · ".join(part for part in parts if part) or QCoreApplication.translate("Send", "Series")


def looked_up(choice: SendChoice) -> Found:
    """Find the files and how large they are; for a worker."""
    from workstation.dicom.sources import file_size
    from workstation.errors import WorkstationError

    there: list[Locator] = []
    size = gone = 0
    for place in dict.fromkeys(choice.find()):
        try:
            size += file_size(place)
        except (OSError, WorkstationError):
            gone += 1
        else:
            there.append(place)
    return Found(tuple(there), size, gone)
