"""Where the nodes, edges and labels of a small directed graph go: layers along one axis, order across the other.

The method is the usual one for layered drawings: nodes by the longest way from an input, inputs moved next to where
they are first used, invisible nodes where an edge passes a layer, few crossings by median sweeps and swaps, then
positions across by averaging neighbours under the distances that boxes need (pool adjacent violators). Edges bend
only between layers and pass a layer only at an invisible node of their own, and labels lie between layers: so
neither can touch the box of a node, whatever the graph. All of it is arithmetic in a fixed order: one graph, one
drawing.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]  # (along, across)
Size = tuple[float, float]  # likewise

_GAP = 40.0  # between layers, at least
_APART, _PASS = 22.0, 16.0  # between boxes of a layer; around an edge that passes it
_LEVEL = 14.0  # nodes that are nearer to one line than this are put on it
_ROUNDS, _MANY = 4, 20  # of making room for labels; edges, from which on that takes too long
_HEAD = 4.0  # half of an arrowhead across
_DOUBT = 15.0  # of a label: less is no reason to make room
_CHOICES = 10  # of places for a label
_STEPS = 13  # points on a bend
_TIMES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9)


@dataclass(frozen=True, slots=True)
class Placed:
    """Centres of the nodes; of each edge its Bézier points, and the centres of its labels."""

    nodes: tuple[Point, ...]
    edges: tuple[tuple[Point, ...], ...]
    labels: tuple[tuple[Point, ...], ...]


def place(
    sizes: Sequence[Size],
    edges: Sequence[tuple[int, int]],
    labels: Sequence[Sequence[Size]],
    radii: Sequence[float],
    longest: float = 1e9,
) -> Placed:
    """Lay out boxes of these sizes, joined by these edges (pairs of indices, no cycle), whose labels have these sizes.

    `radii` are the radii of the boxes' corners: an edge that ends near a corner reaches the curve. Room for labels is
    made as long as that does not make the drawing longer than `longest`.
    """
    layers = _layers(len(sizes), edges)
    chains, layers = _chains(edges, layers)
    order = _order(layers, chains, len(sizes))
    best: tuple[tuple[int, float], Placed] | None = None
    room = 1.0
    for _ in range(_ROUNDS if len(edges) <= _MANY else 2):
        drawing = _Drawing(sizes, edges, labels, radii, chains, order, room)
        if drawing.stretch(room) > longest and drawing.stretch(1.0) > longest and best is not None:
            break
        placed, faults = drawing.finish()
        if best is None or faults < best[0]:
            best = faults, placed
        if faults[0] == 0 and faults[1] < 1:
            break
        room *= 1.3
    assert best is not None  # noqa: S101 (_ROUNDS is positive)
    return best[1]


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each node: the longest way from an input; an input stands just before its first use."""
    layers = [0] * count
    for _ in range(count):
        for source, target in edges:
            layers[target] = max(layers[target], layers[source] + 1)
    for node in range(count):
        uses = [layers[target] for source, target in edges if source == node]
        if uses and all(target != node for _, target in edges):
            layers[node] = min(uses) - 1
    return layers


def _chains(edges: Sequence[tuple[int, int]], layers: list[int]) -> tuple[list[list[int]], list[int]]:
    """Each edge as the nodes it passes, source and target included; new numbers are invisible nodes."""
    layers = list(layers)
    chains = []
    for source, target in edges:
        chain = [source]
        for layer in range(layers[source] + 1, layers[target]):
            chain.append(len(layers))
            layers.append(layer)
        chains.append([*chain, target])
    return chains, layers


