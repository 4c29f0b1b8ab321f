"""`quizgen exam export` as an instructor uses it: every platform, and what it can't carry said before it writes."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from canvas_import import Package
from quizgen import family as families
from quizgen.__main__ import cli
from quizgen.commands.exam_export import exported
from quizgen.exam import blueprint
from quizgen.exam.versions import versions
from quizgen.export import FORMATS, find, problems
from quizgen.export import export as write

BLUEPRINT = """\
title = "Quiz"
seed = "k7"

[[sections]]

[[sections.questions]]
id = "adam"
family = "optim.adam"
level = 2
points = [1, 1, 2]

[[sections.questions]]
id = "size"
family = "conv.output-size"
level = 1
"""
BY_HAND = """
[[sections.questions]]
id = "formula"
text = "A line."
answer = "w*x + b"
kind = "expression"
variables = ["w", "x", "b"]
points = 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quiz.toml").write_text(BLUEPRINT, encoding="utf-8")
    return tmp_path


def export(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["exam", "export", "quiz.toml", "--no-check", *words])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_every_platform(folder: Path, form: str) -> None:
    done = export("--to", form, "-n", "2")
    assert done.exit_code == 0, done.stderr
    made = f"quiz-{form}{find(form).SUFFIX}"
    assert done.stdout.startswith(f"wrote {made}: 2 questions for {find(form).NAME}, each in 2 variants\n")
    assert names(folder) == sorted([made, "quiz.toml"])
    again = export("--to", form, "-n", "2", "-o", f"again{find(form).SUFFIX}")
    assert again.exit_code == 0
    one, other = folder / made, folder / f"again{find(form).SUFFIX}"
    pairs = [(one, other)] if one.is_file() else [(p, other / p.relative_to(one)) for p in one.rglob("*")]
    assert all(a.read_bytes() == b.read_bytes() for a, b in pairs if a.is_file()), "the same exam, the same bytes"


@pytest.mark.parametrize("seed", ["k7q3m9", "b2c4d6", "z1"])
def test_the_first_try_with_a_new_blueprint_works_on_every_platform(folder: Path, seed: str) -> None:
    (folder / "quiz.toml").unlink()
    assert CliRunner().invoke(cli, ["exam", "new", "quiz.toml", "--seed", seed]).exit_code == 0
    papers, _ = versions(blueprint.read(Path("quiz.toml")), ["1", "2"], verify=False)
    questions = exported(papers)
    for form in FORMATS:
        for choices in (False, True):
            assert problems(questions, form, choices) == []
            if seed == "k7q3m9":
                name = f"{form}-{choices}"
                assert write(questions, form, folder / name, title="Quiz", choices=choices) == folder / name


def test_fixed_and_written_questions_have_no_variants(folder: Path) -> None:
    fixed = '\n[[sections.questions]]\nid = "fixed"\ncode = "optim.adam/1/k7q3m9"\n'
    by_hand = BY_HAND.replace("w*x + b", "2").replace("expression", "integer").split("variables")[0] + "points = 1\n"
    (folder / "quiz.toml").write_text(BLUEPRINT + fixed + by_hand, encoding="utf-8")
    assert export("--to", "jsonl", "-n", "3").stdout == (
        "wrote quiz-jsonl.jsonl: 4 questions for JSON lines, 2 of them in 3 variants\n"
    )
    (folder / "quiz.toml").write_text(BLUEPRINT.split("[[sections.questions]]")[0] + by_hand, encoding="utf-8")
    assert export("--to", "jsonl", "-n", "3", "--force").stdout == "wrote quiz-jsonl.jsonl: 1 question for JSON lines\n"


TOYS = Path(__file__).parent / "toy_families.py"


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_ENTRIES", dict(families.everything()))
    families.load_file(TOYS)


def toy(folder: Path, name: str) -> None:
    text = f'title = "Quiz"\nseed = "k7"\n[[sections]]\n[[sections.questions]]\nid = "toy"\nfamily = "toy.{name}"\n'
    (folder / "quiz.toml").write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("toys")
def test_more_variants_than_there_are_answers(folder: Path) -> None:
    toy(folder, "two")
    assert export("--to", "jsonl", "-n", "9").stdout == (
        "wrote quiz-jsonl.jsonl: 1 question for JSON lines, each in 9 variants\n"
        "note: some variants share an answer to a part: those of toy\n"
    )
    toy(folder, "few")
    assert export("--to", "jsonl", "-n", "9", "--force").stdout == (
        "wrote quiz-jsonl.jsonl: 1 question for JSON lines, each in 3 variants\n"
        "note: toy has 3 variants: others would be repetitions\n"
    )


