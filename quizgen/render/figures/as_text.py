"""Figures in characters, at most 78 columns wide, for a terminal and for Markdown."""

from collections.abc import Sequence

from quizgen.figures import AttentionMap, ComputationGraph, ConvolutionGrid, LayerStack
from quizgen.label import clip, columns, math, printable, words

WIDTH = 78


def graph(figure: ComputationGraph) -> str:
    """The nodes with their values, then the edges: `══▶` for a marked one."""
    called = figure.called()
    lines = []
    for kind, heading in (("input", "inputs"), ("operation", "operations"), ("output", "outputs")):
        nodes = [node for node in figure.order() if node.kind == kind]
        if nodes:
            said = [called[node.name] + (f" = {math(node.value).plain}" if node.value else "") for node in nodes]
            lines += _filled(f"{heading:<12}", said)
    lines += ["edges"] * bool(figure.edges)
    rows = []
    for edge in figure.edges:
        notes = [math(edge.label).plain] * bool(edge.label)
        notes += [f"gradient {math(edge.gradient).plain}"] * bool(edge.gradient)
        notes += ["marked"] * edge.marked
        rows.append((called[edge.source], "══▶" if edge.marked else "──▶", called[edge.target], ", ".join(notes)))
    first = min(max((columns(row[0]) for row in rows), default=0), 28)
    third = min(max((columns(row[2]) for row in rows), default=0), 28)
    for source, arrow, target, note in rows:
        line = f"  {_right(source, first)} {arrow} {_left(target, third)}  {note}"
        lines.append(clip(line.rstrip(), WIDTH))
    return _block(figure.title, lines)


