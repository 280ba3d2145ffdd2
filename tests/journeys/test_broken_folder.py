"""A folder of twenty good and ten broken files shows the twenty and names the ten, each with a reason (A36, T2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.app import Application
from workstation.phantoms.volumes import write_linear_series
from workstation.ui.screenshot import wait_until_settled


def broken(good: bytes) -> dict[str, bytes]:
    """Return ten files nothing can be shown of, by name."""
    body = good[132:]
    return {
        "garbage behind the prefix": bytes(128) + b"DICM" + b"\xff" * 400,
        "prefix alone": bytes(128) + b"DICM",
        "meta cut short": good[:150],
        "meta cut in a length": good[:170],
        "meta without a data set": good[: 132 + 12 + int.from_bytes(good[140:144], "little")],
        "length past the end": bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00\xf0\xff\xff\xff",
        "zeros behind the prefix": bytes(128) + b"DICM" + bytes(500),
        "text behind the prefix": bytes(128) + b"DICM" + b"this is not a data set at all " * 20,
        "shuffled": bytes(128) + b"DICM" + bytes(reversed(body[:700])),
        "odd bytes": bytes(128) + b"DICM" + bytes(range(256)) * 3,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paths = write_linear_series(tmp_path / "good", slices=20, rows=16, columns=16)
    for number, (name, content) in enumerate(broken(paths[0].read_bytes()).items()):
        (paths[0].parent / f"{number} {name}.dcm").write_bytes(content)
    return paths[0].parent


def test_twenty_good_files_show_and_ten_broken_ones_are_named(application: Application, folder: Path) -> None:
    window = application.window
    window.desk.open_paths([str(folder)])
    assert wait_until_settled(window, 30)
    assert len(window.workspace.stack().frames) == 20
    assert window.grid.pane(0).picture is not None
    catalogue = window.workspace.catalogue
    named = {Path(item.path).name for item in catalogue.skipped} | {i.locator.name for i in catalogue.damaged()}
    assert catalogue.not_dicom == ()
    assert {path.name for path in folder.iterdir() if path.name[0].isdigit() and " " in path.name} <= named
    assert all(item.reason.strip() for item in catalogue.skipped)
    findings = window.skipped.model.findings
    assert len(findings) >= 10
    assert all(finding.reason for finding in findings)


def test_an_opening_settles_on_the_first_image_whatever_file_came_first(
    application: Application, tmp_path: Path
) -> None:
    """The first file read shows at once; when all are sorted the pane begins at the beginning (D4, J1)."""
    write_linear_series(tmp_path, slices=12, rows=16, columns=16, shuffle=3)
    window = application.window
    window.desk.open_paths([str(tmp_path)])
    assert wait_until_settled(window, 30)
    assert len(window.workspace.stack().frames) == 12
    assert window.workspace.state().index == 0
