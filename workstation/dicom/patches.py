"""Changed element values put into the facts of a template."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from workstation.dicom import attributes as a
from workstation.dicom import roles, wanted
from workstation.dicom.convert import ABSENT, REFUSED, Fields, Source, checked, converter, vector
from workstation.dicom.frame_facts import add_diffusion
from workstation.dicom.identity import Frame, Instance
from workstation.dicom.quick_build import builder
from workstation.dicom.spacing import usable_sizes
from workstation.dicom.uids import is_valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from workstation.dicom.convert import Convert
    from workstation.dicom.identity import Locator, PixelPlace

MOST_REMEMBERED, LONG_VALUE = 512, 1024
"""How many values of one element are remembered with what they say, and up to how many bytes each."""
_NOTHING = object()
_FIELDS, _PLACE = tuple(Instance.__slots__), tuple(Frame.__slots__)
_LOCATOR, _PIXEL_DATA, _FRAMES, _VALUES, _IMAGE_TYPE = map(
    _FIELDS.index, ("locator", "pixel_data", "frames", "values", "image_type")
)
_instance, _frame = builder(Instance), builder(Frame)
_VALUES_OF_FRAME = _PLACE.index("values")
_DIFFUSION = ("DiffusionBValue", "DiffusionGradientOrientation")
VALUES, FRAME_VALUES, FIELDS, PLACE = range(4)
"""Values of the instance and of its frame, by keyword; fields of the instance and of the frame, by number."""


class Reading(NamedTuple):
    """One thing the facts say of one element: where it goes, what bytes became what, how they become it."""

    target: int
    key: Any
    known: dict[bytes, Any]
    convert: Convert


def readings(source: Source) -> tuple[Reading, ...]:
    """Return what the facts say of an element; () where its VR makes no sense for that."""
    out: list[Reading] = []
    if source.known == "SQ":
        return ()
    made: dict[Any, tuple[dict[bytes, Any], Convert]] = {}
    for target, table in ((VALUES, wanted.INSTANCE), (FRAME_VALUES, wanted.FRAME)):
        if source.tag in table:
            keyword, reader = table[source.tag]  # type: ignore[index]
            if reader not in made:
                made[reader] = {}, checked(converter(source, keyword, reader), _CHECKS.get(source.tag))
            out.append(Reading(target, wanted.RENAMED.get(keyword, keyword), *made[reader]))
    if source.tag in _MAKERS:
        target, key, maker, check = _MAKERS[source.tag]
        number = (_FIELDS if target == FIELDS else _PLACE).index(key)
        out.append(Reading(target, number, {}, checked(maker(source), check)))
    return tuple(out)


class Diffusion:
    """The elements that tell b-value and direction of a header, some of which vary."""

    def __init__(self, fields: Fields, varying: Iterable[tuple[int, int]]) -> None:
        told = tuple(varying)
        self.indices, self._tags = tuple(index for index, _ in told), tuple(tag for _, tag in told)
        self._fields = fields
        self._known: dict[tuple[bytes, ...], dict[str, Any]] = {}

    def facts(self, found: Sequence[bytes]) -> dict[str, Any]:
        """Return what a frame says of diffusion where the varying elements have these values."""
        values = tuple([found[index] for index in self.indices])
        facts = self._known.get(values)
        if facts is None:
            fields, facts = Fields(self._fields), {}
            for tag, value in zip(self._tags, values, strict=True):
                fields.put(tag, value)
            add_diffusion(fields, facts)  # type: ignore[arg-type]
            if len(self._known) < MOST_REMEMBERED and sum(map(len, values)) < LONG_VALUE:
                self._known[values] = facts
        return facts


class Patches:
    """The facts of a header without what varies, and how that is filled in."""

    def __init__(
        self, instance: Instance, varying: Iterable[tuple[int, Reading]] = (), diffusion: Diffusion | None = None
    ) -> None:
        frame = instance.frames[0]
        self._diffusion = diffusion if diffusion is not None and diffusion.indices else None
        self._fields = [getattr(instance, name) for name in _FIELDS]
        self._place = [getattr(frame, name) for name in _PLACE]
        self._values, self._frame_values = dict(instance.values), dict(frame.values)
        if self._diffusion is not None:
            for key in _DIFFUSION:
                self._frame_values.pop(key, None)
        grouped: dict[tuple[int, int], tuple[Reading, list[tuple[int, Any]]]] = {}
        for index, reading in varying:
            # what one reader makes of an element may go to several places: it is made once
            grouped.setdefault((index, id(reading.known)), (reading, []))[1].append((reading.target, reading.key))
        self._entries = tuple(
            (index, reading.known, reading.convert, places[0], tuple(places[1:]))
            for (index, _), (reading, places) in grouped.items()
        )

    def says(self, reading: Reading, value: Any) -> bool:
        """Tell whether these facts agree with what a reading makes of their own bytes."""
        target, key = (self._values, self._frame_values, self._fields, self._place)[reading.target], reading.key
        there = target.get(key) if isinstance(target, dict) else target[key]
        return bool(there == value) if value is not ABSENT else there is None or there == ()

    def apply(self, found: Sequence[bytes], locator: Locator, pixels: PixelPlace) -> Instance | None:
        """Return the facts of a file whose varying values are ``found``; None where one of them is odd."""
        values, frame_values = self._values.copy(), self._frame_values.copy()
        fields, place = self._fields.copy(), self._place.copy()
        targets: tuple[Any, ...] = (values, frame_values, fields, place)
        for index, known, convert, (target, key), others in self._entries:
            raw = found[index]
            value = known.get(raw, _NOTHING)
            if value is _NOTHING:
                value = convert(raw)
                if value is REFUSED:
                    return None
                if len(known) < MOST_REMEMBERED and len(raw) < LONG_VALUE:
                    known[raw] = value
            if value is not ABSENT:
                targets[target][key] = value
                for where, name in others:
                    targets[where][name] = value
            else:
                for where, name in ((target, key), *others):
                    if where < FIELDS:
                        targets[where].pop(name, None)
                    else:
                        targets[where][name] = () if name == _IMAGE_TYPE else None
        if self._diffusion is not None:
            frame_values.update(self._diffusion.facts(found))
        place[_VALUES_OF_FRAME] = frame_values
        fields[_LOCATOR], fields[_PIXEL_DATA], fields[_FRAMES] = locator, pixels, (_frame(place),)
        fields[_VALUES] = MappingProxyType(values)
        return _instance(fields)


def _usable(pair: Any) -> bool:
    """Tell whether sizes earn no note."""
    return pair is None or (usable_sizes(pair) is not None and min(pair[:2]) >= 0)


def _unlike_mosaic(image_type: Any) -> bool:
    return image_type is None or "MOSAIC" not in image_type


def _uid_check() -> Callable[[Any], bool]:
    """Return a check of UIDs that remembers what good ones begin with: nearly all differ in the last number only."""
    known: set[str] = set()

    def check(uid: Any) -> bool:
        if uid is None:
            return False
        root, _, last = uid.rpartition(".")
        if root in known and last.isdecimal() and last[0] != "0" and len(uid) <= 64:
            return True
        good = is_valid(uid)
        if good and len(known) < MOST_REMEMBERED:
            known.add(root)
        return good

    return check


def _is_there(value: Any) -> bool:
    return value is not None


def _spacing(source: Source) -> Convert:
    sizes = vector(source, "PixelSpacing", 2)

    def convert(value: bytes) -> Any:
        found = sizes(value)
        return found if found is REFUSED or found is ABSENT else usable_sizes(found) or ABSENT

    return convert


def _made(keyword: str, reader: Callable[[Any, str], Any]) -> Callable[[Source], Convert]:
    return lambda source: converter(source, keyword, reader)


_CHECKS: dict[int, Callable[[Any], bool]] = {**dict.fromkeys(roles.SIZES, _usable), roles.PATIENT_ID: _is_there}
_MAKERS: dict[int, tuple[int, str, Callable[[Source], Convert], Callable[[Any], bool] | None]] = {
    **{tag: (FIELDS, name, _made(keyword, a.text), _uid_check()) for tag, (name, keyword) in roles.UIDS.items()},
    roles.FRAME_OF_REFERENCE: (FIELDS, "frame_of_reference_uid", _made("FrameOfReferenceUID", a.text), _is_there),
    roles.INSTANCE_NUMBER: (FIELDS, "instance_number", _made("InstanceNumber", a.integer), None),
    roles.IMAGE_TYPE: (FIELDS, "image_type", _made("ImageType", a.texts), _unlike_mosaic),
    roles.POSITION: (PLACE, "position", lambda source: vector(source, "ImagePositionPatient", 3), None),
    roles.ORIENTATION: (PLACE, "orientation", lambda source: vector(source, "ImageOrientationPatient", 6), None),
    roles.PIXEL_SPACING: (PLACE, "spacing", _spacing, None),
}
