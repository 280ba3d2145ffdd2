"""What speaks for or against a study as open being all there: counts with their sources, never a claim that it is (N9).

Nothing is read again: all of it stands in the facts of the instances.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.dicom.numbering import numbering

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Sequence

    from workstation.dicom.identity import Instance, Patient, Series, Study
    from workstation.dicom.scan import Missing

FEW = 4
"""Names of files that are told."""
RELATED = (
    ("studies of the patient", "NumberOfPatientRelatedStudies", "(0020,1200)"),
    ("series of the patient", "NumberOfPatientRelatedSeries", "(0020,1202)"),
    ("instances of the patient", "NumberOfPatientRelatedInstances", "(0020,1204)"),
)
_OF_SERIES = ("NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances")
_OF_PATIENT = tuple(keyword for _, keyword, _ in RELATED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One count against another: ``have`` is open, ``said`` is what ``source`` speaks of.

    ``code`` names the kind of source; ``detail`` adds which ones. ``images`` tells whether the counts are of instances
    or images of this study, so that they say how many of them are missing, ``aside`` that it is about more than it;
    ``again`` counts those missing that a line before this one has counted already.
    """

    code: str
    what: str
    source: str
    have: int
    said: int
    detail: str = ""
    images: bool = True
    aside: bool = False
    again: int = 0

    @property
    def missing(self) -> int:
        """How many are not open, 0 where nothing speaks for it."""
        return max(0, self.said - self.have)


