"""Pictures of questions, described and not yet drawn.

A family says what the picture shows; `quizgen.render.figures` draws it as SVG, as TikZ and in characters.

    ComputationGraph    nodes and edges, with values on the way forward and gradients on the way back
    LayerStack          a network, layer upon layer, with shapes and parameter counts
    ConvolutionGrid     an input with its padding, the window, the kernel and the cell of the output they make
    AttentionMap        a matrix of weights, shaded, with masked cells crossed out

A figure is a value: frozen, checked when it is made (`RenderError` says what does not fit), equal to what
`figure_from_json(figure.to_json())` gives. `figure.alt` says in words what it shows; `description` overrides that.

Labels come in two kinds. LaTeX fields hold math without dollars (`x_1`, `\\frac{1}{2}`); text fields hold words, with
math between dollars where it is wanted. Neither is trusted: see `quizgen.label`. Any cell of a grid or a matrix may
be a number of any exact kind or a string; it is kept as the text that it prints.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from quizgen.errors import InputError, RenderError, shown
from quizgen.wording import capital

if TYPE_CHECKING:
    from quizgen.label import Label

__all__ = [
    "AttentionMap",
    "ComputationGraph",
    "ConvolutionGrid",
    "Edge",
    "Figure",
    "Layer",
    "LayerStack",
    "Node",
    "figure_from_json",
]

Rows = tuple[tuple[str, ...], ...]

_NODES, _EDGES, _LAYERS, _SIDE, _CHANNELS, _TEXT = 24, 40, 32, 32, 8, 200  # what a page can still show


# Labels are read where a text alternative is asked for: a list of all families need not wait for their tables.


def math(source: str) -> "Label":
    from quizgen import label

    return label.math(source)


def words(source: str) -> "Label":
    from quizgen import label

    return label.words(source)


def printable(text: str) -> str:
    from quizgen import label

    return label.printable(text)


def _set(figure: object, name: str, value: object) -> None:
    object.__setattr__(figure, name, value)


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise RenderError(message)


def _check_texts(what: str, *texts: object) -> None:
    for text in texts:
        _check(isinstance(text, str), f"a text of {what} is {shown(text)}; it must be a string")
        _check(len(cast(str, text)) <= _TEXT, f"a text of {what} is longer than {_TEXT} characters: {shown(text)}")


def _rows(what: str, table: Iterable[Iterable[object]]) -> Rows:
    rows = tuple(tuple(cell if isinstance(cell, str) else str(cell) for cell in row) for row in table)
    _check(bool(rows) and bool(rows[0]), f"the {what} has no cells; give it at least one")
    _check(
        all(len(row) == len(rows[0]) for row in rows),
        f"the rows of the {what} have {sorted({len(row) for row in rows})} cells; they must be equally long",
    )
    _check(max(len(rows), len(rows[0])) <= _SIDE, f"the {what} is larger than {_SIDE} cells a side; draw a part of it")
    _check_texts(what, *(cell for row in rows for cell in row))
    return rows


def _channels(what: str, values: Sequence[Any]) -> tuple[Rows, ...]:
    """Rows, or channels of rows, as channels of rows."""
    deep = bool(values) and bool(values[0]) and not isinstance(values[0][0], str) and hasattr(values[0][0], "__len__")
    channels = tuple(_rows(what, channel) for channel in (values if deep else [values]))
    _check(len(channels) <= _CHANNELS, f"the {what} has {len(channels)} channels; at most {_CHANNELS} can be drawn")
    shapes = {(len(channel), len(channel[0])) for channel in channels}
    _check(len(shapes) == 1, f"the channels of the {what} have shapes {sorted(shapes)}; they must be equal")
    return channels


class _Described:
    """What every figure has besides its content. No fields of its own: dataclasses put theirs first."""

    __slots__ = ()
    figure: ClassVar[str]

    def to_json(self) -> dict[str, object]:
        """A JSON object of lists, strings, integers and booleans; what has its default value is left out."""
        out: dict[str, object] = {"figure": self.figure}
        out.update(_plain_fields(self))
        return out

    @property
    def alt(self) -> str:
        """The text alternative: `description`, or the content in words."""
        return printable(getattr(self, "description")) or self._words()  # noqa: B009 (a field of the subclasses)

    def _words(self) -> str:
        raise NotImplementedError


def _plain_fields(value: object) -> dict[str, object]:
    out: dict[str, object] = {}
    for field in fields(value):  # type: ignore[arg-type]  # called with figures, nodes, edges and layers only
        content = getattr(value, field.name)
        if content != field.default:
            out[field.name] = _plain(content)
    return out


def _plain(content: object) -> object:
    if isinstance(content, tuple):
        return [_plain(item) for item in content]
    return _plain_fields(content) if isinstance(content, Node | Edge | Layer) else content


@dataclass(frozen=True, slots=True)
class Node:
    """A node: edges call it by its `name`; `label` is written in it, `value` (forward) under that; both are LaTeX."""

    name: str
    label: str
    kind: Literal["input", "operation", "output"] = "operation"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two nodes, by name. `label` and `gradient` (the derivative that flows back) are LaTeX."""

    source: str
    target: str
    label: str = ""
    gradient: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class ComputationGraph(_Described):
    """A directed graph without cycles, drawn in layers from its inputs to its outputs.

    >>> graph = ComputationGraph(
    ...     nodes=[Node("x", "x", "input", "2"), Node("w", "w", "input", "-3"), Node("z", r"\\times", value="-6"),
    ...            Node("f", r"\\sigma", "output")],
    ...     edges=[Edge("x", "z"), Edge("w", "z", gradient="0.5", marked=True), Edge("z", "f", gradient="0.25")])
    >>> graph == figure_from_json(graph.to_json())
    True
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    title: str = ""
    description: str = ""
    figure: ClassVar[str] = "computation-graph"

    def __post_init__(self) -> None:
        _set(self, "nodes", tuple(self.nodes))
        _set(self, "edges", tuple(self.edges))
        _check_texts("a computation graph", self.title, self.description)
        names = {node.name for node in self.nodes}
        _check(bool(names), "a computation graph has no nodes; give it at least one")
        _check(len(self.nodes) <= _NODES, f"a computation graph has {len(self.nodes)} nodes; at most {_NODES} fit")
        _check(len(self.edges) <= _EDGES, f"a computation graph has {len(self.edges)} edges; at most {_EDGES} fit")
        _check(len(names) == len(self.nodes), "two nodes of a computation graph have one name; names must differ")
        for node in self.nodes:
            _check_texts("a node", node.name, node.label, node.value)
            _check(
                node.kind in ("input", "operation", "output"),
                f"node {shown(node.name)} is of kind {shown(node.kind)}; it must be input, operation or output",
            )
        for edge in self.edges:
            _check_texts("an edge", edge.source, edge.target, edge.label, edge.gradient)
            for name in (edge.source, edge.target):
                _check(name in names, f"an edge of a computation graph names {shown(name)}, which is no node of it")
        self.order()

    def order(self) -> tuple[Node, ...]:
        """The nodes, each after all that it depends on, otherwise as they were given. RenderError on a cycle."""
        done: dict[str, Node] = {}
        waiting = list(self.nodes)
        needs: dict[str, set[str]] = {node.name: set() for node in self.nodes}
        for edge in self.edges:
            needs[edge.target].add(edge.source)
        while waiting:
            ready = [node for node in waiting if needs[node.name] <= done.keys()]
            _check(bool(ready), f"node {shown(waiting[0].name)} depends on itself; a computation graph has no cycle")
            done.update((node.name, node) for node in ready)
            waiting = [node for node in waiting if node.name not in done]
        return tuple(done.values())

    def called(self) -> dict[str, str]:
        """What to call each node in words: its label in Unicode, numbered where several share one."""
        labels = {node.name: math(node.label).plain or printable(node.name) for node in self.nodes}
        every = list(labels.values())
        seen: dict[str, int] = {}
        for name, label in labels.items():
            if every.count(label) > 1:
                seen[label] = seen.get(label, 0) + 1
                labels[name] = f"{label} (no. {seen[label]})"
        return labels

    def _words(self) -> str:
        called = self.called()
        parts = []
        for node in self.order():
            value = f" = {math(node.value).plain}" if node.value else ""
            parts.append(f"{node.kind} {called[node.name]}{value}")
        for edge in self.edges:
            notes = [math(edge.label).plain] if edge.label else []
            notes += ["marked"] if edge.marked else []
            notes += [f"gradient {math(edge.gradient).plain}"] if edge.gradient else []
            note = f" ({', '.join(notes)})" if notes else ""
            parts.append(f"{called[edge.source]} to {called[edge.target]}{note}")
        count = len(self.nodes)
        return f"Computation graph: {'; '.join(parts[:count])}." + (
            f" Edges: {'; '.join(parts[count:])}." if self.edges else ""
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer. All fields are text: `detail` (kernel, stride), `shape` of its output, `parameters` (their number)."""

    name: str
    detail: str = ""
    shape: str = ""
    parameters: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class LayerStack(_Described):
    """A network as a stack: the data flow down (or right), the shape stands where it leaves a layer.

    >>> stack = LayerStack([Layer("Conv", "16 of 3 × 3, padding 1", "32 × 32 × 16", "448 parameters"),
    ...                     Layer("MaxPool", "2 × 2, stride 2", "?", marked=True)], input="32 × 32 × 3")
    >>> stack.alt
    'Layer stack: input 32 × 32 × 3; Conv, 16 of 3 × 3, padding 1, 448 parameters, gives 32 × 32 × 16; MaxPool, ...
    """

    layers: Sequence[Layer]
    input: str = ""
    direction: Literal["down", "right"] = "down"
    title: str = ""
    description: str = ""
    figure: ClassVar[str] = "layer-stack"

    def __post_init__(self) -> None:
        _set(self, "layers", tuple(self.layers))
        _check(bool(self.layers), "a layer stack has no layers; give it at least one")
        _check(len(self.layers) <= _LAYERS, f"a layer stack has {len(self.layers)} layers; at most {_LAYERS} fit")
        _check(
            self.direction in ("down", "right"),
            f"the direction of a layer stack is {shown(self.direction)}; it must be down or right",
        )
        _check_texts("a layer stack", self.input, self.title, self.description)
        for layer in self.layers:
            _check_texts("a layer", layer.name, layer.detail, layer.shape, layer.parameters)

    def _words(self) -> str:
        parts = [f"input {words(self.input).plain}"] if self.input else []
        for layer in self.layers:
            said = [words(text).plain for text in (layer.name, layer.detail, layer.parameters) if text]
            said += [f"gives {words(layer.shape).plain}"] if layer.shape else []
            said += ["marked"] if layer.marked else []
            parts.append(", ".join(said))
        return f"Layer stack: {'; '.join(parts)}."


