"""The cases on which Python and the script in a page must agree, held against Python.

`tests/data/answers_parity.json` is a list of ``{kind, target, also?, text | cells, readable, value?, credit?}``: a
kind and targets as JSON, what was typed (one text, or one for each box), whether it reads, and if so as what value and
for how much credit.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq

from quizgen.answers import kind_from_json, rational_to_json, targets_from_json
from quizgen.errors import Unreadable

CASES = json.loads((Path(__file__).parent.parent / "data" / "answers_parity.json").read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    if isinstance(value, fmpq):
        return rational_to_json(value)
    if isinstance(value, frozenset):
        return {"options": sorted(value)}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['kind']['kind']}" for n, case in enumerate(CASES)])
def test_python_agrees(case: dict[str, Any]) -> None:
    kind: Any = kind_from_json(case["kind"])
    targets = [targets_from_json(each) for each in (case["target"], *case.get("also", ()))]

    def read() -> Any:
        return kind.read_cells(case["cells"]) if "cells" in case else kind.read(case["text"])

    if not case["readable"]:
        with pytest.raises(Unreadable):
            read()
    else:
        value = read()
        assert plain(value) == case["value"]
        assert rational_to_json(kind.grade(value, targets[0], targets[1:]).credit) == case["credit"]


def test_the_cases_cover_every_kind_that_a_page_checks() -> None:
    count = Counter((case["kind"]["kind"], case["readable"]) for case in CASES)
    for kind, least in {
        "number": 80,
        "integer": 3,
        "shape": 20,
        "vector": 15,
        "matrix": 20,
        "choice": 8,
        "choices": 5,
    }.items():
        assert count[kind, True] + count[kind, False] >= least
        assert count[kind, True] >= 3
        assert count[kind, False] >= 3
    assert count["table", True] >= 5
    assert len({json.dumps(case, sort_keys=True) for case in CASES}) == len(CASES) >= 150
