"""``workstation store``: files to a node, each with its outcome; on demand the node's word that it keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.collect import complain, printable
from workstation.cli.commit import commit_references, told_commitment
from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Send everything below the paths."""
    from workstation.dicom.identity import Instance
    from workstation.network.outgoing import gathered
    from workstation.network.progress import Outcome, Progress
    from workstation.network.sending import send

    node = chosen_node(options)
    found = list(gathered(options.paths))
    instances = [one for one in found if isinstance(one, Instance)]
    outcomes = [one for one in found if isinstance(one, Outcome)]
    last = Progress()
    if instances:
        for last in send(node, instances, consent="as_is" if options.as_is else "lossless"):
            if last.outcome is not None:
                outcomes.append(last.outcome)
    for one in outcomes:
        if one.kind in ("failed", "warning"):
            complain(one.path, one.sentence)
        elif one.sentence and not options.json:
            print(f"{printable(one.path)}: {printable(one.sentence)}")
    kinds = [one.kind for one in outcomes]
    good = 0 if {"failed", "warning"}.isdisjoint(kinds) else 1
    stored = {one.sop_instance_uid for one in outcomes if one.kind in ("done", "warning")}
    document: dict[str, Any] = {
        "node": node.name,
        "sent": last.done,
        "warnings": kinds.count("warning"),
        "failed": kinds.count("failed"),
        "skipped": kinds.count("skipped"),
        "bytes": last.size,
        "objects": [
            {"path": one.path, "sop_instance_uid": one.sop_instance_uid, "outcome": one.kind, "sentence": one.sentence}
            for one in outcomes
        ],
    }
    if not options.json:
        print(f"{last.done} sent, {kinds.count('failed')} failed, {kinds.count('skipped')} skipped.")
    if options.commit and stored:
        references = [(one.sop_class_uid, one.sop_instance_uid) for one in instances if one.sop_instance_uid in stored]
        transaction = commit_references(node, references, options)
        document["commitment"], code = told_commitment(transaction, options)
        good = max(good, code)
    if options.json:
        write_json(document)
    return good if last.done else 2
