"""Every structured report of the corpus, item by item against DCMTK's dsrdump (F16)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.objects.content_item import RELATIONSHIPS, ContentItem
from workstation.objects.report_page import report_page
from workstation.objects.structured_report import read_report

NO_REPORT = {"squares.dcm"}
REFUSED = {
    f"dwv034/sr-{shape}.dcm" for shape in ("arrow", "circle", "ellipse", "protractor", "rectangle", "roi", "ruler")
}
"""What dsrdump refuses even when asked to be lenient: the Continuity of Content of their root is empty."""
LINE = re.compile(
    r"(?P<path>[\d.]+)  <(?:(?P<relation>[a-z ]+?) )?(?P<type>[A-Z0-9]+):"
    r"(?:\(.*?,.*?,\"(?P<name>.*?)\"\))?=(?P<value>.*)>",
    re.DOTALL,
)
RELATIONS = {"has obs context": "HAS OBS CONTEXT", "has concept mod": "HAS CONCEPT MOD", "contains": "CONTAINS"} | {
    "has properties": "HAS PROPERTIES",
    "has acq context": "HAS ACQ CONTEXT",
    "inferred from": "INFERRED FROM",
    "selected from": "SELECTED FROM",
}


def reports(corpus: Path) -> list[Path]:
    found = sorted(path for folder in ("sr", "ko") for path in (corpus / folder).rglob("*.dcm"))
    return [path for path in found if path.name not in NO_REPORT]


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
        code = item.unit.value if item.unit else ""
        return squeezed(said).startswith(f'"{item.value}" ({code},') if item.number is not None else "empty" in said
    if item.value_type == "CODE":
        if item.code is None:
            return said == "invalid code" and "missing" in item.problem
        return said.startswith(f"({item.code.value},{item.code.scheme}") and squeezed(item.code.meaning) == squeezed(
            said[said.index('"') + 1 : said.rindex('"')]
        )
    if item.value_type in ("DATE", "TIME", "DATETIME"):
        digits = re.sub(r"\D", "", item.value.split(" UTC")[0])
        return re.sub(r"\D", "", said).startswith(digits)
    if item.value_type == "SCOORD":
        assert item.graphic is not None
        first = re.search(r"([-\d.e+]+)/([-\d.e+]+)", said)
        assert first is not None
        return item.graphic.kind in said and [float(each) for each in first.groups()] == pytest.approx(
            item.graphic.points[0], rel=1e-6
        )
    if item.value_type == "IMAGE":
        return item.reference is not None and item.reference.sop_instance_uid in said
    if item.value_type == "PNAME":
        return squeezed(item.value.replace(",", "")) == squeezed(said.strip('"').replace("^", " "))
    return squeezed(item.value) == squeezed(said.strip('"'))


def test_every_report_says_what_dsrdump_says(corpus: Path, dsrdump: str) -> None:
    """Value type, relationship, concept name and value of each content item (F16)."""
    refused, compared = set(), 0
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
            assert entry["type"] == item.value_type, where
            assert squeezed(entry["name"] or "") == squeezed(item.name), where
            assert RELATIONS.get(entry["relation"] or "", "") == item.relationship, where
            assert agrees(item, entry["value"]), where
            compared += 1
    assert refused == REFUSED
    assert compared > 4000


def test_every_report_opens_and_has_a_page(corpus: Path) -> None:
    """Ours opens those dsrdump refuses as well: what is broken stays in the tree and says so (F16)."""
    for path in reports(corpus):
        report = read_report(read_dataset(Locator(str(path))).ds)
        page = report_page(report)
        assert page.title
        assert len(page.blocks) > 2, path
        assert all(item.relationship in RELATIONSHIPS for item in list(report.root.walk())[1:])
