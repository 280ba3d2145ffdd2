"""Enumerated Values and Defined Terms of the rarer IODs, and the Modality each IOD asks for (PS3.3)."""

from __future__ import annotations

_YES_NO = {
    "C.8.11.4": "FieldOfViewHorizontalFlip",
    "C.8.19.7": "CArmPositionerTabletopRelationship",
    "C.8.22.3": "AttenuationCorrected CountLossNormalizationCorrected DeadTimeCorrected DecayCorrected "
    "DetectorNormalizationCorrection GantryMotionCorrected NonUniformRadialSamplingCorrected PatientMotionCorrected "
    "RandomsCorrected ScatterCorrected SensitivityCalibrated",
    "C.8.22.5": "IterativeReconstructionMethod",
    "C.8.24.6": "AliasedDataType",
    "C.8.26": "BlindSpotLocalized CatchTrialsDataFlag CorrectedLocalizedDeviationFromNormalCalculated "
    "CorrectedLocalizedDeviationFromNormalProbabilityCalculated ExcessiveFalseNegativesDataFlag "
    "ExcessiveFalsePositivesDataFlag ExcessiveFixationLossesDataFlag FalseNegativesEstimateFlag "
    "FalsePositivesEstimateFlag FovealPointNormativeDataFlag FovealSensitivityMeasured PresentedVisualStimuliDataFlag "
    "ScreeningBaselineMeasured ShortTermFluctuationCalculated ShortTermFluctuationProbabilityCalculated "
    "TestPointNormalsDataFlag VisualFieldTestNormalsFlag",
    "C.8.27": "OCTZOffsetApplied RefractiveIndexApplied",
    "C.8.34": "AcousticCouplingMediumFlag",
}
_CLOSED = {
    "AcquisitionTimeSynchronized": ("Y|N", "C.7.4.2"),
    "BeamType": ("STATIC|DYNAMIC", "C.8.8.14"),
    "BlendingMode": ("EQUAL|FOREGROUND", "C.11.33"),
    "BlendingPosition": ("SUPERIMPOSED|UNDERLYING", "C.11.14"),
    "BrachyTreatmentTechnique": (
        "INTRALUMENARY|INTRACAVITARY|INTERSTITIAL|CONTACT|INTRAVASCULAR|PERMANENT",
        "C.8.8.15",
    ),
    "CurrentTreatmentStatus": ("NOT_STARTED|ON_TREATMENT|ON_BREAK|SUSPENDED|STOPPED|COMPLETED", "C.8.8.23"),
    "FiniteVolume": ("YES|NO|UNKNOWN", "C.27.1"),
    "Manifold": ("YES|NO|UNKNOWN", "C.27.1"),
    "GeometricalProperties": ("UNIFORM|NON_UNIFORM", "C.8.19.6"),
    "MeasurementLaterality": ("R|L|B", "C.8.26"),
    "OptotypePresentation": ("SINGLE|MULTIPLE", "C.8.25.9"),
    "ViewingDistanceType": ("DISTANCE|NEAR|INTERMEDIATE|OTHER", "C.8.25.9"),
    "PositionMeasuringDeviceUsed": ("RIGID|FREEHAND", "C.8.24.3"),
    "PresentationSizeMode": ("SCALE TO FIT|TRUE SIZE|MAGNIFY", "C.10.4"),
    "RadiationSetting": ("SC|GR", "C.8.7.1"),
    "SynchronizationTrigger": ("SOURCE|EXTERNAL|PASSTHRU|NO TRIGGER", "C.7.4.2"),
    "TimeOfFlightInformationUsed": ("TRUE|FALSE", "C.8.22.3"),
    "TreatmentTerminationStatus": ("NORMAL|OPERATOR|MACHINE|UNKNOWN", "C.8.8.21"),
    "VisualFieldShape": ("RECTANGLE|CIRCLE|ELLIPSE", "C.8.26"),
    "WaveformOriginality": ("ORIGINAL|DERIVED", "C.10.9"),
    "WaveformSampleInterpretation": ("SB|UB|MB|AB|SS|US|SL|UL|SV|UV", "C.10.9.1.5"),
    "XRayReceptorType": ("IMG_INTENSIFIER|DIGITAL_DETECTOR", "C.8.19.3"),
}
_OPEN = {
    "AnodeTargetMaterial": ("TUNGSTEN|MOLYBDENUM|RHODIUM", "C.8.11.7"),
    "ApplicationSetupType": (
        "FLETCHER_SUIT|DELCLOS|BLOEDORN|JOSLIN_FLYNN|CHANDIGARH|MANCHESTER|HENSCHKE|NASOPHARYNGEAL|OESOPHAGEAL|"
        "ENDOBRONCHIAL|SYED_NEBLETT|ENDORECTAL|PERINEAL",
        "C.8.8.15",
    ),
    "BrachyTreatmentType": ("MANUAL|HDR|MDR|LDR|PDR", "C.8.8.15"),
    "ExposureControlMode": ("MANUAL|AUTOMATIC", "C.8.7.10"),
    "ImageBoxLayoutType": ("TILED|STACK|CINE|PROCESSED|SINGLE", "C.11.17"),
    "PatientSupportType": ("TABLE|CHAIR", "C.8.8.25"),
    "PlanesInAcquisition": ("MONOPLANE|BIPLANE|UNDEFINED", "C.8.19.2"),
    "PlaneIdentification": ("MONOPLANE|PLANE A|PLANE B", "C.8.19.2"),
    "RadiationMode": ("CONTINUOUS|PULSED", "C.8.19.3"),
    "RadiationType": ("PHOTON|ELECTRON|NEUTRON|PROTON|ION", "C.8.8.14"),
    "RangeModulatorType": ("FIXED|WHL_FIXEDWEIGHTS|WHL_MODWEIGHTS", "C.8.8.25"),
    "RecommendedPresentationType": ("SURFACE|WIREFRAME|POINTS", "C.27.1"),
    "ScanMode": ("NONE|UNIFORM|MODULATED|MODULATED_SPEC", "C.8.8.25"),
    "ShapeType": ("POINT|LINE|PLANE|SURFACE|RULER|L_SHAPE|T_SHAPE|SHAPE", "C.21.2"),
    "SourceMovementType": ("STEPWISE|FIXED|OSCILLATING|UNIDIRECTIONAL", "C.8.8.15"),
    "SourceType": ("POINT|LINE|CYLINDER|SPHERE", "C.8.8.15"),
    "VolumeBasedCalculationTechnique": (
        "MAX_IP|MIN_IP|VOLUME_RENDER|SURFACE_RENDER|MPR|CURVED_MPR|NONE|MIXED",
        "C.8.16.2.1.3",
    ),
}

