"""Chosen instances onto a medium: files, a DICOMDIR, a README, every byte read back (PS3.10 8, PS3.11; H1 to H8)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import workstation
from workstation.dicom.directory_writer import DirectoryWriter
from workstation.dicom.profiles import EXPLICIT, Profile, profile_named
from workstation.dicom.read import read_dataset
from workstation.dicom.sniff import executable_in
from workstation.dicom.sources import file_size, open_stream, read_some
from workstation.errors import WorkstationError
from workstation.imaging.transcode import native_file, part10_file, same_syntax_file
from workstation.library.media_target import PIECE, Target, target_at
from workstation.library.store import LibraryError, reason_of
from workstation.objects import handler_for

if TYPE_CHECKING:
    from threading import Event

    from pydicom import Dataset

    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.read import ReadResult

TOP: Final = "DICOM"
OF_THE_DATA: Final = frozenset({"damaged", "repeated_uid"})
"""Codes of an audit's faults that copying neither makes nor mends."""
BULK: Final = 1 << 16
SPARE: Final = 4 << 20
"""Bytes that must stay free beside the files: the DICOMDIR, the README, folders."""

Prepare = Callable[["Dataset"], "Dataset | None"]
"""Takes an instance's data set with its pixels, returns what is written in its place (de-identified, say), None to
leave the instance out."""


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """How a medium is written.

    ``profile`` is a name of PS3.11, or empty for a plain folder of files without a DICOMDIR. ``transcode`` unpacks
    what the profile does not allow; without it such instances are left out and named.
    """

    profile: str = "STD-GEN-CD"
    transcode: bool = True
    file_set_id: str = ""
    readme: bool = True
    prepare: Prepare | None = None


@dataclass(slots=True)
class MediaReport:
    """What has been written so far; ``total`` is how many instances were asked for."""

    total: int = 0
    done: int = 0
    written: int = 0
    verified: int = 0
    bytes: int = 0
    transcoded: list[str] = field(default_factory=list)
    """Files whose Transfer Syntax was changed to Explicit VR Little Endian."""
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """(path, why): one sentence each."""
    notes: list[str] = field(default_factory=list)
    """What an audit finds that was so in the originals: files cut short, a UID used twice."""
    faults: list[str] = field(default_factory=list)
    """What was found when the medium was read back; nothing is to be trusted then."""
    cancelled: bool = False


@dataclass(slots=True)
class _Places:
    """File IDs by counting, DICOM/PT000001/ST000001/SE000001/IM000001, never a value from the data (A24, H1)."""

    patients: dict[str, int] = field(default_factory=dict)
    studies: dict[tuple[str, str], int] = field(default_factory=dict)
    series: dict[tuple[str, str, str], int] = field(default_factory=dict)
    images: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def of(self, patient: str, study: str, series: str) -> tuple[str, ...]:
        """Return the next File ID of a series."""
        key = patient, study, series
        one = self.patients.setdefault(patient, len(self.patients) + 1)
        if key[:2] not in self.studies:
            self.studies[key[:2]] = 1 + sum(other[0] == patient for other in self.studies)
        if key not in self.series:
            self.series[key] = 1 + sum(other[:2] == key[:2] for other in self.series)
        two, three = self.studies[key[:2]], self.series[key]
        self.images[key] = self.images.get(key, 0) + 1
        return TOP, f"PT{one:06d}", f"ST{two:06d}", f"SE{three:06d}", f"IM{self.images[key]:06d}"


def write_media(
    instances: Iterable[Instance], target: Path, options: MediaOptions | None = None, *, stop: Event | None = None
) -> Iterator[MediaReport]:
    """Write instances to a folder, or to a ZIP archive where ``target`` ends in ``.zip``; yield the report as it grows.

    Files are copied byte for byte where the profile allows them, rewritten where it does not; then everything is
    read back and compared. Nothing that is there is overwritten. When it is stopped, or cannot go on, what was
    written is removed.

    Raises
    ------
    LibraryError
        When the target cannot be written, or holds too little room (H8).
    """
    return _Writing(list(instances), target, options or MediaOptions(), stop).run()


