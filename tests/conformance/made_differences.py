"""What dciodvfy and a check here say differently of made objects, each difference once, with who is right."""

from tests.conformance.comparing import Difference

EDITION = "ours, by edition 2026b"

THEIRS = (
    Difference(
        "a code of a scheme of the test's own; schemes may be private",
        "either: Coding Scheme Designators may be extended",
        "PS3.3 8.2",
        "defined",
        "codingschemedesignator",
    ),
    Difference(
        "dciodvfy knows the terms of attributes that are in no table here",
        "dciodvfy",
        "PS3.3 C.8",
        "defined",
        "acquisitionstartcondition acquisitionterminationcondition backgroundcolor datatype detectortype frametype "
        "imageprocessingapplied imagetype octacquisitiondomain ophthalmicaxialmeasurementsdevicetype optotype "
        "positionermotion positionertype reconstructionalgorithm reconstructiontype typeofdetectormotion",
    ),
    Difference(
        "the same for Enumerated Values",
        "dciodvfy",
        "PS3.3 C.8",
        "enumerated",
        "dimensionorganizationtype imagetype interpolationtype ivusacquisition pixelintensityrelationship "
        "positionertype stimulusresults tablemotion volumebasedcalculationtechnique",
    ),
    Difference("DMS is younger than dciodvfy's list", EDITION, "PS3.3 C.7.3.1.1.1", "defined", "modality"),
    Difference(
        "Enhanced XRF is RF as well as XA; a spectacle prescription is the Modality of SR in our tables",
        "ours for Enhanced XRF, not decidable for spectacles",
        "PS3.3 C.8.19.1",
        "enumerated",
        "modality",
    ),
    Difference(
        "Laterality is asked for without a Body Part Examined that names one of a pair; it can't be known then",
        "not decidable",
        "PS3.3 C.7.3.1",
        "missing 2",
        "laterality",
    ),
    Difference(
        "the list of modules of a spectacle prescription leaves the File Meta Information out",
        "ours: that is a fault of dciodvfy",
        "PS3.10 7.1",
        "foreign",
        "00020001 00020002 00020003 00020010 00020012 00020013",
    ),
    Difference(
        "and asks for its clinical trial, which is of usage U",
        "ours",
        "PS3.3 A.52.4",
        "missing 1",
        "clinicaltrialprotocolid clinicaltrialsponsorname clinicaltrialsubjectid clinicaltrialsubjectreadingid",
    ),
    Difference(
        "the same",
        "ours",
        "PS3.3 A.52.4",
        "missing 2",
        "clinicaltrialcoordinatingcentername clinicaltrialprotocolname clinicaltrialsiteid clinicaltrialsitename "
        "clinicaltrialtimepointid",
    ),
    Difference(
        "OCT en face images and advanced blending have attributes and modules that are younger than dciodvfy's lists",
        EDITION,
        "PS3.3 A.83.3",
        "foreign",
        "00081150 00081155 00200037 00200052 00201040 00220031 00220032",
    ),
    Difference(
        "usage or condition has changed since dciodvfy's lists",
        EDITION,
        "PS3.3 A.1.4",
        "missing 1",
        "collimatorshapesequence frameofreferenceuid iccprofile positionerpositionsequence tablepositionsequence "
        "referencedsurfacemeshidentificationsequence ophthalmicpatientclinicalinformationrighteyesequence",
    ),
    Difference(
        "the same", EDITION, "PS3.3 A.1.4", "missing 2", "acquisitioncontextsequence positionreferenceindicator"
    ),
    Difference(
        "the session record or the salvage record: where one is begun by what both hold, no one can tell which it is",
        "not decidable: dciodvfy takes it for a session record",
        "PS3.3 A.29.3",
        "missing 1",
        "primarydosimeterunit",
    ),
    Difference("the same", "not decidable", "PS3.3 A.29.3", "missing 2", "numberoffractionsplanned"),
    Difference(
        "conditions that speak of the world, or in words that are not read here; dciodvfy takes them for true",
        "not decidable",
        "PS3.5 7.4.3",
        "missing 1",
        "beamlimitingdeviceleafpairssequence planeorientationsequence planepositionsequence referencedseriessequence "
        "studiescontainingotherreferencedinstancessequence",
    ),
    Difference("the same", "not decidable", "PS3.5 7.4.3", "missing 2", "blockname compensatortype"),
    Difference(
        "groups of a volume beside those of the patient: the words on groups here are older than the IOD",
        "dciodvfy",
        "PS3.3 A.92.4",
        "missing 1",
        "planeorientationvolumesequence planepositionvolumesequence",
    ),
    Difference(
        "the group is required where the image was derived from another instance",
        "not decidable: dciodvfy takes it for derived",
        "PS3.3 C.7.6.16.2.6",
        "missing 2",
        "derivationimagesequence",
    ),
    Difference(
        "Number of Frames without a value counts as there; here an empty attribute says nothing",
        "either: Number of Frames is told as empty by both",
        "PS3.3 C.8.12.1",
        "missing 1",
        "anatomicregionsequence",
    ),
    Difference(
        "a module of usage U is out of use where its one attribute of type 1 is missing: the rest is told instead",
        "either: ours tells of the one that is missing",
        "PS3.3 A.31.3",
        "foreign",
        "30080054 30080056",
    ),
    Difference(
        "a group or attribute whose condition ended with the planted term or with what was taken away",
        "either: what was planted is told by both",
        "PS3.3 A.47.3",
        "foreign",
        "00187004 00189429 00520027 00520028",
    ),
    Difference(
        "the number of items of a sequence is not counted here",
        "dciodvfy",
        "PS3.3 C.8.8.22",
        "multiplicity",
        "brachycontrolpointdeliveredsequence",
    ),
)
"""What dciodvfy tells and a check here does not."""

OURS = (
    Difference(
        "the general Defined Terms of an attribute are told beside what the IOD narrows them to",
        "either: told as Enumerated Value by both",
        "PS3.3 C.8",
        "defined",
        "modality pixelintensityrelationship",
    ),
    Difference(
        "Modality of waveforms and of newer IODs is Enumerated; dciodvfy holds it against the general list alone",
        "ours",
        "PS3.3 A.34",
        "enumerated",
        "modality",
    ),
    Difference(
        "dciodvfy looks at the terms of these nowhere, or in another IOD alone",
        "ours",
        "PS3.3 C.8.19.7",
        "enumerated",
        "carmpositionertabletoprelationship positionmeasuringdeviceused",
    ),
    Difference(
        "a Frame of Reference is begun by an empty attribute, too; dciodvfy has no such module in this IOD",
        EDITION,
        "PS3.3 A.33.9",
        "empty 1",
        "frameofreferenceuid",
    ),
    Difference(
        "a module of usage U that is begun asks for its type 1",
        "ours",
        "PS3.3 A.1.3.3",
        "missing 1",
        "currenttreatmentstatus",
    ),
    Difference(
        "asked for of every volume by now", EDITION, "PS3.3 C.8.24.3", "missing 1", "positionmeasuringdeviceused"
    ),
    Difference(
        "Accession Number has one value wherever it stands; the IOD of palettes doesn't have it",
        "ours",
        "PS3.6 6",
        "multiplicity",
        "accessionnumber",
    ),
)
"""What a check here tells and dciodvfy does not."""
