"""Searches that are kept: what was asked for, as a line of JSON, called by what it asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from workstation.dicom import display_names
from workstation.library.search import StudyQuery
from workstation.ui.widgets import plain

MOST = 20


_KINDS: dict[str, Any] = dict.fromkeys(("text", "first_date", "last_date", "sort"), str)
_KINDS |= dict.fromkeys(("opened", "binned", "descending"), bool) | {
    "status": (str, type(None)),
    "days": (int, type(None)),
}


def saved(query: StudyQuery) -> str:
    """Return a search as text for the settings."""
    return json.dumps(asdict(query), ensure_ascii=False, sort_keys=True)


def read(text: str) -> StudyQuery | None:
    """Return a search as it was saved, None where the text is none."""
    try:
        values: Any = json.loads(text)
        columns = tuple((str(name), str(text)) for name, text in values.pop("columns", ()))
        modalities = tuple(map(str, values.pop("modalities", ())))
        known = {name: values[name] for name in _KINDS if name in values}
        if not all(isinstance(value, _KINDS[name]) for name, value in known.items()):
            return None
        return StudyQuery(columns=columns, modalities=modalities, **known)
    except (ValueError, TypeError, AttributeError):
        return None


def title(query: StudyQuery, *, hidden: bool = False) -> str:
    """Call a search by what it asks; ``hidden`` leaves out what was typed, which may be a name."""
    tr = partial(QCoreApplication.translate, "SavedSearches")
    days = [display_names.date(day) for day in (query.first_date, query.last_date)]
    parts = [
        f"“{'•••' if hidden else query.text}”" if query.text else "",
        *(f"“{'•••' if hidden else text}”" for _, text in query.columns),
        " ".join(query.modalities),
        " – ".join(day or "…" for day in days) if any(days) else "",
        "" if query.days is None else tr("last {0} days").format(query.days) if query.days else tr("today"),
        {"unread": tr("unread"), "reviewed": tr("reviewed")}.get(query.status or "", ""),
        tr("opened lately") if query.opened else "",
        tr("in the bin") if query.binned else "",
    ]
    return plain(" · ".join(part for part in parts if part), 80) or tr("Everything")


def fill(
    menu: QMenu, kept: Sequence[str], use: Callable[[StudyQuery], object], keep: Callable[[list[str]], object],
    current: StudyQuery | None, *, hidden: bool = False,
) -> None:  # fmt: skip
    """Make the menu of saved searches anew; ``current`` is what may be saved, None where nothing is asked."""
    tr = partial(QCoreApplication.translate, "SavedSearches")
    menu.clear()
    found = [(text, query) for text in kept if (query := read(text)) is not None]
    for _, query in found:
        menu.addAction(title(query, hidden=hidden).replace("&", "&&"), partial(use, query))
    menu.addSeparator()
    add = menu.addAction(tr("Save this search"))
    add.setEnabled(current is not None and saved(current) not in kept)
    if current is not None:
        text = saved(current)
        add.triggered.connect(lambda: keep([text, *(other for other in kept if other != text)][:MOST]))
    forget = menu.addMenu(tr("Forget"))
    forget.setEnabled(bool(found))
    for text, query in found:
        rest = [other for other in kept if other != text]
        forget.addAction(title(query, hidden=hidden).replace("&", "&&"), partial(keep, rest))
