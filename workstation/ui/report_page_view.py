"""A page of headings, paragraphs and tables as a text document, written piece by piece and never as HTML (A32)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableCellFormat,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from workstation.objects.page import Block, Heading, Page, Paragraph, Table, plain_text
from workstation.ui import theme

if TYPE_CHECKING:
    from workstation.objects.page import Cell
    from workstation.ui.theme import Theme

SLICE = 0.003
"""Seconds for which a page is written before the window gets its turn."""
PIECE = 30
"""Cells of a table that are written and laid out at once; a longer table is several, with columns of one width."""
INDENT = 16
NAME_SHARE = 38.0
"""Percent of the width for the names of a table of names and values."""
HEADINGS = {1: 4.0, 2: 2.0, 3: 1.0}
"""Points by which headings are larger than text."""
MOST_MARKED = 300
Shares = tuple[float, ...]
_LONG_UID = re.compile(r"(?<![\d.])[\d.]{33,64}(?![\d.])")
"""UIDs that would make a page wider than its panel; the tree and what is saved have them whole."""
MOST_COUNTED = 1000


class PageWriter:
    """Writes blocks at the end of a document, in the colours of a theme."""

    def __init__(self, document: QTextDocument, colours: Theme, font: QFont) -> None:
        self._cursor = QTextCursor(document)
        self._colours, self._font = colours, font
        self._fresh, self._below_table = True, False

    def write(self, block: Block, shares: Shares = ()) -> None:
        """Write one block: a heading, a paragraph or a piece of a table; it is laid out once, when all of it is there.

        ``shares`` are percent of the width for each column; without them a table has those of its own texts.
        """
        self._cursor.beginEditBlock()
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            self._paragraph(block)
        else:
            self._table(block, shares)
        self._below_table = isinstance(block, Table)
        self._cursor.endEditBlock()

    def _begin(self, shape: QTextBlockFormat) -> None:
        if self._fresh:
            self._cursor.setBlockFormat(shape)
        else:
            self._cursor.insertBlock(shape)
        self._fresh = False

    def _heading(self, heading: Heading) -> None:
        shape = QTextBlockFormat()
        shape.setTopMargin(0 if self._fresh else 14 if heading.level < 3 else 10)
        shape.setBottomMargin(5)
        shape.setHeadingLevel(min(heading.level, 6))
        self._begin(shape)
        look = self._format("strong")
        look.setFontPointSize(self._font.pointSizeF() + HEADINGS.get(heading.level, 0.0))
        if heading.level > 2:
            look.setForeground(self._colours["accent" if heading.level == 3 else "text-dim"])
        self._cursor.insertText(heading.text, look)

    def _paragraph(self, paragraph: Paragraph) -> None:
        shape = QTextBlockFormat()
        shape.setLeftMargin(INDENT * paragraph.indent)
        shape.setTopMargin(8 if self._below_table else 0)
        shape.setBottomMargin(5)
        shape.setLineHeight(118, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        self._begin(shape)
        self._spans(self._cursor, paragraph.spans)

    def _spans(self, cursor: QTextCursor, spans: Cell, tone: str = "") -> None:
        for span in spans:
            look = self._format(span.tone or tone)
            if span.link is not None:
                look.setAnchor(True)
                look.setAnchorHref(f"#{span.link}")
                look.setForeground(self._colours["link"])
                look.setFontUnderline(True)
            cursor.insertText(_LONG_UID.sub(_shortened, span.text), look)

    def _format(self, tone: str) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setFont(self._font)
        look.setForeground(self._colours[{"dim": "text-dim", "warning": "warning"}.get(tone, "text")])
        if tone == "strong":
            look.setFontWeight(QFont.Weight.DemiBold)
        return look

    def _table(self, table: Table, shares: Shares) -> None:
        columns = len(shares) or _columns(table)
        first = 1 if table.head else 0
        if not columns:
            return
        look = _frame(table, columns, shares or _shares(table, columns))
        grid = self._cursor.insertTable(len(table.rows) + first, columns, look)
        self._fresh = False
        for column, words in enumerate(table.head):
            self._cell(grid.cellAt(0, column).firstCursorPosition(), ((words, "dim"),), column in table.numeric)
            grid.cellAt(0, column).setFormat(self._border("border-strong"))
        for place, row in enumerate(table.rows):
            last = table.total and place == len(table.rows) - 1
            for column, spans in enumerate(row):
                target = grid.cellAt(place + first, column)
                target.setFormat(self._border("border", above=last))
                cursor = target.firstCursorPosition()
                self._align(cursor, column in table.numeric)
                self._spans(cursor, spans, "strong" if last else "")
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        after = QTextBlockFormat()
        after.setLineHeight(4, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        self._cursor.setBlockFormat(after)

    def _cell(self, cursor: QTextCursor, words: tuple[tuple[str, str], ...], right: bool) -> None:
        self._align(cursor, right)
        for text, tone in words:
            cursor.insertText(text, self._format(tone))

    def _align(self, cursor: QTextCursor, right: bool) -> None:
        """Set a cell flush left or right, whichever way its script is written."""
        shape = QTextBlockFormat()
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shape.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)
        cursor.setBlockFormat(shape)

    def _border(self, colour: str, *, above: bool = False) -> QTextTableCellFormat:
        look = QTextTableCellFormat()
        solid = QTextFrameFormat.BorderStyle.BorderStyle_Solid
        look.setBottomBorder(1)
        look.setBottomBorderStyle(solid)
        look.setBottomBorderBrush(self._colours[colour])
        if above:
            look.setTopBorder(1)
            look.setTopBorderStyle(solid)
            look.setTopBorderBrush(self._colours["border-strong"])
        return look


def _shortened(uid: re.Match[str]) -> str:
    return f"{uid[0][:12]}…{uid[0][-14:]}"


def _columns(table: Table) -> int:
    return max([len(table.head), *(len(row) for row in table.rows)])


def _frame(table: Table, columns: int, shares: Shares) -> QTextTableFormat:
    look = QTextTableFormat()
    look.setBorder(0)
    look.setCellSpacing(0)
    look.setCellPadding(4 if columns < 7 else 3)
    look.setTopMargin(2)
    look.setHeaderRowCount(1 if table.head else 0)
    look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    look.setColumnWidthConstraints([QTextLength(QTextLength.Type.PercentageLength, share) for share in shares])
    return look


def _shares(table: Table, columns: int) -> Shares:
    """Return how much of the width each column gets, percent: by its longest texts, within limits.

    Names and values stand in line down the whole page, whatever their length.
    """
    if columns == 2:
        return (NAME_SHARE, 100 - NAME_SHARE)
    wants = []
    for column in range(columns):
        texts = [_LONG_UID.sub(_shortened, plain_text(row[column])) for row in table.rows[:200] if column < len(row)]
        lengths = sorted(len(text) for text in texts)
        usual = lengths[len(lengths) * 9 // 10] if lengths else 0
        texts += [table.head[column]] if column < len(table.head) else []
        word = max((len(word) for text in texts for word in text.split()), default=0)
        # what wraps between words gives way to what cannot: a column that gets less than its longest word
        # takes the rest from the last one
        wants.append(min(max(word, word + 0.3 * (usual - word), 3), 34) + 2.5)
    return tuple(100 * want / sum(wants) for want in wants)


def pieces(page: Page) -> Iterator[tuple[Block, Shares]]:
    """Yield the blocks of a page, long tables in pieces with the column widths of the whole."""
    for block in page.blocks:
        if not isinstance(block, Table):
            yield block, ()
            continue
        columns = _columns(block)
        shares = _shares(block, columns)
        step = max(PIECE // max(columns, 1), 2)
        for start in range(0, max(len(block.rows), 1), step):
            last = start + step >= len(block.rows)
            head = block.head if start == 0 else ()
            yield Table(head, block.rows[start : start + step], block.numeric, block.total and last), shares


def write_whole(document: QTextDocument, page: Page, colours: Theme, font: QFont) -> None:
    """Write a page at once, as for printing on a worker thread."""
    writer = PageWriter(document, colours, font)
    for block, shares in pieces(page):
        writer.write(block, shares)


def _blank(view: QTextEdit) -> QTextDocument:
    document = QTextDocument(view)
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(14)
    document.setDefaultFont(view.font())
    # a number is never broken in two; a table that is too wide is scrolled
    wrap = QTextOption()
    wrap.setWrapMode(QTextOption.WrapMode.WordWrap)
    document.setDefaultTextOption(wrap)
    return document


class PageView(QTextBrowser):
    """Shows a page; its links are numbers of targets, and lead nowhere by themselves."""

    followed = Signal(int)
    grown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setObjectName("page")
        self.setAccessibleName(self.tr("Report"))
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.anchorClicked.connect(self._follow)
        self._page: Page | None = None
        self._blocks: Iterator[tuple[Block, Shares]] | None = None
        self._writer: PageWriter | None = None
        self._words = ""
        self._theme = ""
        self._clock = QTimer(self, interval=4)
        self._clock.timeout.connect(self._write)

    @property
    def writing(self) -> bool:
        """Whether a part of the page is still to come."""
        return self._blocks is not None

    def show_page(self, page: Page | None) -> None:
        """Show a page from its top; what does not fit into a turn of the window is written at its end, turn by turn.

        Laying out all of a long page at once would hold the window up for several pictures of a screen.
        """
        self._page = page
        self._clock.stop()
        self.setExtraSelections([])
        self._blocks = None
        if page is None:
            self._put(_blank(self))
            return
        self._theme = theme.current().name
        self._put(_blank(self))
        # or it would be pushed along at the end of what is written
        top = self.textCursor()
        top.setKeepPositionOnInsert(True)
        self.setTextCursor(top)
        self._writer = PageWriter(self.document(), theme.current(), self.font())
        self._blocks = pieces(page)
        self._write()
        if self.writing:
            self._clock.start()

    def _put(self, document: QTextDocument) -> None:
        """Show a document; the view deletes the one before, which is its child."""
        self.setDocument(document)

    def _write(self) -> None:
        blocks, writer = self._blocks, self._writer
        end = perf_counter() + SLICE
        while blocks is not None and writer is not None and perf_counter() < end:
            piece = next(blocks, None)
            if piece is None:
                self._blocks = None
                self._clock.stop()
                self.grown.emit()
                break
            writer.write(*piece)

    def loadResource(self, kind: int, name: QUrl | str) -> None:
        """Load nothing: a report has no pictures or style sheets of its own."""
        return

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy plain text only."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        wears = event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange)
        if wears and self._page is not None and self._theme != theme.current().name:
            self.show_page(self._page)

    def _follow(self, url: QUrl) -> None:
        number = url.fragment()
        if number.isdecimal():
            self.followed.emit(int(number))

    # finding

    def find_words(self, words: str) -> int:
        """Mark every place of some words, go to the first from here; return how many there are."""
        self._words = words
        places = self._places()
        self.setExtraSelections([self._marked(place) for place in places[:MOST_MARKED]])
        if places:
            start = self.textCursor().selectionStart()
            self._go(next((place for place in places if place.selectionStart() >= start), places[0]))
        return len(places)

    def step_found(self, way: int) -> None:
        """Go to the next place of the words, or the one before, around the ends."""
        places = self._places()
        if not places:
            return
        here = self.textCursor().selectionStart()
        starts = [place.selectionStart() for place in places]
        if way > 0:
            number = next((n for n, start in enumerate(starts) if start > here), 0)
        else:
            number = next((n for n in range(len(starts) - 1, -1, -1) if starts[n] < here), len(starts) - 1)
        self._go(places[number])

    def found_here(self) -> int:
        """Return which of the places is chosen, from 1; 0 for none."""
        here = self.textCursor().selectionStart()
        return next((n for n, place in enumerate(self._places(), 1) if place.selectionStart() == here), 0)

    def _places(self) -> list[QTextCursor]:
        found: list[QTextCursor] = []
        cursor = QTextCursor(self.document())
        while self._words and len(found) < MOST_COUNTED:
            cursor = self.document().find(self._words, cursor)
            if cursor.isNull():
                break
            found.append(QTextCursor(cursor))
        return found

    def _marked(self, place: QTextCursor) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = place
        mark.format = QTextCharFormat()
        mark.format.setBackground(theme.current().mixed("panel", "warning", 0.35))
        return mark

    def _go(self, place: QTextCursor) -> None:
        self.setTextCursor(place)
        self.ensureCursorVisible()
