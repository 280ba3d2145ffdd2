"""Frozen values made by way of drafts are those their constructors make."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from workstation.dicom.identity import Frame, FrameRef, Locator
from workstation.dicom.quick_build import builder


def test_a_built_value_is_the_constructed_one() -> None:
    made = builder(FrameRef)(("1.2", 3, None))
    assert type(made) is FrameRef
    assert made == FrameRef("1.2", 3)
    assert hash(made) == hash(FrameRef("1.2", 3))
    assert builder(Locator)(("/a", None, b"secret")) == Locator("/a")


def test_a_built_value_is_frozen() -> None:
    made = builder(Frame)((0, None, None, None, {}))
    with pytest.raises(FrozenInstanceError):
        made.index = 1  # type: ignore[misc]


def test_too_few_or_too_many_values_are_refused() -> None:
    for values in (("1.2",), ("1.2", 0, None, 4)):
        with pytest.raises(ValueError, match="values to unpack"):
            builder(FrameRef)(values)
