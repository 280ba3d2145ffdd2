"""What the study list asks, in the words of servers: one search of the list -> queries for studies (PS3.4 C.6.2.1).

Free text goes to keys every server has to match (name, ID, accession number): one that ignores a key would answer with
all it has. What the list alone knows (comments, marks) is never sent.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Final

from workstation.library.search import StudyQuery
from workstation.network.query_keys import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.network.saved_queries import SavedQuery

MOST_SPELLINGS: Final = 5
_TEXT_KEYS: Final = {"patient_id": "PatientID", "accession": "AccessionNumber", "description": "StudyDescription"}
_PRESET_DAYS: Final = {"today": 0, "last 7 days": 7, "last 30 days": 30, "last year": 365}


def is_search(query: StudyQuery) -> bool:
    """Tell whether servers may be asked: something narrows it that they know, and it is not about marks of the list."""
    if query.binned or query.opened or query.status is not None:
        return False
    typed = [text for column, text in query.columns if column in (*_TEXT_KEYS, "name", "modalities")]
    dated = query.first_date or query.last_date or query.days is not None
    return bool(any(map(_has_sense, (query.text, *typed))) or query.modalities or dated)


def questions(query: StudyQuery, today: datetime.date | None = None) -> tuple[tuple[Query, ...], ...]:
    """Return what servers are asked: each chain is asked from its start until something is found.

    The spellings of a name are such a chain, since some servers tell upper from lower case. Nothing where
    :func:`is_search` says no.

    Examples
    --------
    >>> [[dict(one.keys)["PatientName"] for one in chain] for chain in questions(StudyQuery(text="doe"))[:1]]
    [['*doe*', '*Doe*', '*DOE*']]
    """
    if not is_search(query):
        return ()
    common, names = _common(query, today or datetime.date.today())
    text = _sent(query.text)
    if not text:
        return (_spelled(names, common),) if names else (_chain([common]),)
    chains = []
    numbered = any(char.isdigit() for char in text)
    if not numbered or names:
        chains.append(_spelled([*names, *_words(text)], common))
    numbers = () if names else ("PatientID", "AccessionNumber") if numbered else ("PatientID",)
    chains += [_chain([{**common, one: f"*{text}*"}]) for one in numbers if one not in common]
    return tuple(chains)


def _common(query: StudyQuery, today: datetime.date) -> tuple[dict[str, str], list[str]]:
    """Return the keys that stand in every query, and the words of the name."""
    keys: dict[str, str] = {}
    names: list[str] = []
    modalities = list(query.modalities)
    for column, text in query.columns:
        if column == "name":
            names = _words(text)
        elif column in _TEXT_KEYS and _has_sense(text):
            keys[_TEXT_KEYS[column]] = "*" + "*".join(_sent(text).split()) + "*"
        elif column == "modalities" and _has_sense(text) and not modalities:
            modalities = _sent(text).upper().split()
        elif column == "sex" and text[:1].upper() in ("F", "M", "O"):
            keys["PatientSex"] = text[:1].upper()
    first, last = query.first_date, query.last_date
    if query.days is not None:
        day = today - datetime.timedelta(days=min(max(query.days, 0), today.toordinal() - 1))
        first = max(first, f"{day:%Y%m%d}")
    if first or last:
        keys["StudyDate"] = first if first == last else f"{first}-{last}"
    if modalities:
        keys["ModalitiesInStudy"] = "\\".join(modalities)
    return keys, names


def _spelled(names: list[str], common: Mapping[str, str]) -> tuple[Query, ...]:
    """Return a query for each way a name may be written: as typed, as names are, in capitals, the words turned."""
    orders = list(permutations(names)) if len(names) == 2 else [tuple(names)]
    spellings: dict[str, None] = {}
    for order in orders:
        for write in (str, _capital, str.upper) if not any(map(_has_capital, names)) else (str,):
            spellings["*" + "*".join(write(word) for word in order) + "*"] = None
    return _chain([{**common, "PatientName": one} for one in list(spellings)[:MOST_SPELLINGS]])


def _chain(keys: list[dict[str, str]]) -> tuple[Query, ...]:
    return tuple(Query("STUDY", "study", tuple(one.items())) for one in keys)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _has_capital(word: str) -> bool:
    return word != word.lower()


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,^=]+", _sent(text)) if word.strip("*")]


def _sent(text: str) -> str:
    """Return text as a key can hold it: a backslash would part values, a control character is none."""
    return "".join("?" if char == "\\" else char for char in text if ord(char) >= 32).strip()


def _has_sense(text: str) -> bool:
    """Whether something but wildcards and delimiters is asked for."""
    return bool(_sent(text).strip("*? ,^="))


def as_search(saved: SavedQuery, today: datetime.date | None = None) -> StudyQuery | None:
    """Return a saved query as a search of the list, None where it asks what the list has no place for.

    Spans of dates that move with today go on moving, as far as the list has them.
    """
    query = StudyQuery()
    if saved.query.level != "STUDY":
        return None
    columns: list[tuple[str, str]] = []
    named = {keyword: column for column, keyword in _TEXT_KEYS.items()} | {"PatientName": "name"}
    for keyword, value in saved.query.keys:
        if not value or (keyword == "StudyDate" and saved.preset):
            continue
        if keyword in named:
            columns.append((named[keyword], value.strip("*").replace("^", " ").strip()))
        elif keyword in ("ModalitiesInStudy", "Modality"):
            query = replace(query, modalities=tuple(value.split("\\")))
        elif keyword == "StudyDate":
            first, dash, last = value.partition("-")
            query = replace(query, first_date=first.strip(), last_date=last.strip() if dash else first.strip())
        else:
            return None
    if saved.preset in _PRESET_DAYS:
        query = replace(query, days=_PRESET_DAYS[saved.preset])
    elif saved.preset:
        day = (today or datetime.date.today()) - datetime.timedelta(days=1)
        query = replace(query, first_date=f"{day:%Y%m%d}", last_date=f"{day:%Y%m%d}")
    return replace(query, columns=tuple(columns))
