"""``workstation selftest``: renders phantoms, checks each against its formula, lists the decoders present."""

from __future__ import annotations

import platform
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation import __version__
from workstation.cli.collect import complain
from workstation.cli.documents import write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from workstation.cli.selftest_checks import Check


def run(options: argparse.Namespace) -> int:
    """Run every check; return 1 if one failed."""
    from workstation.cli.selftest_checks import CHECKS

    report = examine(CHECKS)
    if options.json:
        write_json(report)
    else:
        _print(report)
    for check in report["checks"]:
        if not check["ok"]:
            complain(check["name"], check["detail"])
    return 0 if report["failed"] == 0 else 1


def examine(checks: Iterable[Check]) -> dict[str, Any]:
    """Return the outcome of every check and the decoders, as one document."""
    from workstation.imaging.decode import available_decoders

    results = []
    with tempfile.TemporaryDirectory(prefix="workstation-selftest-") as folder:
        for number, check in enumerate(checks):
            results.append(_outcome(check, Path(folder) / str(number)))
    failed = sum(not result["ok"] for result in results)
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": _libraries(),
        "passed": len(results) - failed,
        "failed": failed,
        "checks": results,
        "decoders": [
            {
                "transfer_syntax_uid": decoder.transfer_syntax_uid,
                "name": decoder.name,
                "codec": decoder.codec,
                "version": decoder.version,
                "available": decoder.available,
            }
            for decoder in available_decoders()
        ],
    }


def _outcome(check: Check, folder: Path) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        detail = check.run(folder)
    except Exception as error:  # a check that breaks is a failed check; the others still tell something
        return {"name": check.name, "ok": False, "detail": f"{type(error).__name__}: {error}", "seconds": 0.0}
    return {"name": check.name, "ok": True, "detail": detail, "seconds": round(time.perf_counter() - start, 3)}


def _libraries() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("pydicom", "numpy", "scipy", "imagecodecs", "PySide6-Essentials", "pyqtgraph"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _print(report: dict[str, Any]) -> None:
    print(f"DICOM Workstation {report['version']}, Python {report['python']}, {report['platform']}")
    for check in report["checks"]:
        print(f"  {'ok  ' if check['ok'] else 'FAIL'}  {check['name']}: {check['detail']}")
    print("Decoders")
    for decoder in report["decoders"]:
        state = f"{decoder['codec']} {decoder['version']}" if decoder["available"] else "missing"
        print(f"  {decoder['transfer_syntax_uid']:24} {decoder['name']}: {state}")
    print(f"{report['passed']} checks passed, {report['failed']} failed")
