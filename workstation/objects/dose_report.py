"""Radiation dose reports: accumulated values, one row per irradiation event, and their sums (PS3.16 TID 10001, 10011).

Units are the file's own; values of different units are never summed (F31).
"""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from workstation.objects.page import Block, Cell, Heading, Paragraph, Table, cell, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.objects.content_item import ContentItem
    from workstation.objects.structured_report import Report

DOSE_CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.88.67"})
REPORT_CODES = ("113701",)
CT_EVENT, XRAY_EVENT = "113819", "113706"
ACCUMULATED = ("113811", "113702")
EVENT_LIMIT = 5_000
EVENTS_BESIDE = 4
"""Events up to which each is a column."""

CT_COLUMNS = (
    ("125203", "Protocol"),
    ("123014", "Region"),
    ("113820", "Type"),
    ("113733", "KVP"),
    ("113734", "Tube current"),
    ("113825", "Scanning length"),
    ("113828", "Pitch"),
    ("113835", "Phantom"),
    ("113830", "Mean CTDIvol"),
    ("113838", "DLP"),
)
XRAY_COLUMNS = (
    ("111526", "Started"),
    ("125203", "Protocol"),
    ("113764", "Plane"),
    ("113721", "Type"),
    ("123014", "Region"),
    ("113733", "KVP"),
    ("113734", "Tube current"),
    ("113736", "Exposure"),
    ("113742", "Irradiation time"),
    ("111631", "Average glandular dose"),
    ("113738", "Dose (RP)"),
    ("122130", "Dose area product"),
)
SUMMED = {"113838": ("113813",), "122130": ("113722",), "113738": ("113725",), "113742": ()}
"""Columns whose sum means something, and the accumulated values it can be held against."""
AGREES = 0.01
"""Relative difference up to which a sum and the total the file gives are the same: values are rounded."""


def is_dose_report(report: Report) -> bool:
    """Tell whether a report is an X-Ray Radiation Dose Report, also where it came as an Enhanced SR."""
    concept = report.root.concept
    return report.sop_class_uid in DOSE_CLASSES or (concept is not None and concept.is_one_of(*REPORT_CODES))


def dose_blocks(report: Report) -> list[Block]:
    """Return totals and events as tables; the whole content follows them on the page."""
    everything = list(report.root.walk())
    totals = [item for item in everything if _is(item, *ACCUMULATED)]
    blocks: list[Block] = []
    for title, event_code, columns in (
        ("CT irradiation events", CT_EVENT, CT_COLUMNS),
        ("X-ray irradiation events", XRAY_EVENT, XRAY_COLUMNS),
    ):
        events = [item for item in everything if _is(item, event_code)]
        if events:
            blocks += _events(title, events, columns, totals)
    return [Heading("Dose", 2), *_totals(totals), *blocks, Heading("Content", 2)] if totals or blocks else []


def _is(item: ContentItem, *codes: str) -> bool:
    return item.value_type == "CONTAINER" and item.concept is not None and item.concept.is_one_of(*codes)


def _totals(containers: Sequence[ContentItem]) -> list[Block]:
    """Return the totals the file gives, those of a plane apart from those of another."""
    blocks: list[Block] = []
    for container in containers:
        rows = []
        for item in container.walk():
            if item.value_type == "NUM" and item.value:
                unit = item.unit_text
                side = _side(item)
                rows.append((cell(f"{item.name}{side}", "dim"), cell(f"{item.value} {unit}".rstrip(), "strong")))
        plane = container.child("113764")
        if rows:
            where = f", {plane.value}" if plane is not None and len(containers) > 1 else ""
            blocks += [Heading(f"{container.name}{where}", 3), Table((), tuple(rows))]
    return blocks


def _side(item: ContentItem) -> str:
    """Return the breast an accumulated glandular dose is of, as a child of it says (TID 10005)."""
    side = next((one for one in item.children if one.value_type == "CODE"), None)
    return f", {side.value}" if side is not None else ""


