"""Conditions of types 1C and 2C and of conditional modules, as small questions with a plain sentence each.

The table below is written by hand for what images commonly hold; where it is silent, the Standard's own words are read
(:mod:`~workstation.dicom.conformance.phrases`). What neither can tell is "condition not evaluated": ``None``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from workstation.dicom import attributes as a
from workstation.dicom.conformance import phrases
from workstation.dicom.conformance.findings import words
from workstation.dicom.conformance.rules import keyword_of
from workstation.dicom.conformance.tables import GROUPS_MODULE

if TYPE_CHECKING:
    from workstation.dicom.conformance.facts import Facts
    from workstation.dicom.conformance.tables import Claim, Group, Iod, Module


class Condition(NamedTuple):
    """When an attribute or module is required; ``only`` says that it must not be there otherwise."""

    sentence: str
    holds: Callable[[Facts], bool | None]
    only: bool = False


def of_attribute(iod: Iod, claim: Claim, keyword: str) -> Condition | None:
    """Return the condition of a 1C or 2C attribute; None where it is not evaluated."""
    module = iod.modules[claim.module].key
    if module.endswith(GROUPS_MODULE):
        module = "functional-groups"
    found = ATTRIBUTES.get(f"{module}/{keyword}") or ATTRIBUTES.get(keyword)
    if found is not None:
        return found
    return _of_text(iod.text(claim))


def of_module(module: Module) -> Condition | None:
    """Return the condition of a module of usage C."""
    return MODULES.get(module.key) or _of_text(module.condition)


def of_group(iod: Iod, group: Group) -> Condition | None:
    """Return the condition of a functional group macro; None where it is mandatory, or not evaluated."""
    found = GROUPS.get(f"{iod.key}/{keyword_of(group.tag)}")
    return found if found is not None else _of_text(group.condition) if group.usage == "C" else None


def _of_text(text: str) -> Condition | None:
    ask = phrases.question(text) if text else None
    if ask is None:
        return None
    sentence = text.partition(". ")[0].rstrip(".").partition(", may be present")[0].partition("; may be present")[0]
    return Condition(sentence + ".", ask, phrases.shall_not_be_otherwise(text))


PAIRED = frozenset(
    words(
        "ANKLE ARM AXILLA BREAST CALF CLAVICLE EAR ELBOW EXTREMITY EYE EYELID FEMUR FINGER FOOT FOREARM "
        "HAND HEEL HIP HUMERUS KIDNEY KNEE LEG LUNG ORBIT OVARY PATELLA RADIUS SCAPULA SHOULDER TESTIS "
        "THIGH THUMB TIBIA TOE ULNA WRIST ZYGOMA"
    )
)
UNPAIRED = frozenset(
    words(
        "ABDOMEN ABDOMENPELVIS AORTA BLADDER BRAIN CERVIX CHEST CHESTABDOMEN CHESTABDPELVIS COLON CSPINE "
        "CTSPINE ESOPHAGUS HEAD HEADNECK HEART JAW LARYNX LIVER LSPINE LSSPINE MANDIBLE MEDIASTINUM NECK "
        "PANCREAS PELVIS PHANTOM PROSTATE RECTUM SKULL SPINE SPLEEN SSPINE STERNUM STOMACH THORAX TLSPINE "
        "TSPINE UTERUS WHOLEBODY"
    )
)
"""Terms of PS3.16 Annex L that name one side or none."""

_CT, _MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
_POSITIONED = frozenset({_CT, _MR, f"{_CT}.1", f"{_CT}.2", f"{_MR}.1", f"{_MR}.2", f"{_MR}.3", f"{_MR}.4"})


def _laterality(facts: Facts) -> bool | None:
    if any(map(facts.has, ("ImageLaterality", "FrameLaterality", "MeasurementLaterality"))):
        return False
    part = facts.text("BodyPartExamined").upper()
    return True if part in PAIRED else False if part in UNPAIRED else None


def _patient_position(facts: Facts) -> bool:
    return facts.sop_class_uid in _POSITIONED and not facts.has("PatientOrientationCodeSequence")


def _patient_orientation(facts: Facts) -> bool | None:
    if facts.has("DetectorInformationSequence"):
        return None
    if facts.has("ImageOrientationPatient") or facts.has("ImageOrientationSlide"):
        return False
    return None if facts.iod.has_module("image-plane", "M") else True


def _palette(facts: Facts) -> bool | None:
    photometric = facts.text("PhotometricInterpretation")
    coloured = facts.text("PixelPresentation") in ("COLOR", "MIXED")
    return None if not photometric else photometric == "PALETTE COLOR" or coloured


def _palette_data(facts: Facts) -> bool | None:
    if facts.has("SegmentedRedPaletteColorLookupTableData"):
        return False
    return True if facts.has("RedPaletteColorLookupTableDescriptor") else _palette(facts)


def _lossy(facts: Facts) -> bool | None:
    return facts.text("LossyImageCompression") == "01" if facts.has_value("LossyImageCompression") else None


def _was_compressed(facts: Facts) -> bool | None:
    meta = getattr(facts.root, "file_meta", None)
    syntax = str(getattr(meta, "TransferSyntaxUID", ""))
    return True if syntax in LOSSY or facts.has("LossyImageCompressionRatio") else None


LOSSY = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 100, 101, 102, 103, 104, 105, 106, 107, 108))
"""Transfer syntaxes that cannot be without loss (PS3.5 A.4)."""


def _no_method(other: str) -> Callable[[Facts], bool | None]:
    def ask(facts: Facts) -> bool | None:
        removed = facts.text("PatientIdentityRemoved")
        return removed == "YES" and not facts.has(other) if removed else False

    return ask


def _code_value(facts: Facts) -> bool:
    return not (facts.here("LongCodeValue") or facts.here("URNCodeValue"))


def _designator(facts: Facts) -> bool:
    return facts.here("CodeValue") or facts.here("LongCodeValue")


def _repetition_time(facts: Facts) -> bool | None:
    sequence = facts.texts("ScanningSequence")
    if not sequence:
        return None
    return not ("EP" in sequence and "SK" not in facts.texts("SequenceVariant"))


def _is_animal(facts: Facts) -> bool | None:
    named = "PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription PatientBreedCodeSequence"
    return True if any(map(facts.has_value, words(named))) else None


def _animal_without(other: str) -> Callable[[Facts], bool | None]:
    return lambda facts: None if (animal := _is_animal(facts)) is None else animal and not facts.has(other)


_TIMELESS = a.LEGACY_CONVERTED | {"1.2.840.10008.5.1.4.1.1.77.1.6"}


def _original_frame(facts: Facts) -> bool | None:
    if facts.sop_class_uid in _TIMELESS:
        return False
    kind = facts.text("FrameType") or facts.text("ImageType")
    return kind == "ORIGINAL" if kind else None


def _inversion_time(facts: Facts) -> bool | None:
    sequence = facts.texts("ScanningSequence")
    return "IR" in sequence if sequence else None


def _points_to(keyword: str) -> Callable[[Facts], bool | None]:
    return lambda facts: facts.points_to(keyword) if facts.has("FrameIncrementPointer") else None


def _third_type(*values: str) -> Callable[[Facts], bool | None]:
    def ask(facts: Facts) -> bool | None:
        third = facts.text("ImageType", 2)
        return third in values if third else None

    return ask


def _frames(facts: Facts) -> bool | None:
    number = facts.number("NumberOfFrames")
    return None if number is None else number > 1


_SEG, _OPT, _OPT_VOLUME = (f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("66.4", "77.1.5.4", "77.1.5.8"))


def _in_space(*kinds: str, otherwise: bool = False, original: bool = False) -> Callable[[Facts], bool | None]:
    """Return whether a frame has a place or a size: by its Volumetric Properties, or by what its class says."""

    def ask(facts: Facts) -> bool | None:
        if facts.sop_class_uid == _SEG:
            return True if facts.has("FrameOfReferenceUID") else None
        if facts.sop_class_uid == _OPT:
            return True if facts.text("OphthalmicVolumetricPropertiesFlag") == "YES" else None
        if facts.sop_class_uid == _OPT_VOLUME:
            return True
        properties = facts.text("VolumetricProperties")
        kind = facts.text("FrameType") or facts.text("ImageType")
        if not properties or (original and kind != "ORIGINAL"):
            return None
        return (properties in kinds) is not otherwise or None

    return ask


def _value_type(*values: str) -> Condition:
    shown = " or ".join(values)

    def ask(facts: Facts) -> bool | None:
        kind = facts.text("ValueType")
        return kind in values if kind else None

    return Condition(f"Required if Value Type is {shown}.", ask)


def _concept_name(facts: Facts) -> bool | None:
    named = facts.text("ValueType") in words("TEXT NUM CODE DATETIME DATE TIME UIDREF PNAME")
    return True if named or len(facts.chain) == 1 else None


def _not_legacy(facts: Facts) -> bool:
    return facts.sop_class_uid not in a.LEGACY_CONVERTED


_TIMES = words("ReferencedSamplePositions ReferencedTimeOffsets ReferencedDateTime")


def _no_other_time(facts: Facts) -> bool | None:
    """Tell whether a temporal coordinate has no point in time at all: one of three ways is asked for."""
    kind = facts.text("ValueType")
    temporal = kind == "TCOORD" if kind else facts.here("TemporalRangeType")
    return temporal and not any(map(facts.here, _TIMES))


_NO_URL = Condition(
    "Required unless Pixel Data Provider URL is present.", lambda facts: not facts.has("PixelDataProviderURL")
)
_LUT = Condition("Required if Photometric Interpretation is PALETTE COLOR or pixels are shown in colour.", _palette)
_LUT_DATA = Condition("Required if there is a palette and segmented data is not used.", _palette_data)
_CODE = Condition("Required unless Long Code Value or URN Code Value is present.", _code_value)
_DESIGNATOR = Condition("Required if Code Value or Long Code Value is present.", _designator)
_NEVER = Condition("Not evaluated.", lambda _facts: None)

ATTRIBUTES: dict[str, Condition] = {
    "general-series/Laterality": Condition(
        "Required if the body part is one of a pair and no other laterality is given.", _laterality
    ),
    "general-series/PatientPosition": Condition(
        "Required for CT and MR images without Patient Orientation Code Sequence.", _patient_position
    ),
    "general-image/PatientOrientation": Condition(
        "Required if the image has no Image Orientation (Patient) and Image Position (Patient).", _patient_orientation
    ),
    "image-pixel/PixelData": _NO_URL,
    "PlanarConfiguration": Condition(
        "Required if Samples per Pixel is greater than 1.",
        lambda facts: None if (samples := facts.number("SamplesPerPixel")) is None else samples > 1,
    ),
    **{
        f"{colour}PaletteColorLookupTable{part}": _LUT if part == "Descriptor" else _LUT_DATA
        for colour in ("Red", "Green", "Blue")
        for part in ("Descriptor", "Data")
    },
    "enhanced-pet-image/LossyImageCompression": Condition(
        "Required unless the image is Legacy Converted.", _not_legacy
    ),
    "LossyImageCompression": Condition("Required if the image was compressed with loss.", _was_compressed),
    "LossyImageCompressionRatio": Condition("Required if Lossy Image Compression is 01.", _lossy),
    "dx-image/LossyImageCompressionRatio": Condition("Required if Lossy Image Compression is 01.", _lossy),
    "LossyImageCompressionMethod": Condition("Required if Lossy Image Compression is 01.", _lossy),
    "patient/DeidentificationMethod": Condition(
        "Required if Patient Identity Removed is YES and there is no De-identification Method Code Sequence.",
        _no_method("DeidentificationMethodCodeSequence"),
    ),
    "patient/DeidentificationMethodCodeSequence": Condition(
        "Required if Patient Identity Removed is YES and there is no De-identification Method.",
        _no_method("DeidentificationMethod"),
    ),
    "patient/PatientSpeciesDescription": Condition(
        "Required if the patient is an animal and there is no Patient Species Code Sequence.",
        _animal_without("PatientSpeciesCodeSequence"),
    ),
    "patient/PatientSpeciesCodeSequence": Condition(
        "Required if the patient is an animal and there is no Patient Species Description.",
        _animal_without("PatientSpeciesDescription"),
    ),
    **{
        f"patient/{keyword}": Condition("Required if the patient is an animal.", _is_animal)
        for keyword in ("PatientBreedCodeSequence", "BreedRegistrationSequence", "ResponsiblePerson")
    },
    "patient-study/PatientSexNeutered": Condition("Required if the patient is an animal.", _is_animal),
    "CodeValue": _CODE,
    "CodingSchemeDesignator": _DESIGNATOR,
    **{
        keyword: Condition("Required if Frame Type value 1 is ORIGINAL.", _original_frame)
        for keyword in ("FrameAcquisitionDateTime", "FrameReferenceDateTime", "FrameAcquisitionDuration")
    },
    **{
        keyword: Condition(
            "Required if Frame Type value 1 is ORIGINAL and Volumetric Properties is not DISTORTED.",
            _in_space("DISTORTED", otherwise=True, original=True),
        )
        for keyword in ("functional-groups/ImagePositionPatient", "functional-groups/ImageOrientationPatient")
    },
    "functional-groups/PixelSpacing": Condition(
        "Required if Volumetric Properties is neither DISTORTED nor SAMPLED.",
        _in_space("DISTORTED", "SAMPLED", otherwise=True),
    ),
    "functional-groups/SliceThickness": Condition(
        "Required if Volumetric Properties is VOLUME or SAMPLED.", _in_space("VOLUME", "SAMPLED")
    ),
    "functional-groups/IntravascularLongitudinalDistance": Condition(
        "Required if IVUS Acquisition is MEASURED.", lambda facts: facts.text("IVUSAcquisition") == "MEASURED"
    ),
    "encapsulated-document/HL7InstanceIdentifier": Condition(
        "Required if the encapsulated document is a CDA document.",
        lambda facts: facts.sop_class_uid == "1.2.840.10008.5.1.4.1.1.104.2",
    ),
    "mr-image/RepetitionTime": Condition(
        "Required unless Scanning Sequence is EP and Sequence Variant is not SK.", _repetition_time
    ),
    "mr-image/InversionTime": Condition("Required if Scanning Sequence is IR.", _inversion_time),
    "FrameTime": Condition("Required if Frame Increment Pointer points to Frame Time.", _points_to("FrameTime")),
    "FrameTimeVector": Condition(
        "Required if Frame Increment Pointer points to Frame Time Vector.", _points_to("FrameTimeVector")
    ),
    **{
        f"{name}Vector": Condition("Required if Frame Increment Pointer points to it.", _points_to(f"{name}Vector"))
        for name in words(
            "EnergyWindow Detector Phase Rotation RRInterval TimeSlot Slice AngularView TimeSlice PageNumber "
            "FrameLabel FramePrimaryAngle FrameSecondaryAngle SliceLocation DisplayWindowLabel"
        )
    },
    "pet-image/FrameTime": Condition(
        "Required if Series Type value 1 is GATED.",
        lambda facts: facts.text("SeriesType") == "GATED" if facts.has_value("SeriesType") else None,
    ),
    "sc-multi-frame-image/FrameIncrementPointer": Condition("Required if there is more than one frame.", _frames),
    "multi-frame/FrameIncrementPointer": Condition("Required if there is more than one frame.", _frames),
    "TextValue": _value_type("TEXT"),
    "DateTime": _value_type("DATETIME"),
    "Date": _value_type("DATE"),
    "Time": _value_type("TIME"),
    "PersonName": _value_type("PNAME"),
    "UID": _value_type("UIDREF"),
    "sr-document-content/ConceptCodeSequence": _value_type("CODE"),
    "sr-document-content/MeasuredValueSequence": _value_type("NUM"),
    "sr-document-content/ReferencedSOPSequence": _value_type("COMPOSITE", "IMAGE", "WAVEFORM"),
    "sr-document-content/GraphicData": _value_type("SCOORD", "SCOORD3D"),
    "sr-document-content/GraphicType": _value_type("SCOORD", "SCOORD3D"),
    "sr-document-content/ReferencedFrameOfReferenceUID": _value_type("SCOORD3D"),
    "sr-document-content/TabulatedValuesSequence": _value_type("TABLE"),
    "sr-document-content/TemporalRangeType": _value_type("TCOORD"),
    "sr-document-content/ContinuityOfContent": _value_type("CONTAINER"),
    **dict.fromkeys(
        _TIMES,
        Condition("Required if a temporal coordinate has none of the three ways to name a time.", _no_other_time),
    ),
    # a 1C here whose condition speaks of images; taken over from a macro, and not asked for by anyone
    "rt-dose/DerivationCodeSequence": _NEVER,
    "sr-document-content/ContentTemplateSequence": _NEVER,
    "sr-document-content/ConceptNameCodeSequence": Condition(
        "Required for TEXT, NUM, CODE, DATETIME, DATE, TIME, UIDREF and PNAME, and in the root.", _concept_name
    ),
}

CONDITIONAL = frozenset(
    f"sr-document-content/{keyword}"
    for keyword in words(
        "ConceptCodeSequence MeasuredValueSequence ReferencedSOPSequence GraphicData GraphicType "
        "TemporalRangeType ReferencedFrameOfReferenceUID TabulatedValuesSequence ValueType "
        "RelationshipType PixelOriginInterpretation ContinuityOfContent"
    )
)
"""Attributes of macros that an item includes only for its Value Type (C.17.3): their type 1 is a 1C."""
ATTRIBUTES["sr-document-content/ValueType"] = Condition(
    "Required unless the item refers to another one by Referenced Content Item Identifier.",
    lambda facts: not facts.here("ReferencedContentItemIdentifier"),
)
ATTRIBUTES["sr-document-content/RelationshipType"] = Condition(
    "Required in each item of Content Sequence.", lambda facts: len(facts.chain) > 1
)
ATTRIBUTES["sr-document-content/PixelOriginInterpretation"] = _NEVER

SPECIALISED = {
    ("multi-frame", "FrameIncrementPointer"): "sc-multi-frame-image/FrameIncrementPointer",
}
"""Type 1 of a general module that a specific one turns into a condition (C.8.6.3)."""

MODULES: dict[str, Condition] = {
    "cine": Condition(
        "Required if Frame Increment Pointer is Frame Time or Frame Time Vector.",
        lambda facts: facts.points_to("FrameTime") or facts.points_to("FrameTimeVector"),
    ),
    "multi-frame": Condition("Required if there is more than one frame.", _frames),
    "sc-multi-frame-vector": Condition("Required if there is more than one frame.", _frames),
    "palette-color-lookup-table": Condition("Required if Photometric Interpretation is PALETTE COLOR.", _palette),
    "supplemental-palette-color-lookup-table": Condition(
        "Required if Pixel Presentation is COLOR or MIXED.",
        lambda facts: facts.text("PixelPresentation") in ("COLOR", "MIXED"),
    ),
    "nm-tomo-acquisition": Condition(
        "Required if Image Type value 3 is TOMO, GATED TOMO, RECON TOMO or RECON GATED TOMO.",
        _third_type("TOMO", "GATED TOMO", "RECON TOMO", "RECON GATED TOMO"),
    ),
    "nm-multi-gated-acquisition": Condition(
        "Required if Image Type value 3 is GATED, GATED TOMO or RECON GATED TOMO.",
        _third_type("GATED", "GATED TOMO", "RECON GATED TOMO"),
    ),
    "nm-phase": Condition("Required if Image Type value 3 is DYNAMIC.", _third_type("DYNAMIC")),
    "nm-reconstruction": Condition(
        "Required if Image Type value 3 is RECON TOMO or RECON GATED TOMO.",
        _third_type("RECON TOMO", "RECON GATED TOMO"),
    ),
    "pet-multi-gated-acquisition": Condition(
        "Required if Series Type value 1 is GATED.", lambda facts: facts.text("SeriesType") == "GATED"
    ),
    "multi-energy-ct-image": Condition(
        "Required if Multi-energy CT Acquisition is YES.", lambda facts: facts.text("MultienergyCTAcquisition") == "YES"
    ),
}

GROUPS: dict[str, Condition] = {
    "intravascular-optical-coherence-tomography-image/IntravascularFrameContentSequence": Condition(
        "Required if IVUS Acquisition is MEASURED or Presentation Intent Type is FOR PRESENTATION.",
        lambda facts: (
            facts.text("IVUSAcquisition") == "MEASURED" or facts.text("PresentationIntentType") == "FOR PRESENTATION"
        ),
    ),
    "segmentation/SegmentIdentificationSequence": Condition(
        "Required unless Segmentation Type is LABELMAP.",
        lambda facts: facts.text("SegmentationType") != "LABELMAP" if facts.has_value("SegmentationType") else None,
    ),
}
"""Functional groups whose usage has changed since the words of conditions were written down."""
