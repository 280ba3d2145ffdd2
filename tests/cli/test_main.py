from __future__ import annotations

import subprocess
import sys

import pytest

from workstation import __version__
from workstation.cli import SUBCOMMANDS
from workstation.cli.arguments import join_negatives, parse
from workstation.cli.main import MODULES


def test_version_imports_nothing_heavy() -> None:
    """The version answers at once: no numpy, no pydicom, no Qt."""
    program = (
        "import sys; from workstation.__main__ import main; code = main(['--version']);"
        "heavy = {'numpy', 'pydicom', 'PySide6', 'argparse'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"workstation {__version__}\n", "")


def test_subcommands_never_import_qt(run, linear) -> None:
    program = (
        "import sys; from workstation.__main__ import main; code = main(['info', sys.argv[1], '--json']);"
        "sys.exit('Qt was imported' if 'PySide6' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(linear)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_every_subcommand_has_a_module() -> None:
    assert tuple(MODULES) == SUBCOMMANDS


@pytest.mark.parametrize(
    "arguments", [["--window", "-600,1500"], ["--window=-600,1500"]], ids=["with a space", "with an equals sign"]
)
def test_a_negative_value_is_no_option(arguments: list[str]) -> None:
    options = parse(["render", "a.dcm", "--out", "a.png", *arguments])
    assert options.window == (-600.0, 1500.0)


def test_a_path_that_starts_with_a_minus_stays_a_path() -> None:
    assert join_negatives(["info", "--", "-1.dcm"]) == ["info", "--", "-1.dcm"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["info"],
        ["render", "a.dcm"],
        ["render", "a.dcm", "--out", "a.png", "--window", "40"],
        ["render", "a.dcm", "--out", "a.png", "--frame", "0"],
        ["section", "a", "--out", "a.png", "--size", "0x4"],
        ["section", "a", "--out", "a.png", "--at", "1,nan,3"],
        ["volume", "a", "--out", "a.jpg"],
    ],
)
def test_bad_usage_is_code_two(run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.err
    assert "Traceback" not in done.err


def test_help_is_code_zero(run) -> None:
    assert run("info", "--help").code == 0


def test_a_size_that_is_none_is_refused_before_a_window_opens(run) -> None:
    assert run("--size", "big").code == 2


@pytest.mark.parametrize(
    "arguments", [["chekc"], ["chekc", "a.dcm", "--screenshot", "x.png"], ["chekc", "--layout", "2x2"]]
)
def test_a_word_that_is_no_path_and_no_command_is_bad_usage(run, monkeypatch, arguments: list[str]) -> None:
    """Where no window would tell, the command line does, before anything of Qt is started."""
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run(*arguments)
    assert done.code == 2
    assert done.err.startswith("workstation: chekc: there is no such file")


def test_without_a_display_the_window_is_refused_in_a_sentence(run, monkeypatch, tmp_path) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run(tmp_path)
    assert done.code == 2
    assert "there is no display" in done.err
