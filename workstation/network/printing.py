"""Prints sheets on a DICOM printer: Basic Grayscale and Color Print Management (PS3.4 Annex H, G15)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workstation.network.association import Proposal, associated, ended
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.film import FilmError, FilmImage, FilmOptions, Sheet, as_color, as_grey
from workstation.network.progress import Outcome, Progress
from workstation.network.statuses import status

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association

    from workstation.network.nodes import Node

GRAYSCALE_META: Final = "1.2.840.10008.5.1.1.9"
COLOR_META: Final = "1.2.840.10008.5.1.1.18"
FILM_SESSION: Final = "1.2.840.10008.5.1.1.1"
FILM_BOX: Final = "1.2.840.10008.5.1.1.2"
GRAYSCALE_BOX: Final = "1.2.840.10008.5.1.1.4"
COLOR_BOX: Final = "1.2.840.10008.5.1.1.4.1"
ANNOTATION_BOX: Final = "1.2.840.10008.5.1.1.15"
PRINT_JOB: Final = "1.2.840.10008.5.1.1.14"
PRINTER: Final = "1.2.840.10008.5.1.1.16"
PRINTER_INSTANCE: Final = "1.2.840.10008.5.1.1.17"
PRESENTATION_LUT: Final = "1.2.840.10008.5.1.1.23"
CHOICES: Final = (
    "MagnificationType",
    "RequestedResolutionID",
    "BorderDensity",
    "EmptyImageDensity",
    "Trim",
    "AnnotationDisplayFormatID",
)
"""What a film is also printed without."""
CHOICES_REFUSED: Final = (0x0105, 0x0106, 0x0114, 0x0115, 0x0116)
SYNTAXES: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")


@dataclass(frozen=True, slots=True)
class PrinterState:
    """What a printer says of itself. ``status`` is NORMAL, WARNING or FAILURE, empty where it does not say."""

    status: str = ""
    info: str = ""
    name: str = ""
    manufacturer: str = ""
    model: str = ""

    @property
    def sentence(self) -> str:
        """The state in words."""
        words = {"NORMAL": "The printer is ready", "WARNING": "The printer warns", "FAILURE": "The printer has failed"}
        said = words.get(self.status, "The printer does not tell its state")
        told = f"{said}: {self.info.lower()}" if self.info and self.info != self.status else said
        return f"{told}."


def printer_state(node: Node, *, color: bool = False, stop: threading.Event | None = None) -> PrinterState:
    """Ask a printer how it is.

    Raises
    ------
    NetworkFailure
    """
    with _printer(node, FilmOptions(color=color), stop) as conversation:
        return conversation.state()


def print_sheets(node: Node, sheets: Sequence[Sheet], *, stop: threading.Event | None = None) -> Iterator[Progress]:
    """Print sheets in one film session and yield after each; ``Outcome`` names the sheet by its number.

    Warnings of the printer (0xB600 to 0xB60A) are told, the sheet counts as printed.

    Raises
    ------
    NetworkFailure
        When the printer cannot be talked to, has failed, or refuses the session; sheets printed so far stay printed.
    FilmError
    """
    if not sheets:
        raise FilmError("There is nothing to print.")
    done = warnings = failed = 0
    with _printer(node, sheets[0].options, stop) as conversation:
        state = conversation.state()
        if state.status == "FAILURE":
            raise NetworkFailure(f"{node.name}: {state.sentence}", step=Step.SERVICE, cause="printer", remedy="")
        yield Progress(total=len(sheets), sentence=state.sentence)
        session = conversation.begin(sheets[0].options)
        for number, sheet in enumerate(sheets, 1):
            if stop is not None and stop.is_set():
                raise Cancelled
            try:
                notes = conversation.print(sheet, session)
            except _Refused as refusal:
                failed += 1
                outcome = Outcome(str(number), "failed", str(refusal))
            else:
                done += 1
                warnings += bool(notes)
                outcome = Outcome(str(number), "warning" if notes else "done", " ".join(notes))
            yield Progress(done, len(sheets), warnings, failed, sentence=outcome.sentence, outcome=outcome)
        conversation.end(session)


class _Refused(Exception):
    """The printer refused one sheet."""


class _printer:  # noqa: N801 - used as a context
    """A conversation with a printer."""

    def __init__(self, node: Node, options: FilmOptions, stop: threading.Event | None) -> None:
        from pynetdicom import evt

        self._node = node
        self._color = options.color
        self._meta = COLOR_META if options.color else GRAYSCALE_META
        # what is offered is taken for wished: DCMTK's printer refuses 8 bits once presentation LUTs are agreed on
        extras = {ANNOTATION_BOX: options.annotation, PRESENTATION_LUT: options.presentation_lut, PRINT_JOB: "always"}
        proposals = [
            Proposal(uid, SYNTAXES) for uid in (self._meta, *(uid for uid, wished in extras.items() if wished))
        ]
        handlers = [(evt.EVT_N_EVENT_REPORT, lambda _event: (0x0000, None))]
        self._context = associated(node, proposals, handlers=handlers, stop=stop)
        self._association: Association

    def __enter__(self) -> _printer:
        self._association = self._context.__enter__()
        if self._meta not in self._accepted():
            kind = "colour" if self._color else "grey"
            failure = NetworkFailure(
                f"{self._node.name} does not print in {kind}.",
                step=Step.CONTEXT,
                cause="no_context",
                remedy="Choose the other kind, or another printer.",
            )
            self._context.__exit__(type(failure), failure, None)
            raise failure
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._context.__exit__(*error)

    def _accepted(self) -> set[str]:
        return {str(context.abstract_syntax) for context in self._association.accepted_contexts}

    def state(self) -> PrinterState:
        from pydicom.tag import Tag

        keywords = ("PrinterStatus", "PrinterStatusInfo", "PrinterName", "Manufacturer", "ManufacturerModelName")
        tags = [Tag(keyword) for keyword in keywords]
        answer, values = self._association.send_n_get(tags, PRINTER, PRINTER_INSTANCE, meta_uid=self._meta)
        if "Status" not in answer:
            raise ended(self._association, self._node)
        if values is None:
            # some printers know few of these; the two that matter are asked for alone
            answer, values = self._association.send_n_get(tags[:2], PRINTER, PRINTER_INSTANCE, meta_uid=self._meta)
        if values is None:
            return PrinterState()
        return PrinterState(*(str(values.get(keyword) or "") for keyword in keywords))

    def begin(self, options: FilmOptions) -> str:
        from pydicom.dataset import Dataset
        from pydicom.uid import generate_uid

        wanted = Dataset()
        wanted.NumberOfCopies = str(options.copies)
        wanted.PrintPriority = options.priority
        _put(wanted, MediumType=options.medium, FilmDestination=options.destination)
        session = generate_uid()
        answer, _values = self._association.send_n_create(wanted, FILM_SESSION, session, meta_uid=self._meta)
        try:
            self._check(answer)
        except _Refused as refusal:
            raise NetworkFailure(
                f"{self._node.name} does not start a film session: {refusal}", step=Step.SERVICE, cause="status"
            ) from refusal
        return str(session)

    def print(self, sheet: Sheet, session: str) -> list[str]:
        """Print one sheet and return what the printer warned of."""
        notes: list[str] = []
        lut = self._presentation_lut(sheet.options, notes)
        film, boxes, annotations = self._film_box(sheet.options, session, lut, notes)
        try:
            self._fill(sheet, boxes, notes)
            self._annotate(sheet.options, annotations, notes)
            answer, values = self._association.send_n_action(None, 1, FILM_BOX, film, meta_uid=self._meta)
            self._check(answer, notes)
            self._follow(values, notes)
        finally:
            if self._association.is_established:
                self._association.send_n_delete(FILM_BOX, film, meta_uid=self._meta)
        return notes

    def end(self, session: str) -> None:
        if self._association.is_established:
            self._association.send_n_delete(FILM_SESSION, session, meta_uid=self._meta)

    def _presentation_lut(self, options: FilmOptions, notes: list[str]) -> str:
        """Create the presentation LUT that is wished for, and return its UID; nothing where that cannot be."""
        from pydicom.dataset import Dataset
        from pydicom.uid import generate_uid

        if not options.presentation_lut:
            return ""
        if PRESENTATION_LUT not in self._accepted():
            notes.append("The printer takes no presentation LUT; its own is used.")
            return ""
        wanted = Dataset()
        wanted.PresentationLUTShape = options.presentation_lut
        uid = generate_uid()
        answer, _values = self._association.send_n_create(wanted, PRESENTATION_LUT, uid)
        self._check(answer, notes)
        return str(uid)

    def _film_box(
        self, options: FilmOptions, session: str, lut: str, notes: list[str]
    ) -> tuple[str, list[str], list[str]]:
        from pydicom.dataset import Dataset
        from pydicom.uid import generate_uid

        wanted = Dataset()
        wanted.ImageDisplayFormat = f"STANDARD\\{options.columns},{options.rows}"
        wanted.FilmOrientation = options.orientation
        wanted.FilmSizeID = options.size
        _put(wanted, MagnificationType=options.magnification, RequestedResolutionID=options.resolution)
        _put(wanted, BorderDensity=options.border, EmptyImageDensity=options.empty)
        wanted.Trim = "YES" if options.trim else "NO"
        if options.annotation and ANNOTATION_BOX in self._accepted():
            wanted.AnnotationDisplayFormatID = "LABEL"
        wanted.ReferencedFilmSessionSequence = [_reference(FILM_SESSION, session)]
        if lut:
            wanted.ReferencedPresentationLUTSequence = [_reference(PRESENTATION_LUT, lut)]
        film = generate_uid()
        answer, values = self._association.send_n_create(wanted, FILM_BOX, film, meta_uid=self._meta)
        if answer.get("Status") in CHOICES_REFUSED:
            for keyword in CHOICES:
                wanted.pop(keyword, None)
            film = generate_uid()
            answer, values = self._association.send_n_create(wanted, FILM_BOX, film, meta_uid=self._meta)
            notes.append("The printer does not take some of the choices; its own are used.")
        self._check(answer, notes)
        boxes = _references(values, "ReferencedImageBoxSequence")
        if len(boxes) < options.boxes:
            raise _Refused(f"It has {len(boxes)} boxes on this film where {options.boxes} were asked for.")
        return str(film), boxes, _references(values, "ReferencedBasicAnnotationBoxSequence")

    def _fill(self, sheet: Sheet, boxes: list[str], notes: list[str]) -> None:
        for position, (image, box) in enumerate(zip(sheet.images, boxes, strict=False), 1):
            kind = COLOR_BOX if self._color else GRAYSCALE_BOX
            answer, _values = self._association.send_n_set(
                image_box(image, position, sheet.options), kind, box, meta_uid=self._meta
            )
            self._check(answer, notes, f"Image {position}: ")

    def _annotate(self, options: FilmOptions, boxes: list[str], notes: list[str]) -> None:
        from pydicom.dataset import Dataset

        if not options.annotation:
            return
        if not boxes:
            notes.append("The printer has no box for a line of text.")
            return
        wanted = Dataset()
        wanted.AnnotationPosition = 1
        wanted.TextString = options.annotation[:64]
        answer, _values = self._association.send_n_set(wanted, ANNOTATION_BOX, boxes[0])
        self._check(answer, notes, "Text: ")

    def _follow(self, values: Dataset | None, notes: list[str]) -> None:
        """Ask once for the state of the print job, where the printer made one."""
        from pydicom.tag import Tag

        jobs = _references(values, "ReferencedPrintJobSequence")
        if not jobs or PRINT_JOB not in self._accepted():
            return
        tags = [Tag("ExecutionStatus"), Tag("ExecutionStatusInfo")]
        answer, job = self._association.send_n_get(tags, PRINT_JOB, jobs[0])
        if answer.get("Status") == 0 and job is not None and job.get("ExecutionStatus") == "FAILURE":
            raise _Refused(f"The print job failed: {str(job.get('ExecutionStatusInfo') or 'no reason given').lower()}.")

    def _check(self, answer: Dataset, notes: list[str] | None = None, where: str = "") -> None:
        if "Status" not in answer:
            raise ended(self._association, self._node)
        said = status(answer.Status, "print")
        if said.is_failure:
            comment = str(answer.get("ErrorComment") or "")
            raise _Refused(f"{where}{said}{f' “{comment}”' if comment else ''}")
        if said.kind == "warning" and notes is not None:
            notes.append(f"{where}{said}")


def image_box(image: FilmImage, position: int, options: FilmOptions) -> Dataset:
    """Return the data set of an image box: finished 8-bit pixels (PS3.3 C.13.5)."""
    from pydicom.dataset import Dataset

    pixels = as_color(image.pixels) if options.color else as_grey(image.pixels)
    item = Dataset()
    item.SamplesPerPixel = 3 if options.color else 1
    item.PhotometricInterpretation = "RGB" if options.color else "MONOCHROME2"
    if options.color:
        item.PlanarConfiguration = 1
        pixels = pixels.transpose(2, 0, 1)
    item.Rows, item.Columns = pixels.shape[-2:]
    item.PixelAspectRatio = ["1", "1"]
    item.BitsAllocated = item.BitsStored = 8
    item.HighBit = 7
    item.PixelRepresentation = 0
    content = pixels.tobytes()
    item.add_new(0x7FE00010, "OW", content + b"\0" * (len(content) % 2))
    box = Dataset()
    box.ImageBoxPosition = position
    box.Polarity = "NORMAL"
    if options.true_size and image.width is not None:
        box.RequestedImageSize = f"{image.width:.3f}"
        box.RequestedDecimateCropBehavior = "FAIL"
    if options.color:
        box.BasicColorImageSequence = [item]
    else:
        box.BasicGrayscaleImageSequence = [item]
    return box


def _reference(class_uid: str, instance_uid: str) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = class_uid
    item.ReferencedSOPInstanceUID = instance_uid
    return item


def _references(values: Dataset | None, sequence: str) -> list[str]:
    return [str(item.ReferencedSOPInstanceUID) for item in values.get(sequence) or ()] if values is not None else []


def _put(data_set: Dataset, **values: str) -> None:
    """Set what is not empty: the rest is the printer's choice."""
    for keyword, value in values.items():
        if value:
            setattr(data_set, keyword, value)
