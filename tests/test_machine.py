"""What the program runs on: plausible, and without any name."""

from __future__ import annotations

import platform

from workstation import machine


def test_memory_is_plausible() -> None:
    assert 0 < machine.resident_bytes() <= machine.memory_bytes()
    assert machine.peak_bytes() >= machine.resident_bytes() // 2


def test_facts_name_versions_but_no_computer_and_no_user() -> None:
    facts = machine.facts()
    assert facts["cpus"] >= 1
    assert "numpy" in facts["packages"]
    assert platform.node() not in str({**facts, "system": ""})
