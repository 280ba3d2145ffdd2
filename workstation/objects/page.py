"""A readable document as plain values: headings, paragraphs, tables and links, all of it inert text (A32)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workstation.objects.content_item import Graphic, Path, Reference


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: an object and frame, coordinates to draw there, and the item of the tree it stands for."""

    label: str
    reference: Reference | None = None
    graphics: tuple[Graphic, ...] = ()
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text; ``tone`` is strong, dim, warning or empty, ``link`` the number of a target of the page."""

    text: str
    tone: str = ""
    link: int | None = None


Cell = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 1 is the page's own."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, ``indent`` steps from the left."""

    spans: Cell
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below a head; a table without a head holds names and values.

    ``numeric`` are the columns set flush right, ``total`` tells that the last row sums up those above it.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    total: bool = False


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A document: its blocks from top to bottom, and where its links lead."""

    title: str
    blocks: tuple[Block, ...]
    targets: tuple[Target, ...] = ()
    cut: str = ""

    @property
    def text(self) -> str:
        """The page as plain text, for saving and copying."""
        return "\n".join(_lines(self.blocks)) + "\n"


def cell(text: str, tone: str = "", link: int | None = None) -> Cell:
    """Return a cell with one piece of text, or an empty one."""
    return (Span(text, tone, link),) if text else ()


def facts_table(pairs: Iterable[tuple[str, str]]) -> Table | None:
    """Return names and values as a table without a head; None where all values are empty."""
    rows = tuple((cell(name, "dim"), cell(value)) for name, value in pairs if value)
    return Table((), rows) if rows else None


def plain_text(spans: Sequence[Span]) -> str:
    """Return the text of some pieces."""
    return "".join(span.text for span in spans)


def _lines(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Heading):
            yield from ("", block.text, ("=" if block.level == 1 else "-") * min(len(block.text), 78))
        elif isinstance(block, Paragraph):
            yield "  " * block.indent + plain_text(block.spans)
        else:
            yield from _table_lines(block)


def _table_lines(table: Table) -> Iterable[str]:
    rows = [[plain_text(each).replace("\n", " ") for each in row] for row in table.rows]
    if table.head:
        rows.insert(0, list(table.head))
    widths = [0] * max((len(row) for row in rows), default=0)
    for row in rows:
        for place, words in enumerate(row):
            widths[place] = max(widths[place], min(len(words), 40))
    for row in rows:
        set_out = (
            text.rjust(widths[place]) if place in table.numeric else text.ljust(widths[place])
            for place, text in enumerate(row)
        )
        yield "  " + "  ".join(set_out).rstrip()
    yield ""
