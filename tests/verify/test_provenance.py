"""Provenance: what it says, and that JSON keeps it."""

from __future__ import annotations

import json

import pytest

from quizgen.errors import InputError
from quizgen.verify.provenance import Provenance

RUN = Provenance("2.13.0", "cpu", "float64", 2, 2, 3.4e-17)


def test_the_line():
    assert RUN.line() == "checked: torch 2.13.0 cpu float64, 2 of 2 parts agree, worst relative difference 3e-17"


def test_the_line_of_one_part_that_is_equal():
    run = Provenance("2.13.0", "cuda:0", "float64", 1, 1, 0.0)
    assert run.line() == "checked: torch 2.13.0 cuda:0 float64, 1 of 1 part agrees, worst relative difference 0"


def test_json_keeps_it():
    assert Provenance.from_json(json.loads(json.dumps(RUN.to_json()))) == RUN


def test_a_zero_without_a_point_is_read():
    assert Provenance.from_json(RUN.to_json() | {"worst": 0}).worst == 0.0


@pytest.mark.parametrize("name", ["torch", "device", "dtype", "agreed", "parts", "worst"])
def test_a_record_that_lacks_something_is_refused(name):
    data = RUN.to_json()
    data[name] = None
    with pytest.raises(InputError, match=f"this is not the record of a run: its {name} is None"):
        Provenance.from_json(data)
    del data[name]
    with pytest.raises(InputError, match=f"its {name} is None"):
        Provenance.from_json(data)


def test_a_boolean_is_no_count():
    with pytest.raises(InputError, match="its agreed is True"):
        Provenance.from_json(RUN.to_json() | {"agreed": True})
