"""The built-in demo study: CT with findings to measure, an oblique MR, a colour clip and a report."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from workstation import __version__, paths
from workstation.phantoms.chest import FINDINGS
from workstation.phantoms.ct import write_ct
from workstation.phantoms.documents import write_pdf_report
from workstation.phantoms.headers import Subject
from workstation.phantoms.mr import write_mr_oblique
from workstation.phantoms.ultrasound import write_ultrasound_clip

REVISION = 1
"""Raise when what is written changes, so that cached copies are made again."""

ANNA = Subject(
    name="Demo^Anna",
    patient_id="DEMO-1",
    birth_date="19640229",
    sex="F",
    study="demo",
    study_description="Synthetic demo study",
    study_date="20240229",
    study_time="093000",
)


def write_demo(folder: Path) -> list[Path]:
    """Write the demo study below ``folder`` and return the paths of its files."""
    return [
        *write_ct(folder / "ct", subject=ANNA),
        *write_mr_oblique(folder / "mr", subject=ANNA),
        write_ultrasound_clip(folder / "us" / "clip.dcm", subject=ANNA),
        write_pdf_report(folder / "report.dcm", title="Demo report", lines=report_lines(), subject=ANNA),
    ]


def report_lines() -> list[str]:
    """Return the report's text: each finding with its true size and value."""
    found = [
        f"  {f.name}: {f.diameter:g} mm, {f.value:g} HU, at ({', '.join(f'{v:g}' for v in f.center)}) mm"
        for f in FINDINGS
    ]
    return [
        "Patient: Anna Demo (fictitious). All images of this study were made by code.",
        "",
        "CT of the chest, true size and value of each sphere:",
        *found,
        "",
        "MR of the head: a ring of 22 mm in the left frontal lobe.",
        "Ultrasound of the heart: 24 frames, 25 per second, 16 cm deep.",
        "",
        "Measure them and compare.",
    ]


def demo_folder() -> Path:
    """Return the folder of the demo study in the cache, written on first use."""
    name = f"demo-{__version__}-{REVISION}"
    parent = _cache()
    target = parent / name
    if target.is_dir():
        return target
    work = Path(tempfile.mkdtemp(prefix="writing-", dir=parent))
    try:
        write_demo(work)
        # A rename is all or nothing: a second program starting now sees no half-written study.
        os.replace(work, target)
    except OSError:
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for old in parent.glob("demo-*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    return target


def _cache() -> Path:
    """Return a folder that can be written: the cache, or a new one for this run where the cache cannot."""
    folder = paths.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="workstation-demo-"))
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="workstation-demo-"))