class _Writing:
    def __init__(self, instances: list[Instance], target: Path, options: MediaOptions, stop: Event | None) -> None:
        self._instances = sorted(instances, key=_order)
        self._options, self._stop = options, stop
        self._profile: Profile | None = profile_named(options.profile) if options.profile else None
        _demand_room(self._instances, target)
        self._target: Target = target_at(target)
        self._path = target
        self._directory = DirectoryWriter()
        self._places = _Places()
        self._expected: dict[tuple[str, ...], str] = {}
        self.report = MediaReport(total=len(self._instances))

    def run(self) -> Iterator[MediaReport]:
        whole = False
        try:
            for instance in self._instances:
                if self._stop is not None and self._stop.is_set():
                    self.report.cancelled = True
                    break
                self._one(instance)
                self.report.done += 1
                yield self.report
            else:
                self._close()
                yield from self._verify()
                whole = not self.report.cancelled
        except OSError as error:
            raise LibraryError(
                f"{self._target.shown} could not be written: {_why(error)}. Nothing is left of it."
            ) from error
        finally:
            if not whole:
                self._target.abandon()
                self.report.written = 0
        yield self.report

    def _one(self, instance: Instance) -> None:
        try:
            content = _content(instance, self._profile, self._options)
            place = self._places.of(_patient(instance), instance.study_instance_uid, instance.series_instance_uid)
            if self._profile is not None:
                image = handler_for(instance).has_pixels
                add = self._directory.prepared(
                    content.header, _patient(instance), place, content.syntax, is_image=image
                )
            else:
                place = (*place[:-1], f"{place[-1]}.dcm")
            self._expected[place] = self._target.put(place, self._counted(content.pieces()))
        except LibraryError:
            raise
        except WorkstationError as error:
            self.report.left_out.append((str(instance.locator), str(error)))
            return
        if self._profile is not None:
            add()
        self.report.written += 1
        if content.transcoded:
            self.report.transcoded.append(str(instance.locator))

    def _counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.report.bytes += len(piece)
            yield piece

    def _close(self) -> None:
        """Write what stands at the root; the DICOMDIR last, as it says that the rest is there (H7)."""
        extra: list[tuple[str, bytes]] = []
        if self._options.readme:
            extra.append(("README.TXT", self._readme()))
        if self._profile is not None:
            extra.append(("DICOMDIR", self._directory.to_bytes(self._options.file_set_id)))
        for name, content in extra:
            self._expected[(name,)] = self._target.put((name,), [content])
        self._target.finish()

    def _verify(self) -> Iterator[MediaReport]:
        names = list(self._expected)
        for name, digest in zip(names, self._target.digests(names), strict=True):
            if self._stop is not None and self._stop.is_set():
                self.report.cancelled = True
                return
            if digest != self._expected[name]:
                self.report.faults.append(f"{'/'.join(name)} was read back with other bytes than were written.")
            self.report.verified += name[0] == TOP
            yield self.report
        if self._profile is not None and self.report.written:
            from workstation.dicom.media_audit import audit

            found = audit(self._path)
            for fault in found.faults:
                told = self.report.notes if fault.code in OF_THE_DATA else self.report.faults
                told.append(f"{fault.where}: {fault.text}")

    def _readme(self) -> bytes:
        report = self.report
        lines = [
            "Medical images and documents in DICOM format.",
            "",
            "To look at them, open this folder or its DICOMDIR with a DICOM viewer.",
            "They may be personal data: keep them as you keep a letter from a hospital.",
            "",
            f"Written by DICOM Workstation {workstation.__version__}.",
            f"Application profile (DICOM PS3.11): {self._options.profile.upper() or 'none, plain files'}",
            f"Instances: {report.written}, from {len(self._places.studies)} studies of {len(self._places.patients)}"
            " patients",
            f"Rewritten as Explicit VR Little Endian for the profile, values unchanged: {len(report.transcoded)}",
            f"Left out, as the profile does not allow them: {len(report.left_out)}",
            "",
        ]
        return "\r\n".join(lines).encode("ascii")


