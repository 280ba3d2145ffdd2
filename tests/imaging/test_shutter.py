from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from workstation.imaging.shutter import Shutter, shutter_of


def described(**attributes: Any) -> Shutter | None:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return shutter_of(ds)


RECTANGLE = {
    "ShutterLeftVerticalEdge": 2,
    "ShutterRightVerticalEdge": 3,
    "ShutterUpperHorizontalEdge": 1,
    "ShutterLowerHorizontalEdge": 2,
}


def test_edges_count_from_one_and_are_inside() -> None:
    """F23: columns 2 and 3, rows 1 and 2."""
    shutter = described(ShutterShape="RECTANGULAR", **RECTANGLE)
    assert shutter is not None
    assert np.argwhere(shutter.visible(4, 5)).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]


def test_a_circle_is_given_by_row_then_column() -> None:
    """F23: centre in row 2, column 4, radius 1."""
    shutter = described(ShutterShape="CIRCULAR", CenterOfCircularShutter=[2, 4], RadiusOfCircularShutter=1)
    assert shutter is not None
    assert np.argwhere(shutter.visible(4, 6)).tolist() == [[0, 3], [1, 2], [1, 3], [1, 4], [2, 3]]


def test_a_polygon_is_given_by_row_then_column() -> None:
    """F23: an upright triangle; its edges belong to it."""
    shutter = described(ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=[1, 1, 1, 5, 3, 3])
    assert shutter is not None
    assert shutter.visible(3, 5).astype(int).tolist() == [[1, 1, 1, 1, 1], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]]


@pytest.mark.parametrize("vertices", [[2, 2], [1, 1, 2, 2], []])
def test_a_polygon_that_encloses_nothing_is_ignored(vertices: list[int]) -> None:
    """F23: one vertex must not hide the image."""
    assert described(ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=vertices) is None


def test_several_shapes_intersect() -> None:
    """F23: rectangle and circle."""
    shutter = Shutter(rectangle=(1, 2, 1, 4), circle=(2, 2, 1))
    assert np.argwhere(shutter.visible(4, 4)).tolist() == [[0, 1], [1, 0], [1, 1], [2, 1]]


def test_outside_has_the_shutters_grey() -> None:
    """F23: 16-bit P-Value 65535 is white; the image is not changed in place."""
    display = np.full((2, 2), 9, np.uint8)
    hidden = Shutter(rectangle=(1, 1, 1, 2), value=65535).apply(display, np.array([[True, False], [True, False]]))
    assert hidden.tolist() == [[9, 255], [9, 255]]
    assert (display == 9).all()


def test_no_shutter_is_none() -> None:
    """F23: incomplete edges neither."""
    assert described() is None
    assert described(ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=2) is None
