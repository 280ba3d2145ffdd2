"""Which checks a node gets, and what is copied of them (G22)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from tests.ui import network_samples
from workstation.network.doctor import Finding
from workstation.network.failures import Step
from workstation.network.nodes import Node
from workstation.network.secrets import Secrets
from workstation.ui.node_checks import Heading, Told, as_text, examined, planned

SECRETS = Secrets(use_keyring=False)


def check(good: bool):
    def run(node: Node, stop: threading.Event) -> Iterator[Finding]:
        yield Finding(Step.SERVICE, good, "It answered.")

    return run


def test_moving_is_checked_only_where_something_receives() -> None:
    archive, research, printer, _worklist = network_samples.nodes()
    assert [one[0] for one in planned(archive, "", None, SECRETS)] == ["Echo", "Find"]
    assert [one[0] for one in planned(archive, "7", check(True), SECRETS)] == ["Echo", "Find own patient", "Move to me"]
    assert [one[0] for one in planned(printer, "", check(True), SECRETS)] == ["Echo"]
    assert [one[0] for one in planned(research, "", None, SECRETS)] == ["Echo", "Find", "DICOMweb"]
    assert [one[0] for one in planned(replace(research, host=""), "", None, SECRETS)] == ["DICOMweb"]


def test_a_check_that_needs_the_one_before_is_not_done_after_a_failure() -> None:
    plan = [("Echo", check(False), False), ("Find", check(True), True), ("DICOMweb", check(True), False)]
    lines = list(examined(network_samples.nodes()[0], plan, threading.Event()))
    assert [line.finding.good for line in lines if isinstance(line, Told)] == [False, None, True]
    assert [line.title for line in lines if isinstance(line, Heading)] == ["Echo", "Find", "DICOMweb"]


def test_the_copied_text_tells_each_step_and_the_remedy() -> None:
    text = as_text(network_samples.nodes()[0], network_samples.BAD, lambda text: text)
    assert text.splitlines() == [
        "Archive: ARCHIVE@archive.example.org:104 (our title WORKSTATION, TLS)",
        "Echo",
        "  ✓ Name: archive.example.org is 192.0.2.7.",
        "  ✓ Connection: Port 104 is open.",
        "  ✗ Security: Archive: its certificate comes from an authority that is not trusted here. "
        "Name the authority's certificate in the node's page.",
        "  – Association: Not reached.",
        "  – Titles: Not reached.",
        "  – Answer: Not reached.",
        "Find",
        "  – Answer: Not reached.",
    ]
