"""``workstation commit``: a node's word that it keeps what it was sent; what it has not reported yet (G16)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.cli.collect import complain
from workstation.cli.documents import write_json
from workstation.cli.network_options import chosen_node
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from workstation.network.commitments import Transaction
    from workstation.network.nodes import Node


def run(options: argparse.Namespace) -> int:
    """Ask for storage commitment, or list what is pending."""
    if options.pending:
        return _pending(options)
    if not options.paths or not (options.node or options.peer):
        raise BadUsage("commit takes --node or --peer and what was sent, or --pending")
    from workstation.dicom.identity import Instance
    from workstation.network.outgoing import gathered, refusal
    from workstation.network.progress import Outcome

    node = chosen_node(options)
    references: dict[tuple[str, str], None] = {}
    faults = 0
    for one in gathered(options.paths):
        if isinstance(one, Instance) and not (why := refusal(one)):
            references[one.sop_class_uid, one.sop_instance_uid] = None
        elif isinstance(one, Instance):
            faults = 1
            complain(one.locator, why)
        elif isinstance(one, Outcome) and one.kind == "failed":
            faults = 1
            complain(one.path, one.sentence)
    if not references:
        raise BadUsage("nothing of that could have been sent")
    document, code = told_commitment(commit_references(node, list(references), options), options)
    if options.json:
        write_json(document)
    return max(code, faults)


def commit_references(node: Node, references: Sequence[tuple[str, str]], options: argparse.Namespace) -> Transaction:
    """Ask for a commitment, wait for the report where that was asked for, and return the transaction.

    Raises
    ------
    NetworkFailure, CommitmentError, BadUsage
    """
    from workstation.network.commitment import ask, listening
    from workstation.network.commitments import Commitments

    if not 0 <= options.wait <= 3600:
        raise BadUsage("--wait is from 0 to 3600 seconds")
    book = Commitments()
    if options.listen is None:
        return ask(node, references, book, wait=options.wait)
    address, port = _place(options.listen)
    with listening(node, port, book, address=address) as arrived:
        transaction = ask(node, references, book, wait=options.wait, elsewhere=arrived)
        return book.transaction(transaction.uid)


def _place(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise BadUsage("--listen takes a port, or an address and a port: 0.0.0.0:11112")
    return address.strip("[]") or "127.0.0.1", int(port)


def told_commitment(transaction: Transaction, options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Print what became of a transaction; return it as a document, and an exit code."""
    from workstation.network.statuses import status

    for _class, uid, reason in transaction.failed:
        complain(uid, f"not committed: {status(reason, 'commit')}")
    for _class, uid in transaction.unanswered:
        complain(uid, "not committed: the report does not mention it.")
    good = transaction.state == "done" and not transaction.failed and not transaction.unanswered
    if not options.json:
        if transaction.state == "pending":
            print(f"Asked for {len(transaction.references)} objects; the report has not come yet.")
        else:
            committed = len(transaction.committed)
            print(f"{committed} committed, {len(transaction.references) - committed} not.")
    return _document(transaction), 0 if good or transaction.state == "pending" else 1


def _document(one: Transaction) -> dict[str, Any]:
    return {
        "transaction": one.uid,
        "node": one.node,
        "state": one.state,
        "asked": one.asked,
        "reported": one.reported,
        "objects": len(one.references),
        "committed": [uid for _class, uid in one.committed],
        "failed": [{"sop_instance_uid": uid, "reason": f"0x{reason:04X}"} for _class, uid, reason in one.failed],
        "unanswered": [uid for _class, uid in one.unanswered],
    }


def _pending(options: argparse.Namespace) -> int:
    from workstation.network.commitments import Commitments

    book = Commitments()
    pending, orphans = book.pending(), book.orphans()
    if options.json:
        write_json({"pending": [_document(one) for one in pending], "orphans": [_document(one) for one in orphans]})
        return 0
    for one in pending:
        print(f"{one.asked}  {one.node}  {len(one.references)} objects  {one.uid}")
    for one in orphans:
        print(f"{one.reported}  a report nobody asked for: {len(one.committed)} committed, {len(one.failed)} not")
    if not pending and not orphans:
        print("Nothing is pending.")
    return 0
