"""Enumerated Values and Defined Terms of attributes that images commonly hold (PS3.3, as clauses name them).

A value outside Enumerated Values is an error; Defined Terms may be extended, so a value outside them is worth a hint.
"""

from __future__ import annotations

from typing import NamedTuple

from workstation.dicom.conformance.more_terms import MODALITIES, RARE


class Terms(NamedTuple):
    """``number`` counts from 0; None means that each value must be one of them."""

    values: frozenset[str]
    closed: bool
    clause: str
    number: int | None = None


def _closed(values: str, clause: str, number: int | None = None) -> Terms:
    return Terms(frozenset(values.split("|")), True, f"PS3.3 {clause}", number)


def _open(values: str, clause: str, number: int | None = None) -> Terms:
    return Terms(frozenset(values.split("|")), False, f"PS3.3 {clause}", number)


_YES_NO = "YES|NO"
_SIDES = "R|L|U|B"
_PHOTOMETRIC = (
    "MONOCHROME1|MONOCHROME2|PALETTE COLOR|RGB|HSV|ARGB|CMYK|YBR_FULL|YBR_FULL_422|YBR_PARTIAL_422|YBR_PARTIAL_420|"
    "YBR_ICT|YBR_RCT|XYB"
)
_MODALITIES = (
    "ANN|AR|ASMT|AU|BDUS|BI|BMD|CFM|CR|CT|CTPROTOCOL|DG|DMS|DOC|DX|ECG|EEG|EMG|EOG|EPS|ES|FID|GM|HC|HD|IO|IOL|IVOCT|IVUS|"
    "KER|KO|LEN|LS|M3D|MG|MR|NM|OAM|OCT|OP|OPM|OPT|OPTBSV|OPTENF|OPV|OSS|OT|PA|PLAN|POS|PR|PT|PX|REG|RESP|RF|RG|RTDOSE|"
    "RTIMAGE|RTINTENT|RTPLAN|RTRAD|RTRECORD|RTSEGANN|RTSTRUCT|RWV|SEG|SM|SMR|SR|SRF|STAIN|TEXTUREMAP|TG|US|VA|XA|XAPROTOCOL|XC"
)

