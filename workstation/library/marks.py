"""What a person says of studies: status, comment, that they were opened, that they go into the bin.

Said first in the records, then in the index: the index can be made again from them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from workstation.library.entries import count_study
from workstation.library.records import Records, StudyName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from workstation.library.store import Library

STATUSES: Final = ("", "unread", "reviewed")


def set_status(library: Library, studies: Iterable[int], status: str) -> None:
    """Mark studies; "" takes the mark away.

    Raises
    ------
    ValueError
        When there is no such status.
    LibraryError
    """
    if status not in STATUSES:
        raise ValueError(status)
    _say(library, studies, status=status)


def set_comment(library: Library, study: int, comment: str) -> None:
    """Write a comment, by which the study is found from then on."""
    _say(library, [study], comment=comment)


def opened(library: Library, studies: Iterable[int], now: float | None = None) -> None:
    """Remember when studies were opened."""
    _say(library, studies, opened=time.time() if now is None else now)


def put_into_bin(library: Library, studies: Iterable[int], now: float | None = None) -> None:
    """Take studies off the list; nothing is deleted, and :func:`take_out` brings them back as they were."""
    _say(library, studies, binned=time.time() if now is None else now)


def take_out(library: Library, studies: Iterable[int]) -> None:
    """Bring studies back from the bin."""
    _say(library, studies, binned=None)


def replay(library: Library) -> None:
    """Say again what the records hold, after the index was made anew."""
    said = Records(library.folder).said()
    library.write(lambda connection: restore(connection, said))


def restore(connection: Connection, said: dict[StudyName, dict[str, Any]]) -> None:
    """Write what the records hold into the index, inside the caller's transaction."""
    for row in connection.execute(
        "SELECT studies.id, key, uid FROM studies JOIN patients ON patients.id = patient"
    ).fetchall():
        found = said.get(StudyName(row["key"], row["uid"]))
        if found:
            apply(connection, [row["id"]], found)


def _say(library: Library, studies: Iterable[int], **said: Any) -> None:
    chosen = list(studies)
    library.demand_writable()
    Records(library.folder).say(names_of(library, chosen), **said)
    library.write(lambda connection: apply(connection, chosen, said))


def names_of(library: Library, studies: Iterable[int]) -> list[StudyName]:
    """Return what the records call some studies."""
    names = []
    for study in studies:
        rows = library.query(
            "SELECT key, uid FROM studies JOIN patients ON patients.id = patient WHERE studies.id = ?", (study,)
        )
        names += [StudyName(row["key"], row["uid"]) for row in rows]
    return names


def apply(connection: Connection, studies: Iterable[int], said: dict[str, Any]) -> None:
    """Write into the index what was said; what it does not know is passed over."""
    for study in studies:
        for name in ("status", "comment", "opened", "binned"):
            if name in said:
                connection.execute(f"UPDATE studies SET {name} = ? WHERE id = ?", (said[name], study))
        if "comment" in said:
            count_study(connection, study)
