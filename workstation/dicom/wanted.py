"""Which attributes the facts carry, and how each is read."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from workstation.dicom import attributes as a
from workstation.dicom.vocabulary import tag_of, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

    Table = Mapping[BaseTag, tuple[str, Callable[[Dataset, str], Any]]]


def _table(readers: Mapping[Callable[[Dataset, str], Any], str]) -> Table:
    return {tag_of(keyword): (keyword, reader) for reader, words in readers.items() for keyword in words.split()}


INSTANCE = _table(
    {
        a.text: """PatientName PatientID IssuerOfPatientID PatientBirthDate PatientSex PatientAge StudyDate StudyTime
            StudyDescription AccessionNumber StudyID SeriesDescription SeriesDate SeriesTime ProtocolName
            BodyPartExamined Laterality ImageLaterality ViewPosition InstitutionName Manufacturer
            ManufacturerModelName StationName PatientPosition ContentDate ContentTime AcquisitionDate AcquisitionTime
            AcquisitionDateTime PixelSpacingCalibrationType LossyImageCompression BurnedInAnnotation
            AnatomicalOrientationType PresentationIntentType Units RescaleType DocumentTitle
            MIMETypeOfEncapsulatedDocument ContentLabel ContentDescription CompletionFlag VerificationFlag
            TimezoneOffsetFromUTC ConcatenationUID SOPInstanceUIDOfConcatenationSource SegmentationType
            VolumetricProperties SoftwareVersions SequenceName ScanningSequence
            DoseUnits DoseType DoseSummationType StructureSetLabel RTPlanLabel QueryRetrieveView
            CorrectedImage DecayCorrection PhotometricInterpretation""",
        a.texts: "LossyImageCompressionMethod PatientOrientation ScanOptions OtherPatientIDs SOPClassesInStudy",
        a.number: """PatientSize PatientWeight SliceThickness SpacingBetweenSlices FrameTime CineRate
            EstimatedRadiographicMagnificationFactor DistanceSourceToDetector DistanceSourceToPatient KVP
            XRayTubeCurrent ExposureTime Exposure EchoTime RepetitionTime InversionTime FlipAngle
            MagneticFieldStrength PositionerPrimaryAngle PositionerSecondaryAngle GantryDetectorTilt HeartRate
            DistanceSourceToIsocenter TableHeight DoseGridScaling ReconstructionDiameter ImagedNucleus
            TableTopVerticalPosition BodyPartThickness CompressionForce""",
        a.numbers: """PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing FrameTimeVector
            LossyImageCompressionRatio GridFrameOffsetVector""",
        a.integer: """SeriesNumber AcquisitionNumber RecommendedDisplayFrameRate PreferredPlaybackSequencing StartTrim
            StopTrim BitsAllocated BitsStored HighBit PixelRepresentation PlanarConfiguration InConcatenationNumber
            InConcatenationTotalNumber ConcatenationFrameOffsetNumber NumberOfTemporalPositions
            RepresentativeFrameNumber PixelPaddingValue PixelPaddingRangeLimit NumberOfPatientRelatedStudies
            NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances NumberOfStudyRelatedSeries
            NumberOfStudyRelatedInstances NumberOfSeriesRelatedInstances ImagesInAcquisition""",
        a.integers: "PixelAspectRatio",
    }
)

FRAME = _table(
    {
        a.number: """EchoTime EffectiveEchoTime InversionTime FlipAngle RepetitionTime TriggerTime FrameReferenceTime
            SliceLocation SliceThickness NominalCardiacTriggerDelayTime GantryDetectorTilt KVP
            RescaleSlope RescaleIntercept TemporalPositionTimeOffset NominalPercentageOfCardiacPhase
            SpacingBetweenSlices XRayTubeCurrentInmA ExposureTimeInms PositionerPrimaryAngle
            PositionerSecondaryAngle ActualFrameDuration""",
        a.integer: """EchoNumbers TemporalPositionIdentifier TemporalPositionIndex AcquisitionNumber
            FrameAcquisitionNumber InStackPositionNumber""",
        a.integers: "DimensionIndexValues",
        a.numbers: "InversionTimes",
        a.text: """AcquisitionTime AcquisitionDateTime AcquisitionDate ContentTime ContentDate FrameAcquisitionDateTime
            FrameReferenceDateTime StackID ConvolutionKernel ContrastBolusAgent ImageLaterality Laterality
            FrameLaterality CardiacCyclePosition ViewPosition SequenceName ProtocolName RescaleType FilterType""",
        a.texts: "ImageType FrameType ScanOptions PatientOrientation",
    }
)
"""Split and sort attributes; the same table reads the top level and the functional group macros."""

RENAMED = {
    "EffectiveEchoTime": "EchoTime",
    "FrameAcquisitionNumber": "AcquisitionNumber",
    "FrameLaterality": "ImageLaterality",
}
"""Names in the enhanced SOP Classes for what the classic ones call otherwise."""


def collect(ds: Dataset, table: Table) -> dict[str, Any]:
    """Read the wanted attributes that are there and usable."""
    out: dict[str, Any] = {}
    for tag in tags_of(ds):
        found = table.get(tag)
        if found is None:
            continue
        keyword, read = found
        value = read(ds, keyword)
        if value is not None and value != "" and value != ():
            # Slices repeat nearly all of their text: one copy serves all of them.
            out[RENAMED.get(keyword, keyword)] = intern(value) if type(value) is str else value
    return out
