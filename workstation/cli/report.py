"""``workstation report``: a report's content as text, or its tree as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.collect import complain, printable
from workstation.cli.documents import write_json
from workstation.cli.header import locator_of
from workstation.dicom.read import read_dataset
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse

    from pydicom.dataset import Dataset

    from workstation.objects.content_item import Code, ContentItem, Reference
    from workstation.objects.encapsulated_document import Document
    from workstation.objects.structured_report import Report


def run(options: argparse.Namespace) -> int:
    """Print the content of a report, a selection of key objects or a document."""
    ds = read_dataset(locator_of(options.path)).ds
    if "EncapsulatedDocument" in ds:
        return _document(ds, options)
    if "ContentSequence" not in ds and "ValueType" not in ds:
        raise BadUsage(f"{options.path}: neither a report nor a document.")
    from workstation.objects.structured_report import read_report

    report = read_report(ds)
    if options.json:
        write_json(report_model(report))
    else:
        _print_report(report)
    problems = [item for item in report.root.walk() if item.problem]
    for item in problems:
        complain(options.path, f"item {'.'.join(map(str, item.path[:40]))}: {item.problem}")
    for note in report.notes:
        complain(options.path, note)
    return 1 if problems or report.notes else 0


def _print_report(report: Report) -> None:
    from workstation.objects.content_item import RELATIONSHIPS
    from workstation.objects.report_page import value_words

    flags = " · ".join(part for part in (report.completion, report.verification) if part)
    for line in (report.title, flags, report.patient, report.identity, report.study, report.date):
        if line:
            print(printable(line))
    for observer in report.observers:
        print(printable(f"{observer.role}: {observer.words}"))
    print()
    for item in report.root.walk():
        relation = RELATIONSHIPS.get(item.relationship, item.relationship)
        words = (item.value_type or "reference", item.name, value_words(item), f"({relation})" if relation else "")
        shown = "  ".join(part.replace("\n", " ") for part in words if part)
        print("  " * min(len(item.path) - 1, 60) + printable(shown))


def _document(ds: Dataset, options: argparse.Namespace) -> int:
    """Print what a document is, and its text where it is shown here."""
    from workstation.objects.encapsulated_document import facts_page, read_document

    document = read_document(ds)
    text = "" if document.refused else _text_of(document)
    if options.json:
        write_json(
            {
                "title": document.title,
                "kind": document.kind,
                "declared": document.declared,
                "bytes": len(document.data),
                "refused": document.refused or None,
                "notes": list(document.notes),
                "text": text,
            }
        )
    else:
        for line in (facts_page(document).text + text).splitlines():
            print(printable(line))
    for sentence in (document.refused, *document.notes):
        if sentence:
            complain(options.path, sentence)
    return 1 if document.refused or document.notes else 0


def _text_of(document: Document) -> str:
    from workstation.objects.encapsulated_document import text_page
    from workstation.objects.markup_page import markup_page
    from workstation.objects.pdf_pages import open_pdf, page_text

    if document.kind == "pdf":
        pdf = open_pdf(document.data)
        return "\n".join(page_text(pdf, number).text for number in range(len(pdf.sizes)))
    if document.kind in ("cda", "xml"):
        return markup_page(document.data, document.title).text
    return text_page(document).text


def report_model(report: Report) -> dict[str, Any]:
    """Return a report as a JSON document: header facts, then the tree."""
    return {
        "title": report.title,
        "sop_class_uid": report.sop_class_uid,
        "completion": report.completion or None,
        "verification": report.verification or None,
        "date": report.date or None,
        "observers": [
            {"role": one.role, "name": one.name, "organisation": one.organisation} for one in report.observers
        ],
        "predecessors": list(report.predecessors),
        "evidence": [one.sop_instance_uid for one in report.evidence],
        "notes": list(report.notes),
        "content": _tree_model(report.root),
    }


def _tree_model(root: ContentItem) -> dict[str, Any]:
    """Return the tree, made from the last item to the first: nesting needs no recursion."""
    made: dict[tuple[int, ...], dict[str, Any]] = {}
    for item in reversed(list(root.walk())):
        model = _item_model(item)
        if item.children:
            model["children"] = [made.pop(child.path) for child in item.children]
        made[item.path] = model
    return made[root.path]


def _item_model(item: ContentItem) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "type": item.value_type,
        "relationship": item.relationship,
        "concept": _code_model(item.concept),
        "value": item.value,
        "code": _code_model(item.code),
        "number": item.number,
        "unit": _code_model(item.unit),
        "qualifier": _code_model(item.qualifier),
        "reference": _reference_model(item.reference),
        "by_reference": ".".join(map(str, item.target)) if item.target else None,
        "table": [list(row) for row in item.table],
        "template": item.template,
        "problem": item.problem,
    }
    if item.graphic is not None:
        facts["graphic"] = {
            "type": item.graphic.kind,
            "points": [list(point) for point in item.graphic.points],
            "frame_of_reference_uid": item.graphic.frame_of_reference_uid,
        }
    return {key: value for key, value in facts.items() if value not in (None, "", [])}


def _code_model(code: Code | None) -> dict[str, str] | None:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning} if code is not None else None


def _reference_model(reference: Reference | None) -> dict[str, Any] | None:
    if reference is None:
        return None
    return {
        "sop_class_uid": reference.sop_class_uid,
        "sop_instance_uid": reference.sop_instance_uid,
        "frames": list(reference.frames),
    }
