"""quizgen makes deep-learning exam problems whose answers are exact, worked, and reproduced by PyTorch.

>>> import quizgen
>>> question = quizgen.generate("optim.adam", level=2, seed=7)
>>> question.check("0.9")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import check, from_code, generate, solve
    from .errors import QuizgenError
    from .family import Mistake, Part
    from .question import Question
    from .rng import Rng

__version__ = "0.1.0"

__all__ = ["Mistake", "Part", "Question", "QuizgenError", "Rng", "check", "from_code", "generate", "solve"]

_HOMES = {"QuizgenError": "errors", "Question": "question", "Rng": "rng", "Mistake": "family", "Part": "family"}


def __getattr__(name: str) -> Any:
    # Late, so that `import quizgen` and a command's --help cost nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES.get(name, 'api')}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
