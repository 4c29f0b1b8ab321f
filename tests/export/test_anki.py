"""Decks for Anki, read by Anki's own backend: it imports the package, renders the cards and keeps them apart."""

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flint import fmpq

from exported import FORMULA, GRAPH, HOSTILE, PLAIN, THIRD, drawn, exam, hostile, placed, written
from quizgen.answers import Integer
from quizgen.export import Exported, export, problems
from quizgen.export.html import clean

anki_collection = pytest.importorskip("anki.collection", reason="anki is not installed (pip install anki)")
pytest.importorskip("genanki", reason="genanki is not installed (pip install genanki)")

from quizgen.export import anki  # noqa: E402 (the module needs genanki)


class Collection:
    """A person's collection, as Anki keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.col: Any = anki_collection.Collection(str(folder / "collection.anki2"))

    def take(self, package: bytes) -> tuple[int, int, int]:
        """Imports a package: how many notes are new, updated, and there already."""
        path = self.folder / "deck.apkg"
        path.write_bytes(package)
        request = anki_collection.ImportAnkiPackageRequest(
            package_path=str(path), options=anki_collection.ImportAnkiPackageOptions()
        )
        log = self.col.import_anki_package(request).log
        return len(log.new), len(log.updated), len(log.duplicate)

    def cards(self, search: str = "") -> list[Any]:
        return [self.col.get_card(card) for card in self.col.find_cards(search, order="c.nid")]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    made = Collection(tmp_path)
    yield made
    made.col.close()


def package(*questions: Exported, title: str = "An exam", moment: int = 1_735_689_600) -> bytes:
    return anki.write(questions, title, moment=moment)


def sides(card: Any) -> tuple[str, str]:
    """Front and back of a card, without the style sheet."""
    front, back = (
        re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL) for text in (card.question(), card.answer())
    )
    return front, back.split('<hr id="answer">', 1)[1]


def cells(side: str) -> list[str]:
    """What stands in the cells of the first table of a side."""
    return [read(cell) for cell in re.findall("<td>(.*?)</td>", side.split("</table>")[0])]


def read(side: str) -> str:
    """What a person reads on a side; formulas stay as they are."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", side)).split())


def test_anki_shows_every_card_and_a_second_import_adds_none(collection: Collection) -> None:
    questions = exam()
    made = package(*questions)
    assert collection.take(made) == (len(questions), 0, 0)
    assert collection.take(made) == (0, 0, len(questions))
    assert collection.col.note_count() == collection.col.card_count() == len(questions)
    assert {name.name for name in collection.col.decks.all_names_and_ids()} == {"Default", "An exam"}
    for exported, card in zip(questions, collection.cards(), strict=True):
        front, back = sides(card)
        assert "{{" not in re.sub("{{(A|c1::x|#a)}}|b{{/a}}", "", front + back), "a field of the template"
        for part in exported.question.parts:
            if part.kind.name in ("choice", "choices"):
                continue
            shown = read(back).split("Worked solution")[0]
            if part.kind.name == "table":
                assert re.sub(r"[|; ]", "", part.answer) in re.sub(r"\(?\b[a-z]\)| ", "", "".join(cells(back)))
            else:
                assert f"\\({part.answer_latex}\\)" in shown
            for mistake in part.mistakes:
                assert clean(mistake.name)[1:20] in read(back.split("Common mistakes", 1)[1])


def test_right_is_what_the_back_says_and_no_mistake_is_among_it(collection: Collection) -> None:
    questions = placed([*drawn(), *PLAIN.values()])
    collection.take(package(*questions))
    checked = 0
    for exported, card in zip(questions, collection.cards(), strict=True):
        answer = read(sides(card)[1]).split("Worked solution")[0].split("Common mistakes")[0]
        for part in exported.question.parts:
            if part.kind.name == "table":
                continue
            own = part.kind.name in ("choice", "choices")
            if own:
                letters = re.findall(r"\b([A-Z]) ", answer)
                assert {ord(one) - ord("A") for one in letters} == set(part.correct)
                continue
            given = re.findall(r"\\\((.*?)\\\)", answer)
            assert part.answer_latex in given
            others = {other.answer_latex for other in exported.question.parts}
            assert not {mistake.latex for mistake in part.mistakes} - others & set(given)
            checked += 1
    assert checked > 150


