"""Turns files, DICOMDIRs and datasets into frozen facts named as in the Standard."""
