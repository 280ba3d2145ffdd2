"""Writes synthetic DICOM whose values are known by formula: demo study, self-test and tests share it."""
