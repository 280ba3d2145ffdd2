"""Turns stored values into modality, VOI and display values in the Standard's one order."""
