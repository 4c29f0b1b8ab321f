"""Convolution layers: sizes, padding, parameters, whole networks, and the cross-correlation itself."""

from .correlation import bias_names, correlation, correlation_mistakes, filter_names, image_names, output_names
from .counts import C_IN, C_OUT, count_mistakes, filters_from_budget, parameter_count
from .sizes import Unknown, inverse_size, out_symbol, output_size, size_mistakes, sizes_that_give

__all__ = [
    "C_IN",
    "C_OUT",
    "Unknown",
    "bias_names",
    "correlation",
    "correlation_mistakes",
    "count_mistakes",
    "filter_names",
    "filters_from_budget",
    "image_names",
    "inverse_size",
    "out_symbol",
    "output_names",
    "output_size",
    "parameter_count",
    "size_mistakes",
    "sizes_that_give",
]
