"""Linear and integer programmes for HiGHS, made of arrays at once: no variable or row is ever added by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import highspy
import numpy as np
import numpy.typing as npt

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.sparse import Matrix
from i18n.errors import InputError
from loaders.catalogue.types import Bools, Floats

Answer = TypeVar("Answer")

_TOLERANCE = 1e-6
"""Absolute gap at which HiGHS calls an answer optimal (its own default)."""

_ROW = 1e-9
"""Rounding of what a row without columns asks."""


@dataclass(frozen=True, eq=False)
class Model:
    """Minimise ``cost @ x`` subject to ``row_low <= rows @ x <= row_high`` and ``low <= x <= high``.

    Attributes
    ----------
    cost, low, high : (n,)
    integer : (n,) which variables are whole numbers
    rows : (r, n) sparse
    row_low, row_high : (r,), ``-inf`` and ``inf`` where there is no limit
    """

    cost: Floats
    low: Floats
    high: Floats
    integer: Bools
    rows: Matrix
    row_low: Floats
    row_high: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """What HiGHS found.

    Attributes
    ----------
    x : (n,) best point, None when there is none
    objective : its value, ``inf`` without one
    bound : proven lower bound, ``-inf`` without one
    proven : whether the point is proven optimal (to 1e-6) or the model proven infeasible
    dual : (r,) row duals of a linear programme, else None
    """

    x: Floats | None
    objective: float
    bound: float
    proven: bool
    dual: Floats | None = None


def solve(
    model: Model,
    control: Control,
    *,
    start: Floats | None = None,
    cutoff: Callable[[float, float], bool] | None = None,
    tell: Callable[[float, float], None] | None = None,
    absolute_gap: float = _TOLERANCE,
    upper: float | None = None,
    interior: bool = False,
) -> Solution:
    """Solve a model with HiGHS within what is left of the time.

    Parameters
    ----------
    model : the programme
    control : time limit, relative gap and interruption
    start : (n,) point to start from, checked by HiGHS
    cutoff : asked with (best objective, bound); True ends the search
    tell : told (best objective, bound) now and then
    absolute_gap : gap at which the answer counts as optimal: just below 1 for objectives that are whole numbers
    upper : only points that cost less than this are looked for; without any the model counts as infeasible
    interior : for a linear programme: by interior points, without going to a corner, which is faster for large ones;
        the duals are then good to about 1e-7
    """
    if not len(model.cost):
        return _without_columns(model)
    unit, more, model = _in_units(model)
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {
        "output_flag": False,
        "mip_rel_gap": control.mip_gap,
        "mip_abs_gap": absolute_gap,
        "random_seed": 0,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    if upper is not None:
        highs.setOptionValue("objective_bound", upper * unit)
    if interior:
        highs.setOptionValue("solver", "ipm")
        highs.setOptionValue("run_crossover", "off")
    if np.isfinite(control.left):
        highs.setOptionValue("time_limit", max(control.left, 0.01))
    _pass(highs, model)
    whole = bool(model.integer.any())
    if start is not None and whole:
        highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    cut = _listen(highs, control, _per(unit, cutoff), _per(unit, tell), whole)
    highs.run()
    solution = _read(highs, model, control, whole, cut)
    dual = None if solution.dual is None else solution.dual * more / unit
    return replace(solution, objective=solution.objective / unit, bound=solution.bound / unit, dual=dual)


def _without_columns(model: Model) -> Solution:
    """Nothing is left to choose: the rows hold with nothing in them, or the model is infeasible."""
    if (model.row_low > _ROW).any() or (model.row_high < -_ROW).any():
        return Solution(None, np.inf, np.inf, proven=True)
    return Solution(np.zeros(0), 0.0, 0.0, proven=True, dual=np.zeros(len(model.row_low)))


def _in_units(model: Model) -> tuple[float, Floats, Model]:
    """Model with small costs and rows written larger, by powers of two, and how much larger these are.

    HiGHS compares with absolute tolerances of 1e-6 to 1e-7, which must stay small beside the figures.
    """
    unit = float(_larger(np.abs(model.cost).max(initial=0.0)))
    rows, each = model.rows, np.diff(model.rows.indptr)
    size = np.zeros(rows.shape[0])
    np.maximum.at(size, np.repeat(np.arange(rows.shape[0]), each), np.abs(rows.data))
    more = _larger(size)
    if unit == 1 and (more == 1).all():
        return unit, more, model
    scaled = rows.copy()
    scaled.data = rows.data * np.repeat(more, each)
    low, high = model.row_low * more, model.row_high * more
    return unit, more, replace(model, cost=model.cost * unit, rows=scaled, row_low=low, row_high=high)


def _larger(size: npt.ArrayLike) -> Floats:
    """Power of two that lifts a figure below 1 to between 1 and 2; 1 for others."""
    exponent = np.frexp(size)[1]
    small = (np.asarray(size) > 0) & (exponent < 1)
    return np.asarray(np.ldexp(1.0, np.where(small, 1 - exponent, 0)), dtype=np.float64)


def _per(unit: float, told: Callable[[float, float], Answer] | None) -> Callable[[float, float], Answer] | None:
    """Call with figures in the units of the model."""
    if told is None or unit == 1:
        return told
    tell = told
    return lambda best, bound: tell(best / unit, bound / unit)


def _pass(highs: Any, model: Model) -> None:
    rows = model.rows.tocsr()
    count, size = rows.shape
    none = np.zeros(0, dtype=np.int32)
    highs.passModel(
        size, count, rows.nnz, 0, int(highspy.MatrixFormat.kRowwise), int(highspy.HessianFormat.kTriangular),
        int(highspy.ObjSense.kMinimize), 0.0,
        model.cost, model.low, model.high, model.row_low, model.row_high,
        rows.indptr.astype(np.int32), rows.indices.astype(np.int32), rows.data.astype(np.float64),
        none, none, np.zeros(0), model.integer.astype(np.int32),
    )  # fmt: skip


def _listen(
    highs: Any,
    control: Control,
    cutoff: Callable[[float, float], bool] | None,
    tell: Callable[[float, float], None] | None,
    whole: bool,
) -> list[bool]:
    """Let HiGHS ask whether to go on; the list that is returned gets an item when ``cutoff`` said no."""
    cut: list[bool] = []

    def during(event: Any) -> None:
        best, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        if tell is not None:
            tell(best, bound)
        if cutoff is not None and cutoff(best, bound):
            cut.append(True)
        if cut or control.over():
            event.interrupt()

    def simplex(event: Any) -> None:
        if control.over():
            event.interrupt()

    if whole:
        highs.cbMipInterrupt.subscribe(during)
    else:
        highs.cbSimplexInterrupt.subscribe(simplex)
        highs.cbIpmInterrupt.subscribe(simplex)
    return cut


def _read(highs: Any, model: Model, control: Control, whole: bool, cut: list[bool]) -> Solution:
    status = highs.getModelStatus()
    known = highspy.HighsModelStatus
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Solution(None, np.inf, np.inf, proven=True)
    if status in (known.kModelError, known.kSolveError, known.kUnbounded):
        raise InputError(
            f"The solver stopped with '{highs.modelStatusToString(status)}'; check the distances for extreme values."
        )
    proven = status in (known.kOptimal, known.kModelEmpty)
    if not proven and not cut and not control.stopped:
        control.stopped = "time"
    info = highs.getInfo()
    feasible = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    x = np.array(highs.getSolution().col_value, dtype=np.float64) if feasible or proven else None
    objective = float(model.cost @ x) if x is not None else np.inf
    if whole:
        return Solution(x, objective, float(info.mip_dual_bound), proven)
    dual = np.array(highs.getSolution().row_dual, dtype=np.float64) if proven else None
    return Solution(x if proven else None, objective, objective if proven else -np.inf, proven, dual)