def _order(layers: Sequence[int], chains: Sequence[Sequence[int]], real: int) -> list[list[int]]:
    """The nodes of each layer, in an order with few crossings."""
    links = [link for chain in chains for link in pairwise(chain)]
    before: dict[int, list[int]] = {node: [] for node in range(len(layers))}
    after: dict[int, list[int]] = {node: [] for node in range(len(layers))}
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    order = [[node for node, at in enumerate(layers) if at == layer] for layer in range(max(layers) + 1)]
    best, fewest = [list(row) for row in order], _crossings(order, links)
    for sweep in range(12):
        if fewest == 0:
            break
        rows = range(1, len(order)) if sweep % 2 == 0 else range(len(order) - 2, -1, -1)
        near = before if sweep % 2 == 0 else after
        for at in rows:
            beside = {node: place for place, node in enumerate(order[at - 1 if sweep % 2 == 0 else at + 1])}
            keys = {}
            for place, node in enumerate(order[at]):
                seen = [beside[other] for other in near[node]]
                keys[node] = sum(seen) / len(seen) if seen else float(place)
            order[at].sort(key=keys.__getitem__)
        _swap(order, links)
        crossings = _crossings(order, links)
        if crossings < fewest:
            best, fewest = [list(row) for row in order], crossings
    return best


def _swap(order: list[list[int]], links: Sequence[tuple[int, int]]) -> None:
    """Exchange neighbours as long as that removes crossings."""
    improved = True
    fewest = _crossings(order, links)
    while improved and fewest:
        improved = False
        for row in order:
            for at in range(len(row) - 1):
                row[at], row[at + 1] = row[at + 1], row[at]
                crossings = _crossings(order, links)
                if crossings < fewest:
                    fewest, improved = crossings, True
                else:
                    row[at], row[at + 1] = row[at + 1], row[at]


def _crossings(order: Sequence[Sequence[int]], links: Sequence[tuple[int, int]]) -> int:
    place = {node: (layer, at) for layer, row in enumerate(order) for at, node in enumerate(row)}
    by_layer: dict[int, list[tuple[int, int]]] = {}
    for source, target in links:
        by_layer.setdefault(place[source][0], []).append((place[source][1], place[target][1]))
    count = 0
    for ends in by_layer.values():
        ends.sort()
        for at, (low, high) in enumerate(ends):
            count += sum(high > other_high and low < other_low for other_low, other_high in ends[at + 1 :])
    return count


