"""Names and zip files of packages, and tolerances for platforms that compute with doubles."""

import doctest
import io
import re
import zipfile

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from quizgen.answers import Target
from quizgen.errors import RenderError
from quizgen.export import doubles, numbers, packages, qti
from quizgen.export.packages import identifier, zipped


def test_the_examples_are_right() -> None:
    for module in (doubles, numbers, packages, qti):
        assert doctest.testmod(module) == (0, doctest.testmod(module).attempted)
        assert doctest.testmod(module).attempted


@given(st.text(max_size=60))
def test_any_name_makes_an_identifier(name: str) -> None:
    made = identifier("item", name)
    assert re.fullmatch(r"item-[a-z0-9]+(?:-[a-z0-9]+)*", made)
    assert len(made) <= 50
    assert made == identifier("item", name)


def test_different_names_make_different_identifiers() -> None:
    names = [
        "q1",
        "Q1",
        "q 1",
        "q_1",
        "q-1",
        "q.1",
        "../q1",
        "q1 ",
        "",
        " ",
        "вопрос 1",
        "вопрос 2",
        "問",
        "con",
        "q1-2",
    ]
    names += ["x" * 32, "x" * 33, "x" * 34, "-q1", "q1-"]
    assert len({identifier("item", name) for name in names}) == len(names)
    assert identifier("item", "q1") == "item-q1"


def test_a_zip_has_no_date_and_an_order() -> None:
    made = zipped({"b.xml": "<b/>", "a/ü.xml": b"<a/>"})
    assert made == zipped({"a/ü.xml": "<a/>", "b.xml": b"<b/>"})
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.namelist() == ["a/ü.xml", "b.xml"]
        assert package.read("b.xml") == b"<b/>"
        assert {entry.external_attr >> 16 for entry in package.infolist()} == {0o100644}


@pytest.mark.parametrize("bad", ["<a>", "<a>\x00</a>", "<a>&nbsp;</a>", b"<a>\xff</a>", "<a>\ud800</a>", ""])
def test_what_is_no_xml_is_never_packed(bad: str | bytes) -> None:
    with pytest.raises(RenderError, match=r"a\.xml of the package is no XML"):
        zipped({"a.xml": bad})
    assert zipped({"a.txt": "<a>"})


@given(st.integers(-(10**7), 10**7), st.integers(0, 6), st.integers(1, 99), st.integers(1, 6))
def test_the_ends_of_an_interval_are_within_it(centre: int, places: int, figures: int, more: int) -> None:
    """However a platform compares: around the answer, around what was typed, or by the distance."""
    target = Target(fmpq(centre, 10**places), fmpq(figures, 10 ** (places + more)))
    slack = doubles.slack(target)
    assert 0 <= slack - target.tolerance <= max(target.tolerance / 10**6, abs(target.centre) / 10**15)
    middle, near = doubles.double(target.centre), doubles.double(slack)
    for end in (target.centre - target.tolerance, target.centre + target.tolerance):
        typed = doubles.double(end)
        assert middle - near <= typed <= middle + near
        assert typed - near <= middle <= typed + near
        assert abs(typed - middle) <= near