def _values(event: ContentItem, codes: Iterable[str]) -> dict[str, list[ContentItem]]:
    """Return the items of an event by code, all occurrences: two tubes have two values each."""
    wanted = set(codes)
    found: dict[str, list[ContentItem]] = {}
    for item in event.walk():
        if item.concept is not None and item.concept.value in wanted and item.value and item.value_type != "CONTAINER":
            found.setdefault(item.concept.value, []).append(item)
    return found


def _events(
    title: str,
    events: Sequence[ContentItem],
    columns: Sequence[tuple[str, str]],
    totals: Sequence[ContentItem],
) -> list[Block]:
    shown = events[:EVENT_LIMIT]
    found = [_values(event, (code for code, _ in columns)) for event in shown]
    used = [(code, name) for code, name in columns if any(code in row for row in found)]
    units = {code: _common_unit(code, found) for code, _ in used}
    rows = [
        (cell(str(number)), *(_event_cell(row.get(code, ()), units[code]) for code, _ in used))
        for number, row in enumerate(found, 1)
    ]
    sums = {code: _sum(code, found) for code, _ in used if code in SUMMED and units[code] is not None}
    if len(rows) > 1 and any(value is not None for value in sums.values()):
        last = (cell(f"{sums[code]:.6g}", "strong") if sums.get(code) is not None else () for code, _ in used)
        rows.append((cell("Sum", "strong"), *last))
    head = ("#", *(f"{name}, {units[code]}" if units[code] else name for code, name in used))
    numeric = tuple(n for n, (code, _) in enumerate(used, 1) if units[code] is not None)
    table = Table(head, tuple(rows), numeric, total=len(rows) > len(shown))
    blocks: list[Block] = [Heading(f"{title} ({len(events)})", 3)]
    blocks.append(_turned(table) if len(shown) <= EVENTS_BESIDE else table)
    if len(events) > EVENT_LIMIT:
        blocks.append(Paragraph(cell(f"The first {EVENT_LIMIT:,} of {len(events):,} events.", "warning")))
    return blocks + [
        Paragraph(each)
        for code, name in used
        if (value := sums.get(code)) is not None
        for each in _held_against(name, value, units[code], SUMMED[code], totals, whole=len(events) == len(shown))
    ]


def _turned(table: Table) -> Table:
    """Return rows as columns: a few events are read more easily beside each other."""
    names = tuple(plain_text(row[0]) for row in table.rows)
    rows = tuple(
        (cell(name, "dim"), *(row[place] for row in table.rows)) for place, name in enumerate(table.head[1:], 1)
    )
    return Table((table.head[0], *names), rows)


def _common_unit(code: str, rows: Sequence[dict[str, list[ContentItem]]]) -> str | None:
    """Return the unit all numbers of a column share; None where it holds words or several units."""
    items = [item for row in rows for item in row.get(code, ())]
    if any(item.number is None for item in items):
        return None
    units = {item.unit_text for item in items}
    return units.pop() if len(units) == 1 else None


def _event_cell(items: Sequence[ContentItem], unit: str | None) -> Cell:
    words = dict.fromkeys(f"{one.value} {one.unit_text}".rstrip() if unit is None else one.value for one in items[:8])
    more = " …" if len(items) > 8 else ""
    return cell(" / ".join(words) + more)


def _sum(code: str, rows: Sequence[dict[str, list[ContentItem]]]) -> float | None:
    values = [row[code][0].number for row in rows if code in row]
    numbers = [value for value in values if value is not None]
    return sum(numbers) if numbers else None


def _held_against(
    name: str, value: float, unit: str | None, codes: Sequence[str], totals: Sequence[ContentItem], *, whole: bool
) -> Iterable[Cell]:
    """Yield a sentence that holds a sum against the total of the file, where both have one unit."""
    given = [
        item
        for container in totals
        for item in container.walk()
        if item.number is not None and item.concept is not None and item.concept.is_one_of(*codes)
    ]
    if not given or not whole or {item.unit_text for item in given} != {unit}:
        return
    total = sum(item.number or 0.0 for item in given)
    if isclose(total, value, rel_tol=AGREES, abs_tol=1e-12):
        yield cell(f"{name}: the events add up to the total of the report.", "dim")
    else:
        yield cell(
            f"{name}: the events add up to {value:.6g} {unit}, the report's total is {total:.6g} {unit}.", "warning"
        )
