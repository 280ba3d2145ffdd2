"""Frozen values as plain JSON and back: nothing is believed that does not fit its field."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST = 1 << 28
"""Characters of the longest text that is looked at."""
FARTHEST = 1e300
"""Numbers beyond are damage."""


class UnfitError(ValueError):
    """Something in a document does not fit; the text says where."""


def plain(value: Any) -> Any:
    """Return a value as what JSON knows; fields that hold their default are written as well.

    Raises
    ------
    UnfitError
        If it could not be read again.
    """
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not abs(value) <= FARTHEST:
        raise UnfitError(f"{value} is no number that can be kept")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise UnfitError(f"a {type(value).__name__} cannot be kept")


def parsed(text: str) -> dict[str, Any]:
    """Return the object a text holds.

    Raises
    ------
    UnfitError
    """
    if len(text) > LONGEST:
        raise UnfitError("it is too long")
    try:
        document = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise UnfitError("it is no JSON") from error
    if not isinstance(document, dict):
        raise UnfitError("it holds no object")
    return document


def fitted(kind: type[T], value: Any, names: tuple[tuple[str, Any], ...] = (), where: str = "") -> T:
    """Return the ``kind`` that :func:`plain` made ``value`` of.

    ``names`` are types that the annotations of dataclasses name and their modules do not import at run time.

    Raises
    ------
    UnfitError
    """
    return typing.cast("T", _fitted(kind, value, names, where))


def _fitted(kind: Any, value: Any, names: tuple[tuple[str, Any], ...], where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(typing.get_args(kind), value, names, where)
    if origin is tuple:
        return _items(typing.get_args(kind), value, names, where)
    if isinstance(kind, type) and is_dataclass(kind):
        return _object(kind, value, names, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise UnfitError(f"{where} is not known") from None
    if kind is float:
        return _number(value, where)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UnfitError(f"{where} does not fit")
    return value


def _number(value: Any, where: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise UnfitError(f"{where} is no number")
    if not abs(value) <= FARTHEST:
        raise UnfitError(f"{where} is out of all bounds")
    return float(value)


def _one_of(kinds: tuple[Any, ...], value: Any, names: tuple[tuple[str, Any], ...], where: str) -> Any:
    for kind in kinds:
        try:
            return _fitted(kind, value, names, where)
        except UnfitError as error:
            reason = error
    raise reason


def _items(kinds: tuple[Any, ...], value: Any, names: tuple[tuple[str, Any], ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise UnfitError(f"{where} is no list")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise UnfitError(f"{where} has another length")
    return tuple(_fitted(k, v, names, f"{where}[{n}]") for n, (k, v) in enumerate(zip(kinds, value, strict=True)))


def _object(kind: Any, value: Any, names: tuple[tuple[str, Any], ...], where: str) -> Any:
    if not isinstance(value, dict):
        raise UnfitError(f"{where or 'it'} is no object")
    hints = _hints(kind, names)
    known = fields(kind)
    unknown = sorted(set(value) - {each.name for each in known})
    if unknown:
        raise UnfitError(f"{where + ' ' if where else ''}has what is not known: {unknown[0][:40]!a}")
    found = {}
    for each in known:
        path = f"{where}.{each.name}" if where else each.name
        if each.name in value:
            found[each.name] = _fitted(hints[each.name], value[each.name], names, path)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise UnfitError(f"{path} is missing")
    return kind(**found)


@cache
def _hints(kind: Any, names: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return typing.get_type_hints(kind, localns=dict(names))


def _refused(constant: str) -> float:
    raise ValueError(constant)
