"""Changed element values put into the facts of a template."""

from __future__ import annotations

from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from workstation.dicom import attributes as a
from workstation.dicom import roles, wanted
from workstation.dicom.convert import Source, converter, vector
from workstation.dicom.identity import Frame, Instance
from workstation.dicom.spacing import usable_sizes
from workstation.dicom.uids import is_valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from workstation.dicom.identity import Locator, PixelPlace

MOST_REMEMBERED = 4096
"""Values of one element whose conversion is remembered."""
REFUSED, _ABSENT, _NOTHING = object(), object(), object()

Convert = "Callable[[bytes], Any]"


class Reading(NamedTuple):
    """One thing the facts say of one element: where it goes, what bytes became what, how they become it."""

    target: str
    key: str
    known: dict[bytes, Any]
    convert: Callable[[bytes], Any]


VALUES, FRAME_VALUES, FIELDS, PLACE = "values", "frame values", "fields", "place"
"""Targets: values of the instance, values of its frame, fields of the instance, fields of the frame."""


def readings(source: Source) -> tuple[Reading, ...]:
    """Return what the facts say of an element; () where its VR makes no sense for that."""
    tag = source.tag
    if source.known == "SQ":
        return ()
    out = [Reading(target, *_wanted(source, table)) for target, table in _TABLES if tag in table]
    if (made := _MAKERS.get(tag)) is not None:
        target, key, maker, check = made
        out.append(Reading(target, key, {}, _guarded(source, maker(source), check)))
    return tuple(out)


class Patches:
    """The facts of a template without what varies, and how that is filled in."""

    def __init__(self, instance: Instance, varying: Iterable[tuple[int, Reading]]) -> None:
        frame = instance.frames[0]
        self._fields = {name: getattr(instance, name) for name in Instance.__slots__}
        self._place = {"position": frame.position, "orientation": frame.orientation, "spacing": frame.spacing}
        self._values, self._frame_values = dict(instance.values), dict(frame.values)
        entries = [(index, *reading) for index, reading in varying]
        self._in_values, self._in_frame_values, self._in_fields, self._in_place = (
            [(index, key, known, convert) for index, there, key, known, convert in entries if there == target]
            for target in (VALUES, FRAME_VALUES, FIELDS, PLACE)
        )

    def says(self, reading: Reading, value: Any) -> bool:
        """Tell whether the template's own facts agree with what a reading makes of its own bytes."""
        targets = {
            VALUES: self._values,
            FRAME_VALUES: self._frame_values,
            FIELDS: self._fields,
            PLACE: self._place,
        }
        there = targets[reading.target].get(reading.key)
        return there == value if value is not _ABSENT else there is None or there == "" or there == ()

    def apply(self, found: list[bytes], locator: Locator, place: PixelPlace) -> Instance | None:
        """Return the facts of a file whose varying values are ``found``; None where one of them is odd."""
        values = _filled(self._values, self._in_values, found)
        frame_values = _filled(self._frame_values, self._in_frame_values, found)
        fields = _filled(self._fields, self._in_fields, found)
        where = _filled(self._place, self._in_place, found)
        if values is None or frame_values is None or fields is None or where is None:
            return None
        position, orientation, spacing = where.values()
        fields["locator"] = locator
        fields["frames"] = (Frame(0, position, orientation, spacing, frame_values),)
        fields["values"] = MappingProxyType(values)
        fields["pixel_data"] = place
        return Instance(**fields)


def _filled(base: dict[str, Any], entries: list[Any], found: list[bytes]) -> dict[str, Any] | None:
    out = base.copy()
    for index, key, known, convert in entries:
        raw = found[index]
        value = known.get(raw, _NOTHING)
        if value is _NOTHING:
            value = convert(raw)
            if value is REFUSED:
                return None
            if len(known) < MOST_REMEMBERED:
                known[raw] = value
        if value is not _ABSENT:
            out[key] = value
        elif key in _EMPTY:
            out[key] = _EMPTY[key]
        else:
            out.pop(key, None)
    return out


_EMPTY: dict[str, Any] = {
    "instance_number": None,
    "image_type": (),
    "position": None,
    "orientation": None,
    "spacing": None,
}
"""What a field holds where its attribute is empty or not usable."""


def _guarded(
    source: Source, convert: Callable[[bytes], Any], check: Callable[[Any], bool] | None
) -> Callable[[bytes], Any]:
    def guarded(value: bytes) -> Any:
        if not source.is_plain(value):
            return REFUSED
        found = convert(value)
        if found is None or found == "" or found == ():
            return REFUSED if check is not None and not check(None) else _ABSENT
        if check is not None and not check(found):
            return REFUSED
        return intern(found) if type(found) is str else found

    return guarded


def _wanted(source: Source, table: wanted.Table) -> tuple[str, dict[bytes, Any], Callable[[bytes], Any]]:
    keyword, reader = table[source.tag]  # type: ignore[index]
    check = _CHECKS.get(source.tag)
    key = wanted.RENAMED.get(keyword, keyword)
    return key, {}, _guarded(source, converter(source, keyword, reader), check)


def _usable(pair: Any) -> bool:
    """Tell whether sizes earn no note."""
    return pair is None or (usable_sizes(pair) is not None and min(pair[:2]) >= 0)


def _unlike_mosaic(image_type: Any) -> bool:
    return image_type is None or "MOSAIC" not in image_type


def _is_uid(uid: Any) -> bool:
    return uid is not None and is_valid(uid)


def _is_there(value: Any) -> bool:
    return value is not None


def _spacing(source: Source) -> Callable[[bytes], Any]:
    sizes = vector(source, "PixelSpacing", 2)
    return lambda value: usable_sizes(sizes(value))


_TABLES: tuple[tuple[str, Mapping[Any, Any]], ...] = ((VALUES, wanted.INSTANCE), (FRAME_VALUES, wanted.FRAME))
_CHECKS: dict[int, Callable[[Any], bool]] = {**dict.fromkeys(roles.SIZES, _usable), roles.PATIENT_ID: _is_there}
_MAKERS: dict[int, tuple[str, str, Callable[[Source], Callable[[bytes], Any]], Callable[[Any], bool] | None]] = {
    **{
        tag: (FIELDS, name, lambda source: converter(source, "SOPInstanceUID", a.text), _is_uid)
        for tag, name in roles.UIDS.items()
    },
    roles.FRAME_OF_REFERENCE: (
        FIELDS,
        "frame_of_reference_uid",
        lambda s: converter(s, "FrameOfReferenceUID", a.text),
        _is_there,
    ),
    roles.INSTANCE_NUMBER: (FIELDS, "instance_number", lambda s: converter(s, "InstanceNumber", a.integer), None),
    roles.IMAGE_TYPE: (FIELDS, "image_type", lambda s: converter(s, "ImageType", a.texts), _unlike_mosaic),
    roles.POSITION: (PLACE, "position", lambda s: vector(s, "ImagePositionPatient", 3), None),
    roles.ORIENTATION: (PLACE, "orientation", lambda s: vector(s, "ImageOrientationPatient", 6), None),
    roles.PIXEL_SPACING: (PLACE, "spacing", _spacing, None),
}
