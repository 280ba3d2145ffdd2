"""Every structured report of the corpus, item by item against DCMTK's dsrdump (F16)."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.objects.content_item import RELATIONSHIPS, ContentItem, Graphic
from workstation.objects.report_page import report_page
from workstation.objects.structured_report import read_report

KINDS = (" SR Storage", "Key Object Selection Document Storage")
REFUSED = {
    f"dwv034/sr-{shape}.dcm" for shape in ("arrow", "circle", "ellipse", "protractor", "rectangle", "roi", "ruler")
}
"""What dsrdump refuses even when asked to be lenient: the Continuity of Content of their root is empty."""
LINE = re.compile(
    r"(?P<path>[\d.]+)  <(?:(?P<relation>[a-z ]+?) )?(?:(?P<target>[\d.]+)|(?P<type>[A-Z0-9]+):"
    r"(?:\(.*?,.*?,\"(?P<name>.*?)\"\))?=(?P<value>.*))>",
    re.DOTALL,
)
RELATIONS = {"has obs context": "HAS OBS CONTEXT", "has concept mod": "HAS CONCEPT MOD", "contains": "CONTAINS"} | {
    "has properties": "HAS PROPERTIES",
    "has acq context": "HAS ACQ CONTEXT",
    "inferred from": "INFERRED FROM",
    "selected from": "SELECTED FROM",
}


def reports(corpus: Path) -> list[Path]:
    """Return every structured report and key object, found by the SOP Class of the corpus' own index."""
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        named = [row["path"] for row in csv.DictReader(stream) if row["sop_class"].endswith(KINDS)]
    return [corpus / path for path in sorted(named)]


@pytest.fixture(scope="module")
def dsrdump() -> str:
    program = shutil.which("dsrdump")
    if program is None:
        missing("dcmtk", "dsrdump is not installed")
    assert program is not None
    return program


def dumped(program: str, path: Path) -> list[re.Match[str]] | None:
    """Return the items dsrdump prints, None where it refuses the file."""
    options = ["-Ph", "+Pl", "+Pn", "+Pu", "-Er", "-Ev", "-Ec", "-Ee", "-Dv"]
    text = ""
    for more, codec in ((["+U8"], "utf-8"), ([], "latin-1")):
        done = subprocess.run([program, "-q", *options, *more, str(path)], capture_output=True, check=False)
        text = text or done.stdout.decode(codec, "replace")
    entries = re.split(r"\n(?=[\d.]+  <)", text.strip())
    if not text.strip():
        return None
    found = [LINE.match(entry) for entry in entries]
    assert all(found), [entry for entry, match in zip(entries, found, strict=True) if match is None][:3]
    return [match for match in found if match is not None]


def squeezed(text: str) -> str:
    return " ".join(text.replace("\\n", " ").replace("\\r", " ").split())


def agrees(item: ContentItem, said: str) -> bool:
    """Whether our value is the one dsrdump prints, each in its own spelling."""
    if item.value_type == "CONTAINER":
        return said in ("SEPARATE", "CONTINUOUS")
    if item.value_type == "NUM":
        unit = item.unit
        if item.number is None or unit is None:
            return item.number is None and "empty" in said
        scheme = f"{unit.scheme}[{unit.version}]" if unit.version else unit.scheme
        return squeezed(said) == squeezed(f'"{item.value}" ({unit.value},{scheme},"{unit.meaning}")')
    if item.value_type == "CODE":
        if item.code is None:
            return said == "invalid code" and "missing" in item.problem
        return said.startswith(f"({item.code.value},{item.code.scheme}") and squeezed(item.code.meaning) == squeezed(
            said[said.index('"') + 1 : said.rindex('"')]
        )
    if item.value_type in ("DATE", "TIME", "DATETIME"):
        digits = re.sub(r"\D", "", item.value.split(" UTC")[0])
        return re.sub(r"\D", "", said).startswith(digits)
    if item.value_type in ("SCOORD", "SCOORD3D"):
        return item.graphic is not None and _same_points(item.graphic, said)
    if item.value_type == "TCOORD":
        kind, *places = said.strip("()").split(",")
        return item.value == f"{kind.capitalize()}, {', '.join(f'{place} s' for place in places)}"
    if item.value_type in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        named = re.match(r'\(.*?,"([\d.]+)"((?:,\d+(?![\d/]))*)', said)
        if named is None or item.reference is None:
            return False
        frames = tuple(int(each) for each in named[2].split(",") if each)
        return (named[1], frames) == (item.reference.sop_instance_uid, item.reference.frames)
    if item.value_type == "PNAME":
        return squeezed(item.value.replace(",", "")) == squeezed(said.strip('"').replace("^", " "))
    return squeezed(item.value) == squeezed(said.strip('"'))


def _same_points(graphic: Graphic, said: str) -> bool:
    """Whether every coordinate agrees, of a place in the patient also the space it is in."""
    kind, _, rest = said.strip("()").partition(",")
    space, _, rest = rest.rpartition('",') if graphic.in_space else ("", "", rest)
    theirs = [tuple(float(each) for each in point.split("/")) for point in rest.split(",")]
    ours = [pytest.approx(point, rel=1e-6) for point in graphic.points]
    return (kind, space.strip('"'), theirs) == (graphic.kind, graphic.frame_of_reference_uid, ours)


def test_every_report_says_what_dsrdump_says(corpus: Path, dsrdump: str) -> None:
    """Value type, relationship, concept name and value of each content item, to the last coordinate (F16)."""
    refused, compared, by_reference = set(), 0, 0
    for path in reports(corpus):
        report = read_report(read_dataset(Locator(str(path))).ds)
        entries = dumped(dsrdump, path)
        if entries is None:
            refused.add(f"{path.parent.name}/{path.name}")
            continue
        items = list(report.root.walk())
        assert [entry["path"] for entry in entries] == [".".join(map(str, item.path)) for item in items], path
        for entry, item in zip(entries, items, strict=True):
            where = f"{path.name} {entry[0]} {item}"
            assert RELATIONS.get(entry["relation"] or "", "") == item.relationship, where
            if entry["target"]:
                assert entry["target"] == ".".join(map(str, item.target or ())), where
                by_reference += 1
                continue
            assert entry["type"] == item.value_type, where
            assert squeezed(entry["name"] or "") == squeezed(item.name), where
            assert agrees(item, entry["value"]), where
            compared += 1
    assert refused == REFUSED
    assert (len(reports(corpus)), compared, by_reference) == (44, 4277, 2)


def test_every_report_opens_and_has_a_page(corpus: Path) -> None:
    """Ours opens those dsrdump refuses as well: what is broken stays in the tree and says so (F16)."""
    for path in reports(corpus):
        report = read_report(read_dataset(Locator(str(path))).ds)
        page = report_page(report)
        assert page.title
        assert len(page.blocks) > 2, path
        assert all(item.relationship in RELATIONSHIPS for item in list(report.root.walk())[1:])
