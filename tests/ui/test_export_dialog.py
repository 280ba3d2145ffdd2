"""The export page offers what is possible, says why the rest is not, and never writes over anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.journeys.conftest import demo, window  # noqa: F401
from tests.journeys.test_export import until
from workstation.ui.export_dialog import ExportDialog
from workstation.ui.export_pages import VALUES
from workstation.ui.main_window import MainWindow

Shown = MainWindow


@pytest.fixture
def page(window: Shown, tmp_path: Path) -> Iterator[ExportDialog]:  # noqa: F811
    page = ExportDialog(window, window)
    page.line.setText(str(tmp_path / "x"))
    page.show()
    yield page
    page.close()


def _show(shown: Shown, *, volume: bool) -> None:
    stacks = shown.workspace.catalogue.ordered_stacks()
    chosen = next(stack for stack in stacks if stack.kind == "image" and stack.is_volume is volume)
    shown.workspace.show_stack(chosen.id)


def _see(page: ExportDialog) -> None:
    from workstation.ui.screenshot import wait_until_settled

    assert wait_until_settled(page.parent(), 20)  # type: ignore[arg-type]
    page.follow()


def test_a_volume_can_be_exported_in_every_way(window: Shown, page: ExportDialog) -> None:  # noqa: F811
    _show(window, volume=True)
    _see(page)
    assert [kind for kind, button in page.kinds.items() if not button.isEnabled()] == []


def test_images_without_a_place_are_no_volume_and_the_tooltip_says_why(
    window: Shown,  # noqa: F811
    page: ExportDialog,
) -> None:
    _show(window, volume=False)
    _see(page)
    assert [kind for kind, button in page.kinds.items() if not button.isEnabled()] == ["volume"]
    assert "no patient geometry" in page.kinds["volume"].toolTip()


def test_a_single_image_is_no_movie(application, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from workstation.phantoms.zoo import write_gap
    from workstation.ui.screenshot import wait_until_settled

    application.window.desk.open_paths([str(write_gap(tmp_path)[0])])
    assert wait_until_settled(application.window, 20)
    page = ExportDialog(application.window, application.window)
    assert not page.kinds["movie"].isEnabled()
    assert "One image" in page.kinds["movie"].toolTip()


def test_a_section_has_no_stored_image(window: Shown, page: ExportDialog) -> None:  # noqa: F811
    _show(window, volume=True)
    window.dispatch("layout.mpr")
    _see(page)
    assert not page.kinds["image"].isEnabled()
    assert page.kinds["view"].isEnabled()


def test_nothing_open_leaves_nothing_to_export(application) -> None:  # type: ignore[no-untyped-def]
    page = ExportDialog(application.window, application.window)
    assert not any(button.isEnabled() for button in page.kinds.values())
    assert not page.export.isEnabled()
    assert not application.window.dispatch("file.export")


def test_identity_is_off_at_first_and_its_sentence_says_what_a_stamp_holds(page: ExportDialog) -> None:
    assert not page.identity.isChecked()
    assert "stamp" in page.explained.text()


def test_the_name_follows_the_format_and_is_free(page: ExportDialog, tmp_path: Path) -> None:
    (tmp_path / "image.tif").touch()
    page.kinds["image"].setChecked(True)
    assert page.line.text() == str(tmp_path / "image.png")
    page.image_page.format.setCurrentIndex(2)
    assert page.line.text() == str(tmp_path / "image-2.tif")


def test_a_typed_name_is_kept_and_gets_the_new_ending(page: ExportDialog, tmp_path: Path, qtbot) -> None:
    page.kinds["volume"].setChecked(True)
    page.line.selectAll()
    qtbot.keyClicks(page.line, str(tmp_path / "head.nii.gz"))
    page.volume_page.format.setCurrentIndex(2)
    assert page.line.text() == str(tmp_path / "head.nrrd")


def test_what_is_there_is_not_written_over(page: ExportDialog, tmp_path: Path, qtbot) -> None:
    (tmp_path / "mine.png").write_text("mine")
    page.kinds["image"].setChecked(True)
    page.line.selectAll()
    qtbot.keyClicks(page.line, str(tmp_path / "mine.png"))
    qtbot.mouseClick(page.export, Qt.MouseButton.LeftButton)
    assert page.isVisible()
    assert "exists already" in page.problem.text()
    assert (tmp_path / "mine.png").read_text() == "mine"


@pytest.mark.parametrize("typed", ["x.png", "/nowhere/at/all/x.png", "{0}/x.jpg"])
def test_a_place_that_cannot_be_is_refused_with_a_sentence(
    page: ExportDialog, tmp_path: Path, typed: str, qtbot
) -> None:
    page.kinds["image"].setChecked(True)
    page.line.selectAll()
    qtbot.keyClicks(page.line, typed.format(tmp_path))
    page.export.click()
    assert page.isVisible()
    assert page.problem.text().endswith(".")


def test_values_of_sixteen_bits_exclude_jpeg(page: ExportDialog) -> None:
    page.kinds["image"].setChecked(True)
    page.image_page.format.setCurrentIndex(1)
    page.image_page.values.setCurrentIndex(len(VALUES) - 1)  # type: ignore[union-attr]
    assert page.image_page.suffix == ".png"
    item = page.image_page.format.model().item(1)  # type: ignore[attr-defined]
    assert not item.isEnabled()
    assert "8 bits" in item.toolTip()


def test_the_study_on_screen_is_ticked_and_counted(window: Shown, page: ExportDialog) -> None:  # noqa: F811
    page.kinds["dicom"].setChecked(True)
    uids = {instance.study_instance_uid for instance in page.dicom_page.instances()}
    shown = window.workspace.stack()
    assert shown is not None
    assert uids == {shown.frames[0].instance.study_instance_uid}
    assert page.summary.text().startswith(f"{len(page.dicom_page.instances())} files, about ")


def test_ticking_a_patient_takes_everything_of_it(window: Shown, page: ExportDialog) -> None:  # noqa: F811
    page.kinds["dicom"].setChecked(True)
    top = page.dicom_page.tree.topLevelItem(0)
    assert top is not None
    top.setCheckState(0, Qt.CheckState.Unchecked)
    assert page.dicom_page.instances() == ()
    assert not page.export.isEnabled()
    top.setCheckState(0, Qt.CheckState.Checked)
    patient = window.workspace.catalogue.patients[0]
    assert len(page.dicom_page.instances()) == sum(len(s.instances) for study in patient.studies for s in study.series)


def test_hidden_identity_stays_hidden_in_the_list(window: Shown, tmp_path: Path) -> None:  # noqa: F811
    window.workspace.set_options(identity_hidden=True)
    page = ExportDialog(window, window)
    names = [patient.name.split("^")[0] for patient in window.workspace.catalogue.patients]
    top = page.dicom_page.tree.topLevelItem(0)
    assert top is not None
    assert not any(name in top.text(0) for name in names if name)


def test_the_page_follows_the_active_pane(window: Shown, page: ExportDialog) -> None:  # noqa: F811
    _show(window, volume=True)
    _see(page)
    assert page.kinds["volume"].isEnabled()
    _show(window, volume=False)
    until(lambda: not page.kinds["volume"].isEnabled() and page.kinds["view"].isEnabled())


def test_choosing_a_folder_gives_a_new_one_in_it(page: ExportDialog, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    page.kinds["series"].setChecked(True)
    page._chosen(str(tmp_path), True)
    assert page.line.text() == str(tmp_path / "images-2")


def test_choosing_a_file_without_an_ending_gives_it_one(page: ExportDialog, tmp_path: Path) -> None:
    page.kinds["movie"].setChecked(True)
    page._chosen(str(tmp_path / "run"), False)
    assert page.line.text() == str(tmp_path / "run.mp4")
