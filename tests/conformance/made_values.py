"""What made objects hold: by Value Representation, by attribute, and what makes a class what it is (PS3.3, PS3.5)."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from workstation.dicom.conformance.tables import GROUPS_MODULE, Iod

ROOT = "1.2.826.0.1.3680043.10.1700"

BY_VR: dict[str, Any] = {
    "AE": "AET", "AS": "040Y", "AT": 0x00280010, "CS": "OTHER", "DA": "20260102", "DS": "1", "DT": "20260102030405",
    "FD": 1.0, "FL": 1.0, "IS": "1", "LO": "Text", "LT": "Text", "OB": b"\0\0", "OD": b"\0" * 8, "OF": b"\0" * 4,
    "OL": b"\0" * 4, "OV": b"\0" * 8, "OW": b"\0\0", "PN": "Name^Given", "SH": "T1", "SL": 1, "SS": 1, "ST": "Text",
    "SV": 1, "TM": "030405", "UC": "Text", "UI": f"{ROOT}.9", "UL": 1, "UR": "http://example.org/", "US": 1,
    "UT": "Text", "UV": 1,
}  # fmt: skip

MODALITIES = {
    "AR": "autorefraction-measurements",
    "AU": "basic-voice-audio-waveform",
    "CT": "legacy-converted-enhanced-ct-image",
    "DMS": "dermoscopic-photography-image",
    "ECG": "ambulatory-ecg general-ecg",
    "EPS": "basic-cardiac-electrophysiology-waveform",
    "ES": "vl-endoscopic-image video-endoscopic-image",
    "FID": "spatial-fiducials",
    "GM": "vl-microscopic-image video-microscopic-image",
    "HD": "hemodynamic-waveform",
    "DX": "digital-x-ray-image",
    "IO": "digital-intra-oral-x-ray-image",
    "IOL": "intraocular-lens-calculations",
    "IVOCT": "intravascular-optical-coherence-tomography-image",
    "KER": "keratometry-measurements",
    "LEN": "lensometry-measurements",
    "M3D": "encapsulated-stl encapsulated-obj encapsulated-mtl",
    "MG": "breast-projection-x-ray-image breast-tomosynthesis-image",
    "MR": "legacy-converted-enhanced-mr-image tractography-results",
    "OAM": "ophthalmic-axial-measurements",
    "OP": "ophthalmic-photography-8-bit-image ophthalmic-photography-16-bit-image",
    "OPT": "ophthalmic-tomography-image",
    "OPTBSV": "ophthalmic-optical-coherence-tomography-b-scan-volume-analysis",
    "OPTENF": "ophthalmic-optical-coherence-tomography-en-face-image",
    "OPV": "ophthalmic-visual-field-static-perimetry-measurements",
    "PA": "photoacoustic-image",
    "PR": "advanced-blending-presentation-state blending-softcopy-presentation-state basic-structured-display "
    "color-softcopy-presentation-state pseudo-color-softcopy-presentation-state",
    "PT": "enhanced-pet-image legacy-converted-enhanced-pet-image",
    "REG": "spatial-registration deformable-spatial-registration",
    "RF": "x-ray-radiofluoroscopic-image enhanced-xrf-image",
    "RTRECORD": "rt-beams-treatment-record rt-brachy-treatment-record rt-ion-beams-treatment-record "
    "rt-treatment-summary-record",
    "RWV": "real-world-value-mapping",
    "SEG": "surface-segmentation",
    "SM": "vl-slide-coordinates-microscopic-image",
    "SMR": "stereometric-relationship",
    "SR": "acquisition-context-sr chest-cad-sr mammography-cad-sr procedure-log radiopharmaceutical-radiation-dose-sr",
    "SRF": "subjective-refraction-measurements spectacle-prescription-report",
    "US": "enhanced-us-volume",
    "VA": "visual-acuity-measurements",
    "XA": "enhanced-xa-image x-ray-3d-angiographic-image x-ray-3d-craniofacial-image",
    "XC": "vl-photographic-image video-photographic-image",
}
"""Modality of the classes that have one of their own."""

_YES_NO = (
    "AcousticCouplingMediumFlag AliasedDataType AttenuationCorrected BlindSpotLocalized "
    "BurnedInAnnotation CatchTrialsDataFlag CorrectedLocalizedDeviationFromNormalCalculated "
    "CorrectedLocalizedDeviationFromNormalProbabilityCalculated CountLossNormalizationCorrected DeadTimeCorrected "
    "DecayCorrected DetectorNormalizationCorrection ExcessiveFalseNegativesDataFlag ExcessiveFalsePositivesDataFlag "
    "ExcessiveFixationLossesDataFlag FalseNegativesEstimateFlag FalsePositivesEstimateFlag FieldOfViewHorizontalFlip "
    "FiniteVolume FovealPointNormativeDataFlag FovealSensitivityMeasured GantryMotionCorrected "
    "Manifold NonUniformRadialSamplingCorrected PatientMotionCorrected "
    "PresentedVisualStimuliDataFlag RandomsCorrected RecognizableVisualFeatures ScatterCorrected "
    "ScreeningBaselineMeasured SensitivityCalibrated ShortTermFluctuationCalculated "
    "ShortTermFluctuationProbabilityCalculated TestPointNormalsDataFlag "
    "VisualFieldTestNormalsFlag PatientIdentityRemoved"
)

VALUES: dict[str, Any] = {
    **dict.fromkeys(_YES_NO.split(), "NO"),
    "AcquisitionTimeSynchronized": "N",
    "AcquisitionStartCondition": "DENS",
    "AcquisitionTerminationCondition": "CNTS",
    "AnodeTargetMaterial": "TUNGSTEN",
    "ApplicationSetupType": "FLETCHER_SUIT",
    "digital-intra-oral-x-ray-image/PositionerType": "NONE",
    "breast-projection-x-ray-image/PositionerType": "MAMMOGRAPHIC",
    "digital-intra-oral-x-ray-image/ImageLaterality": "R",
    "ophthalmic-photography-8-bit-image/ImageLaterality": "R",
    "ophthalmic-photography-16-bit-image/ImageLaterality": "R",
    "ophthalmic-tomography-image/ImageLaterality": "R",
    "ophthalmic-optical-coherence-tomography-en-face-image/ImageLaterality": "R",
    "ophthalmic-optical-coherence-tomography-b-scan-volume-analysis/ImageLaterality": "R",
    "advanced-blending-presentation-state/PixelPresentation": "TRUE_COLOR",
    "intravascular-optical-coherence-tomography-image/VolumetricProperties": "DISTORTED",
    "vl-slide-coordinates-microscopic-image/PositionReferenceIndicator": "SLIDE_CORNER",
    "legacy-converted-enhanced-ct-image/RescaleType": "HU",
    **{f"color-palette/{colour}PaletteColorLookupTableData": b"\0\xff" for colour in ("Red", "Green", "Blue")},
    "color-palette/RedPaletteColorLookupTableDescriptor": [2, 0, 8],
    "color-palette/GreenPaletteColorLookupTableDescriptor": [2, 0, 8],
    "color-palette/BluePaletteColorLookupTableDescriptor": [2, 0, 8],
    "BackgroundColor": "WHITE",
    "BlendingMode": "EQUAL",
    "BlendingPosition": "SUPERIMPOSED",
    "BreastImplantPresent": "NO",
    "CArmPositionerTabletopRelationship": "NO",
    "CollimatorType": "NONE",
    "ContinuityOfContent": "SEPARATE",
    "DetectorGeometry": "CYLINDRICAL_RING",
    "DimensionOrganizationType": "3D",
    "InterpolationType": "BILINEAR",
    "IterativeReconstructionMethod": "NO",
    "RadiationMode": "CONTINUOUS",
    "ReconstructionAlgorithm": "FILTER_BACK_PROJ",
    "ReconstructionType": "2D",
    "TimeOfFlightInformationUsed": "FALSE",
    "InConcatenationTotalNumber": 1,
    "ConcatenationFrameOffsetNumber": 0,
    "XRayReceptorType": "DIGITAL_DETECTOR",
    "BrachyTreatmentTechnique": "INTRALUMENARY",
    "BrachyTreatmentType": "HDR",
    "CodeValue": "T-D1100",
    "CodingSchemeDesignator": "99TEST",
    "CodeMeaning": "Something",
    "CollimatorShape": "RECTANGULAR",
    "CompletionFlag": "COMPLETE",
    "ContentQualification": "RESEARCH",
    "ConversionType": "WSD",
    "CountsSource": "EMISSION",
    "CurrentTreatmentStatus": "ON_TREATMENT",
    "DataType": "TISSUE_INTENSITY",
    "DetectorType": "CCD",
    "DisplayedAreaBottomRightHandCorner": [4, 4],
    "ExposureControlMode": "MANUAL",
    "FieldOfViewRotation": "0",
    "FrameLaterality": "U",
    "FrameOfReferenceTransformationMatrix": ["1", "0", "0", "0", "0", "1", "0", "0", "0", "0", "1", "0", "0", "0",
                                             "0", "1"],
    "FrameOfReferenceTransformationMatrixType": "RIGID",
    "intravascular-optical-coherence-tomography-image/FrameType": ["ORIGINAL", "PRIMARY", "INTRAVASCULAR", "NONE"],
    "FrameType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
    "GeometricalProperties": "UNIFORM",
    "ImageBoxLayoutType": "SINGLE",
    "ImageLaterality": "U",
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "ImageProcessingApplied": "NONE",
    "ImageType": ["ORIGINAL", "PRIMARY"],
    "LossyImageCompression": "00",
    "MeasurementLaterality": "R",
    "OCTAcquisitionDomain": "FREQUENCY",
    "OphthalmicAxialMeasurementsDeviceType": "OPTICAL",
    "Optotype": "LETTERS",
    "OptotypePresentation": "SINGLE",
    "PositionMeasuringDeviceUsed": "RIGID",
    "IVUSAcquisition": "MEASURED",
    "BeamType": "STATIC",
    "OCTZOffsetApplied": "NO",
    "RefractiveIndexApplied": "NO",
    "PatientSupportType": "TABLE",
    "RadiationType": "PHOTON",
    "rt-ion-beams-treatment-record/RadiationType": "PROTON",
    "ScanMode": "NONE",
    "PatientOrientation": ["L", "P"],
    "PixelIntensityRelationship": "LIN",
    "PixelIntensityRelationshipSign": 1,
    "PixelPresentation": "MONOCHROME",
    "PlanesInAcquisition": "MONOPLANE",
    "PlaneIdentification": "MONOPLANE",
    "RangeModulatorType": "FIXED",
    "PositionerMotion": "STATIONARY",
    "PositionerType": "CARM",
    "PresentationIntentType": "FOR PRESENTATION",
    "PresentationLUTShape": "IDENTITY",
    "PresentationSizeMode": "SCALE TO FIT",
    "RadiationSetting": "SC",
    "RecommendedPresentationType": "SURFACE",
    "RescaleIntercept": "0",
    "RescaleType": "US",
    "SegmentAlgorithmType": "MANUAL",
    "ShapeType": "POINT",
    "SourceMovementType": "FIXED",
    "SourceType": "POINT",
    "StimulusResults": "SEEN",
    "SynchronizationTrigger": "NO TRIGGER",
    "TableMotion": "STATIC",
    "TreatmentTerminationStatus": "NORMAL",
    "TypeOfDetectorMotion": "STATIONARY",
    "UltrasoundAcquisitionGeometry": "APEX",
    "ApexPosition": [1.0, 1.0, 1.0],
    "ValueType": "CONTAINER",
    "VerificationFlag": "UNVERIFIED",
    "VisualFieldShape": "CIRCLE",
    "VolumeBasedCalculationTechnique": "NONE",
    "VolumetricProperties": "VOLUME",
    "WaveformBitsAllocated": 16,
    "WaveformOriginality": "ORIGINAL",
    "WaveformSampleInterpretation": "SS",
    **{f"{colour}PaletteColorLookupTableDescriptor": [2, 0, 16] for colour in ("Red", "Green", "Blue")},
    **{f"{colour}PaletteColorLookupTableData": b"\0\0\xff\xff" for colour in ("Red", "Green", "Blue")},
    "LUTDescriptor": [2, 0, 16],
    "LUTData": [0, 65535],
}  # fmt: skip
"""By keyword, or by IOD and keyword."""

_GREY: dict[str, Any] = {
    "Rows": 4,
    "Columns": 4,
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsAllocated": 8,
    "BitsStored": 8,
    "HighBit": 7,
    "PixelRepresentation": 0,
    "PixelData": b"\1" * (16),
}
_DEEP = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": b"\1" * (32)}
_COLOUR = {
    "SamplesPerPixel": 3,
    "PhotometricInterpretation": "RGB",
    "PlanarConfiguration": 0,
    "PixelData": b"\1" * (48),
}
_BIT = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelData": b"\1" * (2)}
_FOUR = {"ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]}

_OF_16_BITS = (
    "enhanced-pet-image",
    "legacy-converted-enhanced-ct-image",
    "legacy-converted-enhanced-mr-image",
    "legacy-converted-enhanced-pet-image",
)
_OF_FOUR_VALUES = (
    "breast-tomosynthesis-image",
    "enhanced-us-volume",
    "enhanced-xa-image",
    "enhanced-xrf-image",
    "intravascular-optical-coherence-tomography-image",
    "photoacoustic-image",
    "x-ray-3d-angiographic-image",
    "x-ray-3d-craniofacial-image",
)

BEGUN: dict[str, dict[str, Any]] = {
    **{iod: {**_DEEP, **_FOUR} for iod in _OF_16_BITS},
    **dict.fromkeys(_OF_FOUR_VALUES, _FOUR),
    "ophthalmic-photography-16-bit-image": _DEEP,
    "x-ray-radiofluoroscopic-image": {"ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]},
    "encapsulated-cda": {"MIMETypeOfEncapsulatedDocument": "text/XML", "Modality": "DOC"},
    "encapsulated-pdf": {"MIMETypeOfEncapsulatedDocument": "application/pdf", "Modality": "DOC"},
    "encapsulated-stl": {"MIMETypeOfEncapsulatedDocument": "model/stl"},
    "encapsulated-obj": {"MIMETypeOfEncapsulatedDocument": "model/obj"},
    "encapsulated-mtl": {"MIMETypeOfEncapsulatedDocument": "model/mtl"},
    "multi-frame-true-color-secondary-capture-image": {**_COLOUR, "Modality": "OT"},
    "multi-frame-single-bit-secondary-capture-image": {**_BIT, "Modality": "OT"},
    "multi-frame-grayscale-byte-secondary-capture-image": {"Modality": "OT"},
    "raw-data": {"Modality": "OT"},
}
"""What an object begins with besides its modality and pixels."""


PROCESSING = frozenset(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("1.3.1", "13.1.5", "14.2"))
"""Classes for processing that share an IOD with those for presentation."""

ITEMS = {
    "blending-softcopy-presentation-state": "BlendingSequence BlendingSequence",
    "lensometry-measurements": "LeftLensSequence",
    "rt-beams-treatment-record": "TreatmentSessionBeamSequence",
    "rt-ion-beams-treatment-record": "TreatmentSessionIonBeamSequence",
}
"""Sequences an object begins with, one item each time."""

FILLED: dict[str, dict[str, Any]] = {
    "DimensionIndexSequence": {"DimensionIndexPointer": 0x00209057, "FunctionalGroupPointer": 0x00209111},
    "TrackSetSequence": {"RecommendedDisplayCIELabValue": [1, 1, 1]},
}
"""What items begin with."""

OF_A_FRAME = frozenset({0x00209111, 0x0020930E, 0x00520025, 0x00209171, 0x00209113, 0x00520027, 0x00189504, 0x00089124})
"""Functional groups that stand per frame in a made object; the others are shared."""


def begun(iod: Iod, sop_class_uid: str) -> dict[str, Any]:
    """Return what an object of an IOD begins with, by keyword."""
    mandatory = {module.key for module in iod.modules if module.usage == "M"}
    start: dict[str, Any] = {}
    modality = next((modality for modality, iods in MODALITIES.items() if iod.key in iods.split()), "")
    if modality:
        start["Modality"] = modality
    if "image-pixel" in mandatory:
        start |= _GREY
    if any(key.endswith(GROUPS_MODULE) for key in mandatory):
        start["NumberOfFrames"] = 1
        start["SharedFunctionalGroupsSequence"] = Sequence([Dataset()])
        start["PerFrameFunctionalGroupsSequence"] = Sequence([Dataset()])
    if sop_class_uid in PROCESSING:
        start["PresentationIntentType"] = "FOR PROCESSING"
    for keyword in ITEMS.get(iod.key, "").split():
        start[keyword] = Sequence([*start.get(keyword, ()), filled(keyword)])
    return {**start, **BEGUN.get(iod.key, {})}


def filled(keyword: str) -> Dataset:
    """Return an item of a sequence with what no check asks for and a reader needs."""
    item = Dataset()
    for inner, value in FILLED.get(keyword, {}).items():
        setattr(item, inner, value)
    return item
