"""How many bytes a value takes, told by the blocks of memory it rests on, so that what two values share counts once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from mmap import mmap
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

Blocks = dict[int, int]
"""Bytes of every block of memory, by the identity of what holds it."""

GEOMETRY_BYTES = 160
"""What a shape takes beside its coordinates, about."""

COORDINATE_BYTES = 16
TREE_NODE_BYTES = 64
"""What a search tree takes for a point, beside its coordinates."""

OBJECT_BYTES = 64
"""What a small object takes, about: text, a number, a key."""

COUNTED_APART = "counted_apart"
"""Attribute of classes that hold caches or figures of their own; inside another value they take nothing."""

_SAMPLE = 256
_MANY = 2_000
"""Longer collections are measured by a sample."""

_NOTHING = (type, FunctionType, BuiltinFunctionType, MethodType, ModuleType, partial)
_WRAPPED = ("_ndarray", "_data", "_mask", "_pa_array")


def blocks_of(value: object) -> Blocks:
    """Blocks of memory that a value keeps alive.

    Arrays, tables, matrices, shapes, text and bytes are counted, also inside dataclasses, collections and objects;
    an array that shows a part of another one keeps the whole of that one, and one that shows a file takes nothing of
    this process. Modules, classes and functions take nothing,
    nor do values that say so of themselves (`COUNTED_APART`).
    """
    blocks: Blocks = {}
    seen: set[int] = set()
    left = [value]
    while left:
        one = left.pop()
        apart = one is not value and getattr(type(one), COUNTED_APART, False)
        if id(one) in seen or one is None or apart or isinstance(one, _NOTHING):
            continue
        seen.add(id(one))
        if not _leaf(one, blocks):
            left.extend(_parts(one))
            blocks[id(one)] = OBJECT_BYTES
    return blocks


def bytes_of(value: object) -> int:
    """Bytes that a value takes by itself."""
    return sum(blocks_of(value).values())


def _leaf(value: Any, blocks: Blocks) -> bool:
    """Count a value that holds no others; False for any other."""
    if isinstance(value, np.ndarray):
        _array(value, blocks)
    elif isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
        _table(value, blocks)
    elif isinstance(value, (str, bytes, bytearray, int, float, complex, np.generic)):
        blocks[id(value)] = sys.getsizeof(value)
    elif _made_by("scipy.spatial", "cKDTree", value):
        _array(value.data, blocks)
        blocks[id(value)] = TREE_NODE_BYTES * int(value.n)
    elif _made_by("shapely", "STRtree", value):
        blocks[id(value)] = TREE_NODE_BYTES * len(value)
    elif _made_by("shapely", "Geometry", value):
        blocks[id(value)] = _shapes(np.array([value], dtype=object))
    elif isinstance(value, (list, tuple, set, frozenset, Mapping)) and len(value) > _MANY:
        blocks[id(value)] = _of_many(list(value.items() if isinstance(value, Mapping) else value))
    else:
        return False
    return True


def _array(values: np.ndarray[Any, Any], blocks: Blocks) -> None:
    root: Any = values
    while isinstance(root.base, np.ndarray):
        root = root.base
    if isinstance(root.base, mmap) and not root.flags.writeable:
        blocks[id(root)] = OBJECT_BYTES  # pages of a file, which the system takes back by itself
        return
    blocks[id(root)] = int(root.nbytes) + (_objects(root) if root.dtype == object else 0)


def _objects(values: np.ndarray[Any, Any]) -> int:
    """What the objects of an array take, from a sample of them."""
    flat = values.ravel()
    if not len(flat):
        return 0
    sample = flat[:: max(1, len(flat) // _SAMPLE)]
    if _made_by("shapely", "Geometry", sample[0]):
        return _shapes(flat)
    return int(len(flat) * sum(map(sys.getsizeof, sample)) / len(sample))


def _of_many(values: list[Any]) -> int:
    """What a long list of alike things takes, such as the rows of a table, from a sample of them."""
    sample = values[:: max(1, len(values) // _SAMPLE)]
    return int(len(values) * bytes_of(sample) / len(sample))


def _shapes(values: np.ndarray[Any, Any]) -> int:
    import shapely  # whoever has shapes has it already

    known = values[[isinstance(one, shapely.Geometry) for one in values]]
    points = int(shapely.get_num_coordinates(known).sum())
    return COORDINATE_BYTES * points + GEOMETRY_BYTES * len(known)


def _table(table: Any, blocks: Blocks) -> None:
    """Columns by the arrays they rest on: those inside what pandas wraps them in, which is another one every time."""
    columns: Iterable[Any] = (
        (table.iloc[:, number] for number in range(table.shape[1])) if isinstance(table, pd.DataFrame) else (table,)
    )
    for column in columns:
        for name in _WRAPPED:
            inner = getattr(column.array, name, None)
            if isinstance(inner, np.ndarray):
                _array(inner, blocks)
            elif inner is not None:
                blocks[id(inner)] = int(inner.nbytes)
    if not isinstance(table, (pd.Index, pd.RangeIndex)) and not isinstance(table.index, pd.RangeIndex):
        _table(table.index, blocks)


def _made_by(module: str, name: str, value: object) -> bool:
    """Whether a value is of a class of a library; one that nobody imported has made none."""
    imported = sys.modules.get(module)
    kind = getattr(imported, name, None)
    return kind is not None and isinstance(value, kind)


def _parts(value: Any) -> Iterator[Any]:
    if _made_by("scipy.sparse", "sparray", value) or _made_by("scipy.sparse", "spmatrix", value):
        yield from (vars(value)[name] for name in ("data", "indices", "indptr", "row", "col") if name in vars(value))
        yield from vars(value).get("coords", ())
    elif isinstance(value, Mapping):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    else:
        yield from _attributes(value)


def _attributes(value: Any) -> Iterator[Any]:
    if is_dataclass(value):
        yield from (getattr(value, field.name, None) for field in fields(value))
    yield from getattr(value, "__dict__", {}).values()
