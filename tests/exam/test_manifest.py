"""The manifest: the same papers again, a schema that others can read, and every change by hand noticed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from exams import exam, family, students
from quizgen import __version__
from quizgen import family as families
from quizgen.errors import OutputExists
from quizgen.exam import manifest
from quizgen.exam.manifest import Manifest, ManifestError
from quizgen.exam.model import Student, Version
from quizgen.exam.versions import versions
from quizgen.families.optim.momentum import Momentum
from quizgen.rng import Rng

SCHEMA = Path(manifest.__file__).with_name("manifest.schema.json")
QUESTIONS = (
    family("optim.momentum", 2),
    'text = "How many layers has it?"\nanswer = 3\npoints = 1.5',
    'code = "conv.output-size/1/k7q3m9"',
)
Data = dict[str, Any]


def built(*, verify: bool = True) -> tuple[Manifest, tuple[Version, ...]]:
    papers = [Student("s1", "Ada \\ <b> =1+1", "ada@example.org", "Tuesday"), Student("../x", "李")]
    blueprint = exam(*QUESTIONS)
    made, fairness = versions(blueprint, papers, verify=verify)
    found = manifest.of(blueprint, made, fairness, "midterm.toml")
    return found.with_files({"s1/exam.tex": b"one", "manifest.txt": b"two"}), made


@pytest.fixture(scope="module")
def exam_of_two() -> tuple[Manifest, tuple[Version, ...]]:
    return built()


@pytest.fixture
def data(exam_of_two: tuple[Manifest, tuple[Version, ...]]) -> Data:
    found: Data = json.loads(manifest.text(exam_of_two[0]))
    return found


def reading(data: Data) -> Manifest:
    return manifest.parse(json.dumps(data).encode())


# --- the same again -------------------------------------------------------------------------------------------------


def test_what_is_written_is_read(exam_of_two: tuple[Manifest, tuple[Version, ...]], tmp_path: Path) -> None:
    found, _ = exam_of_two
    path = manifest.write(found, tmp_path / "manifest.json")
    assert manifest.read(path) == found
    assert path.read_text(encoding="utf-8") == manifest.text(found)
    with pytest.raises(OutputExists):
        manifest.write(found, path)


def test_the_papers_are_drawn_again_from_codes_alone(exam_of_two: tuple[Manifest, tuple[Version, ...]]) -> None:
    found, made = exam_of_two
    again = manifest.versions_of(manifest.parse(manifest.text(found).encode()))
    assert again == made
    for one, other in zip(again, made, strict=True):
        for placed, before in zip(one.questions, other.questions, strict=True):
            assert placed.points == before.points
            assert placed.question.provenance == before.question.provenance
            assert [part.options for part in placed.question.parts] == [part.options for part in before.question.parts]


def test_a_manifest_is_the_same_for_the_same_exam(exam_of_two: tuple[Manifest, tuple[Version, ...]]) -> None:
    assert manifest.text(built()[0]) == manifest.text(exam_of_two[0])


def test_what_it_states(exam_of_two: tuple[Manifest, tuple[Version, ...]]) -> None:
    found, made = exam_of_two
    blueprint = exam(*QUESTIONS)
    assert found.quizgen == __version__
    first = made[0].questions[0].question.provenance
    assert first is not None
    assert found.torch == first.torch
    assert found.families == {"conv.output-size": 1, "optim.momentum": 1}
    assert (found.blueprint.text, found.blueprint.hash) == (blueprint.source, blueprint.hash)
    assert [slot.key for slot in found.exam.slots] == [slot.key for slot in blueprint.slots]
    assert [paper.person() for paper in found.papers] == [version.student for version in made]
    drawn, written, coded = found.papers[0].questions
    assert (written.code, written.points, written.check) == ("", ("1.5",), None)
    assert coded.code == "conv.output-size/1/k7q3m9"
    assert drawn.check is not None
    assert drawn.check.agreed == drawn.check.parts == 3
    part = made[0].questions[0].question.parts[0]
    assert drawn.options[0] is not None
    assert (drawn.options[0].right, drawn.options[0].of) == (min(part.correct), len(part.options))
    assert [place.same for place in found.stated.places] == ["", "written", "code"]


def test_papers_without_a_check_have_none() -> None:
    found, _ = built(verify=False)
    assert found.torch is None
    assert {record.check for paper in found.papers for record in paper.questions} == {None}
    assert manifest.parse(manifest.text(found).encode()) == found


def test_many_papers_share_what_is_the_same() -> None:
    blueprint = exam(*QUESTIONS[1:])
    made, fairness = versions(blueprint, students(30), verify=False)
    again = manifest.versions_of(manifest.of(blueprint, made, fairness))
    assert again == made


def test_files_that_differ(exam_of_two: tuple[Manifest, tuple[Version, ...]], tmp_path: Path) -> None:
    found, _ = exam_of_two
    assert manifest.differing(found, tmp_path) == ["manifest.txt", "s1/exam.tex"]
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "exam.tex").write_bytes(b"one")
    (tmp_path / "manifest.txt").write_bytes(b"two!")
    assert manifest.differing(found, tmp_path) == ["manifest.txt"]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../b", "a\\b", "C:/x", ".hidden", "a//b", "", "a\nb"])
def test_files_lie_in_the_folder_of_the_exam(exam_of_two: tuple[Manifest, tuple[Version, ...]], path: str) -> None:
    with pytest.raises(ValueError, match="files"):
        exam_of_two[0].with_files({path: b""})


# --- the schema -----------------------------------------------------------------------------------------------------


def test_the_schema_beside_it_is_its_own() -> None:
    again = "python -c 'from quizgen.exam import manifest; print(manifest.schema(), end=\"\")'"
    assert SCHEMA.read_text(encoding="utf-8") == manifest.schema(), f"{again} > quizgen/exam/{SCHEMA.name}"


def test_a_manifest_keeps_to_the_schema(data: Data) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(data)
    for key in data:
        assert not validator.is_valid({other: value for other, value in data.items() if other != key}), key
    assert not validator.is_valid(data | {"more": 1})
    assert not validator.is_valid(data | {"format": 2})


# --- changed by hand ------------------------------------------------------------------------------------------------


def _points(data: Data) -> None:
    data["papers"][1]["questions"][0]["points"][0] = "9"


def _both_papers(data: Data) -> None:
    for paper in data["papers"]:
        paper["name"] += "x"


def _another_paper(data: Data) -> None:
    data["papers"].append(data["papers"][0])


def _blueprint(data: Data) -> None:
    data["blueprint"]["text"] += "# more\n"


def _seed_and_files(data: Data) -> None:
    data["seed"] = "2"
    data["files"] = {}


def _hashes(data: Data) -> None:
    data["hashes"]["all"] = "0" * 64


def _no_hashes(data: Data) -> None:
    del data["hashes"]


def _fairness(data: Data) -> None:
    data["fairness"]["option_places"] += 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_points, "the paper '../x' is not what was written"),
        (_both_papers, "the papers 's1x' and '../xx' are not what was written"),
        (_another_paper, "the number of papers is not what was written"),
        (_blueprint, "the blueprint is not what was written"),
        (_seed_and_files, "the files and the seed are not what was written"),
        (_fairness, "the fairness is not what was written"),
        (_hashes, "the list of its hashes is not what was written"),
        (_no_hashes, "the list of its hashes is not what was written"),
    ],
)
def test_a_change_by_hand_is_noticed(data: Data, change: Callable[[Data], None], words: str) -> None:
    reading(data)
    change(data)
    with pytest.raises(ManifestError) as caught:
        reading(data)
    assert "was changed by hand since it was built: " + words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_layout_of_the_same_json_is_no_change(data: Data) -> None:
    assert reading(dict(reversed(data.items()))) == reading(data)
    text = json.dumps(data, indent=4, ensure_ascii=True).replace(": 0.0", ": 0")
    assert manifest.parse(b"\xef\xbb\xbf" + text.encode()) == reading(data)


def _unknown_key(data: Data) -> None:
    data["papers"][0]["mark"] = 3


def _missing_key(data: Data) -> None:
    del data["papers"][0]["questions"][1]["seal"]


def _text_for_a_number(data: Data) -> None:
    data["fairness"]["papers"] = "2"


def _no_papers(data: Data) -> None:
    data["papers"] = []


def _file_outside(data: Data) -> None:
    data["files"]["../x"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_unknown_key, "papers.0.mark: 'Extra inputs are not permitted'"),
        (_missing_key, "papers.0.questions.1.seal: 'Field required'"),
        (_text_for_a_number, "fairness.papers: 'Input should be a valid integer'"),
        (_no_papers, "papers: "),
        (_file_outside, "files.../x.[key]: "),
    ],
)
def test_what_no_manifest_holds_is_named(data: Data, change: Callable[[Data], None], words: str) -> None:
    change(data)
    with pytest.raises(ManifestError) as caught:
        reading(data)
    assert "was changed by hand or is damaged: " + words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "can't be read as JSON"),
        ("{", "can't be read as JSON"),
        ("[" * 100_000, "can't be read as JSON"),
        ('{"kind": 1, "kind": 2}', "the key kind is there twice"),
        ("[]", "is no manifest of an exam; `quizgen exam build` writes manifest.json"),
        ('{"kind": "package"}', "is no manifest of an exam"),
        (
            f'{{"kind": "{manifest.KIND}", "format": 2, "quizgen": "3.1"}}',
            f"is of format 2, written by quizgen '3.1'; this is quizgen {__version__}, which reads format 1",
        ),
        (f'{{"kind": "{manifest.KIND}", "format": true}}', "is of format True, written by quizgen None; this"),
        ("\udcff", "can't be read as JSON"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str, words: str) -> None:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text.encode("utf-8", "surrogateescape"))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ManifestError, match=r"there is no file .*none\.json'; `quizgen exam build` writes the manifest"
    ):
        manifest.read(tmp_path / "none.json")
    with pytest.raises(ManifestError, match="is a folder; name the manifest"):
        manifest.read(tmp_path)
    with pytest.raises(ManifestError, match="cannot read"):
        manifest.read("a\0b")
    monkeypatch.setattr(manifest, "MOST_BYTES", 10)
    (tmp_path / "m.json").write_bytes(b"x" * 11)
    with pytest.raises(ManifestError, match="so it is no manifest"):
        manifest.read(tmp_path / "m.json")


# --- a year later ---------------------------------------------------------------------------------------------------


def test_a_family_of_another_version_is_named(
    exam_of_two: tuple[Manifest, tuple[Version, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = families.find("optim.momentum")
    monkeypatch.setitem(families._ENTRIES, entry.name, replace(entry, version=2))
    with pytest.raises(ManifestError) as caught:
        manifest.versions_of(exam_of_two[0])
    assert str(caught.value).startswith("question 1 of paper 's1': 'optim.momentum/2/")
    assert "was made by version 1 of optim.momentum, and this quizgen has version 2" in str(caught.value)


def test_a_family_that_is_gone_is_named(
    exam_of_two: tuple[Manifest, tuple[Version, ...]],
) -> None:
    text = manifest.text(exam_of_two[0]).replace("conv.output-size/1/", "conv.output-sizes/1/")
    data = json.loads(text)
    del data["hashes"]
    changed = Manifest.model_validate_json(json.dumps(data))
    with pytest.raises(ManifestError, match=r"can't read its blueprint: midterm\.toml:\d+: .*'conv\.output-sizes'"):
        manifest.versions_of(changed)


def test_a_question_that_is_not_what_it_was_is_named(
    exam_of_two: tuple[Manifest, tuple[Version, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = Momentum.sample

    def another(rng: Rng, level: int) -> Momentum:
        rng.integer(0, 9)
        return sample(rng, level)

    monkeypatch.setattr(Momentum, "sample", another)
    with pytest.raises(ManifestError) as caught:
        manifest.versions_of(exam_of_two[0])
    said = f"has another right answer than when the exam was built by quizgen {__version__}"
    assert str(caught.value).startswith("question 1 of paper 's1', optim.momentum/2/")
    assert said in str(caught.value)


def test_a_question_that_the_blueprint_lacks_is_named(data: Data) -> None:
    del data["hashes"]
    data["papers"][0]["questions"][1]["key"] = "q9"
    changed = Manifest.model_validate_json(json.dumps(data))
    with pytest.raises(ManifestError, match="question 2 of paper 's1': the blueprint in the manifest has no such"):
        manifest.versions_of(changed)


def test_a_topic_that_has_more_families_since_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    blueprint = exam('topic = "optim"\nlevel = 1', 'topic = "optim"\nlevel = 1', 'topic = "optim"\nlevel = 1')
    made, fairness = versions(blueprint, ["A", "B"], verify=False)
    found = manifest.of(blueprint, made, fairness)
    entry = families.find("optim.adam")
    for number in range(20):
        name = f"optim.adam{number}"
        monkeypatch.setitem(families._ENTRIES, name, replace(entry, name=name))
    assert [s.family for s in found.exam.slots] != [s.family for s in blueprint.slots]
    assert manifest.versions_of(found) == made
