"""A report's tree as a page to be read: facts and context first, measurements gathered in tables (F16, F17)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workstation.objects.content_item import RELATIONSHIPS, ContentItem, Graphic, Path, Reference
from workstation.objects.dose_report import dose_blocks, is_dose_report
from workstation.objects.page import Block, Cell, Heading, Page, Paragraph, Span, Table, Target, cell, facts_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.objects.structured_report import Report

BLOCK_LIMIT = 2_000
"""Blocks and rows of a page; the tree beside it has everything."""
LONG = 60
"""Characters from which a text is a paragraph rather than a cell."""
DEEPEST_HEADING = 5
DETAIL_LIMIT = 24
"""Items below a value that are named beside it."""
GROUP_COLUMNS = 7
"""Columns up to which containers of one kind are the rows of one table."""
GROUPS_BESIDE = 4
"""Containers of one kind that stand beside each other as columns where they hold more than that."""
CONTEXT = ("HAS OBS CONTEXT", "HAS ACQ CONTEXT", "HAS CONCEPT MOD")


def report_page(report: Report) -> Page:
    """Return the page of a report."""
    writer = _Writer(labelled_targets(report.root))
    blocks: list[Block] = [Heading(report.title, 1), *_front(report)]
    if is_dose_report(report):
        blocks += dose_blocks(report)
    blocks += writer.body(report.root)
    return Page(report.title, tuple(blocks), tuple(writer.targets), writer.cut)


def _front(report: Report) -> Iterable[Block]:
    flags: list[Span] = []
    if report.completion:
        flags.append(Span(report.completion, "" if report.completion.startswith("Complete") else "warning"))
    if report.verification:
        flags.append(Span(" · " if flags else "", "dim"))
        flags.append(Span(report.verification, "strong" if report.verified else "warning"))
    if flags:
        yield Paragraph(tuple(flags))
    facts = [("Patient", report.patient), ("ID, birth date, sex", report.identity)]
    facts += [("Study", report.study), ("Written", report.date)]
    facts += [(one.role, one.words) for one in report.observers]
    table = facts_table(facts)
    if table is not None:
        yield table
    for sentence in report.predecessors:
        yield Paragraph(cell(sentence, "dim"))
    for sentence in report.notes:
        yield Paragraph(cell(sentence, "warning"))


@dataclass(slots=True)
class _Writer:
    """Writes the content block by block, from a list of what is still to be written: nesting needs no recursion."""

    named: dict[Path, Target]
    targets: list[Target] = field(default_factory=list)
    known: dict[tuple[Reference | None, tuple[Graphic, ...]], int] = field(default_factory=dict)
    cut: str = ""
    count: int = 0

    def body(self, root: ContentItem) -> list[Block]:
        """Return the blocks of everything below the root."""
        blocks: list[Block] = []
        waiting: list[Block | tuple[ContentItem, int]] = list(reversed(self._inside(root, 2)))
        while waiting and self.count <= BLOCK_LIMIT:
            one = waiting.pop()
            if isinstance(one, tuple):
                waiting.extend(reversed(self._item(*one)))
            else:
                blocks.append(self._fitting(one))
        if self.count > BLOCK_LIMIT:
            self.cut = f"This page ends after {BLOCK_LIMIT:,} lines; the content tree has everything."
            blocks.append(Paragraph(cell(self.cut, "warning")))
        return blocks

    def _fitting(self, block: Block) -> Block:
        """Return a block, of a table only the rows there is room for."""
        if not isinstance(block, Table):
            self.count += 1
            return block
        room = BLOCK_LIMIT - self.count
        self.count += len(block.rows)
        return block if len(block.rows) <= room else replace(block, rows=block.rows[: max(room, 1)], total=False)

    def _item(self, item: ContentItem, level: int) -> list[Block | tuple[ContentItem, int]]:
        """Return what a container or a long text is on the page."""
        if item.value_type == "CONTAINER":
            title = item.name or ("Unnamed section" if item.children else "Empty section")
            notes = [Paragraph(cell(item.problem, "warning"))] if item.problem else []
            return [Heading(title, min(level, DEEPEST_HEADING)), *notes, *self._inside(item, level + 1)]
        spans = [Span(f"{self._name(item)}\n" if len(item.value) > LONG else f"{self._name(item)}: ", "strong")]
        spans += [*self._value(item), *self._problem(item)]
        inside = self._inside(item, level + 1) if item.children else []
        return [Paragraph(tuple(spans), max(0, min(level - 2, DEEPEST_HEADING))), *inside]

    def _inside(self, item: ContentItem, level: int) -> list[Block | tuple[ContentItem, int]]:
        """Return what stands below an item: context, then its values as tables, its sections one by one."""
        context = [one for one in item.children if one.relationship in CONTEXT and _is_row(one)]
        content = [one for one in item.children if one.relationship not in CONTEXT or not _is_row(one)]
        found: list[Block | tuple[ContentItem, int]] = list(self._rows(context))
        families = _families(content)
        run: list[ContentItem] = []
        for one in content:
            if _is_row(one):
                run.append(one)
                continue
            found += self._rows(run)
            run = []
            family = families.get(one.path)
            if family is None:
                found.append((one, level))
            elif family:
                found += [Heading(one.name, min(level, DEEPEST_HEADING)), self._groups(family)]
        return [*found, *self._rows(run)]

    def _rows(self, items: Sequence[ContentItem]) -> list[Block]:
        """Return items with a value as a table: name, value, and what is said about it."""
        if not items:
            return []
        # one row more than a page has tells that it was cut
        items = items[: BLOCK_LIMIT + 1]
        details = [self._details(item) for item in items]
        wide = any(details)
        rows = tuple(
            (cell(self._name(item), "dim"), self._value(item) + self._problem(item), *((detail,) if wide else ()))
            for item, detail in zip(items, details, strict=True)
        )
        return [Table((), rows)]

    def _groups(self, family: Sequence[ContentItem]) -> Table:
        """Return containers of one kind, as the measurement groups of TID 1500, as the rows of one table."""
        names = _columns(family)
        units = {name: _one_unit(family, name) for name in names}
        rows = []
        for group in family:
            cells: dict[str, Cell] = {}
            for one in group.children:
                name = _column(one)
                if name not in units:
                    continue
                shown = self._value(one, with_unit=units[name] is None) + self._problem(one)
                detail = self._details(one)
                shown += (Span(" · ", "dim"), *detail) if detail else ()
                cells[name] = (*cells[name], Span("; ", "dim"), *shown) if name in cells else shown
            rows.append(tuple(cells.get(name, ()) for name in names))
        head = tuple(f"{name}, {units[name]}" if units[name] else name for name in names)
        detailed = {_column(one) for group in family for one in group.children if one.children}
        numeric = tuple(n for n, name in enumerate(names) if units[name] is not None and name not in detailed)
        if len(names) <= GROUP_COLUMNS:
            return Table(head, tuple(rows), numeric)
        beside = tuple((cell(name, "dim"), *(row[place] for row in rows)) for place, name in enumerate(head))
        return Table(("", *(str(number) for number in range(1, len(rows) + 1))), beside)

    def _name(self, item: ContentItem) -> str:
        return item.name or RELATIONSHIPS.get(item.relationship, "").capitalize() or item.value_type.capitalize()

    def _value(self, item: ContentItem, *, with_unit: bool = True) -> Cell:
        link = self._link(item)
        if item.graphic is not None or item.reference is not None:
            return cell(item.value, "", link)
        if item.value_type == "TABLE":
            return cell("; ".join(", ".join(filter(None, row)) for row in item.table[:50]))
        return cell(value_words(item, with_unit=with_unit))

    def _problem(self, item: ContentItem) -> Cell:
        return cell(f" {item.problem}" if item.value and item.problem else item.problem, "warning")

    def _details(self, item: ContentItem) -> Cell:
        """Return what stands below a value, on one line: modifiers, sources, links."""
        spans: list[Span] = []
        everything = list(item.walk())[: DETAIL_LIMIT + 1]
        # the picture a graphic lies on is where the graphic's own link leads
        led_to = {below.path for one in everything if one.graphic for below in one.children if below.reference}
        for one in everything[1:]:
            if one.path in led_to:
                continue
            spans += [Span("; ", "dim")] if spans else []
            spans.append(Span(f"{self._name(one)} ", "dim"))
            spans += [*self._value(one), *self._problem(one)]
        return tuple(spans)

    def _link(self, item: ContentItem) -> int | None:
        target = self.named.get(item.path)
        if target is None:
            return None
        key = (target.reference, target.graphics)
        if key not in self.known:
            self.known[key] = len(self.targets)
            self.targets.append(target)
        return self.known[key]


def value_words(item: ContentItem, *, with_unit: bool = True) -> str:
    """Return a value with its unit, as read aloud."""
    unit = item.unit_text if with_unit and item.number is not None else ""
    qualifier = f" ({item.qualifier.words})" if item.qualifier is not None and item.number is not None else ""
    return f"{item.value} {unit}".rstrip() + qualifier


def target_of(item: ContentItem, label: str = "") -> Target | None:
    """Return where an item leads: its object, or the picture its coordinates lie on."""
    if item.graphic is not None:
        named = replace(item.graphic, label=label or item.name)
        source = next((one.reference for one in item.children if one.reference is not None), None)
        return Target(named.label, source, (named,), item.path)
    if item.reference is not None:
        graphics = tuple(
            replace(one.graphic, label=one.name or item.name) for one in item.children if one.graphic is not None
        )
        return Target(item.name or item.value, item.reference, graphics, item.path)
    return None


def labelled_targets(root: ContentItem) -> dict[Path, Target]:
    """Return the target of every item that has one, named by what was measured on it and its Tracking Identifier."""
    found: dict[Path, Target] = {}
    for item in root.walk():
        tracking = item.child("112039")
        for child in item.children:
            measured = f"{item.name} {value_words(item)}" if item.number is not None else ""
            tracked = tracking.value if tracking is not None else ""
            label = " · ".join(filter(None, (measured, tracked))) or child.name or item.name
            target = target_of(child, label)
            if target is not None:
                found[child.path] = target
    return found


def _is_row(item: ContentItem) -> bool:
    """Whether an item fits on a line: no section below it, and not much of anything."""
    for below, one in enumerate(item.walk()):
        long = len(one.value) > LONG and one.value_type != "UIDREF"
        if long or below > DETAIL_LIMIT or one.value_type == "CONTAINER":
            return False
    return True


def _families(items: Sequence[ContentItem]) -> dict[Path, list[ContentItem]]:
    """Return which containers make one table, under the first of them; the others have an empty list."""
    named: dict[str, list[ContentItem]] = {}
    for item in items:
        if item.value_type == "CONTAINER" and item.name and item.children and not item.problem:
            named.setdefault(item.name, []).append(item)
    found: dict[Path, list[ContentItem]] = {}
    for family in named.values():
        if len(family) < 2 or (len(_columns(family)) > GROUP_COLUMNS and len(family) > GROUPS_BESIDE):
            continue
        if all(_is_row(one) for group in family for one in group.children):
            found[family[0].path] = family
            found.update({other.path: [] for other in family[1:]})
    return found


def _columns(family: Sequence[ContentItem]) -> list[str]:
    """Return the names that make columns; UIDs, which nobody reads, stand in the tree."""
    shown = (one for group in family for one in group.children if one.value_type != "UIDREF")
    return list(dict.fromkeys(_column(one) for one in shown))


def _column(item: ContentItem) -> str:
    return item.name or RELATIONSHIPS.get(item.relationship, item.value_type).capitalize()


def _one_unit(family: Sequence[ContentItem], name: str) -> str | None:
    """Return the unit all numbers of a column share, "" for none; None where there are other values or units."""
    column = [one for group in family for one in group.children if _column(one) == name]
    if any(one.number is None or one.qualifier is not None for one in column):
        return None
    units = {one.unit_text for one in column}
    return units.pop() if len(units) == 1 else None
