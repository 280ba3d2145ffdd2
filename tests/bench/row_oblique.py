"""Oblique planes of 512 x 512 from 500 x 512 x 512, against vtkImageReslice and SimpleITK; and while dragging."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np
from harness import Bench, kernels
from peers_planes import AXIAL, SimpleItk, Vtk, compare, interior, made_volume, oblique_planes

from workstation.geometry.layouts import make_sagittal
from workstation.geometry.reslice import reslice, section_plane
from workstation.geometry.volume import Volume

COARSE = 2
"""How much coarser planes are while somebody drags."""


def main() -> None:
    bench = Bench("oblique")
    kernels()
    volume = made_volume(*((160, 256) if bench.quick else (500, 512)))
    installed = bench.peers("vtk", "SimpleITK")
    alone = Volume(volume.array, volume.grid, volume.background, None, volume.slope, volume.intercept)
    make_sagittal(volume)
    vtk = Vtk(volume) if "vtk" in installed else None
    sitk = SimpleItk(volume) if "SimpleITK" in installed else None
    flat, copied = [], []
    for name, plane in oblique_planes(volume, 256 if bench.quick else 512):
        routes: dict[str, Callable[[], object]] = {
            "ours": lambda p=plane: reslice(alone, p),
            "copy": lambda p=plane: reslice(volume, p),
        }
        how = ""
        if vtk is not None:
            made = vtk.reslice(plane)
            how, routes["vtk"] = vtk.best(made)
        if sitk is not None:
            routes["SimpleITK"] = sitk.route(plane)
        found = bench.interleave(routes, name=name, rounds=bench.rounds * 3)
        if vtk is not None:
            flat.append(found["vtk"] / found["ours"])
            copied.append(found["vtk"] / found["copy"])
            bench.say(f"{name}: faster than VTK ({how})", flat[-1], least=1.3)
            bench.say(f"{name}: with the second copy, faster than VTK", copied[-1], least=2)
            compare(bench, name, reslice(alone, plane), vtk.values(made), interior(volume, plane))
        if sitk is not None:
            bench.say(f"{name}: faster than SimpleITK", found["SimpleITK"] / found["ours"])
    if vtk is not None:
        bench.say("median of the angles, faster than VTK", statistics.median(flat), least=1.3)
        bench.say("median of the angles with the second copy, faster than VTK", statistics.median(copied), least=2)
    dragging(bench, alone)
    bench.finish()


def dragging(bench: Bench, volume: Volume) -> None:
    """Three planes that show the whole box, turned a little for each frame, coarse and fine."""
    angle = 0.0

    def frame(coarse: int) -> None:
        nonlocal angle
        angle += 0.02
        for axis, start in (((0, 0.3, 1), 0.2), ((1, 0.2, 0), 1.4), ((0.2, 1, 0), 1.7)):
            turned = AXIAL.turned(axis, start + angle)
            plane = section_plane(volume, turned.right, turned.down)
            reslice(volume, plane.coarser(coarse) if coarse > 1 else plane)

    found = bench.interleave({"coarse": lambda: frame(COARSE), "fine": lambda: frame(1)}, name="dragging", rounds=15)
    assert np.isfinite(angle)
    bench.say("three whole planes a frame while dragging, coarse", 1 / found["coarse"], least=30, unit="/s")
    bench.say("three whole planes a frame, fine", 1 / found["fine"], unit="/s")


if __name__ == "__main__":
    main()
