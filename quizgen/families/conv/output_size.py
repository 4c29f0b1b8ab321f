from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from quizgen.answers import Integer, Shape
from quizgen.errors import ParameterError
from quizgen.families.conv._axis import layer, search, sizes, trials
from quizgen.families.conv._words import sized
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen.wording import listed
from quizgen_solvers import Work, conv
from quizgen_solvers.exact import fmpq

OUT, UNKNOWN = conv.out_symbol(), get_args(conv.Unknown)
PROMPTS = {
    "p": "Which padding $p$ gives this output? Any that does is right.",
    "s": "Which stride $s$ gives this output? Any that does is right.",
    "f": "Which kernel size $f$ gives this output? Any that does is right.",
    "n": "Which input size $n$ gives this output with no pixel left over on the right?",
}


@family("conv.output-size", levels={1: "square", 2: "not square, dilated", 3: "inverse: what gives a wanted size"})
@dataclass(frozen=True)
class OutputSize:
    """Output size of a convolution.

    Asks how large the output is along each axis, or turns the formula round: which padding, stride, kernel or input
    size gives a wanted output.

        n_out = ⌊(n + 2p - d(f - 1) - 1) / s⌋ + 1

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016. The size is rounded down,
    padding counts on both sides, and a kernel of size f with dilation d spans d(f - 1) + 1 pixels.
    """

    n: Annotated[tuple[int, ...], Range(1, 4096), "input size in pixels, or height and width"]
    f: Annotated[tuple[int, ...], Range(1, 255), "kernel size in pixels, or height and width"]
    p: Annotated[int, Range(0, 255), "padding on each side"] = 0
    s: Annotated[int, Range(1, 255), "stride"] = 1
    d: Annotated[int, Range(1, 64), "dilation"] = 1
    find: Literal["size", "p", "s", "f", "n"] = "size"

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        if level == 1:
            return cls((rng.integer(12, 256),), (rng.integer(2, 11),), rng.integer(1, 6), rng.integer(2, 4))
        if level == 2:
            sides = rng.integers(2, 20, 256), rng.integers(2, 2, 9)
            return cls(*sides, rng.integer(1, 5), rng.integer(2, 4), rng.integer(1, 3))
        unknown = rng.choice(UNKNOWN)
        s = rng.integer(8, 24) if unknown == "s" else rng.integer(2, 7)  # large strides: few places tell them apart
        d = 1 if unknown == "f" else rng.integer(1, 3)
        return cls((rng.integer(20, 480),), (rng.integer(2, 12),), rng.integer(2, 9), s, d, unknown)

    def validate(self) -> None:
        if len(self.n) > 2 or len(self.f) > 2 or not self.n or not self.f:
            raise ParameterError("n and f are one number or two: height and width")
        if self.find != "size" and len(self.n) + len(self.f) + (self.find == "f" and self.d > 1) > 2:
            raise ParameterError("the inverse is asked along one axis, and for the kernel only without dilation")
        for n, f in zip(self.n * 2, self.f * 2, strict=False):
            if self.d * (f - 1) + 1 > n + 2 * self.p:
                raise ParameterError(
                    f"the kernel spans {self.d * (f - 1) + 1} pixels and the padded input only {n + 2 * self.p}: "
                    f"make f or d smaller, or n or p larger"
                )
        if self.find == "s" and self.wanted < 2:
            raise ParameterError("any large stride gives an output of 1: ask for another parameter")

    @property
    def wanted(self) -> int:
        """The output size that the inverse states."""
        return (self.n[0] + 2 * self.p - self.d * (self.f[0] - 1) - 1) // self.s + 1

    def statement(self) -> str:
        words = {
            "n": sized("an input", "n", self.n),
            "f": sized("a kernel", "f", self.f),
            "p": f"padding $p = {self.p}$ on each side",
            "s": f"stride $s = {self.s}$",
            "d": f"dilation $d = {self.d}$",
        }
        given = listed([words[x] for x in words if x != self.find and (x, self.d) != ("d", 1)])
        wanted = "" if self.find == "size" else f" Its output has size ${OUT} = {self.wanted}$."
        return f"A convolution (output size **rounded down**, padding on **both sides**) has {given}.{wanted}"

    def solve(self) -> Work:
        if self.find == "size":
            return conv.output_size(self.n, self.f, self.p, self.s, self.d)
        return conv.inverse_size(self.find, self.n[0], self.f[0], self.p, self.s, self.d, self.wanted)

    def parts(self, work: Work) -> tuple[Part, ...]:
        if self.find == "size":
            if len(self.n) + len(self.f) > 2:
                return (Part("What is the shape of the output, height first?", work[conv.OUTPUT], Shape(), 2),)
            return (Part("What is the size of the output?", work[OUT], Integer()),)
        also = tuple(fmpq(x) for x in self.right_values)
        return (Part(PROMPTS[self.find], work[self.find], Integer(), 2, also),)

    @property
    def right_values(self) -> range:
        if self.find == "size":
            return range(0)
        return conv.sizes_that_give(self.wanted, self.find, self.n[0], self.f[0], self.p, self.s, self.d)

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*found) for found in conv.size_mistakes(work, self.find))

    @staticmethod
    def torch_run(batch: Sequence["OutputSize"], device: str) -> Sequence[Any]:
        def answer(q: OutputSize) -> int | tuple[int, int]:
            if q.find == "size":
                return sizes(q.n, q.f, q.p, q.s, q.d, device)
            way = 1 if q.find in ("f", "s") else -1  # the largest kernel or stride, the smallest padding or input
            return search(q.find, way, device, n=q.n[0], f=q.f[0], p=q.p, s=q.s, d=q.d)

        return ([answer(q) for q in batch],)

    def program(self) -> str:
        if self.find == "size":
            return f"import torch\n\nprint({layer(self.n, self.f, self.p, self.s, self.d)}.shape[2:])\n"
        at = {"n": self.n[0], "f": self.f[0], "p": self.p, "s": self.s, "d": self.d}
        return trials(at, self.find, self.right_values, self.wanted)