RARE: tuple[tuple[str, str, bool, str], ...] = (
    *((keyword, "YES|NO", True, clause) for clause, some in _YES_NO.items() for keyword in some.split()),
    *((keyword, values, True, clause) for keyword, (values, clause) in _CLOSED.items()),
    *((keyword, values, False, clause) for keyword, (values, clause) in _OPEN.items()),
)
"""Keyword, terms with bars between them, whether they are all there are, and the clause."""

MODALITIES: dict[str, tuple[str, str]] = {
    "AR": ("C.8.25.7", "autorefraction-measurements"),
    "AU": ("A.34.2", "basic-voice-audio-waveform"),
    "ECG": ("A.34.3", "12-lead-ecg general-ecg ambulatory-ecg"),
    "EPS": ("A.34.7", "basic-cardiac-electrophysiology-waveform"),
    "FID": ("C.21.1", "spatial-fiducials"),
    "HD": ("A.34.6", "hemodynamic-waveform"),
    "IO": ("C.8.11.8", "digital-intra-oral-x-ray-image"),
    "IOL": ("C.8.25.13", "intraocular-lens-calculations"),
    "IVOCT": ("C.8.27.1", "intravascular-optical-coherence-tomography-image"),
    "KER": ("C.8.25.8", "keratometry-measurements"),
    "KO": ("C.17.6.1", "key-object-selection-document"),
    "LEN": ("C.8.25.6", "lensometry-measurements"),
    "M3D": ("C.35.1", "encapsulated-stl encapsulated-obj encapsulated-mtl"),
    "MG": ("C.8.11.6", "breast-projection-x-ray-image breast-tomosynthesis-image"),
    "OAM": ("C.8.25.12", "ophthalmic-axial-measurements"),
    "OP": ("C.8.17.1", "ophthalmic-photography-8-bit-image ophthalmic-photography-16-bit-image"),
    "OPT": ("C.8.17.6", "ophthalmic-tomography-image"),
    "OPTBSV": ("C.8.17.17", "ophthalmic-optical-coherence-tomography-b-scan-volume-analysis"),
    "OPTENF": ("C.8.17.14", "ophthalmic-optical-coherence-tomography-en-face-image"),
    "OPV": ("C.8.26.1", "ophthalmic-visual-field-static-perimetry-measurements"),
    "PA": ("C.8.34.1", "photoacoustic-image"),
    "PR": (
        "C.11.9",
        "grayscale-softcopy-presentation-state color-softcopy-presentation-state blending-softcopy-presentation-state "
        "pseudo-color-softcopy-presentation-state advanced-blending-presentation-state basic-structured-display",
    ),
    "PT": ("C.8.22.1", "enhanced-pet-image legacy-converted-enhanced-pet-image"),
    "CT": ("C.8.15.1", "enhanced-ct-image legacy-converted-enhanced-ct-image"),
    "MR": ("C.8.13.6", "enhanced-mr-image legacy-converted-enhanced-mr-image"),
    "REG": ("C.20.1", "spatial-registration deformable-spatial-registration"),
    "RTRECORD": (
        "C.8.8.1",
        "rt-beams-treatment-record rt-brachy-treatment-record rt-ion-beams-treatment-record "
        "rt-treatment-summary-record",
    ),
    "RWV": ("C.36.1", "real-world-value-mapping"),
    "SMR": ("C.8.18.1", "stereometric-relationship"),
    "SR": (
        "C.17.1",
        "basic-text-sr enhanced-sr comprehensive-sr comprehensive-3d-sr acquisition-context-sr chest-cad-sr "
        "mammography-cad-sr procedure-log x-ray-radiation-dose-sr radiopharmaceutical-radiation-dose-sr",
    ),
    "SRF": ("C.8.25.10", "subjective-refraction-measurements"),
    "US": ("C.8.24.1", "enhanced-us-volume"),
    "VA": ("C.8.25.9", "visual-acuity-measurements"),
    "XA|RF": ("C.8.19.1", "enhanced-xa-image enhanced-xrf-image"),
}
"""Modality, and the IODs that ask for it, all of them Enumerated Values."""
