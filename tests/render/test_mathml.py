"""How formulas become MathML: what is written after a formula has been cut is still what an XML parser reads."""

import re
from xml.etree import ElementTree as ET

import pytest

from quizgen.render.mathml import chain, is_short, mathml

FORMULAS = (
    r'x < y \& z > \text{a \& b < c "d"}',
    r"\begin{bmatrix} 1 & -2 \\ 0.5 & x_1^2 \end{bmatrix} \cdot \begin{pmatrix} a \\ b \end{pmatrix}",
    r"\frac{\sqrt{1 - \beta_2^{t}}}{1 - \beta_1} = \sum_{i=1}^{n} \hat{w}_i \approx 0.123",
    r"\begin{cases} -1 & \text{if } x \le 0 \\ \exp(x) & \text{else} \end{cases}",
)


def leaves(math: str) -> list[tuple[str, str]]:
    """What is read in formulas: their signs and numbers, in order."""
    whole = ET.fromstring(f"<all>{math.replace('<wbr>', '')}</all>")
    return [(one.tag, one.text or "") for one in whole.iter() if not len(one) and one.tag != "mspace"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_written_is_what_an_xml_parser_reads_back(formula: str) -> None:
    for piece in re.split("<wbr>", mathml(formula, display=True)):
        element = ET.fromstring(piece)
        assert ET.tostring(element, encoding="unicode", short_empty_elements=False) == piece


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_that_is_cut_loses_nothing(formula: str) -> None:
    long = " + ".join([formula] * 4)
    assert "<wbr>" in mathml(long, display=True)
    once = leaves(mathml(formula, display=True))
    assert leaves(mathml(long, display=True)) == [*[*once, ("mo", "+")] * 3, *once]


def test_a_left_side_is_short_or_not() -> None:
    assert [is_short(each) for each in ("x", "w_1", r"\hat{m}_1", r"\operatorname{softmax}(QK)")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_chain_is_cut_before_each_of_its_relations() -> None:
    assert len(chain(r"= a + b = 2 \approx 2.0")) == 3
