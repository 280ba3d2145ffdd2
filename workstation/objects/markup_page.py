"""CDA and other XML as a page of inert text: no entity is expanded, nothing fetched, no script run (A31, A33)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workstation.dicom.display_names import date_time, plain, plain_lines
from workstation.errors import WorkstationError
from workstation.objects.page import Block, Cell, Heading, Page, Paragraph, Span, Table, cell, facts_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

SIZE_LIMIT = 16 << 20
ELEMENT_LIMIT = 200_000
DEPTH_LIMIT = 60
"""Levels that are laid out; the text of what stands deeper is joined."""
BLOCK_LIMIT = 2_000
EMPTY = "The document holds no words that are laid out; it can be saved as it is."
BOLD = frozenset({"bold", "emphasis"})


class UnreadableMarkup(WorkstationError):
    """XML that is not read; the sentence says why."""

    code = "undecodable"


def markup_page(data: bytes, title: str, notes: Iterable[str] = ()) -> Page:
    """Return an XML document as a page.

    Raises
    ------
    UnreadableMarkup
        If it is too large, not well-formed, or declares entities or a document type.
    """
    root = _parsed(data)
    warnings = [Paragraph(cell(sentence, "warning")) for sentence in notes]
    if _name(root) == "ClinicalDocument":
        found = _attempt(root, "title") or title
        inside = list(_clinical(root))
    else:
        found = title
        inside = list(_generic(root))
    blocks: list[Block] = [Heading(found, 1), *warnings, *(inside or [Paragraph(cell(EMPTY, "dim"))])]
    cut = "" if len(blocks) <= BLOCK_LIMIT else f"This page ends after {BLOCK_LIMIT:,} lines."
    blocks = [*blocks[:BLOCK_LIMIT], *([Paragraph(cell(cut, "warning"))] if cut else [])]
    return Page(found, tuple(blocks), (), cut)


def body_of(data: bytes) -> bytes | None:
    """Return the document a CDA carries instead of sections, where it is one and is encoded in base 64 (CDA R2 4.3.1).

    Raises
    ------
    UnreadableMarkup
    """
    from base64 import b64decode

    text = _below(_parsed(data), "component", "nonXMLBody", "text")
    if text is None or text.get("representation") != "B64":
        return None
    try:
        return b64decode("".join("".join(text.itertext()).split()), validate=True)
    except ValueError:
        return None


def _parsed(data: bytes) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > SIZE_LIMIT:
        raise UnreadableMarkup(f"The document has {len(data):,} bytes; up to {SIZE_LIMIT:,} are laid out.")
    if data.count(b"<") > 2 * ELEMENT_LIMIT:
        raise UnreadableMarkup(f"The document has more than {ELEMENT_LIMIT:,} elements; it is not laid out.")
    try:
        root: Element = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise UnreadableMarkup(
            "The document declares a document type or entities, which could fetch or multiply text; it is not read."
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableMarkup(f"The document is no well-formed XML ({plain(str(error), 80)}).") from None
    return root


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _below(element: Element | None, *names: str) -> Element | None:
    """Return the first element along some names, whatever namespace they are of."""
    for name in names:
        if element is None:
            return None
        element = next((one for one in element if _name(one) == name), None)
    return element


def _attempt(element: Element | None, *names: str) -> str:
    found = _below(element, *names)
    return _words(found) if found is not None else ""


def _words(element: Element) -> str:
    return plain(" ".join("".join(element.itertext()).split()), 2000)


# CDA


def _clinical(root: Element) -> Iterator[Block]:
    """Header facts, then the sections of the body (HL7 CDA R2)."""
    patient = _below(root, "recordTarget", "patientRole")
    code = _below(root, "code")
    time = _below(root, "effectiveTime")
    facts = [
        ("Patient", _attempt(patient, "patient", "name")),
        ("Kind of document", plain(code.get("displayName", ""), 200) if code is not None else ""),
        ("Written", date_time(time.get("value", "")) if time is not None else ""),
    ]
    for role, names in (
        ("Author", ("author", "assignedAuthor", "assignedPerson", "name")),
        ("Verified by", ("legalAuthenticator", "assignedEntity", "assignedPerson", "name")),
        ("Custodian", ("custodian", "assignedCustodian", "representedCustodianOrganization", "name")),
    ):
        facts.append((role, _attempt(root, *names)))
    table = facts_table(facts)
    if table is not None:
        yield table
    body = _below(root, "component", "structuredBody")
    if body is not None:
        yield from _sections(body, 2)
    elif (other := _below(root, "component", "nonXMLBody", "text")) is not None:
        kind = plain(other.get("mediaType", ""), 80) or "an unknown type"
        yield Paragraph(cell(f"The body is a document of its own, of {kind}; of these PDFs are shown.", "dim"))


def _sections(element: Element, level: int) -> Iterator[Block]:
    for component in element:
        section = _below(component, "section") if _name(component) == "component" else None
        if section is None or level > DEPTH_LIMIT:
            continue
        code = _below(section, "code")
        title = _attempt(section, "title") or (plain(code.get("displayName", ""), 200) if code is not None else "")
        yield Heading(title or "Section", min(level, 5))
        text = _below(section, "text")
        if text is not None:
            yield from _narrative(text, 0)
        yield from _sections(section, level + 1)


def _narrative(element: Element, indent: int, depth: int = 0) -> Iterator[Block]:
    """Yield a narrative block: running text, paragraphs, lists and tables (CDA R2 4.3.5)."""
    running: list[Span] = _spans(element.text)
    for child in element:
        name = _name(child)
        if name in ("paragraph", "list", "item", "table", "caption", "text") and depth < DEPTH_LIMIT:
            yield from _paragraph(running, indent)
            running = []
            yield from _block(child, name, indent, depth)
        elif name == "br":
            running.append(Span("\n"))
        else:
            bold = BOLD & set(child.get("styleCode", "").lower().split())
            running += _spans("".join(child.itertext()), "strong" if bold else "")
        running += _spans(child.tail)
    yield from _paragraph(running, indent)


def _block(child: Element, name: str, indent: int, depth: int) -> Iterator[Block]:
    if name == "table":
        yield from _table(child)
    elif name == "list":
        numbered = child.get("listType") == "ordered"
        for number, item in enumerate((one for one in child if _name(one) == "item"), 1):
            mark = f"{number}. " if numbered else "• "
            inside = list(_narrative(item, indent + 1, depth + 1))
            if inside and isinstance(inside[0], Paragraph):
                inside[0] = Paragraph((Span(mark, "dim"), *inside[0].spans), inside[0].indent)
            yield from inside
    else:
        yield from _narrative(child, indent, depth + 1)


def _table(element: Element) -> Iterator[Block]:
    caption = _attempt(element, "caption")
    if caption:
        yield Paragraph(cell(caption, "strong"))
    head: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = []
    for row in (one for one in element.iter() if _name(one) == "tr"):
        cells = [one for one in row if _name(one) in ("td", "th")]
        if cells and not head and not rows and all(_name(one) == "th" for one in cells):
            head = tuple(_words(one) for one in cells)
        else:
            rows.append(tuple(cell(_words(one), "strong" if _name(one) == "th" else "") for one in cells))
    if head or rows:
        yield Table(head, tuple(rows))


def _spans(text: str | None, tone: str = "") -> list[Span]:
    if not text:
        return []
    shown = re.sub(r"\s+", " ", plain_lines(text))
    return [Span(shown, tone)] if shown else []


def _paragraph(spans: list[Span], indent: int) -> Iterator[Block]:
    if any(span.text.strip() for span in spans):
        first, last = spans[0], spans[-1]
        spans[0] = Span(first.text.lstrip(" "), first.tone)
        if len(spans) > 1:
            spans[-1] = Span(last.text.rstrip(" "), last.tone)
        yield Paragraph(tuple(spans), min(indent, 8))


# any other XML


def _generic(root: Element) -> Iterator[Block]:
    """Yield every element as a line: its name, its attributes and its own text."""
    waiting = [(root, 0)]
    while waiting:
        element, depth = waiting.pop()
        attributes = " ".join(f"{key.rsplit('}', 1)[-1]}={value}" for key, value in list(element.items())[:20])
        own = plain(element.text or "", 2000)
        spans = [Span(f"{plain(_name(element), 80)} ", "strong")]
        spans += [Span(f"{plain(attributes, 400)} ", "dim")] if attributes else []
        spans += [Span(own)] if own else []
        yield Paragraph(tuple(spans), min(depth, 12))
        waiting.extend((child, depth + 1) for child in reversed(element))
