"""DICOM Workstation: opens a disc, a folder or a PACS study and reads it."""

__version__ = "0.1.0"
