"""The speed report: one JSON document about work and the machine, without identity.

The command line and the performance panel write the same document. Nothing from a file goes in but modality,
transfer syntax, sizes and counts, and of those only words the Standard has: a value that is none becomes "other".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from workstation import __version__, machine, stopwatch
from workstation.compiled import readiness

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue

NAME: Final = "workstation speed report"
SCHEMA: Final = 1
OTHER: Final = "other"
MODALITIES: Final = (
    "AR ASMT AU BDUS BI BMD CR CT CTPROTOCOL DG DX ECG EEG EPS ES FID GM HC HD IO IOL IVOCT IVUS KER KO LEN LS MG MR "
    "M3D NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT "
    "RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA XC XAPROTOCOL"
)
"""Defined terms of Modality (PS3.3 C.7.3.1.1.1); any other text might be a name."""


def document(source: str) -> dict[str, Any]:
    """Return a report that has everything but what was measured; ``source`` is "bench" or "window"."""
    ready, declared = readiness()
    return {
        "report": NAME,
        "schema": SCHEMA,
        "source": source,
        "workstation": __version__,
        "machine": machine.facts(),
        "kernels": {"ready": ready, "declared": declared},
        "opening": {},
        "series": [],
        "transfer_syntaxes": [],
        "work": {},
        "memory": {},
    }


def modality_of(stack: Stack) -> str:
    """Return the modality if it is one the Standard knows."""
    named = stack.frames[0].instance.modality if stack.frames else ""
    return named if named in MODALITIES.split() else OTHER


def syntax_of(stack: Stack) -> str:
    """Return the name of the transfer syntax of a stack's first frame."""
    from workstation.imaging.decode import transfer_syntax_name

    uid = stack.frames[0].instance.transfer_syntax_uid if stack.frames else ""
    name = transfer_syntax_name(uid)
    # a UID that is no transfer syntax may be anybody's
    return OTHER if name == uid else name


def facts_of(stack: Stack) -> dict[str, Any]:
    """Return what kind of pixels a stack holds and how many frames, nothing of whose they are."""
    first = stack.frames[0].instance
    return {
        "modality": modality_of(stack),
        "transfer_syntax": syntax_of(stack),
        "rows": stack.rows,
        "columns": stack.columns,
        "samples_per_pixel": first.samples_per_pixel,
        "frames": len(stack.frames),
        "is_volume": stack.is_volume,
    }


def counts_of(catalogue: Catalogue) -> dict[str, int]:
    """Return how much is open."""
    return {
        "files": catalogue.done,
        "objects": len(catalogue.instances),
        "series": len(catalogue.stacks),
        "failed": len(catalogue.skipped),
        "not_dicom": len(catalogue.not_dicom),
    }


def work() -> dict[str, dict[str, float]]:
    """Return the times of every kind of work, in ms, with the rate of the latest run where it has one."""
    found = {}
    for name in stopwatch.names():
        times = stopwatch.times(name)
        summed = stopwatch.summary(times)
        if summed is not None:
            found[name] = {**rounded(asdict(summed)), "per_second": round(stopwatch.rate(times), 1)}
    return found


def rounded(values: dict[str, float]) -> dict[str, float]:
    """Return the numbers with three decimals; whole ones stay whole."""
    return {key: value if isinstance(value, int) else round(value, 3) for key, value in values.items()}


def milliseconds(seconds: Iterable[float]) -> dict[str, float] | None:
    """Return median and 99th percentile of some times, None where there are none."""
    summed = stopwatch.summary([(0.0, each) for each in seconds])
    return None if summed is None else rounded({"median": summed.median, "p99": summed.p99})
