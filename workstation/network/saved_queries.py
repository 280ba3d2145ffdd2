"""Queries that are kept under a name, in a file of the configuration folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from workstation.network.matching import PRESETS, QueryError, date_range
from workstation.network.query_keys import LEVELS, ROOTS, Query
from workstation.paths import config_folder
from workstation.whole_file import write_whole

FILE_NAME: Final = "queries.json"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query with its name. ``preset`` is a span of study dates that moves with today; ``nodes`` whom it asks."""

    name: str
    query: Query
    preset: str = ""
    nodes: tuple[str, ...] = ()

    def today(self) -> Query:
        """Return what is asked today.

        Raises
        ------
        QueryError
        """
        if not self.preset:
            return self.query
        others = tuple(pair for pair in self.query.keys if pair[0] != "StudyDate")
        return replace(self.query, keys=(*others, ("StudyDate", date_range(self.preset))))


class QueryBook:
    """The saved queries, in the user's order; ``problem`` is a sentence where some could not be read."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / FILE_NAME
        self.problem = ""
        self._queries: dict[str, SavedQuery] = {}
        self._unread: list[Any] = []
        self._read()

    def __iter__(self) -> Iterator[SavedQuery]:
        return iter(tuple(self._queries.values()))

    def __len__(self) -> int:
        return len(self._queries)

    def named(self, name: str) -> SavedQuery:
        """Return a query by its name.

        Raises
        ------
        QueryError
        """
        if name not in self._queries:
            raise QueryError("There is no saved query of that name.")
        return self._queries[name]

    def put(self, saved: SavedQuery) -> None:
        """Keep a query, in the place of one with the same name, and write the file.

        Raises
        ------
        QueryError
            If it has no name.
        OSError
        """
        if not saved.name.strip():
            raise QueryError("A saved query needs a name.")
        self._queries[saved.name] = saved
        self._write()

    def remove(self, name: str) -> None:
        """Forget a query and write the file.

        Raises
        ------
        OSError
        """
        self._queries.pop(name, None)
        self._write()

    def _read(self) -> None:
        try:
            listed = json.loads(self.path.read_text(encoding="utf-8"))["queries"]
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"The saved queries could not be read: {error.strerror or error}."
            return
        except (ValueError, TypeError, KeyError, RecursionError):
            self.problem = f"{self.path.name} is not readable; no saved query is known until it is mended."
            return
        for one in listed if isinstance(listed, list) else ():
            try:
                saved = _saved(one)
            except (ValueError, TypeError, KeyError):
                self._unread.append(one)
                self.problem = f"A saved query in {self.path.name} is not readable."
            else:
                self._queries.setdefault(saved.name, saved)

    def _write(self) -> None:
        """Write all queries; those that could not be read are kept as they were."""
        documents = [asdict(saved) for saved in self] + self._unread
        write_whole(self.path, json.dumps({"queries": documents}, ensure_ascii=False, indent=1) + "\n")


def _saved(one: Any) -> SavedQuery:
    asked = one["query"]
    keys = tuple((str(name), str(value)) for name, value in asked["keys"])
    query = Query(asked["level"], asked["root"], keys, bool(asked.get("everything", False)))
    preset = one.get("preset", "")
    if query.level not in LEVELS or query.root not in ROOTS or preset not in ("", *PRESETS) or not one["name"]:
        raise ValueError
    return SavedQuery(str(one["name"]), query, preset, tuple(str(name) for name in one.get("nodes", ())))
