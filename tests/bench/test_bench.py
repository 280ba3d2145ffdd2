"""The benchmark's own parts: made series are what they say, rows are judged, peers answer from their process."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import run_all
import series
from harness import HERE, Bench, Line, Peer, percentile

from workstation.cli.collect import collect
from workstation.objects.images import ImageReader


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSTATION_BENCH_DATA", str(tmp_path / "data"))


def test_a_native_ct_has_155_elements_and_its_values_in_slice_order() -> None:
    made = series.native_ct(slices=4, size=32)
    ds = pydicom.dcmread(made.files[2])
    images = list(series.frames(4, 32))
    assert len(ds) == 155
    assert ds.ImagePositionPatient[2] == -800 + 2 * series.SPACING
    assert np.array_equal(ds.pixel_array - 1024, images[2])
    assert made.pixel_bytes == 4 * 32 * 32 * 2


def test_files_have_names_that_tell_no_order() -> None:
    names = [path.name for path in series.native_ct(slices=9, size=16).files]
    assert names != sorted(names)


def test_a_series_is_made_once() -> None:
    first = series.native_ct(slices=2, size=16)
    changed = first.files[0].stat().st_mtime_ns
    assert series.native_ct(slices=2, size=16).files[0].stat().st_mtime_ns == changed


def test_small_files_are_series_of_250_under_patients_of_their_own() -> None:
    made = series.small_files(count=510)
    catalogue = collect([str(made.folder)]).catalogue
    assert [len(stack.frames) for stack in catalogue.ordered_stacks()] == [250, 250, 10]


@pytest.mark.parametrize("name", sorted(series.SYNTAXES))
def test_every_compressed_series_gives_back_its_values(name: str) -> None:
    """Lossless bit for bit, lossy nearly; the workstation itself lists it as one volume."""
    made = series.compressed(syntax=name, slices=3, size=64)
    stack = collect([str(made.folder)]).catalogue.ordered_stacks()[0]
    frame = stack.frames[1]
    assert stack.is_volume
    values = ImageReader(frame.instance).picture(frame.ref).values.astype(int)
    expected = list(series.frames(3, 64))[1] + 1024
    lossy = name in ("JPEG extended", "JPEG-LS near-lossless", "JPEG 2000", "HTJ2K")
    if name == "JPEG baseline":
        expected, lossy, values = expected.clip(0, 2047), True, values * 8
    assert np.abs(values - expected).max() <= (400 if lossy else 0)
    assert np.abs(values - expected).mean() <= (20 if lossy else 0)


def test_a_mammogram_is_one_image_of_14_bits() -> None:
    made = series.mammogram(rows=64, columns=52)
    ds = pydicom.dcmread(made.files[0])
    assert (ds.pixel_array.shape, ds.BitsStored) == ((64, 52), 14)
    assert ds.pixel_array.max() < 1 << 14


@pytest.mark.parametrize(("line", "holds"), [((2.0, 2.0, None), True), ((2.1, 2.0, None), False), ((9.0,), None)])
def test_a_ratio_is_judged_by_what_it_must_reach(line: tuple[float, ...], holds: bool | None) -> None:
    assert Line("row", "measure", *line).holds is holds


def test_routes_take_turns_and_may_time_themselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from harness import Seconds

    answer = tmp_path / "row.json"
    monkeypatch.setattr(sys, "argv", ["row", "--rounds", "3", "--json", str(answer)])
    turns: list[str] = []
    bench = Bench("row")
    found = bench.interleave({"a": lambda: turns.append("a"), "b": lambda: Seconds(5)}, warm_up=False)
    bench.say("b to one", found["b"], most=6)
    bench.peers("a_module_that_is_not_there")
    bench.finish()
    told = json.loads(answer.read_text())
    assert found["b"] == 5
    assert turns == ["a", "a", "a"]
    assert told["lines"][0]["holds"] is True
    assert "a_module_that_is_not_there" in told["notes"][0]


def test_a_peer_answers_from_a_process_of_its_own() -> None:
    with Peer("os") as peer:
        seconds = peer("getcwd")
        assert 0 <= seconds < 1
        assert peer.answer == str(Path.cwd())
        with pytest.raises(RuntimeError, match="FileNotFoundError"):
            peer("stat", "/not/there")


def test_a_row_that_crashes_is_told_and_the_others_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "row_bad.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(run_all, "HERE", tmp_path)
    assert run_all.rows() == ["bad"]
    row = run_all.one_row("bad", Namespace(quick=True, rounds=0))
    assert row["crashed"]
    table = run_all.table({"rows": [row], "quick": True, "seconds": 1})
    assert "CRASHED" in table
    assert "0 ok, 0 missed" in table


def test_every_row_has_the_name_of_its_file() -> None:
    """The table and ``make bench ARGS=scan`` go by the same name."""
    for path in HERE.glob("row_*.py"):
        name = path.stem.removeprefix("row_")
        text = path.read_text(encoding="utf-8")
        assert f'Bench("{name}")' in text or f'Bench("{name.replace("_", " ")}")' in text


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(100), 0.99) == 99
    assert percentile([1.0], 0.5) == 1.0
