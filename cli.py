"""The front door of a checkout: `python cli.py …` is `quizgen …`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "solvers"))

from quizgen.__main__ import main

if __name__ == "__main__":
    main()