class _Drawing:
    """One attempt: coordinates for a given order, with `room` times the usual distances."""

    def __init__(
        self,
        sizes: Sequence[Size],
        edges: Sequence[tuple[int, int]],
        labels: Sequence[Sequence[Size]],
        radii: Sequence[float],
        chains: Sequence[Sequence[int]],
        order: Sequence[Sequence[int]],
        room: float,
    ) -> None:
        self.sizes, self.edges, self.labels, self.radii = sizes, edges, labels, radii
        self.chains, self.order = chains, order
        self.layer = {node: at for at, row in enumerate(order) for node in row}
        beside = max((across for own in labels for _, across in own), default=0.0)
        self.apart, self.passing = max(_APART, 0.7 * beside) * room, max(_PASS, 0.6 * beside) * room
        self.across = self._across()
        self.starts: list[float] = []
        self.ends: list[float] = []

    def finish(self) -> tuple[Placed, tuple[int, float]]:
        """Edges and labels for the positions chosen; also what is wrong: labels that overlap, the rest as a number."""
        self.pieces = [self._pieces(edge, number) for number, edge in enumerate(self.edges)]
        self.gaps = self._gaps()
        self.rows = [
            [self._near(number, size, side) for side, size in enumerate(own)] for number, own in enumerate(self.labels)
        ]
        placed, faults = self._labels()
        centres = tuple(
            ((self.starts[self.layer[node]] + self.ends[self.layer[node]]) / 2, self.across[node])
            for node in range(len(self.sizes))
        )
        return Placed(centres, tuple(map(tuple, self.pieces)), placed), faults

    # Positions across ------------------------------------------------------------------------------------------

    def _across(self) -> dict[int, float]:
        before: dict[int, list[int]] = {}
        after: dict[int, list[int]] = {}
        for chain in self.chains:
            for source, target in pairwise(chain):
                after.setdefault(source, []).append(target)
                before.setdefault(target, []).append(source)
        across: dict[int, float] = {}
        for row in self.order:
            offsets = self._offsets(row)
            for node, offset in zip(row, offsets, strict=True):
                across[node] = offset - offsets[-1] / 2
        count = len(self.order)
        for sweep in range(16):
            for at in range(count) if sweep % 2 == 0 else range(count - 1, -1, -1):
                row = self.order[at]
                wanted, weights = [], []
                for node in row:
                    near = [*before.get(node, ()), *after.get(node, ())]
                    if sweep < 12:
                        one_sided = before.get(node, ()) if sweep % 2 == 0 else after.get(node, ())
                        near = list(one_sided) or near
                    real = len(self.sizes)
                    pulls = [8.0 if node >= real and other >= real else 1.0 for other in near]
                    total = sum(pulls)
                    wanted.append(
                        sum(pull * across[other] for pull, other in zip(pulls, near, strict=True)) / total
                        if total
                        else across[node]
                    )
                    weights.append(max(total, 0.5))
                across.update(zip(row, _spread(wanted, weights, self._offsets(row)), strict=True))
        self._straighten(across)
        return across

    def _offsets(self, row: Sequence[int]) -> list[float]:
        """The nearest positions of a layer's nodes, from 0."""
        offsets = [0.0]
        real = len(self.sizes)
        for upper, lower in pairwise(row):
            sides = [self.sizes[node][1] / 2 if node < real else 0.0 for node in (upper, lower)]
            apart = self.apart if upper < real and lower < real else self.passing
            offsets.append(offsets[-1] + sum(sides) + apart)
        return offsets

    def _straighten(self, across: dict[int, float]) -> None:
        """Where a node lies almost level with one beside it, and has the room, make it level."""
        for back in (False, True, False):
            near: dict[int, list[int]] = {}
            for chain in self.chains:
                for node, following in pairwise(chain):
                    near.setdefault(node if back else following, []).append(following if back else node)
            for row in reversed(self.order) if back else self.order:
                offsets = self._offsets(row)
                for at, node in enumerate(row):
                    if node not in near:
                        continue
                    level = min((abs(across[other] - across[node]), across[other]) for other in near[node])[1]
                    low = across[row[at - 1]] + offsets[at] - offsets[at - 1] if at else level
                    high = across[row[at + 1]] - offsets[at + 1] + offsets[at] if at + 1 < len(row) else level
                    if abs(level - across[node]) < _LEVEL and low <= level <= high:
                        across[node] = level

    # Positions along ------------------------------------------------------------------------------------------

    def stretch(self, room: float) -> float:
        """Place the layers, with `room` times the usual gaps between them, and give the length of the whole.

        A gap has room for its labels, and more where an edge climbs far.
        """
        gaps = [_GAP] * len(self.order)
        for chain, own in zip(self.chains, self.labels, strict=True):
            for node, following in pairwise(chain):
                climb = abs(self.across[node] - self.across[following])
                wanted = [gaps[self.layer[node]], min(0.6 * climb + 12, 1.8 * _GAP) * (1 + (room - 1) / 2)]
                gaps[self.layer[node]] = max([*wanted, *(along + 8 * room**2 for along, _ in own)])
        self.starts, self.ends = [], []
        at = 0.0
        for row, gap in zip(self.order, gaps, strict=True):
            self.starts.append(at)
            at += max((self.sizes[node][0] for node in row if node < len(self.sizes)), default=0.0)
            self.ends.append(at)
            at += gap
        return self.ends[-1]

    # Edges ----------------------------------------------------------------------------------------------------

    def _pieces(self, edge: tuple[int, int], number: int) -> list[Point]:
        """The Bézier points of an edge: level through the layers, bent between them."""
        source, target = edge
        chain = self.chains[number]
        port = self._port(number)
        first = (self.starts[self.layer[source]] + self.ends[self.layer[source]]) / 2 + self.sizes[source][0] / 2
        middle = (self.starts[self.layer[target]] + self.ends[self.layer[target]]) / 2
        last = middle - self.sizes[target][0] / 2 + self._inset(target, port - self.across[target])
        points = [(first, self.across[source])]
        for node, following in pairwise(chain):
            here, there = self.across[node], self.across[following] if following != target else port
            left, right = self.ends[self.layer[node]], self.starts[self.layer[following]]
            _level(points, left, here)
            handle = 0.45 * (right - left)
            points += [(left + handle, here), (right - handle, there), (right, there)]
        _level(points, last, port)
        return points

    def _port(self, number: int) -> float:
        """Where across an edge arrives: the edges into a node share its side, in the order they come from."""
        target = self.edges[number][1]
        others = [other for other, edge in enumerate(self.edges) if edge[1] == target]
        others.sort(key=lambda other: (self.across[self.chains[other][-2]], other))
        room = self.sizes[target][1] - 12.0
        step = min(16.0, room / max(1, len(others) - 1))
        return self.across[target] + step * (others.index(number) - (len(others) - 1) / 2)

    def _inset(self, node: int, offset: float) -> float:
        """How far the rounded side of a box lies behind its middle, `offset` away from the middle."""
        radius = self.radii[node]
        beyond = abs(offset) - (self.sizes[node][1] / 2 - radius)
        return radius - (radius**2 - min(beyond, radius) ** 2) ** 0.5 if beyond > 0 else 0.0

    # Labels ---------------------------------------------------------------------------------------------------

    def _gaps(self) -> list[dict[int, list[Point]]]:
        """Of each gap between layers, the edges in it, as points."""
        gaps: list[dict[int, list[Point]]] = [{} for _ in self.order]
        for number, chain in enumerate(self.chains):
            for node in chain[:-1]:
                layer = self.layer[node]
                curve = _between(self.pieces[number], self.ends[layer], self.starts[layer + 1])
                gaps[layer][number] = [_bezier(curve, step / _STEPS)[0] for step in range(_STEPS + 1)]
        return gaps

    def _near(self, number: int, size: Size, side: int) -> list[tuple[float, Point]]:
        """The best places for a label near its edge, inside the gaps between layers, and what speaks against each."""
        places: list[tuple[float, int, Point]] = []
        for at, node in enumerate(self.chains[number][:-1]):
            layer = self.layer[node]
            left, right = self.ends[layer], self.starts[layer + 1]
            curve = _between(self.pieces[number], left, right)
            for time in _TIMES:
                (along, across), (slope_along, slope_across) = _bezier(curve, time)
                length = (slope_along**2 + slope_across**2) ** 0.5 or 1.0
                normal = (slope_across / length, -slope_along / length)
                reach = abs(normal[0]) * size[0] / 2 + abs(normal[1]) * size[1] / 2 + 3.5
                for turn in (1, -1, 1.5, -1.5):
                    centre = (
                        min(max(along + turn * normal[0] * reach, left + size[0] / 2 + 2), right - size[0] / 2 - 2),
                        across + turn * normal[1] * reach,
                    )
                    against = 10 * abs(time - 0.5) + 3 * ((turn < 0) == (side == 0)) + 4 * (abs(turn) > 1) + 3 * at
                    places.append((against, layer, centre))
        places.sort()
        weighed: list[tuple[float, Point]] = []
        for against, layer, centre in places:
            if len(weighed) >= _CHOICES and weighed[_CHOICES - 1][0] <= against:
                break  # nothing better can follow
            insort(weighed, (against + self._doubt(layer, number, centre, size), centre))
        return weighed

    def _doubt(self, layer: int, number: int, centre: Point, size: Size) -> float:
        """What the edges of a gap have against a label of edge `number` at `centre`: lines through it, or near it."""
        half_along, half_across = size[0] / 2, size[1] / 2
        heads = self.starts[layer + 1] - 2 * _HEAD  # from here on an edge may be as broad as an arrowhead

        def aways(edge: int) -> list[float]:
            return [
                max(abs(along - centre[0]) - half_along, abs(across - centre[1]) - half_across)
                - (_HEAD if along > heads else 0)
                for along, across in self.gaps[layer][edge]
            ]

        mine = aways(number)
        own, nearest = max(min(mine), 1.0), 1e9
        doubt = 30.0 * sum(far < 2.0 for far in mine)
        for edge, points in self.gaps[layer].items():
            ends = points[0][1], points[-1][1]
            least = max(min(ends) - centre[1], centre[1] - max(ends)) - half_across
            if edge == number or least > max(18.0, own + 6):
                continue  # too far off to matter
            theirs = aways(edge)
            nearest = min(nearest, *theirs)
            doubt += 12 * sum(far < 2.0 for far in theirs) + max(0.0, 9 - 0.5 * min(theirs))
        return doubt + (60 if nearest < own + 1 else 14 if nearest < own + 6 else 0)

    def _labels(self) -> tuple[tuple[tuple[Point, ...], ...], tuple[int, float]]:
        """A place for every label, and what is wrong with the choice: labels that overlap, and the rest as a number."""
        keys = [(number, side) for number, own in enumerate(self.labels) for side in range(len(own))]
        chosen = {key: self.rows[key[0]][key[1]][0] for key in keys}
        crossed = [{self.layer[node] for node in chain[:-1]} for chain in self.chains]
        near = {key: [other for other in keys if other != key and crossed[key[0]] & crossed[other[0]]] for key in keys}

        def overlaps(key: tuple[int, int], centre: Point) -> float:
            along, across = self.labels[key[0]][key[1]]
            count = 0.0
            for other in near[key]:
                there, size = chosen[other][1], self.labels[other[0]][other[1]]
                apart = abs(there[1] - centre[1]) - (across + size[1]) / 2
                if apart < 8:
                    apart = max(apart, abs(there[0] - centre[0]) - (along + size[0]) / 2)
                    count += 1.0 if apart < 1 else 0.04 if apart < 8 and other[0] != key[0] else 0.0
            return count

        for _ in range(4):
            before = dict(chosen)
            for key in keys:
                places = self.rows[key[0]][key[1]]
                costs = [against + 200 * overlaps(key, centre) for against, centre in places]
                chosen[key] = places[costs.index(min(costs))]
            if chosen == before:
                break
        worst = sum(int(overlaps(key, chosen[key][1])) for key in keys)
        rest = sum(max(0.0, chosen[key][0] - _DOUBT) for key in keys)
        placed = tuple(
            tuple(chosen[number, side][1] for side in range(len(own))) for number, own in enumerate(self.labels)
        )
        return placed, (worst, rest)


