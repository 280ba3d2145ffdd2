"""The value of one content item, by its value type (PS3.3 C.17.3.2.1, C.18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workstation.dicom.attributes import first_item, integer, integers, items, number, numbers, text, texts
from workstation.dicom.display_names import date, date_time, person_name, plain, plain_lines, time
from workstation.objects.content_item import Code, Graphic, Reference

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

TEXT_LIMIT = 100_000
"""Characters of one text value that are kept."""
POINTS_LIMIT = 100_000
CELLS_LIMIT = 20_000
"""Cells of one TABLE item that are kept."""
Facts = dict[str, Any]
"""Fields of a content item by name; ``problem`` where something is missing."""


def values_of(ds: Dataset, value_type: str) -> Facts:
    """Return the fields that a value type fills; an unknown type is told as a problem (F16)."""
    read = _READERS.get(value_type)
    if read is None:
        named = f"of the unknown value type {plain(value_type, 20)}" if value_type else "without a value type"
        return {"problem": f"An item {named}; what stands below it is shown."}
    return read(ds)


def code_of(ds: Dataset, keyword: str) -> Code | None:
    """Return the first item of a code sequence; a code may be short, long or a URN (PS3.3 8.1, 8.2)."""
    item = first_item(ds, keyword)
    if item is None:
        return None
    value = text(item, "CodeValue") or text(item, "LongCodeValue") or text(item, "URNCodeValue")
    found = Code(
        plain(value, 100),
        plain(text(item, "CodingSchemeDesignator"), 40),
        plain(text(item, "CodeMeaning"), 400),
        plain(text(item, "CodingSchemeVersion"), 40),
    )
    return found if found.value or found.meaning else None


def reference_of(ds: Dataset) -> Reference | None:
    """Return the first item of a Referenced SOP Sequence; frames are numbers from 1 (C.18.3, C.18.4)."""
    item = first_item(ds, "ReferencedSOPSequence")
    if item is None or not text(item, "ReferencedSOPInstanceUID"):
        return None
    state = first_item(item, "ReferencedSOPSequence")
    return Reference(
        plain(text(item, "ReferencedSOPClassUID"), 64),
        plain(text(item, "ReferencedSOPInstanceUID"), 64),
        integers(item, "ReferencedFrameNumber")[:POINTS_LIMIT],
        integers(item, "ReferencedSegmentNumber")[:POINTS_LIMIT],
        plain(text(state, "ReferencedSOPInstanceUID"), 64) if state is not None else "",
    )


def _container(ds: Dataset) -> Facts:
    item = first_item(ds, "ContentTemplateSequence")
    if item is None:
        return {}
    words = (text(item, "MappingResource"), text(item, "TemplateIdentifier"))
    return {"template": " ".join(plain(word, 40) for word in words if word)}


def _text(ds: Dataset) -> Facts:
    return _said(plain_lines(text(ds, "TextValue"), TEXT_LIMIT), "text")


def _code(ds: Dataset) -> Facts:
    code = code_of(ds, "ConceptCodeSequence")
    return {"value": code.words, "code": code} if code is not None else _missing("coded value")


def _num(ds: Dataset) -> Facts:
    """Return a measured value with its unit, or the reason why there is none (C.18.1)."""
    qualifier = code_of(ds, "NumericValueQualifierCodeSequence")
    measured = first_item(ds, "MeasuredValueSequence")
    shown = plain(text(measured, "NumericValue"), 40) if measured is not None else ""
    if measured is None or not shown:
        told = {"value": qualifier.words, "qualifier": qualifier} if qualifier else _missing("number")
        return {**told, "unit": code_of(measured, "MeasurementUnitsCodeSequence") if measured is not None else None}
    value = number(measured, "NumericValue")
    unit = code_of(measured, "MeasurementUnitsCodeSequence")
    facts: Facts = {"value": shown, "number": value, "unit": unit, "qualifier": qualifier}
    if value is None:
        facts["problem"] = f"“{shown}” is no number."
    elif unit is None:
        facts["problem"] = "The number has no unit."
    return facts


def _person(ds: Dataset) -> Facts:
    return _said(person_name(text(ds, "PersonName")), "name")


def _date(ds: Dataset) -> Facts:
    return _said(date(text(ds, "Date")), "date")


def _time(ds: Dataset) -> Facts:
    return _said(time(text(ds, "Time")), "time")


def _date_time(ds: Dataset) -> Facts:
    return _said(date_time(text(ds, "DateTime")), "date and time")


def _uid(ds: Dataset) -> Facts:
    return _said(plain(text(ds, "UID"), 64), "UID")


def _referred(ds: Dataset) -> Facts:
    reference = reference_of(ds)
    if reference is None:
        return _missing("reference to an object")
    return {"value": words_of(reference), "reference": reference}


def words_of(reference: Reference) -> str:
    """Return a reference in words: the SOP Class and the frames."""
    frames = ", ".join(map(str, reference.frames[:12])) + (" …" if len(reference.frames) > 12 else "")
    parts = [class_name(reference.sop_class_uid)]
    if frames:
        parts.append(f"frame {frames}" if len(reference.frames) == 1 else f"frames {frames}")
    if reference.segments:
        parts.append(f"segment {', '.join(map(str, reference.segments[:12]))}")
    return ", ".join(parts)


def class_name(uid: str) -> str:
    """Return the name of a SOP Class without the word Storage; the UID where it is not known."""
    from pydicom.uid import UID

    name = str(UID(uid).name) if uid else ""
    return plain(name.removesuffix(" Storage") if name != uid else uid or "object", 80)


def _coordinates(ds: Dataset) -> Facts:
    return _graphic(ds, 2)


def _places(ds: Dataset) -> Facts:
    return _graphic(ds, 3)


def _graphic(ds: Dataset, size: int) -> Facts:
    """Column and row pairs (C.18.6), or x, y, z triples in mm of a Frame of Reference (C.18.9)."""
    kind = plain(text(ds, "GraphicType"), 16)
    flat = numbers(ds, "GraphicData")[: size * POINTS_LIMIT]
    points = tuple(tuple(flat[n : n + size]) for n in range(0, len(flat) - size + 1, size))
    if not kind or not points:
        return _missing("coordinates")
    uid = plain(text(ds, "ReferencedFrameOfReferenceUID"), 64) if size == 3 else ""
    count = f"{len(points)} points" if len(points) > 1 else "1 point"
    facts: Facts = {
        "value": kind.capitalize() if kind in _SHAPES else f"{kind.capitalize()}, {count}",
        "graphic": Graphic(kind, points, uid),
    }
    if len(flat) % size:
        facts["problem"] = f"{len(flat)} coordinates do not make whole points; the last is left out."
    elif (needed := _LEAST_POINTS.get(kind)) is None:
        facts["problem"] = f"The graphic type {kind} is unknown; its points are shown."
    elif len(points) < needed:
        facts["problem"] = f"A graphic of type {kind} needs {needed} points, there is {count}."
    return facts


_SHAPES = frozenset({"POINT", "CIRCLE", "ELLIPSE", "ELLIPSOID"})
"""Types whose number of points is in the word."""
_LEAST_POINTS = {
    "POINT": 1,
    "MULTIPOINT": 1,
    "POLYLINE": 2,
    "CIRCLE": 2,
    "ELLIPSE": 4,
    "POLYGON": 3,
    "ELLIPSOID": 6,
}


def _times(ds: Dataset) -> Facts:
    """Sample positions, time offsets in seconds, or dates and times (C.18.7)."""
    kind = plain(text(ds, "TemporalRangeType"), 16)
    samples = integers(ds, "ReferencedSamplePositions")
    offsets = numbers(ds, "ReferencedTimeOffsets")
    moments = texts(ds, "ReferencedDateTime")
    if samples:
        where = "samples " + ", ".join(map(str, samples[:12]))
    elif offsets:
        where = ", ".join(f"{offset:g} s" for offset in offsets[:12])
    elif moments:
        where = ", ".join(date_time(moment) for moment in moments[:12])
    else:
        return _missing("time coordinates")
    return {"value": f"{kind.capitalize()}, {where}" if kind else where}


def _table(ds: Dataset) -> Facts:
    """Rows and columns of cells with the names of both (C.18.10)."""
    columns = min(max(integer(ds, "NumberOfTableColumns") or 0, 0), 1000)
    rows = min(max(integer(ds, "NumberOfTableRows") or 0, 0), CELLS_LIMIT // max(columns, 1))
    if not rows or not columns:
        return _missing("rows and columns")
    grid = [["" for _ in range(columns + 1)] for _ in range(rows + 1)]
    for keyword, by in (("TableColumnDefinitionSequence", "Column"), ("TableRowDefinitionSequence", "Row")):
        for item in items(ds, keyword):
            place = integer(item, f"Table{by}Number") or 0
            name = code_of(item, "ConceptNameCodeSequence")
            unit = code_of(item, "MeasurementUnitsCodeSequence")
            words = f"{name.words if name else ''}{f', {unit.value}' if unit else ''}"
            if by == "Column" and 1 <= place <= columns:
                grid[0][place] = words
            elif by == "Row" and 1 <= place <= rows:
                grid[place][0] = words
    for item in list(items(ds, "CellValuesSequence"))[:CELLS_LIMIT]:
        row, column = integer(item, "TableRowNumber") or 0, integer(item, "TableColumnNumber") or 0
        if 1 <= row <= rows and 1 <= column <= columns:
            grid[row][column] = _cell(item)
    return {"value": f"{rows} × {columns} cells", "table": tuple(tuple(row) for row in grid)}


def _cell(ds: Dataset) -> str:
    code = code_of(ds, "ConceptCodeSequence")
    if code is not None:
        return code.words
    measured = first_item(ds, "MeasuredValueSequence")
    found = (
        "\\".join(texts(one, keyword))
        for one in (ds, *([measured] if measured is not None else []))
        for keyword in _CELL_VALUES
        if keyword in one
    )
    return next((plain(words, 400) for words in found if words), "")


_CELL_VALUES = (
    *("NumericValue", "TextValue", "DateTime", "Date", "Time", "PersonName", "UID"),
    *(f"Selector{vr}Value" for vr in ("DS", "FD", "FL", "IS", "US", "UL", "SS", "SL", "LO", "SH", "LT", "ST", "UT")),
    *(f"Selector{vr}Value" for vr in ("UC", "CS", "DA", "TM", "DT", "PN", "UI")),
)


def _said(value: str, what: str) -> Facts:
    return {"value": value} if value else _missing(what)


def _missing(what: str) -> Facts:
    return {"problem": f"The {what} is missing."}


_READERS: dict[str, Callable[[Dataset], Facts]] = {
    "CONTAINER": _container,
    "TEXT": _text,
    "CODE": _code,
    "NUM": _num,
    "PNAME": _person,
    "DATE": _date,
    "TIME": _time,
    "DATETIME": _date_time,
    "UIDREF": _uid,
    "IMAGE": _referred,
    "COMPOSITE": _referred,
    "WAVEFORM": _referred,
    "SCOORD": _coordinates,
    "SCOORD3D": _places,
    "TCOORD": _times,
    "TABLE": _table,
}
VALUE_TYPES = frozenset(_READERS)
