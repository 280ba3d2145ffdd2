"""What the rooms below say is said in the user's language: findings, plain words, stages of a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.test_check_page import cell, view_of
from workstation.dicom.conformance.check import check
from workstation.dicom.plain_words import topics, words_for
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rendering import Rendering
from workstation.imaging.window import Window
from workstation.ui.check_page import CheckPage
from workstation.ui.pixel_panel import PixelPanel
from workstation.ui.words_page import WordsPage
from workstation.viewing.provenance import Look, frame_pixel

SAID = {
    ("Finding", "Missing.{2}"): "Fehlt.{2}",
    ("Finding", "{0} (type {1}) is missing.{2}"): "{0} (Typ {1}) fehlt.{2}",
    ("Finding", "{0} is no Enumerated Value of {1}{2}."): "{1}{2} kennt {0} nicht.",
    ("Finding", "Data Set"): "Datensatz",
    ("Finding", "The file"): "Die Datei",
    ("Finding", "The file ends inside an element: {0} of {1} bytes are there."): "Nur {0} von {1} Bytes sind da.",
    ("Words", "Hounsfield units"): "Hounsfield-Einheiten",
    ("Words", "{0} to {1} {2}"): "{0} bis {1} {2}",
    ("Pixel", "Screen"): "Bildschirm",
    ("Pixel", "On the screen"): "Auf dem Schirm",
    ("Pixel", "rounded to {0}"): "gerundet auf {0}",
    ("Pixel", "{0} in this pane: comes before the header"): "{0} in diesem Fenster",
    ("Pixel", "set by hand"): "von Hand",
    ("Pixel", "Column {0}, row {1}"): "Spalte {0}, Zeile {1}",
}


class German(QTranslator):
    """Knows a few sentences, and the words on Pixel Spacing."""

    def translate(self, context: str, source: str, disambiguation: str = "", n: int = -1) -> str | None:  # type: ignore[override]
        if context == "Words" and source == words_for("PixelSpacing"):
            return "Abstand der Pixel"
        return SAID.get((context, source))

    def isEmpty(self) -> bool:  # noqa: N802
        return False


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    translator = German()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    ds = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    del ds.FrameOfReferenceUID
    ds.PatientSex = "Data Set"
    ds.save_as(tmp_path / "broken.dcm")
    return tmp_path / "broken.dcm"


def test_a_finding_is_translated(qtbot: QtBot, german: None, broken: Path) -> None:
    """The sentence of a row, its tooltip, and the text under the table; values of the file stay as they are."""
    page = CheckPage()
    qtbot.addWidget(page)
    page.show_check(view_of(broken))
    assert cell(page, "FrameOfReferenceUID", "value") == "Fehlt."
    assert "Frame of Reference UID (Typ 1) fehlt." in cell(
        page, "FrameOfReferenceUID", "name", Qt.ItemDataRole.ToolTipRole
    )
    assert "Patient&#x27;s Sex kennt “Data Set” nicht." in cell(page, "PatientSex", "name", Qt.ItemDataRole.ToolTipRole)
    assert cell(page, "PatientSex", "value") == "Data Set"
    headings = [line.heading for line in page.table.lines.lines if line.row is None]
    assert "Datensatz" in headings
    number = next(n for n, line in enumerate(page.table.lines.lines) if line.row and line.row.keyword == "PatientSex")
    page.table.setCurrentIndex(page.table.lines.index(number, 0))
    assert page.detail.text().startswith("Patient's Sex kennt “Data Set” nicht.")


def test_what_the_reader_remarked_is_translated(qtbot: QtBot, german: None, broken: Path) -> None:
    broken.write_bytes(broken.read_bytes()[:1500])
    page = CheckPage()
    qtbot.addWidget(page)
    page.show_check(view_of(broken))
    said = [page.table.lines.cell(line, 3) for line in page.table.lines.lines if line.row and line.row.tag == "file"]
    assert len(said) == 1
    assert said[0].startswith("Nur ")


def test_what_a_file_holds_of_a_finding_stays_english(german: None, broken: Path) -> None:
    """JSON and the command line know no translator."""
    sentences = [finding.sentence for finding in check(pydicom.dcmread(broken))]
    assert "Frame of Reference UID (type 1) is missing." in sentences


def test_hidden_values_stay_hidden_in_a_translated_finding(qtbot: QtBot, german: None, broken: Path) -> None:
    page = CheckPage()
    qtbot.addWidget(page)
    page.show_check(view_of(broken).without_identity())
    shown = cell(page, "PatientSex", "name", Qt.ItemDataRole.ToolTipRole)
    assert "kennt “" in shown
    assert "“Data Set”" not in shown


def test_plain_words_are_translated(qtbot: QtBot, german: None, broken: Path) -> None:
    page = WordsPage()
    qtbot.addWidget(page)
    page.show_topic(topics()[0].id)
    assert page.shown[0] == "Hounsfield-Einheiten"
    assert page.list.item(0).text() == "Hounsfield-Einheiten"
    assert any(" bis " in line and line.endswith(" HU") for line in page.shown)
    check_page = CheckPage()
    qtbot.addWidget(check_page)
    check_page.show_check(view_of(broken))
    assert "Abstand der Pixel" in cell(check_page, "PixelSpacing", "name", Qt.ItemDataRole.ToolTipRole)


def test_a_stage_is_translated(qtbot: QtBot, german: None) -> None:
    """Heading of the group, the stage, what it did, and where the window is from."""
    panel = PixelPanel()
    qtbot.addWidget(panel)
    window = Window(2, 4)
    pipeline = Pipeline(Rendering(Rescale(unit="HU"), "HU", modality="CT"), window)
    panel.show_pixel(frame_pixel(np.array([[3]], np.int16), pipeline, 0, 0, Look(window)))
    text = panel.model.text()
    assert panel.title.text() == "Spalte 0, Zeile 0"
    assert "Bildschirm" in text
    assert "Auf dem Schirm" in text
    assert "gerundet auf " in text
    assert "von Hand in diesem Fenster" in text
