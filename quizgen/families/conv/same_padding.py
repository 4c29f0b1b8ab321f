from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Integer, Shape
from quizgen.errors import ParameterError
from quizgen.families.conv._axis import padded_alike, padded_apart, same
from quizgen.families.conv._words import sized
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen.wording import listed
from quizgen_solvers import Work, conv


@family(
    "conv.same-padding",
    levels={1: "one padding for all sides", 2: "not square, dilated", 3: "with a stride, side by side"},
    spaces={1: 3479},
)
@dataclass(frozen=True)
class SamePadding:
    """Padding that keeps the size.

    Asks which padding makes the output of a convolution as large as its input or, with a stride, how many zeros
    "same" padding needs along each axis and how they fall on the two sides.

        stride 1:  p = d(f - 1) / 2 on each side
        stride s:  n_out = ⌈n / s⌉ and P = max((n_out - 1)s + d(f - 1) + 1 - n, 0) on both sides together

    Sources: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, half padding; for strides
    TensorFlow's documentation of tf.nn. Where P is odd, the end (bottom, right) gets one zero more.
    """

    n: Annotated[tuple[int, ...], Range(1, 4096), "input size in pixels, or height and width"]
    f: Annotated[tuple[int, ...], Range(1, 255), "kernel size in pixels, or height and width"]
    d: Annotated[int, Range(1, 64), "dilation"] = 1
    s: Annotated[int, Range(1, 255), "stride"] = 1

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        if level == 1:
            return cls((rng.integer(16, 512),), (2 * rng.integer(1, 7) + 1,))
        n = rng.integers(2, 20, 256)
        if level == 2:
            return cls(n, (2 * rng.integer(1, 5) + 1, 2 * rng.integer(1, 5) + 1), rng.integer(1, 4))
        return cls(n, rng.integers(2, 2, 9), rng.integer(1, 3), rng.integer(2, 4))

    def validate(self) -> None:
        if not 1 <= len(self.n) <= 2 or not 1 <= len(self.f) <= 2:
            raise ParameterError("n and f are one number or two: height and width")

    @property
    def _alike(self) -> bool:
        """Whether both sides get the same padding p."""
        return self.s == 1 and all(self.d * (f - 1) % 2 == 0 for f in self.f)

    @property
    def _axes(self) -> int:
        return max(len(self.n), len(self.f))

    def statement(self) -> str:
        stride = f"stride $s = {self.s}$" if self.s > 1 else "**stride 1**"
        given = [sized("an input", "n", self.n), sized("a kernel", "f", self.f), stride]
        start = f"A convolution has {listed([*given, f'dilation $d = {self.d}$'] if self.d > 1 else given)}."
        if self._alike:
            return f"{start} It is padded **alike on both sides** so that its output is **as large as its input**."
        each, end = (" along each axis", "bottom and right") if self._axes > 1 else ("", "after")
        return (
            rf"{start} **Same** padding gives it an output of $\lceil n/s \rceil$ pixels{each} with as few "
            f"zeros as that takes; an odd one goes **to the end** ({end})."
        )

    def solve(self) -> Work:
        if self._alike:
            return conv.same_padding(self.n, self.f, self.d)
        return conv.strided_same_padding(self.n, self.f, self.s, self.d)

    def parts(self, work: Work) -> tuple[Part, ...]:
        pair, kind = self._axes > 1, Shape() if self._axes > 1 else Integer()
        both = ", height first?" if pair else "?"
        if self._alike:
            name = conv.PADDING if pair else "p"
            return (Part(f"What is the padding on each side{both}", work[name], kind),)
        total = work[conv.TOTALS if pair else "P"]
        sides = "at the top, bottom, left and right" if pair else "before and after"
        return (
            Part(f"How large is the output{both}", work[conv.OUTPUT if pair else conv.out_symbol()], kind),
            Part(f"How many zeros are added in all{' along each axis' * pair}{both}", total, kind),
            Part(f"How many of them {sides}?", work[conv.SIDES], Shape(), 2),
        )

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in conv.padding_mistakes(work))

    def batch_key(self) -> tuple[bool, int]:
        return self._alike, self._axes

    @staticmethod
    def torch_run(batch: Sequence["SamePadding"], device: str) -> Sequence[Any]:
        alike, axes = batch[0].batch_key()
        found = [
            [same(n, f, q.s, q.d, device) for n, f in zip((q.n * 2)[:axes], (q.f * 2)[:axes], strict=True)]
            for q in batch
        ]

        def each(at: Any) -> list[Any]:
            return [at(one[0]) if axes == 1 else [at(axis) for axis in one] for one in found]

        if alike:
            return (each(lambda axis: axis[2][0]),)
        return (
            each(lambda axis: axis[0]),
            each(lambda axis: axis[1]),
            [[x for *_, ends in one for x in ends] for one in found],
        )

    def program(self) -> str:
        work = self.solve()
        if self._alike:
            p = [int(work[name].value) for name in (("p_h", "p_w") if self._axes > 1 else ("p",))]
            return padded_alike(self.n, self.f, self.d, p)
        return padded_apart(self.n, self.f, self.s, self.d, [int(x) for x in work[conv.SIDES].value.items])