@dataclass(slots=True)
class _Content:
    """What is written for an instance: a file as it is, or new bytes."""

    header: Dataset
    syntax: str
    locator: Locator | None = None
    data: bytes = b""
    transcoded: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        if self.locator is None:
            yield self.data
            return
        with open_stream(self.locator) as source:
            while piece := read_some(source, PIECE, self.locator):
                yield piece


def _content(instance: Instance, profile: Profile | None, options: MediaOptions) -> _Content:
    """Decide how an instance is written.

    Raises
    ------
    WorkstationError
        When it cannot be on such a medium; the sentence says why.
    """
    if profile is not None and (why := profile.class_objection(instance.sop_class_uid)):
        raise WorkstationError(f"{why}.")
    if options.prepare is not None:
        return _prepared(instance, options.prepare)
    result = read_dataset(instance.locator, skip_over=BULK)
    syntax = result.transfer_syntax_uid
    if profile is None or (syntax in profile.syntaxes and _is_file(result)):
        return _Content(result.ds, syntax, instance.locator)
    if syntax in profile.syntaxes:
        return _Content(result.ds, syntax, data=same_syntax_file(instance.locator))
    if not options.transcode:
        raise WorkstationError("its Transfer Syntax is not one of the profile's.")
    return _Content(result.ds, EXPLICIT, data=native_file(instance.locator), transcoded=True)


def _prepared(instance: Instance, prepare: Prepare) -> _Content:
    """Return what the hook makes of an instance, unpacked: the hook may change pixels."""
    from io import BytesIO

    from pydicom import dcmread

    ds = prepare(dcmread(BytesIO(native_file(instance.locator)), force=True))
    if ds is None:
        raise WorkstationError("it was left out on the way.")
    return _Content(ds, EXPLICIT, data=part10_file(ds, EXPLICIT), transcoded=instance.transfer_syntax_uid != EXPLICIT)


def _is_file(result: ReadResult) -> bool:
    """Tell whether the file is one of PS3.10 whose meta information is true, so that its bytes may be copied."""
    ds, meta = result.ds, result.ds.file_meta
    preamble = ds.preamble
    return (
        preamble is not None
        and not executable_in(preamble)
        and str(meta.get("TransferSyntaxUID") or "") == result.transfer_syntax_uid
        and str(meta.get("MediaStorageSOPClassUID") or "") == str(ds.get("SOPClassUID") or "-")
        and str(meta.get("MediaStorageSOPInstanceUID") or "") == str(ds.get("SOPInstanceUID") or "-")
    )


def _order(instance: Instance) -> tuple[str, str, str, int, str, int, str]:
    values = instance.values
    number = values.get("SeriesNumber")
    return (
        _patient(instance),
        str(values.get("StudyDate") or ""),
        instance.study_instance_uid,
        int(number) if isinstance(number, int | float) else 0,
        instance.series_instance_uid,
        instance.instance_number or 0,
        instance.sop_instance_uid,
    )


def _patient(instance: Instance) -> str:
    """Return what tells patients apart (E1): the ID and who issued it, else name, birth date and sex."""
    values = instance.values
    own = str(values.get("PatientID") or "").strip()
    if own:
        return f"{own}\x1f{values.get('IssuerOfPatientID') or ''}"
    facts = "\x1f".join(str(values.get(key) or "") for key in ("PatientName", "PatientBirthDate", "PatientSex"))
    return f"\x1f\x1f{hashlib.sha256(facts.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _demand_room(instances: list[Instance], target: Path) -> None:
    """Refuse before anything is written when the files cannot fit (H8)."""
    wanted = SPARE + sum(_size(instance) for instance in instances)
    there = next((folder for folder in (target, *target.parents) if folder.is_dir()), None)
    if there is None:
        return
    free = shutil.disk_usage(there).free
    if free < wanted:
        raise LibraryError(
            f"{target.name or target} has room for {free >> 20} MiB; {len(instances)} instances need"
            f" {-(-wanted >> 20)} MiB. Nothing was written."
        )


def _size(instance: Instance) -> int:
    try:
        return file_size(instance.locator)
    except WorkstationError:
        return 0


def _why(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "there is no room left"
    return reason_of(error) or os.strerror(error.errno or errno.EIO)
