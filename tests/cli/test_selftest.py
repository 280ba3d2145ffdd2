from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli import selftest
from workstation.cli.selftest_checks import CHECKS, Check

if TYPE_CHECKING:
    import pytest


def test_every_phantom_comes_out_as_its_formula_says(run) -> None:
    """N16."""
    done = run("selftest", "--json")
    assert [check for check in done.json["checks"] if not check["ok"]] == []
    assert done.code == 0
    assert done.json["passed"] == len(CHECKS)


def test_the_decoders_present_are_listed(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.cli.selftest_checks.CHECKS", CHECKS[:1])
    done = run("selftest")
    assert "JPEG 2000" in done.out
    assert "1 checks passed, 0 failed" in done.out


def test_a_difference_is_named_and_gives_code_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(folder) -> str:
        raise selftest_difference

    from workstation.cli.selftest_checks import DifferenceError

    selftest_difference = DifferenceError("values differ by 7")
    monkeypatch.setattr("workstation.cli.selftest_checks.CHECKS", (Check("broken", differs), CHECKS[0]))
    done = run("selftest")
    assert done.code == 1
    assert "broken: DifferenceError: values differ by 7" in done.err


def test_a_report_counts_what_failed() -> None:
    report = selftest.examine(())
    assert (report["passed"], report["failed"]) == (0, 0)
