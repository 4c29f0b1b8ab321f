"""QTI 2.1 packages: validated against the published schemas, marked by their own response processing."""

import io
import zipfile

import pytest
from flint import fmpq
from lxml import etree

import qti_law
from exported import FORMULA, PLAIN, THIRD, drawn, exam, placed, written
from qti_items import Package
from qti_schema import valid
from quizgen.answers import Choice, Choices, Integer, Number
from quizgen.export import Exported, problems, qti21
from quizgen.export.qti import formula, portions


def test_items_and_tests_are_valid() -> None:
    variants = placed(drawn()[:4])
    variants[0] = Exported(variants[0].question, variants[0].points, "q1", drawn()[1:2])
    for questions, choices in ((exam(), False), (exam(), True), (variants, False)):
        files = Package.of(qti21.write(questions, "An exam", choices)).files
        for name in files:
            if name.endswith(".xml"):
                schema = "imscp_v1p1.xsd" if name == "imsmanifest.xml" else "qtiv2p1/imsqti_v2p1.xsd"
                assert valid(files[name], schema) == [], name


def test_the_schema_can_refuse() -> None:
    files = Package.of(qti21.write(placed([PLAIN["integer"]]), "An exam")).files
    item = files["item-q1.xml"]
    assert valid(item) == []
    assert "toleranceMode" in valid(item.replace(b'toleranceMode="exact"', b'toleranceMode="exactly"'))[0]
    assert "not expected" in valid(item.replace(b"<responseProcessing>", b"<p>no</p><responseProcessing>"))[0]


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(choices: bool) -> None:
    assert qti_law.keeps_the_law("qti21", choices) > 250


def test_the_derived_tolerance_is_accepted_to_its_ends() -> None:
    qti_law.accepts_what_is_accepted("qti21")


def test_names_and_texts() -> None:
    qti_law.lists_all_that_is_in_it(qti_law.packed("qti21", *exam()))
    qti_law.shows_every_text("qti21")


def test_the_manifest_says_what_it_is() -> None:
    manifest = qti_law.packed("qti21", *placed([PLAIN["integer"]])).manifest
    said = [manifest.findtext(f"metadata/{name}") for name in ("schema", "schemaversion")]
    assert said == ["QTIv2.1 Package", "1.0.0"]
    types = {each.get("type") for each in manifest.iter("resource")}
    assert types == {"imsqti_test_xmlv2p1", "imsqti_item_xmlv2p1"}


def test_a_part_of_an_answer_counts_its_share() -> None:
    _, item = qti_law.alone("qti21", "table")
    right = qti_law.typed(item, 1, "16 32 32 448 0.5 16 16 16 0 0.25")
    assert item.answered(right).score == pytest.approx(2)
    assert item.answered(right | {"RESPONSE_1_4": "449"}).score == pytest.approx(2 - 2 / 6)
    assert item.answered(right | {"RESPONSE_1_1": "17"}).score == pytest.approx(2 - 2 / 18)
    assert item.answered(right | {"RESPONSE_1_9": "64"}).told == "Counted. Pooling learns nothing."


def test_several_options_count_their_share_and_wrong_ones_against() -> None:
    part, item = qti_law.alone("qti21", "choices")
    worth = {
        frozenset({0, 2, 3}): 2,
        frozenset({0, 2}): 4 / 3,
        frozenset({0, 1}): 0,
        frozenset({0, 1, 2, 3}): 4 / 3,
        frozenset({1}): 0,
    }
    for options, score in worth.items():
        assert item.answered(qti_law.chosen(item, 1, options)).score == pytest.approx(score, abs=1e-6)
        credit = part.kind.grade(options, part.correct).credit
        assert 2 * int(credit.p) / int(credit.q) == pytest.approx(score), "as quizgen marks it"


def test_what_the_processing_makes_of_nonsense() -> None:
    _, item = qti_law.alone("qti21", "integer")
    assert [item.answered({"RESPONSE_1": text}).score for text in ("", "many", "55.0", " 55 ")] == [0, 0, 2, 2]
    assert item.answered({"RESPONSE_1": "54"}).told == "No +1. Add 1."


def test_of_variants_the_platform_draws_one() -> None:
    first, second, other = drawn()[:3]
    exported = Exported(first, (fmpq(1),) * len(first.parts), "q1", (second,))
    package = qti_law.packed("qti21", exported, Exported(other, (fmpq(2),) * len(other.parts), "q2"))
    assert list(package.items) == ["item-q1", "item-q1_2", "item-q2"]
    (group,) = package.test.xpath("//assessmentSection[selection]")
    assert group.find("selection").get("select") == "1"
    assert [each.get("identifier") for each in group.iter("assessmentItemRef")] == ["item-q1", "item-q1_2"]
    maximum = package.test.xpath("string(outcomeDeclaration[@identifier='MAXSCORE']/defaultValue/value)")
    assert float(maximum) == len(first.parts) + 2 * len(other.parts)


def test_the_same_questions_give_the_same_bytes() -> None:
    data = qti21.write(exam()[:20], "An exam")
    assert data == qti21.write(exam()[:20], "An exam")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        assert package.namelist() == sorted(package.namelist())
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_points_are_shared_out_whole() -> None:
    assert portions(fmpq(1), [fmpq(1, 3)] * 3) == ["0.3333333", "0.3333334", "0.3333333"]
    assert portions(fmpq(5, 2), [fmpq(1, 2), fmpq(1, 2)]) == ["1.25", "1.25"]
    shares = [fmpq(1, 7)] * 7
    assert sum(map(float, portions(fmpq(2), shares))) == pytest.approx(2, abs=1e-12)


def test_formulas_are_mathml_2() -> None:
    array = formula(r"\begin{cases} a & b \\ c & d \end{cases}", True)
    assert array.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">')
    assert 'columnalign="left"' in array
    assert " style=" not in array
    assert "displaystyle" not in formula(r"\dfrac{a}{b}", False).split("mfrac")[1]
    etree.fromstring(formula(r"\sin x < 2 \quad \text{a & b}".replace("&", r"\&"), False))


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (FORMULA, "it has no field for formulas"),
        (THIRD, "the answer 1/3 is no short decimal, and fractions are not read there"),
        (written(Integer(), fmpq(10**16 + 1), ("off", "No.", fmpq(10**16))), "has more than the 15 digits"),
        (written(Number(), fmpq(123456789012345678, 10**9), ("off", "No.", fmpq(1))), "more than the 15 digits"),
        (written(Choices(("a", "b")), frozenset(), ("a", "No.", frozenset({0}))), "none of its options is right"),
        (
            written(Choice(("a", " ")), frozenset({0}), ("b", "No.", frozenset({1}))),
            "one of its options is empty",
        ),
        (
            written(Choices(("a", "b")), frozenset({0}), ("b", "No.", frozenset({1})), also=(frozenset({0, 1}),)),
            "several sets of options are right",
        ),
    ],
)
@pytest.mark.parametrize("form", ["qti21", "qti30"])
def test_what_cannot_be_carried_is_said(question: object, why: str, form: str) -> None:
    (said,) = problems(placed([question]), form)
    assert said.startswith("q1: QTI ")
    assert why in said
