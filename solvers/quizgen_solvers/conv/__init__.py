"""Convolution layers: sizes, padding, parameters, whole networks, and the cross-correlation itself."""

from .axes import OUTPUT, out_symbol
from .correlation import bias_names, correlation, correlation_mistakes, filter_names, image_names, output_names
from .counts import C_IN, C_OUT, count_mistakes, filters_from_budget, parameter_count
from .networks import Layer, Row, layer, network, network_mistakes, table
from .padding import PADDING, SIDES, TOTALS, padding_mistakes, same_padding, strided_same_padding
from .sizes import Unknown, inverse_size, output_size, size_mistakes, sizes_that_give

__all__ = [
    "C_IN",
    "C_OUT",
    "OUTPUT",
    "PADDING",
    "SIDES",
    "TOTALS",
    "Layer",
    "Row",
    "Unknown",
    "bias_names",
    "correlation",
    "correlation_mistakes",
    "count_mistakes",
    "filter_names",
    "filters_from_budget",
    "image_names",
    "inverse_size",
    "layer",
    "network",
    "network_mistakes",
    "out_symbol",
    "output_names",
    "output_size",
    "padding_mistakes",
    "parameter_count",
    "same_padding",
    "size_mistakes",
    "sizes_that_give",
    "strided_same_padding",
    "table",
]
