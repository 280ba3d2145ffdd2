"""Searches that are kept: what was asked for, as a line of JSON, called by what it asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from workstation.dicom import display_names
from workstation.library.search import StudyQuery
from workstation.transfers.study_places import ALL
from workstation.ui.widgets import plain

if TYPE_CHECKING:
    from workstation.network.saved_queries import SavedQuery

MOST = 20


_KINDS: dict[str, Any] = dict.fromkeys(("text", "first_date", "last_date", "sort"), str)
_KINDS |= dict.fromkeys(("opened", "binned", "descending"), bool) | {
    "status": (str, type(None)),
    "days": (int, type(None)),
}


def saved(query: StudyQuery, source: str = "") -> str:
    """Return a search as text for the settings; ``source`` is where it looks, if not in the library alone."""
    more = {"source": source} if source else {}
    return json.dumps(asdict(query) | more, ensure_ascii=False, sort_keys=True)


def source_of(text: str) -> str | None:
    """Return where a saved search looks, None where it does not say: there where one looks now."""
    try:
        return str(json.loads(text)["source"])
    except (ValueError, TypeError, KeyError):
        return None


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
    menu: QMenu, kept: Sequence[str], use: Callable[..., object], keep: Callable[[list[str]], object],
    current: StudyQuery | None, *, hidden: bool = False, source: str = "",
    served: Sequence[tuple[str, SavedQuery]] = (),
) -> None:  # fmt: skip
    """Make the menu of saved searches anew.

    ``use`` takes a search and, where it has one, its source. ``current`` is what may be saved, None where nothing is
    asked, ``source`` where it looks; ``served`` are queries that were saved for servers, with their names.
    """
    tr = partial(QCoreApplication.translate, "SavedSearches")
    menu.clear()
    found = [(text, query) for text in kept if (query := read(text)) is not None]
    for text, query in found:
        place = source_of(text)
        use_it = partial(use, query) if place is None else partial(use, query, place)
        menu.addAction(_title_at(query, place, hidden=hidden), use_it)
    _offer_served(menu, use, served, hidden=hidden)
    menu.addSeparator()
    add = menu.addAction(tr("Save this search"))
    add.setEnabled(current is not None and saved(current, source) not in kept)
    if current is not None:
        text = saved(current, source)
        add.triggered.connect(lambda: keep([text, *(other for other in kept if other != text)][:MOST]))
    forget = menu.addMenu(tr("Forget"))
    forget.setEnabled(bool(found))
    for text, query in found:
        rest = [other for other in kept if other != text]
        forget.addAction(_title_at(query, source_of(text), hidden=hidden), partial(keep, rest))


def _title_at(query: StudyQuery, source: str | None, *, hidden: bool) -> str:
    where = {None: "", ALL: QCoreApplication.translate("SavedSearches", "everywhere")}.get(source, source or "")
    text = title(query, hidden=hidden)
    return plain(f"{text} · {where}" if where else text, 100).replace("&", "&&")


def _offer_served(
    menu: QMenu, use: Callable[..., object], served: Sequence[tuple[str, SavedQuery]], *, hidden: bool
) -> None:
    """Offer what was saved for servers, as far as the list has a place for what it asks."""
    from workstation.transfers.study_questions import as_search

    searches = [(name, one, query) for name, one in served if (query := as_search(one)) is not None]
    if searches:
        menu.addSeparator()
    for name, one, query in searches:
        source = one.nodes[0] if len(one.nodes) == 1 else ALL
        text = title(query, hidden=True) if hidden else name
        menu.addAction(plain(text, 80).replace("&", "&&"), partial(use, query, source))
