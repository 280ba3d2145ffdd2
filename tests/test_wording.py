"""Sentences are their English text and can be said in another language."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass

from workstation.wording import Phrase, joined, mapped, phrase, said


def shouted(template: str) -> str:
    return template.upper()


def test_a_phrase_is_its_text_for_everyone_else() -> None:
    sentence = phrase("{0} of {1}", 2, "{x}")
    assert sentence == "2 of {x}"
    assert json.dumps([sentence]) == '["2 of {x}"]'
    assert phrase("braces {} without arguments") == "braces {} without arguments"


def test_templates_are_translated_and_values_are_not() -> None:
    inner = phrase("because of {0}", "value")
    assert said(phrase("missing {0}. {1}", "name", inner), shouted) == "MISSING name. BECAUSE OF value"
    assert said("a value", shouted) == "a value"


def test_joined_phrases_stay_phrases() -> None:
    both = joined(" ", (phrase("one"), "", "two"))
    assert both == "one two"
    assert said(both, shouted) == "ONE two"
    assert joined(" ", ("", "one")) == "one"
    assert joined(" ", ()) == ""


def test_values_are_changed_and_templates_are_not() -> None:
    masked = mapped(phrase("{0} is no value of {1}", "a", phrase("a {0}", "a")), lambda text: text.replace("a", "*"))
    assert masked == "* is no value of a *"
    assert mapped("plain a", lambda text: text.replace("a", "*")) == "pl*in *"


def test_a_copy_can_still_be_said() -> None:
    @dataclass
    class Holder:
        text: str

    kept = asdict(Holder(phrase("one {0}", 1)))["text"]
    assert isinstance(copy.deepcopy(kept), Phrase)
    assert said(copy.copy(kept), shouted) == "ONE 1"
