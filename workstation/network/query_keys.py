"""Information models, levels and keys: what may be asked where, and the identifier (PS3.4 C.3, C.6; G3, G4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from workstation.network.matching import BINARY_VRS, LISTS, QueryError, checked_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

LEVELS: Final = ("PATIENT", "STUDY", "SERIES", "IMAGE")
ROOTS: Final = {"study": "1.2.840.10008.5.1.4.1.2.2.1", "patient": "1.2.840.10008.5.1.4.1.2.1.1"}
"""SOP Classes of C-FIND by root."""
UNIQUE: Final = {
    "PATIENT": "PatientID",
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}
REQUIRED: Final = {
    "PATIENT": ("PatientName", "PatientID"),
    "STUDY": ("StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyInstanceUID"),
    "SERIES": ("Modality", "SeriesNumber", "SeriesInstanceUID"),
    "IMAGE": ("InstanceNumber", "SOPInstanceUID"),
}
"""Keys every server has (U and R of PS3.4 C.6.1.1)."""
COUNTS: Final = {
    "NumberOfPatientRelatedStudies",
    "NumberOfPatientRelatedSeries",
    "NumberOfPatientRelatedInstances",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
    "NumberOfSeriesRelatedInstances",
}
COMPUTED: Final = COUNTS | {"ModalitiesInStudy", "SOPClassesInStudy"}
"""Made by the server, all optional: absent or empty says that it does not supply them (G11)."""
_OPTIONAL: Final = {
    "PATIENT": (
        "PatientBirthDate",
        "PatientSex",
        "IssuerOfPatientID",
        "NumberOfPatientRelatedStudies",
        "NumberOfPatientRelatedSeries",
        "NumberOfPatientRelatedInstances",
    ),
    "STUDY": (
        "StudyDescription",
        "PatientAge",
        "ReferringPhysicianName",
        "InstitutionName",
        "ModalitiesInStudy",
        "SOPClassesInStudy",
        "NumberOfStudyRelatedSeries",
        "NumberOfStudyRelatedInstances",
    ),
    "SERIES": (
        "SeriesDescription",
        "SeriesDate",
        "SeriesTime",
        "BodyPartExamined",
        "Laterality",
        "ProtocolName",
        "NumberOfSeriesRelatedInstances",
    ),
    "IMAGE": ("SOPClassUID", "Rows", "Columns", "NumberOfFrames", "ContentDate", "ContentTime"),
}
_ANY_LEVEL: Final = frozenset({"SpecificCharacterSet", "QueryRetrieveLevel"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a server.

    ``keys`` are pairs of a keyword (or ``gggg,eeee``) and a value as DICOM writes it: ``*`` and ``?`` in text, ranges
    with ``-``, UIDs and modalities joined by a backslash; an empty value asks for the attribute to be returned.
    ``everything`` is the explicit wish for all there is, where no key has a value.
    """

    level: str = "STUDY"
    root: str = "study"
    keys: tuple[tuple[str, str], ...] = ()
    everything: bool = False


@lru_cache(maxsize=1024)
def key_tag(name: str) -> int:
    """Return the tag of a keyword or of ``gggg,eeee``.

    Raises
    ------
    QueryError
    """
    from pydicom.datadict import tag_for_keyword

    if match := re.fullmatch(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?", name.strip()):
        return int(match[1] + match[2], 16)
    tag = tag_for_keyword(name.strip())
    if tag is None or tag >> 16 < 8:
        raise QueryError(f"{name}: this is no attribute to ask for; write its keyword or gggg,eeee.")
    return int(tag)


def keyword_of(tag: int) -> str:
    """Return the keyword of a tag, ``gggg,eeee`` where it has none."""
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag) or f"{tag >> 16:04x},{tag & 0xFFFF:04x}"


def checked_keys(query: Query) -> dict[str, str]:
    """Return the keys of a query by keyword, checked, as they are sent (G3, G5).

    Raises
    ------
    QueryError
        Where level, root or a key is not possible, where a unique key of a level above is missing, and where
        everything would be asked for without saying so.
    """
    from workstation.dicom.vocabulary import vr_of

    _check_level(query)
    given: dict[str, str] = {}
    for name, value in query.keys:
        tag = key_tag(name)
        keyword = keyword_of(tag)
        if keyword in _ANY_LEVEL:
            raise QueryError(f"{keyword} is set by the program itself.")
        if keyword in given:
            raise QueryError(f"{keyword} is given twice.")
        given[keyword] = checked_key(keyword, vr_of(tag), value)
    if query.level == "STUDY" and given.get("Modality"):
        # at this level the modality of its series is what some servers know (PS3.4 C.6.1.1.3) by this name
        if given.get("ModalitiesInStudy"):
            raise QueryError("Modality and ModalitiesInStudy are both given; for studies they are the same.")
        given["ModalitiesInStudy"] = given.pop("Modality")
    _check_levels_above(query, given)
    _check_other_levels(query, given)
    if not query.everything and not any(given.values()):
        raise QueryError("Nothing is asked for: give at least one key, or say that everything is meant.")
    return given


