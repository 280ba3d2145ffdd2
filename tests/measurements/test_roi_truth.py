"""Regions and angles on real images against values computed by hand elsewhere (D31, D33, D43, D44)."""

from __future__ import annotations

import json
from math import pi

import pytest

from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator
from workstation.measurements.angle import angle_at
from workstation.measurements.calibration import calibration_of
from workstation.measurements.region import region_statistics

ROUNDING = 0.6
"""Degrees by which corners given as whole pixels miss the ideal triangle: atan(100 / 59) is 59.46."""
GREY = 2.0
"""Grey levels by which mean and standard deviation may differ, as the source of the values allows."""


def cases(corpus, *shapes):
    truth = json.loads((corpus / "truth" / "roi.json").read_text())["rois"]
    return [case for case in truth if case["shape"] in shapes]


def calibration(corpus, case):
    instance = read_instance(Locator(str(corpus / "measure" / "ClearCanvas" / case["image"])))
    return calibration_of(instance, instance.frames[0])


def values(corpus, case):
    import pydicom

    return pydicom.dcmread(corpus / "measure" / "ClearCanvas" / case["image"]).pixel_array.astype(float)


@pytest.mark.parametrize("shape", ["rectangle", "ellipse"])
def test_regions_have_the_expected_mean_deviation_and_area(corpus, shape):
    """D44, D31: also where pixels are not square. The coordinates there count from the corner."""
    for case in cases(corpus, shape):
        left, top, width, height = case["xywh"]
        start, end = (left - 0.5, top - 0.5), (left + width - 0.5, top + height - 0.5)
        size = calibration(corpus, case)
        found = region_statistics(shape, start, end, values(corpus, case), size)
        assert found.mean == pytest.approx(case["mean"], abs=GREY), case
        area = width * height * (pi / 4 if shape == "ellipse" else 1)
        if case["units"] == "cm":
            assert size.unit == "mm"
            assert found.area / 100 == pytest.approx(case["area"], rel=0.01), case
        else:
            assert area == pytest.approx(case["area"], rel=0.01), case
        if "simple" in case["image"]:
            assert found.sd == pytest.approx(case["stdev"], abs=GREY), case


def test_angles_are_those_of_the_drawn_shape(corpus):
    """D43: equilateral triangles stay so whatever the pixels' shape."""
    for case in cases(corpus, "angle"):
        found = angle_at(*(tuple(point) for point in case["points"]), calibration(corpus, case))
        assert found == pytest.approx(case["degrees"], abs=ROUNDING), case
