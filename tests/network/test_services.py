"""The conformance statement says what the program does (PS3.2)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from workstation.network import (
    commitment,
    conversation,
    doctor,
    getting_contexts,
    moving,
    printing,
    query_keys,
    wishes,
    worklist,
)
from workstation.network.services import ENTITIES, SERVICES

ROOT = Path(__file__).parents[2]


def maker() -> ModuleType:
    path = ROOT / "packaging" / "make_conformance_statement.py"
    specification = importlib.util.spec_from_file_location("make_conformance_statement", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_statement_is_what_the_tables_make() -> None:
    """Run packaging/make_conformance_statement.py after changing a table."""
    assert (ROOT / "docs" / "conformance-statement.md").read_text(encoding="utf-8") == maker().statement()


def test_every_service_in_the_code_is_in_the_table_and_no_other() -> None:
    used = {
        ("scu", doctor.VERIFICATION),
        ("scp", conversation.VERIFICATION),
        *(("scu", uid) for uid in query_keys.ROOTS.values()),
        ("scu", wishes.STUDY_ROOT_FIND),
        ("scu", moving.STUDY_ROOT_MOVE),
        ("scu", getting_contexts.STUDY_ROOT_GET),
        ("scu", worklist.MODEL),
        ("scu", commitment.PUSH_MODEL),
        ("scu", printing.GRAYSCALE_META),
        ("scu", printing.COLOR_META),
        ("scu", printing.ANNOTATION_BOX),
        ("scu", printing.PRESENTATION_LUT),
        ("scu", printing.PRINT_JOB),
    }
    listed = {("scu", one.uid) for one in SERVICES if one.scu} | {("scp", one.uid) for one in SERVICES if one.scp}
    assert listed == used
    assert {one.entity for one in SERVICES} <= set(ENTITIES)