@dataclass(frozen=True, slots=True)
class Light:
    """All that is known of one study, what speaks for missing objects first."""

    evidence: tuple[Evidence, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether anything says that something of this study is missing."""
        return any(one.missing and not one.aside for one in self.evidence)

    @property
    def missing(self) -> int:
        """How many images are missing by the source that says most: sources speak of the same ones."""
        sums: dict[str, int] = defaultdict(int)
        for one in self.evidence:
            if one.images and not one.aside:
                sums[one.code] += one.missing - one.again
        return max(sums.values(), default=0)


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What the instances of one series say, gathered once."""

    series: Series
    declared: dict[str, int]
    classes: frozenset[str]
    said_classes: frozenset[str]
    referring: tuple[Instance, ...]
    own: tuple[Evidence, ...]


class Lights:
    """Looks at what is open; a series that is the same object as last time is not looked at again."""

    def __init__(self) -> None:
        self._known: dict[str, SeriesFacts] = {}

    def of(
        self, patients: Sequence[Patient], instances: Container[str], missing: Sequence[Missing] = ()
    ) -> dict[str, Light]:
        """Return the light of every study by :func:`key_of`; ``instances`` are the UIDs of all that is open."""
        known = {
            series.key: self._facts(series)
            for patient in patients
            for study in patient.studies
            for series in study.series
        }
        self._known = known
        referring = [one for facts in known.values() for one in facts.referring]
        lights: dict[str, Light] = {}
        for patient in patients:
            of_patient = _of_patient(patient, known)
            for study in patient.studies:
                facts = [known[series.key] for series in study.series]
                evidence = [
                    *_of_study(study, facts),
                    *_of_records(study, instances, missing),
                    *(line for one in facts for line in one.own),
                    *references(study, referring, instances),
                    *of_patient,
                ]
                lights[key_of(study)] = Light(tuple(sorted(evidence, key=lambda one: (not one.missing, one.aside))))
        return lights

    def _facts(self, series: Series) -> SeriesFacts:
        known = self._known.get(series.key)
        return known if known is not None and known.series is series else series_facts(series)


def key_of(study: Study) -> str:
    """Return what tells a study from others, also where a UID is used twice (E2)."""
    return study.series[0].key if study.series else study.study_instance_uid


def series_facts(series: Series) -> SeriesFacts:
    """Gather what the instances of a series say."""
    declared: dict[str, int] = {}
    said: set[str] = set()
    for instance in series.instances:
        values = instance.values
        for keyword in (*_OF_SERIES, *_OF_PATIENT):
            number = values.get(keyword)
            if number is not None and number > declared.get(keyword, -1):
                declared[keyword] = number
        if classes := values.get("SOPClassesInStudy"):
            said.update(uid for uid in classes if uid)
    own = [*gaps(series), *_acquisitions(series), *_positions(series)]
    count = declared.get("NumberOfSeriesRelatedInstances")
    if count is not None:
        own.insert(
            0, Evidence("series", f"instances of {name_of(series)}", "header (0020,1209)", len(series.instances), count)
        )
    return SeriesFacts(
        series,
        declared,
        frozenset(instance.sop_class_uid for instance in series.instances),
        frozenset(said),
        tuple(one for one in series.instances if "ReferencedSOPInstanceUIDs" in one.values),
        tuple(own),
    )


def name_of(series: Series) -> str:
    """Return how a series is called here: by its number, which names no one."""
    if series.number is not None:
        return f"series {series.number}"
    return f"a {series.modality or 'nameless'} series without a number"


def gaps(series: Series) -> tuple[Evidence, ...]:
    """Return the numbers left out; they tell something only where every image has its own, counted in even steps."""
    images = [one for one in series.instances if one.has_pixels]
    numbers = sorted({one.instance_number for one in images if one.instance_number is not None})
    found = numbering(numbers) if len(numbers) == len(images) else None
    if found is None:
        return ()
    said, detail = found.said, f"numbers {found.ranges}" if found.ranges else ""
    what = f"images between the first and last number of {name_of(series)}"
    return (Evidence("numbers", what, "Instance Number (0020,0013)", len(numbers), said, detail),)


def references(study: Study, referring: Iterable[Instance], instances: Container[str]) -> tuple[Evidence, ...]:
    """Return what objects refer to and is not open; what is said to be in another study is counted apart (E14).

    All objects whose references are open together make one line.
    """
    uid = study.study_instance_uid
    absent: list[Evidence] = []
    told: set[str] = set()
    whole = 0
    away: dict[str, bool] = {}
    for one in referring:
        elsewhere = one.values.get("ReferencedElsewhere", {})
        targets: Collection[str] = one.values["ReferencedSOPInstanceUIDs"]
        if one.study_instance_uid == uid:
            away.update((target, target in instances) for target in targets if target in elsewhere)
            own = [target for target in targets if target not in elsewhere and target != uid]
        else:
            own = [target for target in targets if elsewhere.get(target) == uid]
        lost = [target for target in own if target not in instances]
        if lost:
            again = sum(target in told for target in lost)
            told.update(lost)
            absent.append(
                Evidence(
                    "references",
                    f"instances that {_object(one)} refers to",
                    "references (0008,1155)",
                    len(own) - len(lost),
                    len(own),
                    again=again,
                )
            )
        elif own:
            whole += 1
    found = list(absent)
    if whole:
        what = "objects of which all that they refer to is open"
        found.append(Evidence("references", what, "references (0008,1155)", whole, whole, images=False))
    if away:
        what = "instances of other studies that objects of this one refer to"
        have = sum(away.values())
        found.append(Evidence("elsewhere", what, "references (0008,1155)", have, len(away), images=False, aside=True))
    return tuple(found)


def _object(one: Instance) -> str:
    number = one.values.get("SeriesNumber")
    where = f" in series {number}" if number is not None else ""
    what = f"the {one.modality or 'object'}{where}"
    return f"{what} (instance {one.instance_number})" if one.instance_number is not None else what


def _of_patient(patient: Patient, known: dict[str, SeriesFacts]) -> list[Evidence]:
    have = (
        len(patient.studies),
        sum(len(study.series) for study in patient.studies),
        sum(len(series.instances) for study in patient.studies for series in study.series),
    )
    facts = [known[series.key] for study in patient.studies for series in study.series]
    found = []
    for count, (what, keyword, tag) in zip(have, RELATED, strict=True):
        if (said := _most(facts, keyword)) is not None:
            found.append(Evidence("patient", what, f"header {tag}", count, said, images=False, aside=True))
    return found


def _of_study(study: Study, facts: Sequence[SeriesFacts]) -> list[Evidence]:
    found = []
    if (said := _most(facts, "NumberOfStudyRelatedSeries")) is not None:
        found.append(
            Evidence("series count", "series of the study", "header (0020,1206)", len(study.series), said, images=False)
        )
    if (said := _most(facts, "NumberOfStudyRelatedInstances")) is not None:
        have = sum(len(series.instances) for series in study.series)
        found.append(Evidence("study", "instances of the study", "header (0020,1208)", have, said))
    named = frozenset().union(*(one.said_classes for one in facts))
    if named:
        absent = sorted(named.difference(*(one.classes for one in facts)))
        detail = ", ".join(class_name(uid) for uid in absent) if absent else ""
        what = "kinds of objects in the study"
        have = len(named) - len(absent)
        found.append(Evidence("classes", what, "header (0008,0062)", have, len(named), detail, images=False))
    return found


def class_name(uid: str) -> str:
    """Return what a SOP Class is called, or its UID."""
    from pydicom.uid import UID

    return UID(uid).name.removesuffix(" Storage")


def _most(facts: Sequence[SeriesFacts], keyword: str) -> int | None:
    return max((one.declared[keyword] for one in facts if keyword in one.declared), default=None)


def _of_records(study: Study, instances: Container[str], missing: Sequence[Missing]) -> tuple[Evidence, ...]:
    """Return the files that a DICOMDIR names for this study, are not there and are not open from elsewhere."""
    lost = [
        one
        for one in missing
        if one.study_instance_uid == study.study_instance_uid and one.sop_instance_uid not in instances
    ]
    if not lost:
        return ()
    have = sum(len(series.instances) for series in study.series)
    detail = ", ".join(one.path for one in lost[:FEW]) + (" …" if len(lost) > FEW else "")
    return (Evidence("records", "files of the study on its disc", "DICOMDIR", have, have + len(lost), detail),)


def _acquisitions(series: Series) -> list[Evidence]:
    """Hold Images in Acquisition against what each acquisition of a series has."""
    said: dict[int, int] = {}
    have: dict[int, int] = defaultdict(int)
    for instance in series.instances:
        number = instance.values.get("AcquisitionNumber")
        if number is None or not instance.has_pixels:
            continue
        have[number] += instance.number_of_frames
        images = instance.values.get("ImagesInAcquisition")
        if images is not None:
            said[number] = max(images, said.get(number, 0))
    return [
        Evidence(
            "acquisition",
            f"images of acquisition {number} in {name_of(series)}",
            "header (0020,1002)",
            have[number],
            images,
        )
        for number, images in said.items()
    ]


def _positions(series: Series) -> list[Evidence]:
    """Hold Number of Temporal Positions against the positions that are there."""
    said, seen = 0, set()
    for instance in series.instances:
        number = instance.values.get("NumberOfTemporalPositions")
        if number is None or not instance.has_pixels:
            continue
        said = max(said, number)
        for frame in instance.frames:
            place = frame.values.get("TemporalPositionIdentifier")
            if place is None:
                return []
            seen.add(place)
    if said < 2 or not seen:
        return []
    what = f"temporal positions in {name_of(series)}"
    return [Evidence("positions", what, "header (0020,0105)", len(seen), said, images=False)]
