"""A chest for the CT phantom: anatomy drawn from formulas, findings of known size and value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.phantoms.shapes import Canvas, Point, blend, ellipsoid, tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

AIR, LUNG, FAT, MUSCLE, BLOOD, VESSEL = -1000.0, -850.0, -95.0, 55.0, 45.0, 165.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A sphere to measure: ``center`` in patient mm, ``diameter`` in mm, ``value`` in HU."""

    name: str
    center: Point
    diameter: float
    value: float


FINDINGS = (
    Finding("solid nodule, right upper lobe", (-78.0, -8.0, 48.0), 14.0, 40.0),
    Finding("calcified nodule, left lower lobe", (92.0, 22.0, 6.0), 8.0, 400.0),
    Finding("ground-glass nodule, left upper lobe", (70.0, -38.0, 60.0), 20.0, -600.0),
    Finding("cyst, liver", (-70.0, -12.0, -80.0), 26.0, 5.0),
    Finding("sclerotic lesion, vertebral body", (-5.0, 58.0, 20.0), 9.0, 900.0),
)


def paint(canvas: Canvas, texture: NDArray[np.float32]) -> None:
    """Paint one axial slice of the chest; ``texture`` (rows, columns) is noise of standard deviation 1."""
    _trunk(canvas)
    _lungs(canvas, texture)
    _mediastinum(canvas)
    _abdomen(canvas)
    _spine(canvas)
    for finding in FINDINGS:
        radius = finding.diameter / 2
        ellipsoid(canvas, finding.center, (radius, radius, radius), finding.value)


def _oval(canvas: Canvas, center: tuple[float, float], radii: tuple[float, float], power: float) -> NDArray[Any]:
    """Return the depth in mm (rows, columns) below the wall of an upright elliptic cylinder."""
    x = np.abs(canvas.x[None, :] - center[0]) / radii[0]
    y = np.abs(canvas.y[:, None] - center[1]) / radii[1]
    depth: NDArray[Any] = (1.0 - (x**power + y**power) ** (1 / power)) * min(radii)
    return depth


EVERYWHERE = (slice(None), slice(None))


def _trunk(canvas: Canvas) -> None:
    table = np.minimum(
        8.0 - np.abs(canvas.y[:, None] - 128.0 + (canvas.x[None, :] / 42.0) ** 2), 200.0 - np.abs(canvas.x)
    )
    blend(canvas, EVERYWHERE, table, -720.0)
    body = _oval(canvas, (0, 4), (168, 112), 2.3)
    blend(canvas, EVERYWHERE, body, -60.0)
    blend(canvas, EVERYWHERE, body - 2.0, FAT)
    wall = _oval(canvas, (0, 4), (150, 97), 2.3)
    blend(canvas, EVERYWHERE, wall, MUSCLE)
    blend(canvas, EVERYWHERE, np.minimum(wall - 8.0, 6.0 - np.abs(wall - 14.0)), -40.0)
    _ribs(canvas, wall)
    ellipsoid(canvas, (0, -84, 20), (17, 6, 75), 260.0)
    ellipsoid(canvas, (0, -84, 20), (14, 4, 72), 130.0)


def _ribs(canvas: Canvas, wall: NDArray[Any]) -> None:
    """Ribs run down and forward: a band of the wall whose height depends on the angle round the body."""
    angle = np.arctan2(canvas.x[None, :], canvas.y[:, None] - 4.0)
    height = canvas.z + 26.0 * np.abs(angle)
    across = np.abs((height / 27.0) % 1.0 - 0.5) * 27.0
    bone = np.minimum(5.5 - np.hypot(across, wall - 17.0), 2.2 - np.abs(angle))
    blend(canvas, EVERYWHERE, bone, 420.0)
    blend(canvas, EVERYWHERE, bone - 2.0, 180.0)


def _lungs(canvas: Canvas, texture: NDArray[np.float32]) -> None:
    parenchyma = LUNG + 22.0 * texture
    diaphragm = -62.0
    for side, center, radii in (
        (-1, (-70.0, 4.0, -5.0), (58.0, 74.0, 112.0)),
        (1, (72.0, 6.0, -8.0), (54.0, 74.0, 110.0)),
    ):
        if canvas.z < diaphragm - 34.0:
            continue
        ellipsoid(canvas, center, radii, parenchyma, power=2.5)
        for start, end, radius in _tree(side):
            tube(canvas, start, end, radius, 20.0 + 60.0 * min(radius / 3.0, 1.0))


