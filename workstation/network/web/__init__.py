"""DICOMweb (PS3.18): searches, fetches and stores over HTTP, with the same sentences as the DIMSE services."""
