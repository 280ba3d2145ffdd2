"""Which columns of the study list are shown, how wide and in which order; kept between starts."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from workstation.ui.study_list_model import COLUMNS, MARK, WHERE
from workstation.ui.study_table import StudyTable

NARROWEST, WIDEST = 24, 2000


def kept(table: StudyTable) -> str:
    """Return order, widths and what is hidden as text for the settings."""
    header = table.horizontalHeader()
    ordered = sorted(range(len(COLUMNS)), key=header.visualIndex)
    widths = [table.columnWidth(n) for n in ordered[:-1]] + [table.first_width(ordered[-1])]  # the last one stretches
    return json.dumps(
        [[COLUMNS[n].sort, width, not table.isColumnHidden(n)] for n, width in zip(ordered, widths, strict=True)]
    )


def restore(table: StudyTable, text: str) -> None:
    """Lay the columns out as they were; what does not make sense is passed over."""
    numbers = {column.sort: number for number, column in enumerate(COLUMNS)}
    header = table.horizontalHeader()
    for place, (name, width, shown) in enumerate(_read(text)):
        number = numbers.get(name, MARK)
        if number == MARK:
            continue
        if number == WHERE and not shown:  # shown or not by whether there are servers
            continue
        header.moveSection(header.visualIndex(number), min(max(place, 1), len(COLUMNS) - 1))
        if shown:  # a hidden one has no width
            table.setColumnWidth(number, min(max(width, NARROWEST), WIDEST))
        table.setColumnHidden(number, not shown or number == WHERE)


def _read(text: str) -> list[tuple[str, int, bool]]:
    try:
        values: Any = json.loads(text)
        return [(str(name), int(width), bool(shown)) for name, width, shown in values]
    except (ValueError, TypeError, OverflowError):
        return []


def fill(menu: QMenu, table: StudyTable) -> None:
    """Offer every column with a title; the last one that is left stays."""
    tr = partial(QCoreApplication.translate, "StudyColumns")
    shown = [n for n in range(len(COLUMNS)) if n != MARK and not table.isColumnHidden(n)]
    for number, column in enumerate(COLUMNS):
        if number == MARK or (number == WHERE and not table.with_servers):
            continue
        action = menu.addAction(tr(column.title))
        action.setCheckable(True)
        action.setChecked(number in shown)
        action.setEnabled(shown != [number])
        action.toggled.connect(partial(_show, table, number))
    menu.addSeparator()
    menu.addAction(tr("All columns as at first"), table.lay_columns_out)


def _show(table: StudyTable, number: int, shown: bool) -> None:
    table.setColumnHidden(number, not shown)
    if shown and table.columnWidth(number) < NARROWEST:
        table.setColumnWidth(number, table.first_width(number))
