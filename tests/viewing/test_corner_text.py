"""The four corners of a pane (J6, features D3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator
from workstation.geometry.stack import Stack, stacks_of
from workstation.phantoms.ct import write_ct
from workstation.phantoms.demo import ANNA
from workstation.phantoms.zoo import write_time
from workstation.viewing.corner_text import ESSENTIAL, FULL, NONE, Corners, corner_text


def _stacks(paths: list[Path]) -> tuple[Stack, ...]:
    return stacks_of([read_instance(Locator(str(path))) for path in paths])


@pytest.fixture(scope="module")
def ct(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    paths = write_ct(tmp_path_factory.mktemp("ct"), subject=ANNA)
    return _stacks(paths[:3])[0]


def _all(corners: Corners) -> str:
    return "\n".join((*corners.top_left, *corners.top_right, *corners.bottom_left, *corners.bottom_right))


def test_three_levels_say_less_and_less(ct: Stack) -> None:
    full, essential, none = (_all(corner_text(ct, 0, level=level, hidden=False)) for level in (FULL, ESSENTIAL, NONE))
    assert "120 kV" in full
    assert "120 kV" not in essential
    assert "Demo, Anna" in essential
    assert none == ""


def test_hidden_identity_leaves_neither_name_nor_day(ct: Stack) -> None:
    """N14: a day and an hour name a patient to whoever has the list of that day."""
    text = _all(corner_text(ct, 0, level=FULL, hidden=True))
    assert "Anna" not in text
    assert "DEMO-1" not in text
    assert "1964" not in text
    assert "2024-02-29" not in text
    assert "2024" in text


def test_a_phase_says_which_of_how_many(tmp_path: Path) -> None:
    stacks = _stacks(write_time(tmp_path))
    second = next(stack for stack in stacks if stack.phase is not None and stack.phase.index == 2)
    lines = corner_text(second, 0, level=ESSENTIAL, hidden=False, phases=len(stacks)).bottom_left
    assert any(f"phase 2 of {len(stacks)}" in line for line in lines)


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    from workstation.viewing.corner_text import number

    assert (number(-0.001, 1), number(-0.06, 1), number(None)) == ("0", "-0.1", "")
