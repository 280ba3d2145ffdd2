"""Distils the tables a header is checked against into ``resources/conformance/tables.json.xz``.

Two packages from PyPI are read, neither is needed by the program itself: ``highdicom`` (IODs, modules and attributes
with their types, generated from the current edition) and ``dicom-standard`` (the words of conditions, usage of
functional groups and the names of clauses, from 2020). Run it in an environment that has both::

    pip install highdicom dicom-standard
    python packaging/make_conformance.py --edition 2026b

``--edition`` names the edition of the Standard that the installed highdicom was generated from; its release notes
tell. Attributes that occur in many places (code sequences, references) are stored once: each list of attributes is a
node, and an attribute that is a sequence points to the node of its items.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
import lzma
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import tag_for_keyword

TARGET = Path(__file__).resolve().parents[1] / "resources" / "conformance" / "tables.json.xz"
TYPES = ("1", "1C", "2", "2C", "3")
CONDITION = re.compile(
    r"(Required (?:if|only if|when|for|unless)|Shall (?:not )?be present|May be present|Required\b).*", re.S
)
TAGS = re.compile(r" ?\([0-9A-Fa-fx]{4},[0-9A-Fa-fx]{4}\)")
LONGEST = 420
"""Characters of a condition that are kept."""
SAME = {"cr-image": "computed-radiography-image", "basic-text-sr": "basic-text-sr"}
LINE = re.compile(r"[^#]*#?(table|sect)_([A-Z0-9][\w.\-]*)")

REPEATING = {entry[4]: int(mask.replace("x", "0"), 16) for mask, entry in RepeatersDictionary.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--edition", required=True, metavar="2026b", help="of the Standard behind highdicom's tables")
    parser.add_argument("--standard", type=Path, help="the folder of dicom-standard's JSON files")
    options = parser.parse_args()
    tables = Maker(highdicom_folder(), options.standard or standard_folder()).tables(options.edition)
    raw = json.dumps(tables, ensure_ascii=False, separators=(",", ":")).encode()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(lzma.compress(raw, preset=9))
    counts = f"{len(tables['iods'])} IODs, {len(tables['modules'])} modules, {len(tables['nodes'])} nodes"
    print(f"{TARGET}: {counts}, {len(raw):,} bytes, {TARGET.stat().st_size:,} compressed")


def highdicom_folder() -> Path:
    spec = importlib.util.find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is not installed")
    return Path(spec.origin).parent / "_standard"


def standard_folder() -> Path:
    """Return where dicom-standard puts its data: beside the interpreter's own folders."""
    for folder in (Path(sys.prefix) / "standard", Path(sys.prefix) / "local" / "standard"):
        if (folder / "module_to_attributes.json").is_file():
            return folder
    raise SystemExit("dicom-standard is not installed; name its folder with --standard")


def keyword_tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    return int(tag) if tag is not None else REPEATING.get(keyword, 0)


