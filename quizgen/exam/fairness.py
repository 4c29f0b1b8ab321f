"""How fair the versions of an exam are, by count: what is said of it in `check`, in the manifest and in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from quizgen.question import decimal_text
from quizgen.wording import counted, listed
from quizgen_solvers.exact import fmpq, rational

Same = Literal["", "written", "code"]
"""Why a question is the same on every paper: it was written by hand, or the blueprint gives its code."""


@dataclass(frozen=True, slots=True)
class Band:
    """What the papers take, from the least to the most: hand operations, or digits."""

    least: int
    most: int

    @classmethod
    def of(cls, counts: Sequence[int]) -> Band:
        return cls(min(counts), max(counts))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Band:
        return cls(data["least"], data["most"])

    @property
    def centre(self) -> fmpq:
        return fmpq(self.least + self.most, 2)

    @property
    def relative(self) -> fmpq:
        """By which share the most is more than the least. Where the least is nothing, so is the most in a band."""
        return fmpq(self.most - self.least, self.least or 1)

    def to_json(self) -> dict[str, Any]:
        return {"least": self.least, "most": self.most, "centre": str(self.centre), "relative": percent(self.relative)}

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class PlaceFairness:
    """How equal the questions at one place of the exam are.

    ``number`` is its place on the paper, from 1, ``key`` that of its `Slot`; ``band`` is the share by which the most
    may be more than the least. ``kinds``: of each part the kind of its answer. ``different``: how many different
    questions there are. ``apart``: two papers that share an answer to a part are at least so many places of the roster
    apart, None where none do. ``same_words``: the questions differ in nothing but numbers.
    """

    number: int
    key: str
    family: str
    level: int
    same: Same
    band: fmpq
    kinds: tuple[str, ...]
    operations: Band
    digits: Band
    different: int
    apart: int | None
    same_words: bool

    @property
    def worst(self) -> fmpq:
        return max(self.operations.relative, self.digits.relative)

    @property
    def line(self) -> str:
        """What there is to say, in a line."""
        place = f"question {self.number}"
        if self.same:
            why = "it was written by hand" if self.same == "written" else "the blueprint gives its code"
            return f"{place}: the same on every paper, since {why}"
        work = f"hand operations {self.operations}, digits {self.digits} (within {percent(self.worst)})"
        said = [f"{place} ({self.family}, level {self.level}): {work}, {counted(self.different, 'different question')}"]
        if self.apart is not None:
            said.append(f"an answer comes back {counted(self.apart, 'paper')} later at the earliest")
        if not self.same_words:
            said.append("the words differ by more than numbers")
        return "; ".join(said)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "key": self.key,
            "family": self.family,
            "level": self.level,
            "same": self.same,
            "band": _allowed(self.band),
            "kinds": list(self.kinds),
            "operations": self.operations.to_json(),
            "digits": self.digits.to_json(),
            "different": self.different,
            "apart": self.apart,
            "same_words": self.same_words,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlaceFairness:
        """What ``to_json`` gave."""
        bands = {name: Band.from_json(data[name]) for name in ("operations", "digits")}
        return cls(**{**data, **bands, "band": _share(data["band"]), "kinds": tuple(data["kinds"])})


@dataclass(frozen=True, slots=True)
class Fairness:
    """How fair the versions of an exam are.

    ``band``: the share by which the most may be more than the least, at every place that has none of its own.
    ``operations`` and ``digits`` are those of whole papers. ``option_places``: were all parts asked as multiple choice,
    by how much more often the right option of a part stands at one place than at another, at most: 0 where every place
    is right on equally many papers.
    """

    papers: int
    band: fmpq
    places: tuple[PlaceFairness, ...]
    operations: Band
    digits: Band
    option_places: int

    @property
    def worst(self) -> fmpq:
        """By which share the hardest question of a place is harder than the easiest, at most."""
        return max((place.worst for place in self.places), default=fmpq(0))

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is to say, for people."""
        if self.papers == 1:
            return ("there is one version, so nobody has an easier one",)
        same = [place for place in self.places if place.same]
        returning = [place for place in self.places if place.apart is not None]
        allowed = [f"{percent(self.band)} is allowed"]
        for band in sorted({place.band for place in self.places if not place.same} - {self.band}):
            own = [place for place in self.places if place.band == band and not place.same]
            allowed.append(f"{percent(band)} in {_numbers(own)}")
        agree = f"hand work agrees within {percent(self.worst)} at every question ({', '.join(allowed)})"
        whole = f"of whole papers, hand operations {self.operations}, digits {self.digits}"
        said = [f"{counted(self.papers, 'paper')}: {agree}; {whole}"]
        if same:
            said.append(f"the same on every paper: {_numbers(same)}")
        if few := [place for place in self.places if place.different < self.papers and not place.same]:
            least = min(place.different for place in few)
            said.append(f"fewer different questions than papers: {_numbers(few)}, {least:,} at the least")
        if returning:
            said.append(
                f"answers come back in {_numbers(returning)}, "
                f"{counted(min(place.apart or 0 for place in returning), 'paper')} later at the earliest"
            )
        elif len(same) < len(self.places):
            said.append("no two papers share an answer to a part" + " otherwise" * bool(same))
        return tuple(said)

    def to_json(self) -> dict[str, Any]:
        return {
            "papers": self.papers,
            "band": _allowed(self.band),
            "worst": percent(self.worst),
            "operations": self.operations.to_json(),
            "digits": self.digits.to_json(),
            "option_places": self.option_places,
            "places": [place.to_json() for place in self.places],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fairness:
        """What ``to_json`` gave."""
        return cls(
            data["papers"],
            _share(data["band"]),
            tuple(map(PlaceFairness.from_json, data["places"])),
            Band.from_json(data["operations"]),
            Band.from_json(data["digits"]),
            data["option_places"],
        )


def percent(share: fmpq) -> str:
    """A share in percent, rounded up to a tenth: "10%", "8.4%"."""
    tenths = int((share * 1000).ceil())
    return f"{tenths // 10}{f'.{tenths % 10}' if tenths % 10 else ''}%"


def _allowed(band: fmpq) -> str:
    """A share in percent, exactly."""
    return f"{decimal_text(band * 100)}%"


def _share(text: str) -> fmpq:
    """What `_allowed` was given."""
    return rational(text.removesuffix("%")) / 100


def _numbers(places: Sequence[PlaceFairness]) -> str:
    many = "questions" if len(places) > 1 else "question"
    return f"{many} {listed([str(place.number) for place in places], most=8)}"
