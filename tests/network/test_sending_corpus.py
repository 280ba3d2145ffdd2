"""Every real object is taken by DCMTK and Orthanc, or the table says who refuses it and why (G10, G23)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.network.peers import Peer, orthanc, storescp
from tests.network.test_sending import data_set, outcomes
from workstation.network.progress import Outcome
from workstation.network.sending import send

NO_UID = "no SOP Instance UID"
CUT = "cut short"
KIND = "does not take objects of this kind"
NOT_UNDERSTOOD = "could not understand"
REFUSED = "no room"
BROKE = "Not sent: "
OURS = {
    "single/fo-dicom/GH340.dcm": NO_UID,
    "single/fo-dicom/GH1339.dcm": CUT,
    "single/fo-dicom/GH626.dcm": CUT,
    "single/pydicom/MR_truncated.dcm": CUT,
    "single/pydicom/rtplan_truncated.dcm": CUT,
    "single/pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm": CUT,
    "single/pydicom/empty_charset_LEI.dcm": NO_UID,
    "single/pydicom/meta_missing_tsyntax.dcm": NO_UID,
    "single/pydicom/nested_priv_SQ.dcm": NO_UID,
    "single/pydicom-data/JLSL_RGB_ILV0.dcm": NO_UID,
    "single/pydicom-data/JLSL_RGB_ILV1.dcm": NO_UID,
    "single/pydicom-data/JLSL_RGB_ILV2.dcm": NO_UID,
    "single/pydicom-data/JLSN_RGB_ILV0.dcm": NO_UID,
    **{
        f"sr/dwv/dwv034/sr-{name}.dcm": NO_UID
        for name in ("arrow", "circle", "ellipse", "protractor", "rectangle", "roi", "ruler")
    },
}
"""What is sent to nobody."""
DCMTK = {**OURS, "gsps/weasis-dicom-tools/weasis/dicom/hp/NeurosurgeryPlan.dcm": KIND}
ORTHANC = {
    **DCMTK,
    # it keeps objects by patient, study, series and instance, and calls "out of resources" what lacks one of those
    "single/fo-dicom/GH220.dcm": REFUSED,
    "single/fo-dicom/GH223.dcm": REFUSED,
    "single/fo-dicom/GH487.dcm": REFUSED,
    "single/fo-dicom/multiframe.dcm": REFUSED,
    "single/pydicom/JPEGLSNearLossless_08.dcm": REFUSED,
    "single/pydicom/JPEGLSNearLossless_16.dcm": REFUSED,
    "single/pydicom/SC_rgb_jls_lossy_line.dcm": REFUSED,
    "single/pydicom/SC_rgb_jls_lossy_sample.dcm": REFUSED,
    "single/pydicom-data/HTJ2KLossless_08_RGB.dcm": REFUSED,
    "single/pydicom-data/HTJ2K_08_RGB.dcm": REFUSED,
    "single/pydicom-data/JLSL_08_07_0_1F.dcm": REFUSED,
    "single/pydicom-data/JLSL_16_15_1_1F.dcm": REFUSED,
    # DCMTK, which it reads with, finds no SOP Class and Instance UID in the data set: they stand in the meta
    # information alone, or have the VR UN (rtdose_rle, explicit_VR-UN)
    "charset/pydicom/chrSQEncoding.dcm": NOT_UNDERSTOOD,
    "charset/pydicom/chrSQEncoding1.dcm": NOT_UNDERSTOOD,
    "single/nibabel/decimal_rescale.dcm": NOT_UNDERSTOOD,
    "single/pydicom/UN_sequence.dcm": NOT_UNDERSTOOD,
    "single/pydicom/no_meta_group_length.dcm": NOT_UNDERSTOOD,
    "single/pydicom/priv_SQ.dcm": NOT_UNDERSTOOD,
    "single/pydicom/rtdose_rle.dcm": NOT_UNDERSTOOD,
    "single/pydicom/rtdose_rle_1frame.dcm": NOT_UNDERSTOOD,
    "single/pydicom-data/explicit_VR-UN.dcm": NOT_UNDERSTOOD,
    **{f"worklist/OrthancMirror/wklist{number}.wl": NOT_UNDERSTOOD for number in range(1, 11)},
    # its one fragment has an odd length (PS3.5 A.4); DCMTK's own storescu calls the file bad
    "single/fo-dicom/GH364.dcm": BROKE,
}


def sent_all(peer: Peer, corpus: Path, *, at_once: int = 1) -> dict[str, Outcome]:
    """Send all that is not broken on purpose over so many associations; return the outcomes by path."""
    left_out = ("broken", "fuzz", "licences", "truth")
    folders = sorted(
        path for top in corpus.iterdir() if top.is_dir() and top.name not in left_out for path in top.iterdir()
    )
    with ThreadPoolExecutor(at_once) as pool:
        shares = [folders[number::at_once] for number in range(at_once)]
        told = [one for part in pool.map(lambda share: outcomes(send(peer.node, share)), shares) for one in part]
    return {Path(one.path).relative_to(corpus).as_posix(): one for one in told if one.kind != "skipped"}


def differences(told: dict[str, Outcome], table: dict[str, str]) -> list[str]:
    failed = {path: one.sentence for path, one in told.items() if one.kind == "failed"}
    return [
        f"{path}: {failed.get(path, 'taken')}, expected {table.get(path, 'taken')}"
        for path in sorted({*failed, *table})
        if path not in failed or path not in table or table[path] not in failed[path]
    ]


def even(data: bytes) -> bytes:
    """Return a deflated data set as it is sent (PS3.5 A.5)."""
    return data + b"\0" * (len(data) % 2)


def test_dcmtk_takes_every_object_byte_for_byte(dcmtk: Path, tmp_path: Path, corpus: Path) -> None:
    with storescp(dcmtk, tmp_path / "scp", "+B", "+uf") as peer:
        told = sent_all(peer, corpus)
        kept = {data_set(path) for path in (tmp_path / "scp" / "got").iterdir()}
    assert differences(told, DCMTK) == []
    assert len(told) > 1000
    as_they_are = {path for path, one in told.items() if one.kind == "done" and not one.sentence}
    assert len(as_they_are) > 900
    twice = {one.sop_instance_uid for one in told.values() if one.kind == "warning"}
    missing = [
        path
        for path in as_they_are
        if told[path].sop_instance_uid not in twice and even(data_set(corpus / path)) not in kept
    ]
    assert missing == []


@pytest.mark.usefixtures("orthanc_program")
def test_orthanc_takes_every_object_but_those_it_has_no_place_for(tmp_path: Path, corpus: Path) -> None:
    with orthanc(tmp_path / "orthanc", worklist=False, DicomScpTimeout=1, SyncStorageArea=False) as peer:
        told = sent_all(peer, corpus, at_once=3)
    assert differences(told, ORTHANC) == []