def _check_level(query: Query) -> None:
    if query.root not in ROOTS:
        raise QueryError(f"There are two roots: {' and '.join(ROOTS)}.")
    if query.level not in LEVELS:
        raise QueryError(f"There are four levels: {', '.join(level.lower() for level in LEVELS)}.")
    if query.root == "study" and query.level == "PATIENT":
        raise QueryError("Patients are asked for in the root patient: in the root study the highest level is study.")


def levels_above(query: Query) -> tuple[str, ...]:
    """Return the levels whose unique keys a query has to give."""
    start = 0 if query.root == "patient" else 1
    return LEVELS[start : LEVELS.index(query.level)]


def _check_levels_above(query: Query, given: dict[str, str]) -> None:
    for level in levels_above(query):
        unique = UNIQUE[level]
        value = given.get(unique, "")
        if not value:
            raise QueryError(f"A query for {_plural(query.level)} in the root {query.root} needs one {unique}.")
        if "\\" in value or (level == "PATIENT" and ("*" in value or "?" in value)):
            raise QueryError(f"{unique} has to be a single value without wildcards: it says where to look.")


def _check_other_levels(query: Query, given: dict[str, str]) -> None:
    own = {query.level, "PATIENT"} if query.root == "study" and query.level == "STUDY" else {query.level}
    above = {UNIQUE[level] for level in levels_above(query)}
    for keyword, value in given.items():
        level = level_of(keyword)
        if value and level and level not in own and keyword not in above:
            raise QueryError(
                f"{keyword} is a key of {_plural(level)}, and this asks for {_plural(query.level)}"
                f" in the root {query.root}."
            )


def level_of(keyword: str) -> str:
    """Return the level an attribute belongs to, as far as this program knows it."""
    return _LEVEL_OF.get(keyword, "")


_LEVEL_OF: Final = {
    keyword: level for table in (REQUIRED, _OPTIONAL) for level, keywords in table.items() for keyword in keywords
}


def _plural(level: str) -> str:
    return {"PATIENT": "patients", "STUDY": "studies", "SERIES": "series", "IMAGE": "images"}[level]


def return_keys(query: Query) -> tuple[str, ...]:
    """Return what is asked to be returned besides the keys that are given."""
    levels = [query.level]
    if query.root == "study" and query.level == "STUDY":
        levels.append("PATIENT")
    return tuple(keyword for level in levels for keyword in (*REQUIRED[level], *_OPTIONAL[level]))


def identifiers(query: Query, character_set: str = "") -> list[Dataset]:
    """Return the data sets that ask for it: one, or one for each of several modalities.

    Lists of values are for UIDs alone (PS3.4 C.2.2.2.2); not every server takes them for modalities.

    Raises
    ------
    QueryError
    """
    from pydicom.dataset import Dataset

    given = checked_keys(query)
    wanted = dict.fromkeys(return_keys(query), "") | given
    split = next((name for name in wanted if name in LISTS and "\\" in wanted[name]), "")
    found = []
    for one in dict.fromkeys(wanted[split].split("\\")) if split else [""]:
        values = wanted | {split: one} if split else wanted
        ds = Dataset()
        ds.QueryRetrieveLevel = query.level
        put_keys(ds, values)
        declare_character_set(ds, values.values(), character_set)
        found.append(ds)
    return found


def put_keys(ds: Dataset, values: dict[str, str]) -> None:
    """Set keys of a data set from their text."""
    from pydicom import config
    from pydicom.dataelem import DataElement

    from workstation.dicom.vocabulary import vr_of

    for keyword, value in values.items():
        tag = key_tag(keyword)
        vr = vr_of(tag).split(" or ")[0]
        content: object = value
        if vr == "SQ":
            content = []
        elif vr in BINARY_VRS:
            content = _binary(vr, value)
        elif vr == "UN":
            vr = "LO"
        elif vr == "UI" and "\\" in value:
            content = value.split("\\")
        # what is asked for, wildcards and ranges, is no valid value
        ds[tag] = DataElement(tag, vr, content, validation_mode=config.IGNORE)


def _binary(vr: str, value: str) -> int | float | None:
    if not value:
        return None
    return float(value) if vr in ("FD", "FL") else int(float(value))


def declare_character_set(ds: Dataset, values: Iterable[str], preferred: str = "") -> None:
    """Name the character set of the keys where one is needed (G6): the node's own, Latin-1, or UTF-8.

    The node's own is named in any case: some servers convert their answers to what a request names (dcmqrscp).

    Parameters
    ----------
    ds
        The identifier.
    values
        All texts in it.
    preferred
        Specific Character Set of the node, as DICOM writes it.
    """
    texts = list(values)
    if not preferred and all(text.isascii() for text in texts):
        return
    for terms in (preferred, "ISO_IR 100", "ISO_IR 192"):
        if terms and all(_can_hold(terms, text) for text in texts):
            ds.SpecificCharacterSet = terms.split("\\") if "\\" in terms else terms
            return


def _can_hold(terms: str, text: str) -> bool:
    from workstation.dicom.parser import codecs_of

    # "iso8859" is how pydicom calls the default repertoire, which is ASCII
    codecs = [codec for codec in codecs_of(terms.encode("ascii", "replace")) or () if codec != "iso8859"]
    return all(char.isascii() or any(_encodes(codec, char) for codec in codecs) for char in text)


def _encodes(codec: str, char: str) -> bool:
    try:
        return bool(char.encode(codec))
    except (UnicodeError, LookupError):
        return False