TERMS: dict[str, tuple[Terms, ...]] = {
    "PatientSex": (_closed("M|F|O", "C.7.1.1"),),
    "PatientIdentityRemoved": (_closed(_YES_NO, "C.7.1.1"),),
    "BurnedInAnnotation": (_closed(_YES_NO, "C.7.6.1"),),
    "RecognizableVisualFeatures": (_closed(_YES_NO, "C.7.6.1"),),
    "QualityControlImage": (_closed("YES|NO|BOTH", "C.7.6.1"),),
    "LossyImageCompression": (_closed("00|01", "C.7.6.1"),),
    "LossyImageCompressionMethod": (
        _open(
            "ISO_10918_1|ISO_14495_1|ISO_15444_1|ISO_15444_15|ISO_13818_2|ISO_14496_10|ISO_23008_2|ISO_18181_1",
            "C.7.6.1",
        ),
    ),
    "PresentationLUTShape": (_closed("IDENTITY|INVERSE", "C.11.6"),),
    "Modality": (_open(_MODALITIES, "C.7.3.1.1.1"),),
    "Laterality": (_closed("R|L", "C.7.3.1"),),
    "ImageLaterality": (_closed(_SIDES, "C.7.6.1"),),
    "FrameLaterality": (_closed(_SIDES, "C.7.6.16.2.8"),),
    "PatientPosition": (
        _open(
            "HFP|HFS|HFDR|HFDL|FFDR|FFDL|FFP|FFS|LFP|LFS|RFP|RFS|AFDR|AFDL|PFDR|PFDL|LFDR|LFDL|RFDR|RFDL|AFP|AFS|PFP|PFS|SITTING",
            "C.7.3.1.1.2",
        ),
    ),
    "ImageType": (
        _closed("ORIGINAL|DERIVED|MIXED", "C.7.6.1.1.2", 0),
        _closed("PRIMARY|SECONDARY", "C.7.6.1.1.2", 1),
    ),
    "FrameType": (_closed("ORIGINAL|DERIVED|MIXED", "C.8.16.1", 0), _closed("PRIMARY", "C.8.16.1", 1)),
    "PhotometricInterpretation": (_open(_PHOTOMETRIC, "C.7.6.3.1.2"),),
    "PixelRepresentation": (_closed("0|1", "C.7.6.3"),),
    "PlanarConfiguration": (_closed("0|1", "C.7.6.3.1.3"),),
    "VOILUTFunction": (_open("LINEAR|LINEAR_EXACT|SIGMOID", "C.11.2"),),
    "RescaleType": (_open("OD|HU|US|MGML|Z_EFF|ED|EDW|HU_MOD|PCT|MG|G|Y|NA", "C.11.1.1.2"),),
    "PixelSpacingCalibrationType": (_open("GEOMETRY|FIDUCIAL", "10.7"),),
    "ConversionType": (_open("DV|DI|DF|WSD|SD|SI|DRW|SYN", "C.8.6.1"),),
    "PresentationIntentType": (_closed("FOR PRESENTATION|FOR PROCESSING", "C.8.11.1"),),
    "PixelIntensityRelationship": (_open("LIN|LOG|DISP", "C.8.11.3"),),
    "PixelIntensityRelationshipSign": (_closed("1|-1", "C.8.11.3"),),
    "ScanningSequence": (_closed("SE|IR|GR|EP|RM", "C.8.3.1.1.2"),),
    "SequenceVariant": (_open("SK|MTC|SS|TRSS|SP|MP|OSP|TOF|NONE", "C.8.3.1.1.3"),),
    "MRAcquisitionType": (_closed("2D|3D", "C.8.3.1"),),
    "AngioFlag": (_closed("Y|N", "C.8.3.1"),),
    "InPlanePhaseEncodingDirection": (_closed("ROW|COL|COLUMN|OTHER", "C.8.3.1"),),
    "RotationDirection": (_closed("CW|CC", "C.8.2.1"),),
    "SeriesType": (
        _closed("STATIC|DYNAMIC|GATED|WHOLE BODY", "C.8.9.1.1.3", 0),
        _closed("IMAGE|REPROJECTION", "C.8.9.1.1.3", 1),
    ),
    "CountsSource": (_closed("EMISSION|TRANSMISSION", "C.8.9.1"),),
    "DecayCorrection": (_closed("NONE|START|ADMIN", "C.8.9.1"),),
    "CollimatorType": (_open("PARA|FANB|PINH|CONE|SLNT|ASTG|DIVG|NONE|UNKN|RING", "C.8.4.10"),),
    "DoseUnits": (_closed("GY|RELATIVE", "C.8.8.3"),),
    "DoseType": (_open("PHYSICAL|EFFECTIVE|ERROR", "C.8.8.3"),),
    "DoseSummationType": (
        _open(
            "PLAN|MULTI_PLAN|PLAN_OVERVIEW|FRACTION|BEAM|BRACHY|FRACTION_SESSION|BEAM_SESSION|BRACHY_SESSION|CONTROL_POINT|RECORD",
            "C.8.8.3",
        ),
    ),
    "ContourGeometricType": (_open("POINT|OPEN_PLANAR|OPEN_NONPLANAR|CLOSED_PLANAR|CLOSEDPLANAR_XOR", "C.8.8.6"),),
    "SegmentationType": (_closed("BINARY|FRACTIONAL|LABELMAP", "C.8.20.2"),),
    "SegmentationFractionalType": (_closed("PROBABILITY|OCCUPANCY", "C.8.20.2"),),
    "SegmentAlgorithmType": (_closed("AUTOMATIC|SEMIAUTOMATIC|MANUAL", "C.8.20.4"),),
    "ContentQualification": (_closed("PRODUCT|RESEARCH|SERVICE", "C.8.13.2"),),
    "PixelPresentation": (_closed("MONOCHROME|COLOR|MIXED|TRUE_COLOR|COLOR_RANGE|COLOR_REF", "C.8.16.2.1.1"),),
    "VolumetricProperties": (_closed("VOLUME|SAMPLED|DISTORTED|MIXED", "C.8.16.2.1.2"),),
    "DimensionOrganizationType": (_open("3D|3D_TEMPORAL|TILED_FULL|TILED_SPARSE", "C.7.6.17"),),
    "CompletionFlag": (_closed("PARTIAL|COMPLETE", "C.17.2"),),
    "VerificationFlag": (_closed("UNVERIFIED|VERIFIED", "C.17.2"),),
    "ContinuityOfContent": (_closed("SEPARATE|CONTINUOUS", "C.17.3"),),
    "RelationshipType": (
        _closed(
            "CONTAINS|HAS OBS CONTEXT|HAS CONCEPT MOD|HAS PROPERTIES|HAS ACQ CONTEXT|INFERRED FROM|SELECTED FROM",
            "C.17.3",
        ),
    ),
    "ValueType": (
        _closed(
            "TEXT|NUM|NUMERIC|CODE|DATETIME|DATE|TIME|UIDREF|PNAME|COMPOSITE|IMAGE|WAVEFORM|SCOORD|SCOORD3D|TCOORD|CONTAINER|TABLE",
            "C.17.3",
        ),
    ),
    "ShutterShape": (_closed("RECTANGULAR|CIRCULAR|POLYGONAL|BITMAP", "C.7.6.11"),),
    "CollimatorShape": (_closed("RECTANGULAR|CIRCULAR|POLYGONAL", "C.8.7.3"),),
    "OverlayType": (_closed("G|R", "C.9.2"),),
    "InversionRecovery": (_closed(_YES_NO, "C.8.13.5.4"),),
    "AnatomicalOrientationType": (_closed("BIPED|QUADRUPED", "C.7.3.1"),),
    "FrameOfReferenceTransformationMatrixType": (_closed("RIGID|RIGID_SCALE|AFFINE", "C.20.2"),),
    "ApprovalStatus": (_closed("APPROVED|UNAPPROVED|REJECTED", "C.8.8.16"),),
    "SpatialLocationsPreserved": (_closed("YES|NO|REORIENTED_ONLY", "C.7.6.1"),),
}

