"""Exact solvers whose working is traced: the formula that is printed is the computation."""

from .exact import ExactError, NeedsPrecision, rational
from .quantity import Quantity
from .work import Line, Work

__all__ = ["ExactError", "Line", "NeedsPrecision", "Quantity", "Work", "rational"]
