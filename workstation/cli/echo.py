"""``workstation echo``: how far a conversation with a node gets, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node, complain_of

if TYPE_CHECKING:
    import argparse

MARKS = {True: "ok", False: "FAILED", None: "-"}


def run(options: argparse.Namespace) -> int:
    """Examine one node."""
    from workstation.network.doctor import examine

    node = chosen_node(options)
    findings = []
    for finding in examine(node):
        findings.append(finding)
        if not options.json:
            print(f"{finding.step.value:12}{MARKS[finding.good]:8}{finding.sentence}")
    good = all(finding.good for finding in findings)
    if options.json:
        write_json(
            {
                "node": node.name,
                "good": good,
                "steps": [
                    {
                        "step": finding.step.value,
                        "good": finding.good,
                        "sentence": finding.sentence,
                        "remedy": finding.remedy,
                        "cause": finding.cause,
                        "seconds": round(finding.seconds, 6),
                    }
                    for finding in findings
                ],
            }
        )
    for finding in findings:
        if finding.good is False:
            complain_of(node, f"{finding.sentence} {finding.remedy}")
    return 0 if good else 2
