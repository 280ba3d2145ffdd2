"""Reports, selections and documents as the report panel shows them, made on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workstation.errors import WorkstationError
from workstation.loading.keys import PdfPageKey, PdfSearchKey, PdfTextKey, ReportKey
from workstation.loading.loader import Cancelled
from workstation.objects.content_item import RELATIONSHIPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.dicom.identity import Instance
    from workstation.loading.loader import Job
    from workstation.objects.content_item import ContentItem
    from workstation.objects.encapsulated_document import Document
    from workstation.objects.key_object import KeyObject
    from workstation.objects.page import Page, Target
    from workstation.objects.pdf_pages import Pdf

Wanted = ReportKey | PdfPageKey | PdfTextKey | PdfSearchKey


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of the content tree: its place below another row, its words, and where it leads."""

    name: str
    value: str
    kind: str
    problem: str
    above: int
    place: int
    target: Target | None = None

    @property
    def words(self) -> str:
        """What a search looks through, folded."""
        return f"{self.name} {self.value} {self.problem}".casefold()


@dataclass(frozen=True, slots=True, eq=False)
class ReportView:
    """What the panel shows of one object: a page, and for a report its tree, for a PDF its pages.

    ``rows`` are the content tree from top to bottom, each after the one above it; ``below`` are the rows under each.
    """

    page: Page
    rows: tuple[TreeRow, ...] = ()
    below: tuple[tuple[int, ...], ...] = ()
    selection: KeyObject | None = None
    document: Document | None = None
    pdf: Pdf | None = None


def fetched(key: Wanted, instance_of: Callable[[str], Instance], job: Job) -> tuple[Any, int]:
    """Return what a key stands for and the bytes it takes."""
    if isinstance(key, ReportKey):
        view = report_view(instance_of(key.sop_instance_uid))
        size = len(view.document.data) if view.document is not None else 0
        return view, size + 2000 * (len(view.rows) + len(view.page.blocks)) + 10_000
    from workstation.objects import pdf_pages

    if isinstance(key, PdfPageKey):
        drawn = pdf_pages.drawn_page(key.pdf, key.page, key.width)
        return drawn, int(drawn.nbytes)
    if isinstance(key, PdfTextKey):
        text = pdf_pages.page_text(key.pdf, key.page)
        return text, 200 * len(text.boxes) + 1000
    hits = pdf_pages.search(key.pdf, key.words, lambda: job.cancelled)
    if job.cancelled:
        raise Cancelled
    return hits, 200 * len(hits) + 1000


def report_view(instance: Instance) -> ReportView:
    """Read an object that is read rather than looked at.

    Raises
    ------
    WorkstationError
        If the file can no longer be read.
    """
    from workstation.dicom.read import read_dataset
    from workstation.objects import handler_for

    ds = read_dataset(instance.locator).ds
    kind = handler_for(instance).kind
    if kind == "document":
        return _document_view(ds)
    from workstation.objects.key_object import key_object_page, read_key_object
    from workstation.objects.report_page import report_page
    from workstation.objects.structured_report import read_report

    report = read_report(ds)
    rows, below = tree_rows(report.root)
    if kind == "key_object":
        return ReportView(key_object_page(report), rows, below, read_key_object(report))
    return ReportView(report_page(report), rows, below)


def tree_rows(root: ContentItem) -> tuple[tuple[TreeRow, ...], tuple[tuple[int, ...], ...]]:
    """Return the content tree as rows, and which rows stand below each."""
    from workstation.objects.report_page import labelled_targets, value_words

    targets = labelled_targets(root)
    rows: list[TreeRow] = []
    below: list[list[int]] = []
    waiting: list[tuple[ContentItem, int, int]] = [(root, -1, 0)]
    while waiting:
        item, above, place = waiting.pop()
        number = len(rows)
        relation = RELATIONSHIPS.get(item.relationship, item.relationship.lower())
        kind = " · ".join(part for part in (item.value_type or "reference", relation) if part)
        name = item.name or item.value_type.capitalize() or "Reference"
        shown = value_words(item).replace("\n", " ")[:500]
        rows.append(TreeRow(name, shown, kind, item.problem, above, place, targets.get(item.path)))
        below.append([])
        if above >= 0:
            below[above].append(number)
        waiting.extend((child, number, n) for n, child in reversed(list(enumerate(item.children))))
    return tuple(rows), tuple(tuple(numbers) for numbers in below)


def _document_view(ds: Any) -> ReportView:
    from workstation.objects.encapsulated_document import facts_page, kind_of, read_document, text_page
    from workstation.objects.markup_page import body_of, markup_page
    from workstation.objects.pdf_pages import open_pdf

    document = read_document(ds)
    if document.refused:
        return ReportView(facts_page(document), document=document)
    try:
        if document.kind == "pdf":
            pdf = open_pdf(document.data)
            document = replace(document, notes=(*document.notes, *pdf.notes))
            return ReportView(facts_page(document), document=document, pdf=pdf)
        if document.kind in ("cda", "xml"):
            body = body_of(document.data) if document.kind == "cda" else None
            # what the body is said to be is not asked: only a PDF is drawn
            letter = open_pdf(body) if body is not None and kind_of(body) == "pdf" else None
            notes = (*document.notes, *(letter.notes if letter is not None else ()))
            page = markup_page(document.data, document.title, notes)
            return ReportView(page, document=document, pdf=letter)
        return ReportView(text_page(document), document=document)
    except WorkstationError as error:
        document = replace(document, refused=str(error))
        return ReportView(facts_page(document), document=document)
