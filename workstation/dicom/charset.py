"""Which character set text really has, where the header does not say or says nonsense (A16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.charset import python_encoding
from pydicom.dataelem import DataElement, RawDataElement

from workstation.dicom import vocabulary as v
from workstation.dicom.parser import charset_terms, codecs_of
from workstation.dicom.vocabulary import tags_of
from workstation.wording import phrase

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_DEFAULT_TERMS = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})


def settle_character_set(ds: Dataset, high_text: list[bytes]) -> list[str]:
    """Guess the repertoire of text with bytes above 0x7F where none is declared; return the notes.

    The guess is UTF-8 where every such text is valid UTF-8, Latin-1 otherwise.
    """
    declared = ds.get_item(v.CHARACTER_SET, keep_deferred=True)
    value = declared.value if isinstance(declared, RawDataElement) else None
    terms = charset_terms(value or b"")
    notes: list[str] = []
    unknown = [term for term in terms if term not in _DEFAULT_TERMS and not _is_known(term)]
    if unknown:
        notes.append(phrase("Specific Character Set names {0}, which is unknown.", repr(unknown[0][:20])))
    if not high_text or not all(term in _DEFAULT_TERMS or term in unknown for term in terms):
        return notes
    codec = "utf8" if all(map(_is_utf8, high_text)) else "iso8859"
    _apply(ds, [codec])
    shown = "UTF-8" if codec == "utf8" else "Latin-1"
    notes.append(phrase("Charset guessed: text has bytes above 0x7F and no character set fits; shown as {0}.", shown))
    return notes


def is_declared(ds: Dataset) -> bool:
    """Tell whether a data set names a character set in which bytes above 0x7F mean something."""
    declared = ds.get_item(v.CHARACTER_SET, keep_deferred=True) if v.CHARACTER_SET in ds else None
    value = getattr(declared, "value", None)
    if not isinstance(value, bytes):
        value = "\\".join([value] if isinstance(value, str) else map(str, value or ())).encode("ascii", "replace")
    return any(term not in _DEFAULT_TERMS and _is_known(term) for term in charset_terms(value))


def read_as(ds: Dataset, terms: str) -> bool:
    """Let the text of a data set be read by a Specific Character Set it does not name; False where that is none."""
    codecs = codecs_of(terms.encode("ascii", "replace"))
    if not codecs:
        return False
    _apply(ds, codecs)
    return True


def _is_known(term: str) -> bool:
    # pydicom mends common misspellings ("ISO IR 100", "UTF8"); what it can't mend becomes its default.
    return term in python_encoding or codecs_of(term.encode("ascii", "replace")) not in (None, ["iso8859"])


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _apply(ds: Dataset, codecs: list[str]) -> None:
    """Set the codecs of a data set and of every item that names none of its own."""
    pending = [ds]
    while pending:
        current = pending.pop()
        implicit, little = current.original_encoding
        current.set_original_encoding(implicit, little, codecs)
        for tag in tags_of(current):
            element = current.get_item(tag, keep_deferred=True)
            if isinstance(element, DataElement) and element.VR == "SQ":
                pending += [item for item in element.value if v.CHARACTER_SET not in item]
