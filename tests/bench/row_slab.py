"""Slabs of 20 mm: maximum, minimum and mean with the same samples as vtkImageReslice's slab mode."""

from __future__ import annotations

import statistics

from harness import Bench, kernels
from peers_planes import Vtk, compare, interior, isotropic, made_volume, oblique_planes

from workstation.geometry.image_plane import ImagePlane
from workstation.geometry.reslice import reslice, slab_offsets

MILLIMETRES = 20.0
CHOSEN = ("oblique 35", "double oblique 62", "near sagittal")


def main() -> None:
    bench = Bench("slab")
    kernels()
    volume = made_volume(*((160, 256) if bench.quick else (500, 512)))
    vtk = Vtk(volume) if bench.peers("vtk") else None
    planes: dict[str, ImagePlane] = {
        name: plane for name, plane in oblique_planes(volume, 256 if bench.quick else 512) if name in CHOSEN
    }
    planes |= {name: isotropic(volume, name) for name in ("axial", "coronal", "sagittal")}
    ratios: dict[str, list[float]] = {"max": [], "min": [], "mean": []}
    for name, plane in planes.items():
        offsets = slab_offsets(volume.grid, plane, MILLIMETRES)
        for mode, found in ratios.items():
            routes = {"ours": lambda p=plane, m=mode: reslice(volume, p, MILLIMETRES, m)}
            how = ""
            if vtk is not None:
                made = vtk.reslice(plane, offsets, mode)
                how, routes["vtk"] = vtk.best(made, tries=1)
            seconds = bench.interleave(routes, name=f"{name} {mode}", rounds=max(bench.rounds, 5))
            if vtk is None:
                continue
            found.append(seconds["vtk"] / seconds["ours"])
            bench.say(f"{name} {mode}, {len(offsets)} samples: faster than VTK ({how})", found[-1], least=1.9)
            compare(
                bench,
                f"{name} {mode}",
                reslice(volume, plane, MILLIMETRES, mode),
                vtk.values(made),
                interior(volume, plane, offsets, 0.01),
            )
    if vtk is not None:
        for mode, found in ratios.items():
            bench.say(f"median of the planes, {mode}: faster than VTK", statistics.median(found), least=1.9)
    bench.finish()


if __name__ == "__main__":
    main()
