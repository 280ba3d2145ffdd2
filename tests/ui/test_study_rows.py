"""What the rows of the study browser say."""

from __future__ import annotations

from tests.ui import samples
from workstation.ui.study_rows import RowWriter


def written(**changes):
    writer = RowWriter()
    for name, value in changes.items():
        setattr(writer, name, value)
    return writer.tree(samples.patients(), samples.stacks())


def text(branches):
    return "\n".join(
        f"{branch.value}\n{branch.value.tip}\n{branch.value.search}\n{text(branch.children)}" for branch in branches
    )


def test_a_series_with_one_stack_is_one_row():
    thorax = written()[0].children[0].children[1]
    assert thorax.value.stack_id == "a2/0"
    assert thorax.value.pictured
    assert thorax.children == ()


def test_a_split_series_has_a_row_for_each_stack_and_hides_none():
    """D17: the images of all rows are the images of the series."""
    diffusion = written()[0].children[1].children[0]
    assert [row.value.title for row in diffusion.children] == ["b 0", "b 500", "b 1000"]
    assert [row.value.detail for row in diffusion.children] == ["30 images"] * 3
    assert diffusion.value.detail == "4 · 3 stacks · 90 images"


def test_the_reason_of_a_split_is_on_every_stack():
    """D17: a reader sees why, without reading the label twice."""
    writer = RowWriter()
    series = samples.patients()[0].studies[1].series[0]
    stacks = tuple(samples.stack(f"b/{b}", 3, f"b {b}", f"series split by b value: b {b}") for b in (0, 1000))
    rows = writer.series(series, stacks).children
    assert [row.value.remarks[0].text for row in rows] == ["split by b value"] * 2
    assert "series split by b value: b 1000" in rows[1].value.tip


def test_a_series_without_number_or_description_still_has_a_row():
    row = written()[0].children[0].children[3].value
    assert row.title == "No description"
    assert row.detail == "4 images"


def test_damage_conflicts_and_gaps_are_chips():
    """E16: a conflict is a badge; nothing is left out in silence."""
    patient = written()[0]
    remarks = [[remark.text for remark in row.value.remarks] for row in patient.children[0].children]
    assert remarks == [[], [], ["1 gap", "doubled positions", "1 note"], ["1 damaged"], []]
    assert [remark.text for remark in patient.value.remarks] == ["1 note"]


def test_objects_without_pixels_say_what_they_are():
    report = written()[0].children[0].children[4].value
    assert (report.icon, report.detail, report.stack_id) == ("series-report", "999 · 1 document", "")


def test_names_are_shown_as_people_write_them():
    """A19: the ideographic group comes first when asked for."""
    assert written()[0].value.title == "Phantom, Testä Maria"
    assert written(ideographic_first=True)[1].value.title.startswith("山田, 太郎")


def test_nothing_identifying_is_left_when_identity_is_hidden():
    shown = text(written(hidden=True))
    for secret in ("Phantom", "Testä", "0042-17", "1961", "A-7781", "Yamada", "山田", "JP-9", "2024-01-18", "0118"):
        assert secret not in shown
    assert "Patient 1" in shown


def test_the_order_given_is_kept():
    """Features C4: whoever organises puts reports last."""
    badges = [row.value.badge for row in written()[0].children[0].children]
    assert badges == ["CT", "CT", "CT", "CT", "SR"]


def test_a_series_that_did_not_change_is_not_written_again():
    writer = RowWriter()
    patients, stacks = samples.patients(), samples.stacks()
    first, second = writer.tree(patients, stacks), writer.tree(patients, stacks)
    assert first[0].children[0].children[0] is second[0].children[0].children[0]