@dataclass(frozen=True, slots=True)
class ConvolutionGrid(_Described):
    """An input, a kernel of the same number of channels, and the output of sliding one over the other.

    `input` and `kernel` are rows of cells, or channels of rows of cells. `at` is the (row, column) of the output cell
    whose window is marked, or None. `output` may be left out: then its cells are empty, with "?" in the marked one.
    The names are text; `operator` (LaTeX) stands between input and kernel.

    >>> grid = ConvolutionGrid([[1, 2], [3, 4]], [[1, 0], [0, -1]], padding=1, at=(1, 1), output_name="$Y$")
    >>> grid.output
    (('', '', ''), ('', '?', ''), ('', '', ''))
    """

    input: Sequence[Any]
    kernel: Sequence[Any]
    output: Sequence[Sequence[Any]] | None = None
    padding: int = 0
    stride: int = 1
    at: tuple[int, int] | None = None
    input_name: str = "input"
    kernel_name: str = "kernel"
    output_name: str = "output"
    operator: str = "\\ast"
    title: str = ""
    description: str = ""
    figure: ClassVar[str] = "convolution-grid"

    def __post_init__(self) -> None:
        _set(self, "input", _channels("input", self.input))
        _set(self, "kernel", _channels("kernel", self.kernel))
        _check(
            len(self.input) == len(self.kernel),
            f"the input has {len(self.input)} channels and the kernel {len(self.kernel)}; they must agree",
        )
        _check(
            all(isinstance(each, int) for each in (self.padding, self.stride))
            and 0 <= self.padding <= _SIDE // 2
            and self.stride >= 1,
            f"padding is {shown(self.padding)} and stride {shown(self.stride)}; they must be at least 0 and 1",
        )
        rows, columns = self.size
        padded = tuple(side + 2 * self.padding for side in (len(self.input[0]), len(self.input[0][0])))
        _check(max(padded) <= _SIDE, f"the padded input is larger than {_SIDE} cells a side; draw a part of it")
        _check(
            rows >= 1 and columns >= 1,
            f"a {len(self.kernel[0])} by {len(self.kernel[0][0])} kernel does not fit into the padded input of "
            f"{padded[0]} by {padded[1]}; make it smaller, or pad more",
        )
        if self.at is not None:
            _set(self, "at", tuple(self.at))
            _check(
                [type(place) for place in self.at] == [int, int],
                f"the marked cell is {shown(self.at)}; it must be a row and a column",
            )
            _check(
                0 <= self.at[0] < rows and 0 <= self.at[1] < columns,
                f"the marked cell {self.at} lies outside the output of {rows} by {columns}; count from (0, 0)",
            )
        if self.output is None:
            output: Rows = tuple(
                tuple("?" if (row, column) == self.at else "" for column in range(columns)) for row in range(rows)
            )
        else:
            output = _rows("output", self.output)
        _set(self, "output", output)
        _check(
            (len(output), len(output[0])) == (rows, columns),
            f"the output has {len(output)} by {len(output[0])} cells; this input, kernel, padding and stride give "
            f"{rows} by {columns}",
        )
        _check_texts(
            "a convolution grid",
            *(self.input_name, self.kernel_name, self.output_name, self.operator, self.title, self.description),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        rows, columns = (
            (side + 2 * self.padding - over) // self.stride + 1
            for side, over in (
                (len(self.input[0]), len(self.kernel[0])),
                (len(self.input[0][0]), len(self.kernel[0][0])),
            )
        )
        return rows, columns

    def padded(self, channel: int) -> tuple[tuple[str | None, ...], ...]:
        """The rows of a channel with its padding, whose cells are None."""
        rows: Rows = self.input[channel]
        sides: tuple[None, ...] = (None,) * self.padding
        border = ((None,) * (len(rows[0]) + 2 * self.padding),) * self.padding
        return (*border, *((*sides, *row, *sides) for row in rows), *border)

    @property
    def window(self) -> tuple[int, int, int, int] | None:
        """Of the marked window, in cells of the padded input: first row, first column, rows, columns."""
        if self.at is None:
            return None
        rows, columns = len(self.kernel[0]), len(self.kernel[0][0])
        return self.at[0] * self.stride, self.at[1] * self.stride, rows, columns

    def _words(self) -> str:
        def said(rows: Sequence[Sequence[str]]) -> str:
            return "; ".join(", ".join(math(cell).plain or "empty" for cell in row) for row in rows)

        parts = []
        for number, (image, kernel) in enumerate(zip(self.input, self.kernel, strict=True), 1):
            of = f" channel {number}" if len(self.input) > 1 else ""
            parts.append(f"{words(self.input_name).plain}{of} {said(image)}")
            parts.append(f"{words(self.kernel_name).plain}{of} {said(kernel)}")
        parts.append(f"{words(self.output_name).plain} {said(self.output or ())}")
        marked = ""
        if self.window is not None and self.at is not None:
            row, column, rows, columns = self.window
            marked = (
                f" Marked: the window of rows {row} to {row + rows - 1} and columns {column} to {column + columns - 1}"
                f" of the padded input, and output cell ({self.at[0]}, {self.at[1]}), counted from 0."
            )
        return (
            f"Convolution with padding {self.padding} and stride {self.stride}. Rows from top to bottom: "
            f"{'. '.join(map(capital, parts))}.{marked}"
        )


@dataclass(frozen=True, slots=True)
class AttentionMap(_Described):
    """A matrix of attention weights, one row for each query; a weight between 0 and 1 shades its cell.

    `rows`, `columns` and the titles are text; weights are LaTeX or numbers. `masked` lists (row, column) pairs that
    are crossed out, whatever weight stands there; `causal` adds all that lie above the diagonal.

    >>> AttentionMap([["1", "0"], ["0.25", "0.75"]], rows=["the", "cat"], columns=["the", "cat"], causal=True).masked
    ((0, 1),)
    """

    weights: Sequence[Sequence[Any]]
    rows: Sequence[str]
    columns: Sequence[str]
    masked: Sequence[tuple[int, int]] = ()
    causal: bool = False
    row_title: str = "query"
    column_title: str = "key"
    title: str = ""
    description: str = ""
    figure: ClassVar[str] = "attention-map"

    def __post_init__(self) -> None:
        weights = _rows("attention map", self.weights)
        height, width = len(weights), len(weights[0])
        _set(self, "weights", weights)
        _set(self, "rows", tuple(self.rows))
        _set(self, "columns", tuple(self.columns))
        _check(
            (len(self.rows), len(self.columns)) == (height, width),
            f"an attention map of {height} by {width} weights has {len(self.rows)} row labels and "
            f"{len(self.columns)} column labels; there must be one for each",
        )
        _check_texts(
            "an attention map",
            *(*self.rows, *self.columns, self.row_title, self.column_title, self.title, self.description),
        )
        masked = {tuple(pair) for pair in self.masked}
        for pair in masked:
            _check(
                [type(place) for place in pair] == [int, int] and 0 <= pair[0] < height and 0 <= pair[1] < width,
                f"the masked cell {shown(pair)} lies outside {height} by {width} weights; count from (0, 0)",
            )
        if self.causal:
            masked |= {(row, column) for row in range(height) for column in range(row + 1, width)}
        _set(self, "masked", tuple(sorted(masked)))

    def _words(self) -> str:
        out = set(self.masked)
        lines = []
        for row, (label, weights) in enumerate(zip(self.rows, self.weights, strict=True)):
            cells = [
                f"{words(name).plain} {'masked' if (row, column) in out else math(weight).plain or 'empty'}"
                for column, (name, weight) in enumerate(zip(self.columns, weights, strict=True))
            ]
            lines.append(f"{words(label).plain}: {', '.join(cells)}")
        titles = f"{words(self.row_title).plain} (rows), {words(self.column_title).plain} (columns)"
        return f"Attention map, {titles}. {'; '.join(lines)}."


Figure = ComputationGraph | LayerStack | ConvolutionGrid | AttentionMap

_FIGURES: dict[str, type[Figure]] = {
    each.figure: each for each in (ComputationGraph, LayerStack, ConvolutionGrid, AttentionMap)
}
_ITEMS: dict[str, type[Node | Edge | Layer]] = {"nodes": Node, "edges": Edge, "layers": Layer}


def figure_from_json(obj: object) -> Figure:
    """The figure that `to_json` wrote. InputError or RenderError where the object is not one."""
    if not isinstance(obj, Mapping) or obj.get("figure") not in _FIGURES:
        raise InputError(f"{shown(obj)} is no figure; it must be an object whose 'figure' is {', '.join(_FIGURES)}")
    kind = _FIGURES[obj["figure"]]
    content = {name: value for name, value in obj.items() if name != "figure"}
    for name in content.keys() & _ITEMS.keys():
        items = content[name]
        if not isinstance(items, list | tuple):
            raise InputError(f"{shown(name)} of a {obj['figure']} is {shown(items)}; it must be a list")
        content[name] = [_made(_ITEMS[name], name, item) for item in items]
    made = _made(kind, cast(str, obj["figure"]), content)
    return cast(Figure, made)


def _made(kind: type[Any], what: str, content: object) -> Any:
    if not isinstance(content, Mapping):
        raise InputError(f"an item of {shown(what)} is {shown(content)}; it must be an object")
    known = {field.name for field in fields(kind)}
    for name in content:
        if name not in known:
            raise InputError(f"{shown(name)} is no field of {shown(what)}; its fields are {', '.join(sorted(known))}")
    for name in ("marked", "causal"):
        if not isinstance(content.get(name, False), bool):
            raise InputError(f"{shown(name)} of {shown(what)} is {shown(content[name])}; it must be true or false")
    try:
        return kind(**content)
    except (TypeError, AttributeError, IndexError, KeyError) as error:
        raise InputError(f"{shown(what)} cannot be read as a figure: {error}; write it as to_json does") from None
