"""Plain words: every one is about a real element, short, and there for what is met most often."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pydicom
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.misc import is_dicom

from workstation.dicom.plain_words import _by_keyword, _elements, topic_for, topics, words_for

MOST_MET = 320
DEEP = 3
"""Items of a sequence that are looked into: more of them say nothing new about which elements there are."""
MARKUP = re.compile(r"[<>`*_#\[\]{}]|&\w+;")


def test_every_keyword_is_one_of_the_dictionary() -> None:
    named = [*_elements(), *(keyword for topic in topics() for keyword in topic.keywords)]
    assert [keyword for keyword in named if tag_for_keyword(keyword) is None] == []


def test_words_are_short_sentences_without_markup() -> None:
    for keyword, words in _elements().items():
        assert 20 <= len(words) <= 190, keyword
        assert words[0].isupper() or words[0].isdigit(), keyword
        assert words.endswith("."), keyword
        assert not re.search(r"[<>`*#{}]|&\w+;|  ", words), keyword


def test_topics_are_short_and_without_markup() -> None:
    for topic in topics():
        text = " ".join((topic.title, *topic.paragraphs))
        assert 50 <= len(text.split()) <= 135, topic.id
        assert not MARKUP.search(text.replace("ISO_IR", "")), topic.id
    assert len({topic.id for topic in topics()}) == len(topics()) == 14


def test_an_element_has_one_topic() -> None:
    counted = Counter(keyword for topic in topics() for keyword in topic.keywords)
    assert [keyword for keyword, count in counted.items() if count > 1] == []


def test_a_topic_explains_elements_that_have_words() -> None:
    assert [keyword for topic in topics() for keyword in topic.keywords if not words_for(keyword)] == []


def test_ranges_of_hounsfield_units_ascend() -> None:
    topic = topic_for("RescaleIntercept")
    assert topic is not None
    lows = [row.low for row in topic.ranges]
    assert lows == sorted(lows)
    assert all(row.low <= row.high for row in topic.ranges)
    usual = {row.name: (row.low, row.high) for row in topic.ranges}
    assert (usual["Air"], usual["Water"]) == ((-1000, -1000), (0, 0))
    assert topic.ranges[2].text(topic.unit) == "−120 to −60 HU"


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert words_for("") == words_for("NoSuchElement") == ""
    assert topic_for("NoSuchElement") is None


def test_words_are_there_at_once() -> None:
    def load() -> float:
        _elements.cache_clear()
        _by_keyword.cache_clear()
        start = time.process_time()
        assert words_for("Rows")
        assert topic_for("WindowWidth")
        return time.process_time() - start

    assert min(load() for _ in range(5)) < 0.020


def test_the_most_met_elements_have_words(corpus: Path) -> None:
    """What stands in most files of the real data is explained."""
    counted: Counter[str] = Counter()
    for path in sorted(corpus.rglob("*")):
        inside = path.relative_to(corpus).parts
        if inside[0] not in ("broken", "fuzz") and path.is_file() and is_dicom(path):
            counted.update(_keywords_of(path))
    ranked = [keyword for keyword, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]
    assert [keyword for keyword in ranked[:MOST_MET] if not words_for(keyword)] == []


def _keywords_of(path: Path) -> set[str]:
    found: set[str] = set()
    with suppress(Exception):  # what pydicom refuses is counted as far as it came
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        _gather(ds.file_meta, found)
        _gather(ds, found)
    return found


def _gather(ds: Dataset, found: set[str]) -> None:
    for element in ds:
        if not element.tag.is_private and element.tag.element != 0:
            found.add(keyword_for_tag(element.tag))
            if element.VR == "SQ":
                for item in list(element.value)[:DEEP]:
                    _gather(item, found)
    found.discard("")
