"""Discs whose files are odd: their names, what is in them, where they lie (E11, H4, A26)."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from pydicom.sequence import Sequence

from tests.dicom.disc_parts import (
    UIDs,
    edited,
    file_set,
    good,
    images,
    leaves,
    pack_disc,
    picture,
    put,
    renamed,
    save,
    uid,
    with_first_leaf,
    with_leaves,
)


def lower_case(folder: Path) -> UIDs:
    """Folders and files, as Linux shows an ISO 9660 disc (E11)."""
    made = good(folder)
    for path in sorted(folder.rglob("*"), key=lambda one: -len(one.parts)):
        if path.name != "DICOMDIR":
            path.rename(path.with_name(path.name.lower()))
    return made


def mixed_case(folder: Path) -> UIDs:
    return renamed(folder, str.title)


def version_numbers(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name};1")


def trailing_dots(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name}.")


def extensions(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name}.dcm")


def directory_in_lower_case(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").rename(folder / "dicomdir")
    return made


def directory_with_version(folder: Path) -> UIDs:
    made = lower_case(folder)
    (folder / "DICOMDIR").rename(folder / "dicomdir;1")
    return made


def directory_with_extension(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").rename(folder / "DICOMDIR.dcm")
    return made


def long_names(folder: Path) -> UIDs:
    """More than 8 characters and a hyphen, which a code string may not hold (E11)."""
    made = good(folder)
    (folder / "IMAGES-OF-THE-PATIENT").mkdir()
    for number, path in enumerate(images(folder)):
        path.rename(folder / "IMAGES-OF-THE-PATIENT" / f"image-number-{number}")

    def change(records: Sequence) -> None:
        for number, one in enumerate(leaves(records)):
            one.ReferencedFileID = ["IMAGES-OF-THE-PATIENT", f"image-number-{number}"]

    edited(folder, change)
    return made


def forward_slashes(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "ReferencedFileID", "/".join(one.ReferencedFileID)))


def dots_before(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "ReferencedFileID", [".", *one.ReferencedFileID]))


def padded_components(folder: Path) -> UIDs:
    return with_leaves(
        folder, lambda one: setattr(one, "ReferencedFileID", [f" {part} " for part in one.ReferencedFileID])
    )


def nul_padded(folder: Path) -> UIDs:
    """A File ID padded with NUL, as a UID is."""
    return with_leaves(
        folder,
        lambda one: setattr(one, "ReferencedFileID", [*one.ReferencedFileID[:-1], one.ReferencedFileID[-1] + "\0"]),
    )


def missing_files(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].unlink()
    return made - {uid(1)}


def every_file_elsewhere(folder: Path) -> UIDs:
    made = good(folder)
    for number, path in enumerate(images(folder)):
        path.rename(folder / f"MOVED{number}")
    return made


def orphans(folder: Path) -> UIDs:
    return good(folder) | save(folder, 90, "EXTRA/IM1") | save(folder, 91, "readme.txt")


def orphan_zip(folder: Path) -> UIDs:
    made = good(folder)
    more = save(folder, 92, "LOOSE")
    with zipfile.ZipFile(folder / "MORE.ZIP", "w") as out:
        out.write(folder / "LOOSE", "IM1")
    (folder / "LOOSE").unlink()
    return made | more


def damaged_file(folder: Path) -> UIDs:
    made = good(folder)
    first = images(folder)[0]
    first.write_bytes(first.read_bytes()[:140])
    return made - {uid(1)}


def empty_file(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].write_bytes(b"")
    return made - {uid(1)}


def text_in_place_of_an_image(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].write_text("This page was left blank.\n" * 40)
    return made - {uid(1)}


def no_preamble(folder: Path) -> UIDs:
    made = good(folder)
    for path in images(folder):
        path.write_bytes(path.read_bytes()[132:])
    return made


def longer_than_listed(folder: Path) -> UIDs:
    """A file that goes on after its last element, and has more rows than its record says."""
    made = with_leaves(folder, lambda one: put(one, Rows=2, Columns=2, NumberOfFrames=9))
    first = images(folder)[0]
    first.write_bytes(first.read_bytes() + bytes(4096))
    return made


def cut_pixels(folder: Path) -> UIDs:
    made = good(folder)
    first = images(folder)[0]
    first.write_bytes(first.read_bytes()[:-10])
    return made


def names_of_old(folder: Path) -> UIDs:
    """File names that are not UTF-8, as an older system wrote them (A40)."""
    made = good(folder)
    save(folder, 93, "LOOSE")
    os.rename(folder / "LOOSE", os.path.join(os.fsencode(folder), "Schädel".encode("latin-1")))
    return made | {uid(93)}


def same_file_under_two_names(folder: Path) -> UIDs:
    made = good(folder)
    shutil.copy(images(folder)[0], folder / "AGAIN")
    return made


def programs_beside(folder: Path) -> UIDs:
    """H4: a viewer that wants to start itself; J11: it is not started."""
    made = good(folder)
    (folder / "autorun.inf").write_text("[autorun]\nopen=VIEWER\\VIEWER.EXE\n")
    (folder / "VIEWER").mkdir()
    (folder / "VIEWER" / "VIEWER.EXE").write_bytes(b"MZ" + bytes(510))
    (folder / "VIEWER" / "codec.dll").write_bytes(b"MZ" + b"\x90" * 900)
    (folder / "INDEX.HTM").write_text("<html><body>Images</body></html>")
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n")
    (folder / "IHE_PDI").mkdir()
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    return made


def leads_to(*file_id: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose first record names something outside (A26)."""
    return lambda folder: with_first_leaf(folder, lambda one: setattr(one, "ReferencedFileID", list(file_id)))