def test_a_younger_package_updates_what_is_there(collection: Collection) -> None:
    first, second = drawn()[-2:]
    collection.take(package(*placed([first, second]), moment=1_700_000_000))
    reworded = replace(first, title="Reworded")
    assert collection.take(package(*placed([reworded, second]), moment=1_700_000_000)) == (0, 0, 2)
    new, updated, same = collection.take(package(*placed([reworded, second]), moment=1_700_000_060))
    assert (new, updated + same) == (0, 2)
    assert updated >= 1
    assert read(sides(collection.cards()[0])[0]).startswith("Reworded")
    assert collection.col.note_count() == 2


def test_two_decks_live_side_by_side(collection: Collection) -> None:
    first, second = drawn()[:2]
    assert collection.take(package(*placed([first]), title="One"))[0] == 1
    assert collection.take(package(*placed([second]), title="Two"))[0] == 1
    assert collection.take(package(*placed([PLAIN["integer"]]), title="One"))[0] == 1
    assert collection.take(package(*placed([PLAIN["integer"]]), title="Two"))[0] == 1
    assert collection.col.note_count() == 4
    assert [len(collection.cards(f'deck:"{name}"')) for name in ("One", "Two")] == [2, 2]


def test_tags_are_topic_family_and_level(collection: Collection) -> None:
    collection.take(package(*placed([*drawn(), PLAIN["integer"]])))
    assert len(collection.cards("tag:quizgen")) == len(drawn()) + 1
    adam = [question for question in drawn() if question.family == "optim.adam"]
    assert len(collection.cards("tag:quizgen::optim::adam")) == len(adam)
    second = sum(question.level == 2 for question in adam)
    assert len(collection.cards("tag:quizgen::optim::adam tag:quizgen::level-2")) == second


def test_figures_are_media_files(collection: Collection) -> None:
    question = written(Integer(), fmpq(1), statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    again = written(Integer(), fmpq(2), statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    collection.take(package(*placed([question, again])))
    (file,) = Path(collection.col.media.dir()).glob("*.svg")
    assert ET.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert all(f'<img src="{file.name}" alt="a graph">' in sides(card)[0] for card in collection.cards())
    report = collection.col.media.check()
    assert list(report.missing) == list(report.unused) == []


def test_what_is_less_in_a_formula_opens_no_tag(collection: Collection) -> None:
    slip = ("off", "It is $a<b$.", fmpq(2))
    collection.take(package(*placed([written(Integer(), fmpq(1), slip, statement="$x<y$ and $$x<y$$", words="$u<v$")])))
    (card,) = collection.cards()
    front, back = sides(card)
    assert [text in front for text in (r"\(x&lt;y\)", r"\[x&lt;y\]", r"\(u&lt;v\)")] == [True] * 3
    assert r"\(a&lt;b\)" in back


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_as_it_is(collection: Collection, text: str) -> None:
    collection.take(package(*placed([hostile(text)]), title=text))
    (card,) = collection.cards()
    shown = " ".join(clean(text).split())
    front, back = sides(card)
    assert read(front).startswith(f"{shown} · q1 {shown}")
    assert f"(b) B two {shown}" in read(back)
    assert card.question_av_tags() == card.answer_av_tags() == []
    assert "<script" not in front + back
    for opening in ("\\(x\\)", "\\[y\\]", "[latex]", "[$]", "[sound", "[anki"):
        assert opening not in front + back
    assert len(collection.col.decks.all_names_and_ids()) == 2


def test_everything_fits_on_a_card() -> None:
    assert problems(placed([*PLAIN.values(), FORMULA, THIRD]), "anki") == []


def test_variants_are_cards_of_their_own(collection: Collection) -> None:
    first, second = drawn()[-2:]
    exported = Exported(first, (fmpq(1),) * len(first.parts), "q1", (second,))
    assert collection.take(package(exported)) == (2, 0, 0)


def test_the_same_exam_gives_the_same_bytes(tmp_path: Path) -> None:
    def made() -> bytes:
        return package(*placed([*drawn()[:12], hostile(HOSTILE[0])]))

    assert made() == made()
    export(placed(drawn()[:2]), "anki", tmp_path / "a.apkg", title="An exam", moment=5)
    assert (tmp_path / "a.apkg").read_bytes() == package(*placed(drawn()[:2]), moment=5)


def test_the_package_is_what_anki_documents() -> None:
    questions: Sequence[Exported] = placed([PLAIN["shape"], *drawn()[24:26]])
    with zipfile.ZipFile(BytesIO(package(*questions))) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        media = json.loads(file.read("media"))
        assert set(file.namelist()) == {"collection.anki2", "media", *media}
        database = sqlite3.connect(":memory:")
        database.deserialize(file.read("collection.anki2"))
        guids = [guid for (guid,) in database.execute("select guid from notes")]
        database.close()
    assert len(set(guids)) == len(questions)
