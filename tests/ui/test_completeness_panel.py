"""What is missing: the chip on a study, its tooltip, and the panel with every line."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui import samples
from workstation.objects.completeness import Evidence, Light
from workstation.ui import completeness_text
from workstation.ui.completeness_panel import CompletenessPanel
from workstation.ui.study_rows import RowWriter

LIGHT = Light(
    (
        Evidence("numbers", "images of series 2", "Instance Number (0020,0013)", 7, 9, "numbers 3–4"),
        Evidence("records", "files of the study on its disc", "DICOMDIR", 7, 8, "DOE/IM3"),
        Evidence("patient", "studies of the patient", "header (0020,1200)", 1, 2, images=False, aside=True),
        Evidence("series", "instances of series 2", "header (0020,1209)", 7, 7),
    )
)
CALM = Light((Evidence("series", "instances of series 2", "header (0020,1209)", 7, 7),))


@pytest.fixture
def panel(qtbot):
    panel = CompletenessPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 220)
    panel.show()
    return panel


def shown(panel: CompletenessPanel) -> list[list[str]]:
    items = [panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items]


def test_every_line_has_its_count_and_its_source(panel) -> None:
    panel.show_light("2024-01-18 · CT", LIGHT)
    assert shown(panel)[0] == ["images of series 2", "7 of 9", "Instance Number (0020,0013)", "numbers 3–4"]
    assert [line[1] for line in shown(panel)] == ["7 of 9", "7 of 8", "1 of 2", "7 of 7"]
    assert panel.summary.text().startswith("Something speaks for missing objects: 2 ")


@pytest.mark.parametrize("light", [CALM, Light()])
def test_it_is_never_said_that_a_study_is_complete(panel, light: Light) -> None:
    panel.show_light("2024-01-18 · CT", light)
    assert panel.summary.text().startswith("No evidence of missing images")
    assert "complete" not in panel.text().casefold()


def test_more_than_was_said_is_told_as_it_is() -> None:
    assert completeness_text.count(Evidence("series", "", "", 9, 7)) == "9, where 7 are said"


def test_it_is_copied_as_text(panel) -> None:
    panel.show_light("2024-01-18 · CT", LIGHT)
    panel.copying.click()
    copied = QApplication.clipboard().text().splitlines()
    assert copied[0] == "2024-01-18 · CT"
    assert "7 of 9 images of series 2 – Instance Number (0020,0013); numbers 3–4" in copied


def test_names_of_files_are_hidden_with_identity(panel) -> None:
    panel.show_light("2024 · CT", LIGHT)
    panel.set_identity_hidden(True)
    assert "DOE" not in panel.text() + str(shown(panel))
    panel.set_identity_hidden(False)
    assert "DOE" in panel.text()


def test_nothing_is_missing_of_what_is_being_read(panel) -> None:
    panel.show_light("2024 · CT", LIGHT)
    panel.wait("2024 · MR")
    assert (shown(panel), panel.summary.text(), panel.text()) == ([], "Being read…", "")


def test_a_study_bears_a_chip_with_all_that_is_missing_in_its_tooltip() -> None:
    writer = RowWriter()
    writer.lights = {"a1": LIGHT}
    doubtful, calm = (branch.value for branch in writer.tree(samples.patients(), samples.stacks())[0].children)
    assert [(one.text, one.tone) for one in doubtful.remarks] == [("2 missing?", "warning")]
    assert "7 of 8 files of the study on its disc – DICOMDIR; DOE/IM3" in doubtful.tip
    assert all("missing" not in one.text for one in calm.remarks)
    writer.hidden = True
    assert "DOE" not in writer.tree(samples.patients(), samples.stacks())[0].children[0].value.tip


def test_what_cannot_be_counted_is_a_chip_all_the_same() -> None:
    light = Light((Evidence("classes", "kinds of objects", "header (0008,0062)", 1, 2, images=False),))
    assert completeness_text.chip(light) == "not all here?"


def test_a_tooltip_ends_somewhere() -> None:
    light = Light(LIGHT.evidence[:1] * 40)
    assert len(completeness_text.lines(light, hidden=False)) == completeness_text.MOST + 1
