from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.export.saving import ExportError
from workstation.export.stamp import Stamp, matches, pixel_hash, stamped_uid

VIEW = {"zoom": 2.5, "centre": [10.0, 12.5], "rotation": 90, "flip_horizontal": True, "color": "hot_iron"}
STAMP = Stamp(
    study_uid=stamped_uid("1.2.3"),
    series_uid=stamped_uid("1.2.3.4"),
    sop_instance_uid=stamped_uid("1.2.3.4.5"),
    frame=7,
    window=(40.0, 400.0),
    window_source="header 1",
    voi_function="LINEAR",
    unit="HU",
    view=VIEW,
    pixel_sha256=pixel_hash(np.zeros((2, 3), np.int16)),
)


def test_a_stamp_comes_back_as_it_was() -> None:
    assert Stamp.from_json(STAMP.to_json()) == STAMP


def test_uids_are_hashed_unless_asked_for_plainly() -> None:
    assert "1.2.3.4.5" not in STAMP.to_json()
    assert stamped_uid("1.2.3.4.5", identified=True) == "1.2.3.4.5"


def test_a_stamp_is_recognised_by_its_instance_either_way() -> None:
    plain = replace(STAMP, sop_instance_uid="1.2.3.4.5")
    assert [matches(stamp, "1.2.3.4.5") for stamp in (STAMP, plain)] == [True, True]
    assert [matches(stamp, "1.2.3.4") for stamp in (STAMP, plain)] == [False, False]
    assert not matches(Stamp(), "")


def test_what_is_no_uid_is_hashed_even_if_plain_ones_are_asked_for() -> None:
    """A UID of a broken file may hold anything, a name too."""
    assert stamped_uid("DOE^JANE", identified=True) == stamped_uid("DOE^JANE")


def test_the_hash_of_pixels_is_that_of_their_values_not_of_the_machine() -> None:
    values = np.arange(6, dtype=">i2").reshape(2, 3)
    assert pixel_hash(values) == pixel_hash(values.astype("<i2"))
    assert pixel_hash(values.T.copy().T) == pixel_hash(values)


@pytest.mark.parametrize("change", [{"frame": 8}, {"window": [40.0, 401.0]}, {"view": {}}, {"extra": 1}])
def test_an_altered_stamp_is_refused(change: dict) -> None:
    document = {**json.loads(STAMP.to_json()), **change}
    with pytest.raises(ExportError, match="altered"):
        Stamp.from_json(json.dumps(document))


@pytest.mark.parametrize(
    "change",
    [
        {"frame": 0},
        {"frame": True},
        {"window": (1.0,)},
        {"study_uid": "DOE^JANE"},
        {"view": {"Name": "Jane"}},
        {"pixels": "other"},
        {"slope": "1"},
        {"unit": "\n"},
        {"pixel_sha256": "12"},
    ],
)
def test_a_stamp_that_makes_no_sense_is_refused(change: dict) -> None:
    with pytest.raises(ExportError, match="makes no sense"):
        replace(STAMP, **change).to_json()
    with pytest.raises(ExportError, match="makes no sense"):
        Stamp.from_json(sealed({**json.loads(STAMP.to_json()), **change}))


def sealed(document: dict) -> str:
    """A stamp with a right hash over whatever it says."""
    body = {key: value for key, value in document.items() if key != "stamp_sha256"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return json.dumps({**body, "stamp_sha256": hashlib.sha256(text.encode()).hexdigest()})


def test_fields_that_are_missing_or_unknown_are_refused() -> None:
    whole = json.loads(STAMP.to_json())
    for document in ({**whole, "extra": 1}, {key: value for key, value in whole.items() if key != "view"}):
        with pytest.raises(ExportError, match="fields"):
            Stamp.from_json(sealed(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{" * 9999, '{"schema": NaN}', "1" * 70000, '{"schema":1,"x":1e999}'])
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(ExportError):
        Stamp.from_json(text)


def test_a_stamp_of_a_later_program_says_so() -> None:
    with pytest.raises(ExportError, match="another version"):
        Stamp.from_json(replace(STAMP, schema=2).to_json())


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_no_text_makes_reading_a_stamp_fail_otherwise(text: str) -> None:
    with pytest.raises(ExportError):
        Stamp.from_json(text)


def test_the_stamp_stays_without_anything_but_numbers_hashes_and_words(tmp_path: Path) -> None:
    assert {"view", "window", "frame", "program"} <= set(json.loads(STAMP.to_json()))
    assert not any("name" in key or "patient" in key for key in json.loads(STAMP.to_json()))