def stack(figure: LayerStack) -> str:
    """Boxes under each other, shapes beside the arrows."""
    rows = []
    for layer in figure.layers:
        name, detail, parameters = (words(text).plain for text in (layer.name, layer.detail, layer.parameters))
        left = "   ".join(part for part in (("▶ " if layer.marked else "") + name, detail) if part)
        rows.append((left, parameters, words(layer.shape).plain))
    inner = max(columns(left) + (columns(right) + 3 if right else 0) for left, right, _ in rows)
    inner = min(max(inner, 24), WIDTH - 4)
    middle = inner // 2 + 2
    lines = []
    if figure.input:
        lines += [clip(words(figure.input).plain, WIDTH).center(inner + 4).rstrip(), " " * middle + "│"]
    for at, (left, right, shape) in enumerate(rows):
        right = clip(right, inner // 2)
        left = clip(left, inner - (columns(right) + 2 if right else 0))
        lines.append("┌" + "─" * (inner + 2) + "┐" if not lines else "┌" + _joined(inner + 2, middle - 1, "▼") + "┐")
        lines.append(f"│ {left}{' ' * (inner - columns(left) - columns(right))}{right} │")
        last = at == len(rows) - 1
        lines.append("└" + _joined(inner + 2, middle - 1, "┬" if not last or shape else "─") + "┘")
        if not last or shape:
            lines.append(clip(f"{' ' * middle}│ {shape}".rstrip(), WIDTH))
    return _block(figure.title, lines)


def _joined(length: int, at: int, mark: str) -> str:
    return "─" * at + mark + "─" * (length - at - 1)


def grid(figure: ConvolutionGrid) -> str:
    """Grids of numbers: `·` is a zero of the padding, brackets hold the window and what belongs to it."""
    several = len(figure.input) > 1
    lines: list[str] = []
    whole = figure.at is not None
    output = _cells(figure.output or (), (*figure.at, 1, 1) if figure.at is not None else None)
    for channel in range(len(figure.input)):
        of = f", channel {channel + 1}" if several else ""
        kernel: Sequence[Sequence[str]] = figure.kernel[channel]
        blocks = [
            [words(figure.input_name).plain + of, *_cells(figure.padded(channel), figure.window)],
            [
                words(figure.kernel_name).plain + of,
                *_cells(kernel, (0, 0, len(kernel), len(kernel[0])) if whole else None),
            ],
        ]
        if channel == len(figure.input) - 1:
            blocks.append([words(figure.output_name).plain, *output])
        lines += [""] * bool(lines) + _beside(blocks)
    if figure.padding:
        lines += ["", f"padding {figure.padding} (·), stride {figure.stride}"]
    elif figure.stride > 1:
        lines += ["", f"stride {figure.stride}"]
    return _block(figure.title, lines)


def _cells(rows: Sequence[Sequence[str | None]], window: tuple[int, int, int, int] | None) -> list[str]:
    shown = [["·" if cell is None else math(cell).plain or "_" for cell in row] for row in rows]
    wide = max(columns(cell) for row in shown for cell in row)
    lines = []
    for row, cells in enumerate(shown):
        line = ""
        for column, cell in enumerate(cells):
            inside = (
                window is not None
                and window[0] <= row < window[0] + window[2]
                and window[1] <= column < window[1] + window[3]
            )
            line += _right(f"[{cell}]" if inside else f" {cell} ", wide + 2)
        lines.append(line)
    return lines


def _beside(blocks: Sequence[Sequence[str]]) -> list[str]:
    """Blocks of lines beside each other where they fit, else under each other."""
    widths = [max(columns(line) for line in block) for block in blocks]
    if sum(widths) + 4 * (len(blocks) - 1) > WIDTH:
        out: list[str] = []
        for block in blocks:
            out += [""] * bool(out) + [clip(line.rstrip(), WIDTH) for line in block]
        return out
    high = max(len(block) for block in blocks)
    padded = [[*block, *[""] * (high - len(block))] for block in blocks]
    return [
        "    ".join(_left(line, wide) for line, wide in zip(row, widths, strict=True)).rstrip()
        for row in zip(*padded, strict=True)
    ]


def attention(figure: AttentionMap) -> str:
    """A table of weights; `×` is a masked cell."""
    masked = set(figure.masked)
    body = [
        ["×" if (row, column) in masked else math(cell).plain or "_" for column, cell in enumerate(cells)]
        for row, cells in enumerate(figure.weights)
    ]
    corner = f"{words(figure.row_title).plain} ↓  {words(figure.column_title).plain} →"
    sides = [words(label).plain for label in figure.rows]
    heads = [words(label).plain for label in figure.columns]
    side = min(max(map(columns, (corner, *sides))), 24)
    wide = [max(columns(text) for text in column) for column in zip(heads, *body, strict=True)]
    room = max(3, (WIDTH - side - 2) // len(heads) - 2)
    wide = [min(width, room) for width in wide]
    lines = [
        _left(clip(name, side), side)
        + " │"
        + "".join("  " + _right(clip(cell, width), width) for cell, width in zip(cells, wide, strict=True))
        for name, cells in zip((corner, *sides), (heads, *body), strict=True)
    ]
    lines.insert(1, "─" * (side + 1) + "┼" + "─" * (sum(wide) + 2 * len(wide)))
    lines = [clip(line.rstrip(), WIDTH) for line in lines]
    if masked:
        lines.append("× masked")
    return _block(figure.title, lines)


def _left(text: str, wide: int) -> str:
    text = clip(text, wide)
    return text + " " * (wide - columns(text))


def _right(text: str, wide: int) -> str:
    text = clip(text, wide)
    return " " * (wide - columns(text)) + text


def _filled(heading: str, parts: Sequence[str]) -> list[str]:
    """Parts after a heading, on as many lines as they need."""
    lines, line = [], heading
    for at, part in enumerate(parts):
        part = clip(part, WIDTH - len(heading) - 1) + ("," if at < len(parts) - 1 else "")
        if columns(line) + columns(part) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = " " * len(heading)
        line += part + " "
    return [*lines, line.rstrip()]


def _block(title: str, lines: Sequence[str]) -> str:
    return "\n".join([clip(printable(title), WIDTH), ""] * bool(title) + list(lines))
