"""Checking by PyTorch: every answer is reproduced by a real run before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..question import Question

__all__ = ["verified"]


def verified(
    questions: Sequence[Question], device: str = "cpu", progress: Callable[[int], None] | None = None
) -> list[Question]:
    """The same questions in the same order, each with the provenance of a run that reproduced all its answers.

    ``device`` is "cpu", "cuda", "cuda:1" or "auto" (a GPU where there is one); ``progress`` is told how many are done.
    Raises `Disagreement` where PyTorch gets another answer, `VerifyError` where a run fails, and `Unavailable` where
    PyTorch or the device is missing: of several, for the first question.
    """
    from .provenance import Provenance
    from .run import check

    out = []
    for question, result in zip(questions, check(questions, device, progress).results, strict=True):
        if not isinstance(result, Provenance):
            raise result
        out.append(replace(question, provenance=result))
    return out
