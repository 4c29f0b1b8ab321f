"""The front door of a checkout: `python cli.py …` is `quizgen …`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "solvers"))

from quizgen.__main__ import main  # noqa: E402  (the solvers must be on the path first)

if __name__ == "__main__":
    main()
