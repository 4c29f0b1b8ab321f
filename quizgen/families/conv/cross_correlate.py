from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from quizgen.answers import Matrix
from quizgen.errors import ParameterError
from quizgen.families.conv._words import check_fit, check_rows, counted, equations, lists, matrices, size, split
from quizgen.family import Mistake, Part, family
from quizgen.figures import ConvolutionGrid
from quizgen.parameters import Range
from quizgen.rng import Rng
from quizgen_solvers import Work, conv

Rows = tuple[tuple[int, ...], ...]
SIZES = {  # height and width of image and kernel, padding, stride
    1: ((4, 4, 3, 1, 2), (3, 3, 2, 1, 2), (4, 3, 3, 1, 2), (3, 3, 3, 1, 1), (5, 5, 3, 1, 2), (4, 4, 2, 1, 2)),
    2: ((4, 4, 3, 1, 2), (3, 3, 2, 1, 2), (4, 3, 3, 1, 2), (4, 4, 2, 0, 2), (5, 5, 3, 0, 2)),
    3: ((3, 3, 2, 1, 2), (4, 4, 3, 1, 2), (3, 4, 3, 1, 2), (4, 4, 2, 0, 2)),
}


@family(
    "conv.cross-correlate", levels={1: "one channel", 2: "two channels and a bias", 3: "two filters"}, distractors=3
)
@dataclass(frozen=True)
class CrossCorrelate:
    """A convolution by hand.

    Asks for the whole output of a small convolution layer: pad the image with zeros, lay the kernel on every window,
    multiply what lies on top of each other and add; then add over the channels, and the bias.

        Y[i, j] = b + Σ over channels c and places (u, v) of the kernel:  X[c, i·s + u, j·s + v] · K[c, u, v]

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, equation 9.6. X is the padded image. The kernel is
    not flipped: deep learning calls cross-correlation a convolution. Places are counted from 0.
    """

    image: Annotated[Rows, Range(-999, 999), "the image, the rows of its channels one below the other"]
    kernel: Annotated[Rows, Range(-999, 999), "the kernels, filter by filter and channel by channel below each other"]
    p: Annotated[int, Range(0, 8), "zero padding on every side"] = 0
    s: Annotated[int, Range(1, 8), "stride"] = 1
    channels: Annotated[int, Range(1, 8), "channels of the image"] = 1
    bias: Annotated[tuple[int, ...], Range(-999, 999), "one number for each filter, or none at all"] = ()
    filters: Annotated[int, Range(1, 8), "how many filters the rows of the kernel are"] = 1

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        h, w, f, p, s = rng.choice(SIZES[level])
        channels, filters = min(level, 2), max(1, level - 1)
        image = rng.matrix(channels * h, w, 0, 9 if level == 1 else 5)
        kernel = rng.matrix(channels * filters * f, f, -2, 2)
        bias = tuple(rng.nonzero(-5, 5) for _ in range(filters)) if level > 1 else ()
        return cls(image, kernel, p, s, channels, bias, filters)

    def validate(self) -> None:
        check_rows("image", self.image, self.channels)
        check_rows("kernel", self.kernel, self.channels * self.filters)
        if len(self.bias) not in (0, self.filters):
            raise ParameterError(f"bias must be one number for each filter, {self.filters} in all, or () for none")
        check_fit(*self._sizes(), self.p)

    @property
    def _image(self) -> list[Any]:
        return split(self.image, self.channels)

    @property
    def _kernels(self) -> list[Any]:
        return split(split(self.kernel, self.channels * self.filters), self.filters)

    def _sizes(self) -> tuple[int, int, int, int]:
        return *size(self.image, self.channels), *size(self.kernel, self.channels * self.filters)

    def statement(self) -> str:
        image = matrices(conv.image_names(self.channels), self._image)
        filters = map(matrices, conv.filter_names(self.filters, self.channels), self._kernels)
        border = f"**zero padding** $p = {self.p}$ on every side" if self.p else "**no padding**"
        on = "the image" if self.channels == 1 else f"an image of {counted(self.channels, 'channel')}"
        by = "the kernel" if self.filters == self.channels == 1 else counted(self.filters, "filter")
        biases = equations(conv.bias_names(len(self.bias)), self.bias)
        return (
            f"A convolution layer **cross-correlates** (no kernel is flipped), with {border} and "
            f"stride $s = {self.s}$. Work it on {on}\n\n{image}with {by}\n\n{''.join(filters)}"
            + (f"and the {'bias' if self.filters == 1 else 'biases'} {biases}.\n\n" if biases else "")
            + "![The first window on the padded image](figure:window)"
        )

    def figures(self) -> dict[str, ConvolutionGrid]:
        x, k = ("$X$", "$K$") if self.channels == 1 else ("image", "filter")
        names = x, k if self.filters == 1 else "filter 1", f"${conv.output_names(self.filters)[0]}$"
        return {
            "window": ConvolutionGrid(self._image, self._kernels[0], None, self.p, self.s, (0, 0), *names, r"\star")
        }

    def solve(self) -> Work:
        return conv.correlation(self._image, self._kernels, self.p, self.s, self.bias)

    def parts(self, work: Work) -> tuple[Part, ...]:
        return tuple(Part(f"What is the output ${y}$?", work[y], Matrix(), 2) for y in conv.output_names(self.filters))

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        return tuple(Mistake(*x) for x in conv.correlation_mistakes(work, self.channels, self.filters))

    def batch_key(self) -> tuple[Any, ...]:
        return self._sizes(), self.p, self.s, self.channels, self.filters, bool(self.bias)

    @staticmethod
    def torch_run(batch: Sequence["CrossCorrelate"], device: str) -> Sequence[Any]:
        import torch

        from quizgen.verify.tensors import tensor

        # All images as the channels of one, each with its own filters: a convolution in as many groups as questions.
        one, count = batch[0], len(batch)
        h, w, f, g = one._sizes()
        image = tensor([q.image for q in batch], device).view(1, -1, h, w)
        kernel = tensor([q.kernel for q in batch], device).view(-1, one.channels, f, g)
        bias = tensor([q.bias for q in batch], device).flatten() if one.bias else None
        out = torch.nn.functional.conv2d(image, kernel, bias, one.s, one.p, groups=count)
        return out.view(count, one.filters, *out.shape[2:]).unbind(1)

    def program(self) -> str:
        given = {"image": [self._image], "kernel": self._kernels} | ({"bias": self.bias} if self.bias else {})
        tensors = "".join(f"{name} = torch.tensor({lists(x)}, dtype=torch.float64)\n" for name, x in given.items())
        call = f"torch.nn.functional.conv2d({', '.join(given)}, stride={self.s}, padding={self.p})[0]"
        return f"import torch\n\n{tensors}print({call})\n"
