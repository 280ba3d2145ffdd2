from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageSequence

from workstation.export import movie
from workstation.export.movie import write_movie
from workstation.export.saving import ExportCancelled, ExportError

ROWS, COLUMNS = 33, 47
"""Odd both, so that MP4 needs one more of each."""


def grey(count: int = 6) -> list[np.ndarray]:
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    return [(rows * 3 + columns * 2 + 10 * number).astype(np.uint8) for number in range(count)]


def colour(count: int = 3) -> list[np.ndarray]:
    return [np.stack([frame, frame // 2, 255 - frame], axis=2) // 32 * 32 for frame in grey(count)]


def mp4(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def gif(path: Path) -> list[np.ndarray]:
    with Image.open(path) as image:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]


def test_mp4_plays_every_frame_padded_to_even_sizes(tmp_path: Path) -> None:
    made = write_movie(tmp_path / "a.mp4", grey(), fps=12.5)
    found = mp4(tmp_path / "a.mp4")
    assert (made.frames, made.fps) == (6, 12.5)
    assert [frame.shape for frame in found] == [(ROWS + 1, COLUMNS + 1, 3)] * 6
    for expected, frame in zip(grey(), found, strict=True):
        assert np.abs(frame[:ROWS, :COLUMNS, 1].astype(int) - expected).mean() < 4


def test_mp4_is_what_browsers_play(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.mp4", grey(), fps=25, aspect=(2.0, 3.0))
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.average_rate, stream.sample_aspect_ratio) == (25, 1.5)
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert "Not for diagnosis" in container.metadata["comment"]


def test_without_h264_the_encoder_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie, "ENCODERS", ("libnothing", "mpeg4"))
    assert write_movie(tmp_path / "a.mp4", grey(), fps=10).encoder == "mpeg4"
    assert len(mp4(tmp_path / "a.mp4")) == 6
    monkeypatch.setattr(movie, "ENCODERS", ("libnothing",))
    with pytest.raises(ExportError, match="GIF can be written"):
        write_movie(tmp_path / "b.mp4", grey(), fps=10)


def test_without_the_library_mp4_is_a_sentence_and_gif_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ExportError, match="GIF can be written"):
        write_movie(tmp_path / "a.mp4", grey(), fps=10)
    assert write_movie(tmp_path / "a.gif", grey(), fps=10).frames == 6


def test_gif_keeps_every_grey_and_equal_neighbours(tmp_path: Path) -> None:
    frames = [*grey(), grey()[-1]]
    write_movie(tmp_path / "a.gif", frames, fps=10)
    assert_array_equal([frame[..., 0] for frame in gif(tmp_path / "a.gif")], frames)
    assert b"Not for diagnosis" in (tmp_path / "a.gif").read_bytes()


def test_gif_comes_near_the_colours(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.gif", colour(), fps=10)
    assert_allclose(np.stack(gif(tmp_path / "a.gif")).astype(int), colour(), atol=4)


@pytest.mark.parametrize(("fps", "delays"), [(10, [10] * 6), (30, [3, 4, 3, 3, 4, 3]), (120, [2] * 6)])
def test_gif_takes_the_right_time_in_hundredths(tmp_path: Path, fps: float, delays: list[int]) -> None:
    made = write_movie(tmp_path / "a.gif", grey(), fps=fps)
    with Image.open(tmp_path / "a.gif") as image:
        assert [frame.info["duration"] / 10 for frame in ImageSequence.Iterator(image)] == delays
    assert bool(made.note) == (fps != 10)
    assert made.fps == pytest.approx(600 / sum(delays))


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_cancelling_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    cancel, told = Event(), []

    def progress(count: int) -> None:
        told.append(count)
        if count == 3:
            cancel.set()

    with pytest.raises(ExportCancelled):
        write_movie(tmp_path / name, grey(), fps=10, progress=progress, cancel=cancel)
    assert told == [1, 2, 3]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_frames_are_asked_for_one_by_one(tmp_path: Path, name: str) -> None:
    """A film of thousands of frames is never in memory as a whole."""
    asked: list[int] = []

    def frames() -> Iterator[np.ndarray]:
        for number, frame in enumerate(grey()):
            asked.append(number)
            yield frame

    ahead: list[int] = []
    write_movie(tmp_path / name, frames(), fps=10, progress=lambda done: ahead.append(len(asked) - done))
    assert set(ahead) == {0}


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_an_error_while_reading_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    def frames() -> Iterator[np.ndarray]:
        yield grey()[0]
        raise ExportError("the third file is damaged")

    with pytest.raises(ExportError, match="third"):
        write_movie(tmp_path / name, frames(), fps=10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_full_disk_is_a_sentence(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match=f"{name} could not be written: No space left"):
        write_movie(tmp_path / name, grey(), fps=10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("writer", ["_write_mp4", "_write_gif"])
def test_writing_to_a_full_device_is_an_error_of_the_system(writer: str) -> None:
    arguments = (Path("/dev/full"), iter(grey(60)), 10, "")
    with pytest.raises((OSError, ExportError)):
        getattr(movie, writer)(*arguments, *([(1.0, 1.0)] if writer == "_write_mp4" else []))


def test_a_movie_is_not_written_over_another(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.gif", grey(2), fps=10)
    with pytest.raises(ExportError, match="exists already"):
        write_movie(tmp_path / "a.gif", grey(3), fps=10)
    assert len(gif(tmp_path / "a.gif")) == 2


@pytest.mark.parametrize(
    ("name", "frames", "fps"),
    [
        ("a.avi", grey(), 10),
        ("a.gif", [np.zeros((2, 16385), np.uint8)], 10),
        ("a.mp4", [], 10),
        ("a.gif", [grey()[0], grey()[0][1:]], 10),
        ("a.mp4", [grey()[0].astype(np.uint16)], 10),
        ("a.mp4", grey(), 0),
        ("a.mp4", grey(), float("nan")),
    ],
)
def test_what_cannot_be_a_movie_is_a_sentence(tmp_path: Path, name: str, frames: list, fps: float) -> None:
    with pytest.raises(ExportError, match=name):
        write_movie(tmp_path / name, frames, fps=fps)
    assert list(tmp_path.iterdir()) == []
