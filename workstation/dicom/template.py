"""What files of one structure share: which of their elements may differ, and what those say.

Files of a series have the same elements in the same order and nearly the same bytes. The first is read the tolerant
way and becomes a template. Whatever could make the tolerant reader say something else of another file - another
structure, text beyond ASCII, an attribute that changes how others are understood, a pixel value of another length -
is refused here and read there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement

from workstation.dicom import roles
from workstation.dicom import vocabulary as v
from workstation.dicom.convert import REFUSED, Fields, Source
from workstation.dicom.diffusion import looked_at
from workstation.dicom.patches import Diffusion, Patches, Reading, readings
from workstation.dicom.pixel_place import place_like
from workstation.dicom.strict import IrregularError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.layout import Layout
    from workstation.dicom.read import ReadResult

_HARMLESS = ("The preamble starts like", "Specific Character Set names", "Charset guessed", "The file meta says")
"""How deviations begin that follow from bytes which must stay the same."""
PIECE, SLACK = 512, 256
"""What is read is a multiple of one and has room for a header longer by the other."""
_SIGNED = v.tag_of("PixelRepresentation")


class Template:
    """One header, the facts the tolerant reader found in it, and what may vary.

    Raises
    ------
    IrregularError
        If the header is not plain enough to stand for others.
    """

    def __init__(self, layout: Layout, result: ReadResult, instance: Instance) -> None:
        place = instance.pixel_data
        if place is None or place.deflated or place.available is None or place.offset != layout.offset:
            raise IrregularError
        tail = place.available - place.length
        if (place.encapsulated and place.length >= 0) or (not place.encapsulated and (place.length < 0 or tail)):
            raise IrregularError
        ds, tags = result.ds, [part.tag for part in layout.parts]
        same = tags == [*map(int, ds.file_meta.keys()), *map(int, ds.keys())]
        harmless = all(note.startswith(_HARMLESS) for note in result.deviations)
        encoding = (layout.body.implicit, layout.body.little)
        if not same or not harmless or ds.original_encoding != encoding:
            raise IrregularError
        if not roles.is_plain(instance, frozenset(tags)):
            raise IrregularError
        self.layout, self.instance, self.place = layout, instance, place
        self.need = -(-(layout.offset + SLACK) // PIECE) * PIECE
        self.common: set[int] = set()
        self.elastic: set[int] = set()
        """Elements seen to vary within a series, and those that varied in length."""
        signed = ds.get_item(_SIGNED, keep_deferred=True) if _SIGNED in ds else None
        self._signed = signed if isinstance(signed, RawDataElement) else None
        told: list[tuple[int, Any]] = [(tag, ds.get_item(tag, keep_deferred=True)) for tag in looked_at(ds)]
        self._told = Fields({int(tag): raw for tag, raw in told if isinstance(raw, RawDataElement)})
        self._readings: dict[int, tuple[Reading, ...]] = {}
        self._allowed: dict[int, bool] = {}
        self._own = Patches(instance)

    def patches(self, layout: Layout, instance: Instance, order: Sequence[int]) -> Patches:
        """Return what fills in ``instance``, the facts of ``layout``, where the elements ``order`` vary."""
        parts, readings = self.layout.parts, self._readings
        varying = ((place, one) for place, index in enumerate(order) for one in readings.get(index, ()))
        told = [(place, parts[index].tag) for place, index in enumerate(order) if parts[index].tag in self._told]
        fields = Fields(self._told)
        for index, part in enumerate(parts if told else ()):
            if part.tag in fields:
                fields.put(part.tag, layout.value(index))
        return Patches(instance, varying, Diffusion(fields, told))

    def read(self, layout: Layout, differing: Sequence[int], descriptor: int, locator: Locator) -> Instance | None:
        """Return the facts of an open file whose header follows this one; None where it is odd."""
        place = place_like(self.place, layout.offset, layout.head, descriptor)
        if place is None:
            return None
        values = [layout.value(index) for index in differing]
        return self.patches(self.layout, self.instance, differing).apply(values, locator, place)

    def is_text(self, index: int) -> bool:
        """Tell whether an element that is not read must be ASCII text."""
        return index not in self._readings and self.layout.parts[index].vr in v.ENCODED_TEXT

    def learn(self, one: Layout, other: Layout) -> None:
        """Remember in what two files of one series differ, as far as they may."""
        differing, elastic = one.differences(other)
        self.common |= {index for index in differing if self._may_vary(index)}
        self.elastic |= elastic

    def accepts(self, layout: Layout, differing: Iterable[int]) -> bool:
        """Tell whether another header may differ from this one in these elements."""
        for index in differing:
            if not self._may_vary(index) or (self.is_text(index) and not layout.value(index).isascii()):
                return False
        return True

    def _may_vary(self, index: int) -> bool:
        if index not in self._allowed:
            self._allowed[index] = self._judge(index)
        return self._allowed[index]

    def _judge(self, index: int) -> bool:
        layout = self.layout
        part, value = layout.parts[index], layout.value(index)
        role = roles.role_of(part.tag)
        # The length of an implicit first element takes part in telling the encoding.
        if role == roles.FIXED or not part.plain or (index == layout.first and layout.body.implicit):
            return False
        if part.tag in self._told and part.vr == "SQ":
            return False
        if role == roles.FREE:
            return part.vr not in v.ENCODED_TEXT or value.isascii()
        walker = part.walker
        source = Source(part.tag, part.vr, implicit=walker.implicit, little=walker.little, signed=self._signed)
        made = readings(source)
        for reading in made:
            found = reading.convert(value)
            if found is REFUSED or not self._own.says(reading, found):
                return False
        self._readings[index] = made
        return bool(made)
