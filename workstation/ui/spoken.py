"""What the rooms below say, in the user's language: findings of a check, plain words, stages of a pixel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from workstation.wording import phrase, said

FINDING, WORDS, PIXEL = "Finding", "Words", "Pixel"
"""Contexts of the translation."""


def spoken(context: str, text: str) -> str:
    """Return a text whose phrases are in the user's language; values in it stay as they are."""
    return said(text, lambda template: QCoreApplication.translate(context, template))


def told(context: str, text: str) -> str:
    """Return a text of the program's own in the user's language, whether it was made a phrase or not."""
    return spoken(context, text if hasattr(text, "template") else phrase(text)) if text else ""
