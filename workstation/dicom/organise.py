"""Instances -> Patient, Study, Series; the most frequent value wins and conflicts are said (E1-E5, E8, E16)."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from workstation.dicom.duplicates import Duplicates
from workstation.dicom.identity import Instance, Patient, Series, Study

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def organise(instances: Iterable[Instance]) -> tuple[Patient, ...]:
    """Return the tree of everything given; nothing is dropped but exact duplicates (E4).

    Order: patients by family name, studies by date and time (latest first, undated last), series by number,
    then date and time, then UID; instances by number, then as found (E8).
    """
    known = Duplicates()
    organiser = Organiser()
    for instance in instances:
        kept = known.admit(instance)
        if kept is not None:
            organiser.add(kept)
    return organiser.tree()


class Organiser:
    """The tree of instances that keep coming, duplicates left out before; patients that stay as they were are kept."""

    def __init__(self) -> None:
        self._members: dict[str, list[Instance]] = defaultdict(list)
        self._owners: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        self._built: dict[str, Patient] = {}

    def add(self, instance: Instance) -> None:
        """Take one more instance."""
        key = patient_key(instance)
        self._members[key].append(instance)
        self._built.pop(key, None)
        if "StudyInstanceUID" in instance.synthetic:
            return
        owners = self._owners[instance.study_instance_uid]
        if key not in owners:
            owners.add(key)
            if len(owners) > 1:
                # now a conflict for all of them (E2)
                self._shared.add(instance.study_instance_uid)
                for owner in owners:
                    self._built.pop(owner, None)

    def tree(self) -> tuple[Patient, ...]:
        """Return the patients of everything added, in the order of :func:`organise`."""
        shared = frozenset(self._shared)
        for key, members in self._members.items():
            if key not in self._built:
                self._built[key] = _patient(key, members, shared)
        built = self._built.values()
        return tuple(sorted(built, key=lambda patient: (_collation(patient.name), patient.patient_id, patient.key)))


def patient_key(instance: Instance) -> str:
    """Return the identity of a patient: ID and issuer, or name, birth date and sex where the ID is empty (E1)."""
    values = instance.values
    patient_id = values.get("PatientID", "").strip()
    if patient_id:
        issuer = values.get("IssuerOfPatientID", "").strip(), values.get("IssuerOfPatientIDQualifiers", "")
        return "\x1f".join(("id", patient_id, *issuer))
    fields = ("PatientName", "PatientBirthDate", "PatientSex")
    return "\x1f".join(("name", *(values.get(field, "") for field in fields)))


def _patient(key: str, members: Sequence[Instance], shared: frozenset[str]) -> Patient:
    studies: dict[str, list[Instance]] = defaultdict(list)
    for instance in members:
        studies[instance.study_instance_uid].append(instance)
    notes = [] if key.startswith("id") else ["Patient ID is empty; grouped by name, birth date and sex."]
    name = _vote(members, "PatientName", "Patient's Name", notes, fold=_fold_name)
    birth_date = _vote(members, "PatientBirthDate", "birth date", notes)
    sex = _vote(members, "PatientSex", "sex", notes)
    built = [_study(uid, group, shared, key) for uid, group in studies.items()]
    # Two passes of a stable sort: the UID ascending within equal times, the times descending, undated last.
    built.sort(key=lambda study: study.study_instance_uid)
    built.sort(key=lambda study: (_sortable_date(study.date), _sortable_time(study.time)), reverse=True)
    patient_id = _most(members, "PatientID")
    return Patient(key, patient_id, name, birth_date, sex, tuple(built), tuple(notes))


def _study(uid: str, members: Sequence[Instance], shared: frozenset[str], patient: str) -> Study:
    series: dict[str, list[Instance]] = defaultdict(list)
    for instance in members:
        series[instance.series_instance_uid].append(instance)
    notes: list[str] = []
    if uid in shared:
        notes.append("Conflict: this Study Instance UID belongs to more than one patient.")
    built = [_series(key, uid, group, patient) for key, group in series.items()]
    built.sort(key=_series_order)
    return Study(
        study_instance_uid=uid,
        description=_vote(members, "StudyDescription", "Study Description", notes),
        date=_vote(members, "StudyDate", "Study Date", notes),
        time=_most(members, "StudyTime"),
        modalities=tuple(dict.fromkeys(item.modality for item in built if item.modality)),
        series=tuple(built),
        accession_number=_vote(members, "AccessionNumber", "Accession Number", notes),
        notes=tuple(notes),
    )


def _series(uid: str, study_uid: str, members: Sequence[Instance], patient: str) -> Series:
    notes: list[str] = []
    modalities = Counter([instance.modality for instance in members])
    if len(modalities) > 1:
        notes.append(f"Instances of {len(modalities)} modalities share this series.")
    numbers = Counter([instance.values.get("SeriesNumber") for instance in members])
    del numbers[None]
    if len(numbers) > 1:
        notes.append("Series Number differs between instances; the most frequent is shown.")
    ordered = sorted(members, key=lambda one: (one.instance_number is None, one.instance_number or 0))
    return Series(
        series_instance_uid=uid,
        study_instance_uid=study_uid,
        modality=modalities.most_common(1)[0][0],
        number=numbers.most_common(1)[0][0] if numbers else None,
        description=_vote(members, "SeriesDescription", "Series Description", notes),
        instances=tuple(ordered),
        notes=tuple(notes),
        key="\x1f".join((patient, study_uid, uid)),
    )


def _series_order(series: Series) -> tuple[Any, ...]:
    values = series.instances[0].values
    missing = series.number is None
    return (
        missing,
        series.number or 0,
        values.get("SeriesDate", ""),
        values.get("SeriesTime", ""),
        series.series_instance_uid,
    )


def _counts(members: Sequence[Instance], keyword: str) -> Counter[str]:
    """Count the values of an attribute, empty ones left out."""
    counts = Counter([one.values.get(keyword, "") for one in members])
    del counts[""]
    return counts


def _most(members: Sequence[Instance], keyword: str) -> str:
    return _most_of(_counts(members, keyword))


def _most_of(counts: Counter[str]) -> str:
    return str(max(counts, key=counts.__getitem__)) if counts else ""


def _vote(members: Sequence[Instance], keyword: str, title: str, notes: list[str], fold: Any = str.strip) -> str:
    """Return the most frequent value; a note says so where instances disagree (E16)."""
    counts = _counts(members, keyword)
    spellings = {fold(value) for value in counts}
    if len(spellings) > 1:
        notes.append(
            f"Conflict: {title} differs between instances ({len(spellings)} values); the most frequent is shown."
        )
    return _most_of(counts)


def _fold_name(name: str) -> str:
    """Fold what PS3.5 6.2.1.1 calls insignificant: trailing delimiters and spaces."""
    return "=".join(group.rstrip("^ ") for group in name.split("=")).rstrip("=").strip()


def _collation(name: str) -> tuple[bool, str]:
    """Sort by family name without regard to case and accents; empty names last."""
    plain = unicodedata.normalize("NFKD", name)
    return not name, "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def _sortable_date(date: str) -> str:
    """Return a valid DA, or "" so that anything else sorts as unknown (A23)."""
    digits = date.replace(".", "")
    return digits if len(digits) == 8 and digits.isdigit() else ""


def _sortable_time(time: str) -> str:
    return time if time[:2].isdigit() else ""
