"""``workstation bench``: a study's own speed report on this machine, without identity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.bench_measures import Session, open_once, scan_again, warm_up
from workstation.cli.collect import collect, complain
from workstation.cli.documents import write_json
from workstation.export.sidecar import finite
from workstation.loading.speed_report import counts_of, document, facts_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from workstation.geometry.stack import Stack

KINDS = 24
"""Most kinds of pixels that are measured, the largest first."""
VOLUMES = 3
"""Most volumes that are built."""


def run(options: argparse.Namespace) -> int:
    """Open the paths, measure, and tell or write the report."""
    from workstation.loading import machine_code

    machine_code.load()
    warm_up()
    report = document("bench")
    opened = open_once(options.paths)
    collected = collect(options.paths)
    report["opening"] = {**counts_of(collected.catalogue), **opened, **scan_again(options.paths)}
    failed = _measure(report, [s for s in collected.catalogue.ordered_stacks() if _has_pixels(s)], options)
    code = max(collected.report_faults(), 1 if failed else 0)
    report = finite(report)
    if options.out is not None:
        Path(options.out).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if options.json:
        write_json(report)
    else:
        for line in lines(report):
            print(line)
    if not collected.instances:
        complain(", ".join(options.paths), "nothing here can be opened")
        return 2
    return code


def _has_pixels(stack: Stack) -> bool:
    return any(frame.instance.has_pixels for frame in stack.frames)


def _measure(report: dict[str, Any], stacks: list[Stack], options: argparse.Namespace) -> int:
    """Fill in what every kind of pixels takes; return how many frames or volumes failed."""
    volumes = 0
    with Session(stacks) as session:
        for alike in kinds(stacks):
            stack = alike[0]
            row: dict[str, Any] = {**facts_of(stack), "stacks_alike": len(alike)}
            row |= session.frames(stack)
            if stack.is_volume and volumes < VOLUMES:
                volumes += 1
                row["reformatting"] = session.reformatting(stack)
            report["series"].append(row)
        report["transfer_syntaxes"] = session.syntaxes()
        report["memory"] = session.memory()
        for path, reason in session.failures:
            complain(path, reason)
        return len(session.failures)


def kinds(stacks: list[Stack]) -> list[list[Stack]]:
    """Return stacks of the same kind of pixels together, each group and all groups with the largest first."""
    groups: dict[tuple[Any, ...], list[Stack]] = {}
    for stack in stacks:
        groups.setdefault(tuple(v for k, v in facts_of(stack).items() if k != "frames"), []).append(stack)
    for group in groups.values():
        group.sort(key=_size, reverse=True)
    return sorted(groups.values(), key=lambda group: _size(group[0]), reverse=True)[:KINDS]


def _size(stack: Stack) -> int:
    return len(stack.frames) * stack.rows * stack.columns


def lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield the report for people."""
    facts, opening = report["machine"], report["opening"]
    ready = f"{report['kernels']['ready']} of {report['kernels']['declared']} kernels compiled"
    yield f"DICOM Workstation {report['workstation']}, Python {facts['python']}, {facts['system']}"
    yield f"{facts['cpus']} × {facts['processor']}, {facts['memory_bytes'] / 1e9:.1f} GB, {ready}"
    yield ""
    counted = f"{opening['files']} files, {opening['objects']} objects"
    yield _line("scan", f"{opening['files_per_second']:.0f} files/s ({counted})")
    if opening["first_image_ms"] is not None:
        first, sorted_ = opening["first_image_ms"], opening["sorted_image_ms"]
        yield _line("first image", f"{first:.1f} ms, the sorted stack's middle {sorted_:.1f} ms")
    for row in report["series"]:
        yield from _series(row)
    yield ""
    for row in report["transfer_syntaxes"]:
        yield f"{row['transfer_syntax']}: {row['decoded_mb_per_s']:.0f} MB/s read and decoded"
    memory = report["memory"]
    told = f"{memory['peak_bytes'] / 1e6:.0f} MB at most, {memory['before_bytes'] / 1e6:.0f} MB before"
    yield _line("memory", f"{told}; volumes {memory['volume_bytes'] / 1e6:.0f} MB")


def _line(name: str, text: str) -> str:
    return f"{name:14}{text}"


def _series(row: dict[str, Any]) -> Iterator[str]:
    yield ""
    size = f"{row['frames']} × {row['rows']} × {row['columns']}"
    alike = f", the largest of {row['stacks_alike']} alike" if row["stacks_alike"] > 1 else ""
    yield f"{row['modality']} {size}, {row['transfer_syntax']}{alike}"
    reading, display, volume = row["reading"], row["display"], row.get("reformatting")
    if reading is None:
        yield _line("  read", "no frame could be decoded")
        return
    rates = f"{reading['decoded_mb_per_s']:.0f} MB/s, by the workers {reading['loader_mb_per_s']:.0f} MB/s"
    yield _line("  read", f"{reading['ms_per_frame']['median']:.2f} ms a frame, {rates}")
    times = display["ms_per_frame"]
    yield _line("  display", f"{times['median']:.2f} ms a frame, slowest {times['p99']:.2f} ms")
    if volume is None:
        return
    if volume["refused"]:
        yield _line("  volume", "refused")
        return
    yield _line(
        "  volume", f"{volume['build_ms']:.0f} ms, {volume['bytes'] / 1e6:.0f} MB, {volume['mb_per_s']:.0f} MB/s"
    )
    sections = ", ".join(f"{name} {ms:.1f}" for name, ms in volume["section_ms"].items())
    slabs = ", ".join(f"{name} {ms:.1f}" for name, ms in volume["slab_ms"].items())
    yield _line("  sections", f"{sections} ms")
    yield _line("  slabs", f"{slabs} ms, {volume['slab_mm']:g} mm oblique")