@cache
def _tree(side: int) -> tuple[tuple[Point, Point, float], ...]:
    """Return the pulmonary vessels of one lung as tubes: forks from the hilum, thinner at each step."""
    tubes: list[tuple[Point, Point, float]] = []
    rng = np.random.default_rng(40 + side)

    def fork(start: Point, direction: NDArray[Any], length: float, radius: float, depth: int) -> None:
        end = tuple(float(v) for v in np.array(start) + direction * length)
        tubes.append((start, (end[0], end[1], end[2]), radius))
        if depth == 0:
            return
        for _ in range(2 if depth > 1 else 3):
            turn = direction + rng.normal(0, 0.5, 3)
            fork((end[0], end[1], end[2]), turn / np.linalg.norm(turn), length * 0.78, radius * 0.66, depth - 1)

    for polar in np.linspace(-1.25, 1.25, 5):
        for forward in (-0.55, 0.35):
            direction = np.array([side * math.cos(polar), forward, math.sin(polar)])
            fork((side * 30.0, 8.0, 8.0), direction / np.linalg.norm(direction), 24.0, 4.2, 3)
    return tuple(tubes)


def _mediastinum(canvas: Canvas) -> None:
    ellipsoid(canvas, (0, 4, 0), (30, 66, 125), FAT + 60.0, power=2.6)
    ellipsoid(canvas, (18, -22, -38), (56, 44, 50), BLOOD, power=2.2)
    ellipsoid(canvas, (34, -26, -42), (28, 24, 32), VESSEL + 15.0)
    ellipsoid(canvas, (-8, -30, -38), (24, 22, 30), VESSEL - 15.0)
    ellipsoid(canvas, (4, 6, -24), (30, 14, 22), VESSEL)
    tube(canvas, (-8, -24, -10), (-12, -20, 42), 15.0, VESSEL)
    tube(canvas, (-12, -20, 44), (20, 34, 58), 13.0, VESSEL)
    tube(canvas, (22, 36, 56), (18, 40, -130), 12.0, VESSEL)
    tube(canvas, (8, -30, 0), (24, -12, 22), 12.5, VESSEL + 20.0)
    tube(canvas, (24, -8, 20), (-34, 4, 14), 10.0, VESSEL + 20.0)
    tube(canvas, (-28, -20, 95), (-26, -18, -10), 8.5, VESSEL + 60.0)
    tube(canvas, (6, 30, 95), (8, 34, -60), 6.0, 40.0)
    tube(canvas, (0, 8, 95), (0, 12, 34), 9.5, 30.0)
    tube(canvas, (0, 8, 95), (0, 12, 34), 8.0, AIR)
    for end in ((-36.0, 14.0, 6.0), (38.0, 14.0, 8.0)):
        tube(canvas, (0, 12, 34), end, 7.0, 30.0)
        tube(canvas, (0, 12, 34), end, 5.5, AIR)


def _abdomen(canvas: Canvas) -> None:
    ellipsoid(canvas, (-48, 0, -112), (96, 82, 56), 62.0, power=2.2)
    tube(canvas, (-60, -20, -92), (-20, 10, -104), 4.0, 120.0)
    tube(canvas, (-60, 20, -90), (-24, 14, -100), 3.4, 120.0)
    ellipsoid(canvas, (78, -6, -104), (50, 58, 42), 25.0)
    ellipsoid(canvas, (76, -34, -94), (34, 26, 26), AIR + 20.0)
    ellipsoid(canvas, (104, 42, -112), (30, 36, 40), 95.0)


def _spine(canvas: Canvas) -> None:
    level = (canvas.z + 12.0) % 30.0
    disc = level < 6.0
    shape = (24.0, 19.0)
    where = canvas.window((-70, 30), (70, 118))
    part = Canvas(canvas.values[where], canvas.x[where[1]], canvas.y[where[0]], canvas.z, canvas.edge)
    body = _oval(part, (0, 62), shape, 2.2)
    blend(part, EVERYWHERE, body + (1.5 if disc else 0.0), 85.0 if disc else 520.0)
    if not disc:
        blend(part, EVERYWHERE, body - 2.2, 190.0)
    blend(part, EVERYWHERE, _oval(part, (0, 88), (14, 12), 2.0), 480.0)
    if 8.0 < level < 22.0:
        for x in (-1.0, 1.0):
            tube(part, (x * 10, 84, canvas.z), (x * 42, 92, canvas.z), 4.5, 330.0)
        tube(part, (0, 96, canvas.z), (0, 108, canvas.z - 1), 3.5, 330.0)
    blend(part, EVERYWHERE, _oval(part, (0, 86), (9.5, 8.5), 2.0), 8.0)
    blend(part, EVERYWHERE, _oval(part, (0, 86), (5.0, 4.0), 2.0), 42.0)
