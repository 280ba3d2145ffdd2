"""Sentences that can be said in another language: text as it stands in English, with what it was made of.

A :class:`Phrase` is its English text, so that files, JSON, logs and comparisons know nothing of it. The window says it
in the user's language by translating the template and then putting the arguments in (:mod:`workstation.ui.spoken`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Phrase(str):
    """Text made of a template and what stands in its places, ``{0}``, ``{1}``… Arguments may be phrases themselves."""

    template: str
    arguments: tuple[object, ...]

    def __copy__(self) -> Phrase:
        return self

    def __deepcopy__(self, memo: object) -> Phrase:
        return self


def phrase(template: str, *arguments: object) -> Phrase:
    """Return a sentence; without arguments braces in it are text."""
    made = Phrase(template.format(*arguments) if arguments else template)
    made.template, made.arguments = template, arguments
    return made


def template_of(text: str) -> str:
    """Return what a sentence was made from, itself where it is no phrase."""
    return text.template if isinstance(text, Phrase) else text


def joined(separator: str, parts: Iterable[str]) -> str:
    """Return texts one after another, each still to be said in another language; those that are empty are left out."""
    kept = [part for part in parts if part]
    if len(kept) < 2:
        return kept[0] if kept else ""
    return phrase(separator.join(f"{{{number}}}" for number in range(len(kept))), *kept)


def mapped(text: str, change: Callable[[str], str]) -> str:
    """Return a text with everything changed that its templates do not hold: values, and plain text as a whole."""
    if not isinstance(text, Phrase):
        return change(text)
    return phrase(text.template, *(mapped(each, change) if isinstance(each, str) else each for each in text.arguments))


def said(text: str, translate: Callable[[str], str]) -> str:
    """Return a text with its templates translated; what is no phrase stays as it is."""
    if not isinstance(text, Phrase):
        return text
    template = translate(text.template)
    if not text.arguments:
        return template
    return template.format(*(said(each, translate) if isinstance(each, str) else each for each in text.arguments))
