"""Holds a header against its Information Object Definition: what is missing, unexpected or malformed (PS3.3, PS3.5)."""
