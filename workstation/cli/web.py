"""``workstation web``: search, fetch and store by DICOMweb."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.documents import write_json
from workstation.cli.web_options import web_session
from workstation.cli.web_sign_in import login, logout
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from workstation.network.progress import Outcome, Progress
    from workstation.network.web.retrieve import Wanted


def run(options: argparse.Namespace) -> int:
    """Run one of the verbs of ``web``."""
    verbs = {
        "search": _search,
        "retrieve": _retrieve,
        "store": _store,
        "metadata": _metadata,
        "rendered": _rendered,
        "login": login,
        "logout": logout,
    }
    return verbs[options.verb](options)


def _search(options: argparse.Namespace) -> int:
    from workstation.cli.find import answers_document, list_answers
    from workstation.cli.query_options import given_keys, given_limit, told
    from workstation.network.failures import NetworkFailure
    from workstation.network.find_service import FindReport
    from workstation.network.query_keys import Query
    from workstation.network.web.search import search

    query = Query(options.level.upper(), "study", given_keys(options), options.everything)
    report = FindReport()
    failure: NetworkFailure | None = None
    found = []
    with web_session(options) as web:
        try:
            for answer in search(web, query, limit=given_limit(options), fuzzy=options.fuzzy, report=report):
                found.append(answer)  # noqa: PERF402 - what came before a failure is kept
        except NetworkFailure as error:
            failure = error
    pairs = [(answer, None) for answer in found]
    if options.json:
        write_json(answers_document(web.node, query, report, failure, pairs))
    else:
        list_answers(query.level, pairs)
    return told(web.node, report, failure, len(found))


def _retrieve(options: argparse.Namespace) -> int:
    from workstation.network.spool import Spool
    from workstation.network.web.retrieve import retrieve

    wanted = _wanted(options)
    with web_session(options) as web:
        spool = Spool(Path(options.out))
        there = _objects_in(spool)
        return _report(options, web.node.name, retrieve(web, wanted, spool, have=there.__contains__))


def _objects_in(spool: Any) -> set[str]:
    """Return the objects that an earlier, broken fetch has left in the folder."""
    from workstation.errors import NotDicom
    from workstation.network.part10 import LONGEST_HEAD, object_of_file

    found = set()
    for path in spool.waiting():
        with path.open("rb") as stream:
            try:
                found.add(object_of_file(stream.read(LONGEST_HEAD))[1])
            except NotDicom:
                continue
    return found


def _store(options: argparse.Namespace) -> int:
    from workstation.network.web.store import store

    paths, others = _files(options.paths)
    if others:
        sys.stderr.write(f"{others} files in the folders are no DICOM and were left out\n")
    if not paths:
        raise BadUsage("there is nothing to send")
    with web_session(options) as web:
        return _report(options, web.node.name, store(web, paths, study=options.study or ""))


def _files(words: list[str]) -> tuple[list[Path], int]:
    """Return the files that are named and those of DICOM in folders that are, and how many others those hold."""
    paths, others = [], 0
    for word in words:
        if not os.path.isdir(word):
            paths.append(Path(word))
            continue
        for folder, folders, names in os.walk(word):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if _is_part10(path):
                    paths.append(path)
                else:
                    others += 1
    return paths, others


def _is_part10(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        # it is told when it should be sent
        return path.is_file()


def _metadata(options: argparse.Namespace) -> int:
    from workstation.network.web.resources import metadata

    with web_session(options) as web:
        rows = metadata(web, _wanted(options))
    # the model itself is the document: there is no other form of it
    write_json(rows)
    return 0


def _rendered(options: argparse.Namespace) -> int:
    from workstation.export.saving import saved
    from workstation.network.web.resources import rendered

    target = Path(options.out)
    kind = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}.get(target.suffix.lower())
    if kind is None:
        raise BadUsage("--out ends with .png, .jpg or .jpeg")
    with web_session(options) as web:
        picture = rendered(
            web,
            _wanted(options),
            kind=kind,
            frame=options.frame,
            window=tuple(options.window) if options.window else None,
            viewport=tuple(options.size) if options.size else None,
        )
    with saved(target, replace=options.force) as part:
        part.write_bytes(picture)
    if options.json:
        write_json({"path": str(target), "bytes": len(picture), "media_type": kind})
    else:
        print(f"{target}  {len(picture)} bytes, as the server renders it")
    return 0


def _wanted(options: argparse.Namespace) -> Wanted:
    from workstation.network.web.retrieve import Wanted

    series, instance = getattr(options, "series", None) or "", getattr(options, "instance", None) or ""
    if instance and not series:
        raise BadUsage("--instance needs --series")
    return Wanted(options.study, series, instance)


def _report(options: argparse.Namespace, name: str, job: Iterator[Progress]) -> int:
    """Follow a job, tell each fault on a line of stderr, and return the exit code."""
    from workstation.network.failures import NetworkFailure
    from workstation.network.progress import Progress

    outcomes: list[Outcome] = []
    sentences: list[str] = []
    last = Progress()
    failure: NetworkFailure | None = None
    try:
        for last in job:
            if last.outcome is not None:
                outcomes.append(last.outcome)
            elif last.sentence:
                sentences.append(last.sentence)
    except NetworkFailure as error:
        failure = error
    if options.json:
        write_json(_document(name, last, outcomes, sentences, failure))
    else:
        for outcome in outcomes:
            if outcome.kind in ("done", "warning", "skipped"):
                print(f"{outcome.kind:8}{outcome.path or outcome.sop_instance_uid}")
        print(f"{last.done} done, {last.skipped} there already, {last.failed} failed, {last.size} bytes")
    for outcome in outcomes:
        if outcome.kind in ("failed", "warning"):
            sys.stderr.write(f"{outcome.path or outcome.sop_instance_uid or name}: {outcome.sentence}\n")
    for sentence in dict.fromkeys(sentences):
        sys.stderr.write(f"{name}: {sentence}\n")
    if failure is not None:
        sys.stderr.write(f"{failure}\n")
    if failure is not None or last.failed:
        return 1 if last.done or last.skipped else 2
    return 0


def _document(name: str, last: Progress, outcomes: list[Outcome], sentences: list[str], failure: Any) -> dict[str, Any]:
    return {
        "node": name,
        "done": last.done,
        "total": last.total,
        "warnings": last.warnings,
        "failed": last.failed,
        "skipped": last.skipped,
        "bytes": last.size,
        "objects": [
            {"uid": one.sop_instance_uid, "kind": one.kind, "sentence": one.sentence, "path": one.path}
            for one in outcomes
        ],
        "hints": list(dict.fromkeys(sentences)),
        "failure": None if failure is None else {"sentence": failure.sentence, "cause": failure.cause},
    }