def words(description: str) -> str:
    """Return the condition in a description as plain text, "" where there is none."""
    text = re.sub(r"<h3>Note</h3>.*?</div>", " ", description, flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    found = CONDITION.search(" ".join(text.split()).replace("\xa0", " "))
    if found is None:
        return ""
    said = TAGS.sub("", found[0]).partition("Enumerated Values:")[0].partition("Defined Terms:")[0]
    return shortened(said.partition(" Note ")[0].strip())


def shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    cut = text.rfind(". ", 0, LONGEST)
    return text[: cut + 1] if cut > 40 else text[:LONGEST].rstrip() + " …"


def titled(key: str) -> str:
    small = {"or", "and", "of"}
    large = {
        "ct",
        "mr",
        "us",
        "xa",
        "xrf",
        "nm",
        "pet",
        "sr",
        "rt",
        "vl",
        "sc",
        "voi",
        "lut",
        "sop",
        "icc",
        "ecg",
        "dx",
    }
    return " ".join(
        word.upper() if word in large else word if word in small else word.capitalize() for word in key.split("-")
    )


def clause(link: str) -> str:
    """Return ``"PS3.3 Table C.7-1"`` of a link into the Standard's pages."""
    found = LINE.match(link)
    if found is None:
        return "PS3.3"
    return f"PS3.3 {'Table ' if found[1] == 'table' else ''}{found[2]}"


class Maker:
    """Keeps what has been stored already while the tables grow."""

    def __init__(self, highdicom: Path, standard: Path) -> None:
        def read(folder: Path, name: str) -> Any:
            return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

        self.iods = read(highdicom, "iod_module_map")
        self.attributes = read(highdicom, "module_attribute_map")
        self.sops = read(highdicom, "sop_class_iod_map")
        self.old_modules = {one["id"]: one for one in read(standard, "modules")}
        self.old_iods = {one["id"]: one for one in read(standard, "ciods")}
        self.old_usage = read(standard, "ciod_to_modules")
        self.old_groups = read(standard, "ciod_to_fg_macros")
        self.old_sops = {one["id"]: one["ciod"] for one in read(standard, "sops")}
        self.macros = read(standard, "macro_to_attributes")
        self.texts: dict[str, int] = {}
        self.nodes: dict[tuple[int, ...], int] = {}
        self.paths: dict[tuple[str, tuple[int, ...]], str] = {}
        self.suffixes: dict[tuple[int, ...], Counter[str]] = {}
        for one in read(standard, "module_to_attributes"):
            self._learn(one, one["moduleId"])
        for one in self.macros:
            self._learn(one, "")

    def tables(self, edition: str) -> dict[str, Any]:
        used = {module["key"] for modules in self.iods.values() for module in modules}
        modules = {key: self._module(key) for key in sorted(used) if key in self.attributes}
        by_name = {one["name"]: one["id"] for one in self.old_iods.values()}
        old_of = {iod: by_name.get(self.old_sops.get(uid, ""), iod) for uid, iod in self.sops.items()}
        iods = {key: self._iod(key, old_of.get(key, key)) for key in self.iods}
        return {
            "edition": edition,
            "sops": self.sops,
            "iods": iods,
            "modules": modules,
            "texts": list(self.texts),
            "nodes": [list(node) for node in self.nodes],
        }

    def _learn(self, one: dict[str, Any], module: str) -> None:
        tags = tuple(int(part.replace("x", "0"), 16) for part in one["path"].split(":")[1:])
        text = words(one["description"]) if one["type"] in ("1C", "2C") else ""
        if text:
            self.paths[module, tags] = text
            self.suffixes.setdefault(tags[-2:], Counter())[text] += 1
            self.suffixes.setdefault(tags[-1:], Counter())[text] += 1

    def _module(self, key: str) -> list[Any]:
        tree: dict[int, list[Any]] = {}
        for one in self.attributes[key]:
            path = tuple(keyword_tag(word) for word in one["path"])
            tag = keyword_tag(one["keyword"])
            if not tag or 0 in path:
                continue
            level = tree
            for step in path:
                level = level.setdefault(step, ["3", {}, -1])[1]
            entry = level.setdefault(tag, ["3", {}, -1])
            entry[0] = one["type"]
            if one["type"] in ("1C", "2C"):
                entry[2] = self._text(self._condition(key, (*path, tag)))
        old = self.old_modules.get(key)
        name = old["name"] if old else titled(key)
        return [name, clause(old["linkToStandard"]) if old else "PS3.3", self._node(tree)]

    def _condition(self, module: str, path: tuple[int, ...]) -> str:
        exact = self.paths.get((module, path))
        if exact is not None:
            return exact
        for suffix in (path[-2:], path[-1:]):
            if suffix in self.suffixes:
                return self.suffixes[suffix].most_common(1)[0][0]
        return ""

    def _text(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts)) if text else -1

    def _node(self, tree: dict[int, list[Any]]) -> int:
        """Return the number of a list of attributes: tag, type, node of the items, condition, one after the other."""
        flat: list[int] = []
        for tag in sorted(tree):
            kind, below, text = tree[tag]
            flat += [tag, TYPES.index(kind), self._node(below) if below else -1, text]
        return self.nodes.setdefault(tuple(flat), len(self.nodes))

    def _iod(self, key: str, old: str) -> list[Any]:
        said = {one["moduleId"]: one["conditionalStatement"] or "" for one in self.old_usage if one["ciodId"] == old}
        modules = [
            [one["key"], one["usage"], one["ie"], self._text(self._said(said, one["key"]))]
            for one in self.iods[key]
            if one["key"] in self.attributes
        ]
        groups = [
            [tag, one["usage"], self._text(shortened(TAGS.sub("", one["conditionalStatement"] or "")))]
            for one in self.old_groups
            if one["ciodId"] == old and (tag := self._sequence_of(one["macroId"]))
        ]
        link = self.old_iods[old]["linkToStandard"] if old in self.old_iods else ""
        name = self.old_iods[old]["name"] if old in self.old_iods else titled(key)
        return [name, clause(link), modules, groups]

    def _said(self, said: dict[str, str], key: str) -> str:
        text = said.get(key, "")
        if not text and key.endswith("multi-frame-functional-groups"):
            text = said.get("multi-frame-functional-groups", "")
        return shortened(TAGS.sub("", " ".join(text.split())))

    def _sequence_of(self, macro: str) -> int:
        for one in self.macros:
            parts = one["path"].split(":")
            if one["macroId"] == macro and len(parts) == 2:
                return int(parts[1], 16)
        return 0


if __name__ == "__main__":
    main()