def _level(points: list[Point], along: float, across: float) -> None:
    """Go on straight to `along`, as a Bézier piece, unless that is where we are."""
    if abs(points[-1][0] - along) > 0.01:
        points += [points[-1], (along, across), (along, across)]


def _spread(wanted: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The positions nearest to the wanted ones (weighted least squares) that lie at least the offsets apart."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        mean, total, count = want - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, other_total, other_count = blocks.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total, count = total + other_total, count + other_count
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _between(points: Sequence[Point], left: float, right: float) -> Sequence[Point]:
    """The Bézier piece that spans the gap from `left` to `right`."""
    for at in range(0, len(points) - 1, 3):
        if abs(points[at][0] - left) < 0.02 and abs(points[at + 3][0] - right) < 0.02:
            return points[at : at + 4]
    return points[:4]


def _bezier(curve: Sequence[Point], time: float) -> tuple[Point, Point]:
    """The point of a cubic Bézier piece at `time`, and its direction there."""
    rest = 1 - time
    weights = rest**3, 3 * rest**2 * time, 3 * rest * time**2, time**3
    slopes = -(rest**2), rest**2 - 2 * rest * time, 2 * rest * time - time**2, time**2
    (a, at), (b, bt), (c, ct), (d, dt) = curve
    return (
        (
            weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d,
            weights[0] * at + weights[1] * bt + weights[2] * ct + weights[3] * dt,
        ),
        (
            slopes[0] * a + slopes[1] * b + slopes[2] * c + slopes[3] * d,
            slopes[0] * at + slopes[1] * bt + slopes[2] * ct + slopes[3] * dt,
        ),
    )
