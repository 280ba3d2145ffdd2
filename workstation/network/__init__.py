"""Talks DICOM: echo, find, retrieve, store, worklist, print, commitment, DICOMweb. No socket opens unasked."""
