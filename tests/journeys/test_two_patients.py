"""Two patients in one layout (E15)."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.hand import Hand
from workstation.phantoms.zoo import write_gap
from workstation.ui.main_window import MainWindow


def test_both_names_stand_above_the_panes_as_long_as_both_are_in_them(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    """E15: a permanent warning with both names; hiding identity keeps the warning and drops the names."""
    write_gap(tmp_path)
    window.desk.open_paths([str(tmp_path)])
    hand.settle()
    catalogue = window.workspace.catalogue
    first, second = (catalogue.stacks_of(patient)[0].id for patient in catalogue.patients)
    window.dispatch("layout.set", name="1x2")
    window.workspace.show_stack(first, 0)
    assert not window.patients.isVisible()
    window.workspace.show_stack(second, 1)
    assert window.patients.isVisible()
    assert "Anna" in window.patients.text.text()
    assert "Phantom" in window.patients.text.text()
    window.dispatch("view.hide_identity")
    assert window.patients.text.text() == "2 patients on screen"
    window.dispatch("layout.set", name="1x1")
    assert not window.patients.isVisible()