def outside(folder: Path) -> Path:
    """Return an image beside the medium, which nothing may open."""
    save(folder.parent / "outside", 99, "SECRET")
    return folder.parent / "outside"


def climbs_to_an_image(folder: Path) -> UIDs:
    outside(folder)
    return leads_to("..", "outside", "SECRET")(folder)


def link_named_by_a_record(folder: Path) -> UIDs:
    made = leads_to("LINK")(folder)
    os.symlink(outside(folder) / "SECRET", folder / "LINK")
    return made


def link_to_a_folder(folder: Path) -> UIDs:
    made = good(folder)
    os.symlink(outside(folder), folder / "MORE")
    return made


def link_within(folder: Path) -> UIDs:
    made = good(folder)
    os.symlink(images(folder)[0], folder / "LINK")
    os.symlink(folder, folder / "SELF")
    return made


def several_directories(folder: Path) -> UIDs:
    return file_set(folder / "DISC1", picture(1), picture(2)) | file_set(folder / "DISC2", picture(3, study=2))


def nested_copy(folder: Path) -> UIDs:
    """The folder of the copy comes before the images in the order of names."""
    made = good(folder)
    shutil.copytree(folder, folder.parent / "copy")
    shutil.move(folder.parent / "copy", folder / "BACKUP")
    return made


def nested_other(folder: Path) -> UIDs:
    return good(folder) | file_set(folder / "OLDER", picture(50, study=50))


def directory_in_a_subfolder(folder: Path) -> UIDs:
    return good(folder / "DICOM")


def two_spellings(folder: Path) -> UIDs:
    """Both DICOMDIR and dicomdir, the second one broken."""
    made = good(folder)
    (folder / "dicomdir").write_bytes((folder / "DICOMDIR").read_bytes()[:700])
    return made


def folder_called_dicomdir(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").unlink()
    return made | save(folder, 40, "DICOMDIR/IM1")


def no_directory(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").unlink()
    return made


def zipped(prefix: str = "", separator: str = "/") -> Callable[[Path], UIDs]:
    """Return a builder of a folder that holds a whole disc in one ZIP archive."""

    def build(folder: Path) -> UIDs:
        made = good(folder / "in")
        pack_disc(folder / "in", folder / "disc.zip", prefix, separator)
        shutil.rmtree(folder / "in")
        return made

    return build


def zip_with_a_link(folder: Path) -> UIDs:
    """A member that is a symbolic link: its content is a path, which nothing follows."""
    made = zipped()(folder)
    outside(folder)
    with zipfile.ZipFile(folder / "disc.zip", "a") as out:
        info = zipfile.ZipInfo("LINK")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        out.writestr(info, str(folder.parent / "outside" / "SECRET"))
    return made


def zip_that_climbs(folder: Path) -> UIDs:
    return zipped("../../")(folder)
