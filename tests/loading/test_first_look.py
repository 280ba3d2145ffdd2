"""The first image comes from a process of its own and is the very picture the pane shows."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from workstation.loading.collection import Collection
from workstation.loading.first_look import ARGUMENT, FirstLook, FirstLookProcess, first_look, receive, send
from workstation.phantoms.pixels import CASES, write_case


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("look"), CASES[0]).path


def shown_by_a_pane(path: Path) -> np.ndarray:
    from workstation.dicom.scan import Found, scan
    from workstation.loading.fetch import Fetcher

    collection = Collection()
    for item in scan([str(path)]):
        if isinstance(item, Found):
            collection.add(item)
    catalogue = collection.snapshot(finished=True)
    shown = Fetcher(lambda: catalogue, lambda key: None).shown(catalogue.ordered_stacks()[0].frames[0].ref)
    return shown.display(shown.pipeline(None, inverted=False))


def test_the_first_look_is_what_the_pane_shows(image: Path) -> None:
    look = first_look([str(image)])
    assert look is not None
    words = np.frombuffer(look.rgb32, np.uint32).reshape(look.rows, look.columns)
    display = shown_by_a_pane(image)
    grey = display if display.ndim == 2 else display[..., 0]
    assert np.array_equal((words >> 16 & 0xFF).astype(np.uint8), grey)
    assert (words >> 24 == 0xFF).all()


def test_a_look_survives_the_pipe(image: Path) -> None:
    stream = io.BytesIO()
    assert send([str(image)], stream)
    stream.seek(0)
    assert receive(stream) == first_look([str(image)])


@pytest.mark.parametrize(
    "noise", [b"", b"nonsense\n", b'{"rows": 1}\n', b'{"rows": 9, "columns": 9, "aspect": [1, 1]}\nshort',
              b'{"rows": 99999999, "columns": 99999999, "aspect": [1, 1]}\n', b"[]\n"],
)  # fmt: skip
def test_anything_else_on_the_pipe_is_no_look(noise: bytes) -> None:
    assert receive(io.BytesIO(noise)) is None


def test_nothing_comes_where_nothing_is_an_image(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    assert first_look([str(tmp_path)]) is None


def test_the_process_delivers_and_ends(image: Path) -> None:
    came = threading.Event()
    looks: list[FirstLook] = []
    process = FirstLookProcess([str(image)])
    process.deliver_to(lambda look: (looks.append(look), came.set()))
    assert came.wait(20)
    process.stop()
    assert looks == [first_look([str(image)])]


def test_the_program_answers_the_argument(image: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "workstation", ARGUMENT, str(image)], capture_output=True, check=True
    )
    assert receive(io.BytesIO(result.stdout)) == first_look([str(image)])
