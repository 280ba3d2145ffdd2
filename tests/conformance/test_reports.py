"""Everything in the corpus that is read rather than looked at opens beside the images; nothing is left out unseen."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.identity import Instance, Locator
from workstation.errors import WorkstationError
from workstation.loading.report_view import ReportView, report_view
from workstation.objects import handler_for
from workstation.objects.handler import storage
from workstation.ui.report_panel import ReportPanel

CLASSES = {
    "Basic Text SR Storage": 9,
    "Enhanced SR Storage": 5,
    "Comprehensive SR Storage": 1,
    "Comprehensive 3D SR Storage": 9,
    "X-Ray Radiation Dose SR Storage": 17,
    "Key Object Selection Document Storage": 3,
    "Encapsulated PDF Storage": 1,
}
"""How many objects of each SOP Class the corpus has; it has no CDA, STL, OBJ or MTL document."""
READ = ("SR Storage", "Key Object", "Encapsulated", "Report", "Document")
"""Parts of the names of SOP Classes that would make another line of :data:`CLASSES`."""


def indexed(corpus: Path) -> dict[str, str]:
    """Return the SOP Class of each object to be read, by path, as the corpus' own index names it."""
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {row["path"]: row["sop_class"] for row in rows if any(part in row["sop_class"] for part in READ)}


def instance(path: Path) -> Instance:
    locator = Locator(str(path))
    return instance_from(locator, read_header(locator))


def test_every_object_that_is_read_is_listed(corpus: Path) -> None:
    """What the program finds in all files of the corpus is what the index lists; no class is missing above."""
    named = indexed(corpus)
    assert Counter(named.values()) == CLASSES
    found, unread = set(), 0
    for path in corpus.rglob("*"):
        if not path.is_file():
            continue
        try:
            if handler_for(instance(path)).is_read:
                found.add(path.relative_to(corpus).as_posix())
        except WorkstationError:
            unread += 1
            assert path.relative_to(corpus).as_posix() not in named
    assert found == set(named)
    assert unread < 100


def complete(view: ReportView, path: str) -> None:
    """Hold that a view has something to be read: a page with a title and blocks, a tree, or pages of a PDF."""
    assert view.page.title.strip(), path
    assert len(view.page.text) > 40, path
    if view.document is None:
        assert len(view.rows) > 1, path
        assert len(view.page.blocks) > 2, path
    elif not view.document.refused:
        assert view.pdf is not None, path


def test_every_object_opens(corpus: Path) -> None:
    """No report, selection or document of the corpus is refused (F15, F16, F18)."""
    refused = {}
    for path in indexed(corpus):
        view = report_view(instance(corpus / path))
        complete(view, path)
        if view.document is not None and view.document.refused:
            refused[path] = view.document.refused
        if view.selection is not None:
            assert view.selection.references, path
    assert refused == {}


def test_every_object_is_put_on_screen(corpus: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    """The panel says all that the page says."""
    panel = ReportPanel()
    qtbot.addWidget(panel)
    panel.show()
    for path in indexed(corpus):
        view = report_view(instance(corpus / path))
        panel.show_view(path, view)
        qtbot.waitUntil(lambda: not panel.page.writing)
        shown = panel.page.toPlainText()
        heads = [words for words in (block.text for block in view.page.blocks if hasattr(block, "text")) if words]
        assert [head for head in heads if head not in shown] == [], path
        assert panel.tree.items.rows == view.rows, path
    QApplication.processEvents()


@pytest.mark.parametrize(
    "suffix", ["88.11", "88.22", "88.33", "88.34", "88.59", "88.67", *(f"104.{n}" for n in range(1, 6))]
)
def test_each_class_is_read_by_its_family(suffix: str) -> None:
    """Structured reports, key objects and all five kinds of encapsulated documents are opened in the panel."""
    (uid,) = storage(suffix)
    bare = Instance(Locator("x"), "1.2", uid, "1.3", "1.4", "1.2.840.10008.1.2.1")
    assert handler_for(bare).is_read