@pytest.mark.usefixtures("toys")
def test_no_question_stands_at_two_places(folder: Path) -> None:
    """A platform draws at each place by itself: it must not be able to ask the same twice."""
    toy(folder, "two")
    twice = (folder / "quiz.toml").read_text(encoding="utf-8") + "count = 3\n"
    (folder / "quiz.toml").write_text(twice, encoding="utf-8")
    assert export("--to", "jsonl", "-n", "200").stdout.count("would be repetitions") > 0
    lines = (folder / "quiz-jsonl.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [(line["statement"], line["key"]) for line in map(json.loads, lines)]
    assert len(asked) > 500
    assert len({statement for statement, _ in asked}) == len(asked)


@pytest.mark.usefixtures("toys")
def test_where_there_are_no_variants_the_error_speaks_of_them(folder: Path) -> None:
    toy(folder, "one")
    done = export("--to", "jsonl", "-n", "2")
    assert done.exit_code != 0
    assert done.stderr.startswith("quizgen: question 1 (toy.one, level 1): part 1 has only 1 answer ")
    assert "('12'), and its variants must differ; ask for another level or family" in done.stderr
    assert not {"paper", "version"} & set(done.stderr.replace(",", " ").split())
    assert names(folder) == ["quiz.toml"]


def test_what_a_platform_can_not_carry_is_said_and_nothing_written(folder: Path) -> None:
    (folder / "quiz.toml").write_text(BLUEPRINT + BY_HAND, encoding="utf-8")
    done = export("--to", "moodle")
    assert done.exit_code == 2
    assert "formula: Moodle can't carry this expression: it has no field for formulas" in done.stderr
    assert "nothing was written; --leave-out writes it without 1 question" in done.stderr
    assert names(folder) == ["quiz.toml"]
    done = export("--to", "moodle", "--leave-out")
    assert "left out: 1 question\n" in done.stderr
    assert done.stdout.startswith("wrote quiz-moodle.xml: 2 questions for Moodle\n")


def test_a_file_that_is_there_is_kept(folder: Path) -> None:
    (folder / "quiz-gift.txt").write_text("mine", encoding="utf-8")
    assert "exists already" in export("--to", "gift").stderr
    assert (folder / "quiz-gift.txt").read_text(encoding="utf-8") == "mine"
    assert export("--to", "gift", "--force").exit_code == 0
    assert (folder / "quiz-gift.txt").read_text(encoding="utf-8") != "mine"


def test_the_blueprint_is_never_written_over(folder: Path) -> None:
    done = export("--to", "jupyter", "-o", "../" + folder.name + "/quiz.toml", "--force")
    assert (done.exit_code, done.stderr) == (
        2,
        "quizgen: 'quiz.toml' is the blueprint itself; choose another name with -o\n",
    )
    assert (folder / "quiz.toml").read_text(encoding="utf-8") == BLUEPRINT


@pytest.mark.parametrize("form", ["moodle", "canvas", "prairielearn"])
def test_a_place_that_takes_nothing_is_said_before_anything_is_drawn(
    folder: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quizgen.commands.exam_export.drawn", None)
    (folder / "there").mkdir()
    there = "'there' exists already" if form == "prairielearn" else "'there' is a folder; name a file in it"
    for target, said in [
        ("there", there),
        ("no/such", "there is no folder 'no' to write such in; create it first"),
        ("x" * 300, "File name too long"),
    ]:
        done = export("--to", form, "-o", target)
        assert done.exit_code == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert names(folder) == ["quiz.toml", "there"]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_full_disk_leaves_nothing(folder: Path, form: str) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits to set")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        done = export("--to", form)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert done.exit_code == 2
    assert done.stderr.startswith("quizgen: cannot write 'quiz-")
    assert done.stderr.count("\n") == 1
    assert names(folder) == ["quiz.toml"]


def test_what_becomes_of_each_kind_is_said_without_a_blueprint() -> None:
    done = CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["exam", "export", "--to", "gift", "--kinds"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "integer     one numeric field"
    assert "expression  no: it has no field for formulas\n" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    without = CliRunner().invoke(cli, ["exam", "export", "--to", "gift"])
    assert without.exit_code == 2
    assert without.stderr.startswith("quizgen: missing argument 'FILE'")


def test_an_unknown_platform(folder: Path) -> None:
    assert "did you mean 'moodle'" in export("--to", "moodel").stderr


def test_multiple_choice(folder: Path) -> None:
    assert export("--to", "moodle", "--choices").exit_code == 0
    assert 'type="multichoice"' in (folder / "quiz-moodle.xml").read_text(encoding="utf-8")


def test_the_places_of_right_options_are_balanced_over_the_variants(folder: Path) -> None:
    assert export("--to", "canvas", "--choices", "-n", "12").exit_code == 0
    package = Package.of((folder / "quiz-canvas.zip").read_bytes())
    groups: dict[tuple[str, int], Counter[int]] = {}
    for item in [item for item in package.items if item.options]:
        options = [item.chosen({n})[0] > 0 for n in range(len(item.options))]
        places = Counter(dict.fromkeys(range(len(options)), 0))
        groups.setdefault((item.root.get("title"), len(options)), places)[options.index(True)] += 1
    assert sum(map(Counter.total, groups.values())) > 36
    assert all(max(places.values()) - min(places.values()) <= 1 for places in groups.values())


def test_a_blueprint_that_is_wrong(folder: Path) -> None:
    (folder / "quiz.toml").write_text(BLUEPRINT.replace("optim.adam", "optim.adan"), encoding="utf-8")
    said = export("--to", "moodle").stderr
    assert "did you mean 'optim.adam'" in said
    assert names(folder) == ["quiz.toml"]