for _keyword, _values, _all, _clause in RARE:
    TERMS[_keyword] = ((_closed if _all else _open)(_values, _clause),)

_GREY = "MONOCHROME1|MONOCHROME2"
_NM_KINDS = "STATIC|DYNAMIC|GATED|WHOLE BODY|TOMO|GATED TOMO|RECON TOMO|RECON GATED TOMO"
_MOTIONS = "STATIONARY|STEP AND SHOOT|CONTINUOUS|ACQ DURING STEP|WOBBLE|CLAMSHELL"
_US_COLOURS = "MONOCHROME2|PALETTE COLOR|RGB|YBR_FULL|YBR_FULL_422|YBR_PARTIAL_422|YBR_PARTIAL_420|YBR_ICT|YBR_RCT"
_MR_MAPS = (
    "DENSITY MAP|DIFFUSION MAP|IMAGE ADDITION|MODULUS SUBTRACT|MPR|OTHER|PHASE MAP|PHASE SUBTRACT|PROJECTION IMAGE|"
    "T1 MAP|T2 MAP|VELOCITY MAP"
)

IOD_TERMS: dict[str, dict[str, tuple[Terms, ...]]] = {
    "ct-image": {
        "SamplesPerPixel": (_closed("1", "C.8.2.1.1.2"),),
        "PhotometricInterpretation": (_closed(_GREY, "C.8.2.1.1.3"),),
        "BitsAllocated": (_closed("16", "C.8.2.1.1.4"),),
        "BitsStored": (_closed("12|13|14|15|16", "C.8.2.1.1.5"),),
        "ImageType": (_open("AXIAL|LOCALIZER", "C.8.2.1.1.1", 2),),
    },
    "mr-image": {
        "SamplesPerPixel": (_closed("1", "C.8.3.1.1.8"),),
        "PhotometricInterpretation": (_closed(_GREY, "C.8.3.1.1.7"),),
        "BitsAllocated": (_closed("16", "C.8.3.1.1.9"),),
        "ImageType": (_open(_MR_MAPS, "C.8.3.1.1.1", 2),),
    },
    "nuclear-medicine-image": {
        "SamplesPerPixel": (_closed("1", "C.8.4.8"),),
        "PhotometricInterpretation": (_closed("MONOCHROME2|PALETTE COLOR", "C.8.4.8"),),
        "BitsAllocated": (_closed("8|16", "C.8.4.8"),),
        "ImageType": (_closed(_NM_KINDS, "C.8.4.9.1.1", 2),),
        "TypeOfDetectorMotion": (
            _closed("STATIONARY|STEP AND SHOOT|CONTINUOUS|ACQ DURING STEP|WOBBLE|CLAMSHELL", "C.8.4.11"),
        ),
    },
    "positron-emission-tomography-image": {
        "SamplesPerPixel": (_closed("1", "C.8.9.4"),),
        "PhotometricInterpretation": (_closed("MONOCHROME2", "C.8.9.4"),),
        "BitsAllocated": (_closed("16", "C.8.9.4"),),
        "RescaleIntercept": (_closed("0", "C.8.9.4"),),
    },
    "computed-radiography-image": {"PhotometricInterpretation": (_closed(_GREY, "C.8.1.2"),)},
    "digital-x-ray-image": {
        "SamplesPerPixel": (_closed("1", "C.8.11.3"),),
        "PhotometricInterpretation": (_closed(_GREY, "C.8.11.3"),),
        "BitsAllocated": (_closed("8|16", "C.8.11.3"),),
        "PixelRepresentation": (_closed("0", "C.8.11.3"),),
        "RescaleSlope": (_closed("1", "C.8.11.3"),),
        "RescaleIntercept": (_closed("0", "C.8.11.3"),),
        "RescaleType": (_closed("US", "C.8.11.3"),),
        "PixelIntensityRelationship": (_closed("LIN|LOG", "C.8.11.3"),),
    },
    "x-ray-radiofluoroscopic-image": {"PositionerType": (_open("COLUMN|CARM", "C.8.7.3"),)},
    "enhanced-ct-image": {"PhotometricInterpretation": (_closed("MONOCHROME2", "C.8.15.2"),)},
    "ultrasound-image": {"PhotometricInterpretation": (_closed(_US_COLOURS, "C.8.5.6.1.2"),)},
    "segmentation": {
        "Modality": (_closed("SEG", "C.8.20.1"),),
        "PixelRepresentation": (_closed("0", "C.8.20.2"),),
        "PhotometricInterpretation": (_closed("MONOCHROME2|PALETTE COLOR", "C.8.20.2"),),
    },
    "encapsulated-pdf": {"MIMETypeOfEncapsulatedDocument": (_closed("application/pdf", "A.45.1.4"),)},
}
IOD_TERMS["digital-mammography-x-ray-image"] = {
    **IOD_TERMS["digital-x-ray-image"],
    "Modality": (_closed("MG", "C.8.11.6"),),
    "ImageLaterality": (_closed("R|L|B", "C.8.11.7"),),
    "BodyPartExamined": (_closed("BREAST", "C.8.11.7"),),
    "PositionerType": (_closed("MAMMOGRAPHIC|NONE", "C.8.11.7"),),
}
IOD_TERMS["breast-projection-x-ray-image"] = {"PositionerType": (_closed("MAMMOGRAPHIC|NONE", "C.8.11.7"),)}
IOD_TERMS["digital-intra-oral-x-ray-image"] = {
    **IOD_TERMS["digital-x-ray-image"],
    "PositionerType": (_open("CARM|COLUMN|PANORAMIC|CEPHALOSTAT|RIGID|NONE", "C.8.11.9"),),
    "ImageLaterality": (_closed("R|L|B", "C.8.11.9"),),
}
for _values, (_clause, _iods) in MODALITIES.items():
    for _iod in _iods.split():
        IOD_TERMS.setdefault(_iod, {})["Modality"] = (_closed(_values, _clause),)
IOD_TERMS["ultrasound-multi-frame-image"] = IOD_TERMS["ultrasound-image"]
"""What an IOD narrows further, in the data set itself."""
