"""The pages beside practice: catalogue, own numbers, sheets, progress; and what every page keeps to."""

from __future__ import annotations

import itertools
import re
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from quizgen import family
from quizgen.errors import NoEngine, Unavailable, UsageError
from quizgen.render import pdf
from quizgen.web.fields import Fields
from quizgen.web.pages import sheet
from quizgen.web.pages.catalogue import paragraphs
from visitors import Running, Visitor, serving

ENTRIES = list(family.everything().values())
ADAM = "optim.adam/2/k7q3m9"
VOID = {"meta", "input", "wbr", "br", "link", "progress"}


class Page(HTMLParser):
    """The elements of a page, and the words in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def page(visitor: Visitor, path: str, status: int = 200) -> Page:
    answer = visitor.get(path)
    assert answer.status_code == status
    return Page(answer.text)


# --- what every page keeps to -----------------------------------------------------------------------------------------

PATHS = (
    "/",
    f"/q/{ADAM}",
    "/q/conv.cross-correlate/1/a2b4c6",
    "/q/conv.layer-table/1/a2b4c6",
    "/catalogue",
    "/catalogue/backprop.scalar-graph",
    "/solve",
    "/solve/optim.adam",
    "/solve/conv.output-size?n=227&f=11&p=0&s=4",
    "/sheet",
    "/progress",
    "/none",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_can_be_found_the_way_in(visitor: Visitor, path: str) -> None:
    """Landmarks, headings in order, ids that differ, fields with labels, forms with a token."""
    found = page(visitor, path, 404 if path == "/none" else 200)
    tags = [tag for tag, _ in found.elements]
    assert (tags.count("main"), tags.count("h1"), tags.count("footer")) == (1, 1, 1)
    assert found.all("html")[0]["lang"] == "en"
    assert found.all("a")[0] == {"class": "qg-skip", "href": "#main"}
    headings = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(headings))
    ids = [at["id"] for _, at in found.elements if "id" in at]
    assert len(ids) == len(set(ids))
    for _, at in found.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set(at.get(name, "").split()) <= set(ids), at
    labelled = {at["for"] for at in found.all("label") if "for" in at}
    for field in found.all("input", "select"):
        named = field.get("aria-label") or field.get("id") in labelled or field.get("type") in ("radio", "checkbox")
        assert named or field.get("type") == "hidden", field
    posts = [at for at in found.all("form") if at.get("method") == "post"]
    assert len([at for at in found.all("input") if at.get("name") == "csrf"]) == len(posts)
    assert len([at for at in found.all("a") if "aria-current" in at]) <= 1


def test_the_way_to_a_page_is_marked(visitor: Visitor) -> None:
    marked = {
        path: [a["href"] for a in page(visitor, path).all("a") if "aria-current" in a]
        for path in ("/", "/catalogue", "/catalogue/optim.adam", "/sheet", f"/q/{ADAM}")
    }
    assert marked == {
        "/": ["/"],
        "/catalogue": ["/catalogue"],
        "/catalogue/optim.adam": ["/catalogue"],
        "/sheet": ["/sheet"],
        f"/q/{ADAM}": ["/"],
    }


# --- today ------------------------------------------------------------------------------------------------------------


def test_the_first_page_offers_every_topic_and_family(visitor: Visitor) -> None:
    values = [at.get("value") for at in page(visitor, "/").all("input") if at.get("name") == "names"]
    assert sorted(values) == sorted({*(entry.topic for entry in ENTRIES), *(entry.name for entry in ENTRIES)})


def test_the_first_page_counts_what_is_due_and_the_days_in_a_row(visitor: Visitor) -> None:
    def numbers() -> list[tuple[str, str]]:
        return re.findall(r"<dt>(.*?)</dt><dd>(\d+)</dd>", visitor.get("/").text)

    assert numbers() == [("skills due today", "0"), ("days in a row", "0")]
    visitor.get(f"/q/{ADAM}")
    visitor.submit("/answer", {"answer": "7"})
    visitor.submit("/solution")
    assert ("day in a row", "1") in numbers()


def test_what_is_wrong_about_a_plan_stands_above_the_form_as_it_was_sent(visitor: Visitor) -> None:
    visitor.get("/")
    answer = visitor.submit("/practice", {"names": "optim.adam", "count": "5000", "minutes": "3"})
    assert answer.status_code == 422
    found = Page(answer.text)
    ticked = [at.get("value") for at in found.all("input") if "checked" in at]
    assert ticked == ["optim.adam"]
    assert "5000" in [at.get("value") for at in found.all("input") if at.get("name") == "count"]
    assert len(found.all("details")) > len([at for at in found.all("details") if "open" in at]) >= 2


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_the_catalogue_has_every_family_with_its_levels(visitor: Visitor) -> None:
    found = page(visitor, "/catalogue")
    links = [at.get("href") for at in found.all("a")]
    for entry in ENTRIES:
        assert f"/catalogue/{entry.name}" in links
        assert entry.title in found.text
        for asks in entry.levels.values():
            assert asks in found.text


@pytest.mark.parametrize("name", ["optim.adam", "conv.cross-correlate"])
def test_a_family_shows_a_sample_of_each_level(visitor: Visitor, name: str) -> None:
    entry = family.find(name)
    found = page(visitor, f"/catalogue/{name}")
    assert entry.title in found.text
    assert "Source: " in found.text
    for level, asks in entry.levels.items():
        assert f"Level {level}: {asks}" in found.text
        assert f"/q/{name}/{level}/k7q3m9" in [at.get("href") for at in found.all("a")]
    assert found.text.count("Worked solution") == len(entry.levels)
    assert "checked: torch" in found.text
    assert f"/solve/{name}" in [at.get("href") for at in found.all("a")]


def test_the_mistakes_of_a_family_are_told(visitor: Visitor) -> None:
    found = page(visitor, "/catalogue/optim.adam")
    assert "No bias correction" in found.text
    assert "t off by one" in found.text, "a name that begins with a symbol keeps it"


def test_a_family_is_practised_from_its_page(visitor: Visitor) -> None:
    visitor.get("/catalogue/optim.adam")
    visitor.submit("/practice")
    assert visitor.session().plan.names == ("optim.adam",)
    assert visitor.session().plan.count == 5


def test_a_topic_leads_to_its_place_in_the_catalogue(visitor: Visitor) -> None:
    visitor.get("/")
    answer = visitor.http.get("/catalogue/optim")
    assert (answer.status_code, answer.headers["location"]) == (303, "/catalogue#optim")
    assert "optim" in [at.get("id") for at in page(visitor, "/catalogue").all("h2")]


def test_a_family_that_is_not_there(visitor: Visitor) -> None:
    answer = visitor.get("/catalogue/optim.adm")
    assert answer.status_code == 404
    assert "did you mean" in answer.text


def test_samples_that_can_not_be_checked_are_not_shown(alone: Running) -> None:
    alone.stock.failure = Unavailable("there is no PyTorch in /secret/place")
    found = page(alone.visitor(), "/catalogue/optim.adam")
    assert "could not check the samples" in found.text
    assert "secret" not in found.text
    assert "Level 1" not in found.text
    assert "No bias correction" in found.text, "the rest needs no PyTorch"


def test_samples_are_waited_for_beside_the_page(alone: Running) -> None:
    visitor = alone.visitor()
    alone.stock.gate.clear()
    assert "One moment" in page(visitor, "/catalogue/optim.adam").text
    alone.stock.gate.set()
    for _ in range(50):
        found = page(visitor, "/catalogue/optim.adam")
        if "One moment" not in found.text:
            break
    assert "Level 1" in found.text


def test_a_familys_own_words() -> None:
    doc = "Title.\n\nOne line\nand another.\n\n    a = b\n      c\n\nSource: x."
    assert paragraphs(doc) == [(False, "One line and another."), (True, "a = b\n  c"), (False, "Source: x.")]


# --- own numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
def test_the_numbers_that_a_form_begins_with_can_be_worked_out(visitor: Visitor, name: str) -> None:
    visitor.get(f"/solve/{name}")
    form = visitor.form(f"/solve/{name}#result")
    answer = visitor.submit(f"/solve/{name}#result", {k: v for k, v in form.fields.items() if v})
    assert answer.status_code == 200
    found = Page(answer.text)
    assert "Worked out" in found.text
    assert "The same in PyTorch" in found.text
    assert "checked: torch" in found.text


def test_own_numbers_are_worked_out_and_stay_in_the_form(visitor: Visitor) -> None:
    found = page(visitor, "/solve/conv.output-size?n=227&f=11&p=0&s=4&d=&find=")
    assert ">55<" in visitor.page.text  # type: ignore[union-attr]
    values = {at["name"]: at.get("value") for at in found.all("input") if "name" in at}
    assert (values["n"], values["f"], values["s"], values["d"]) == ("227", "11", "4", "")


def test_every_problem_stands_beside_its_field(visitor: Visitor) -> None:
    found = page(visitor, "/solve/conv.output-size?n=abc&f=99999&s=0", 422)
    wrong = {at["id"] for at in found.all("p") if at.get("class") == "qg-wrong"}
    assert wrong == {"n-wrong", "f-wrong", "s-wrong"}
    for field in found.all("input"):
        if f"{field.get('id')}-wrong" in wrong:
            assert field["aria-invalid"] == "true"
            assert f"{field['id']}-wrong" in field["aria-describedby"]
    assert "is out of range" in found.text
    assert "Worked out" not in found.text


def test_a_number_that_is_needed_and_one_that_does_not_go_with_the_others(visitor: Visitor) -> None:
    assert "This is needed." in page(visitor, "/solve/conv.output-size?n=5", 422).text
    found = page(visitor, "/solve/conv.output-size?n=5&f=11", 422)
    assert "The kernel spans 11 pixels and the padded input only 5" in found.text
    assert found.all("p")[1]["role"] == "alert"


def test_choices_are_chosen(visitor: Visitor) -> None:
    found = page(visitor, "/solve/optim.adam?theta=1&gradients=0.5&bias_correction=no")
    assert "without bias correction" in found.text
    (select,) = found.all("select")
    assert select["name"] == "bias_correction"
    assert [at for at in found.all("option") if "selected" in at]


def test_own_numbers_of_a_family_that_is_not_there(visitor: Visitor) -> None:
    assert visitor.get("/solve/optim.adm?theta=1").status_code == 404


def test_the_same_numbers_are_checked_once(alone: Running) -> None:
    visitor = alone.visitor()
    url = "/solve/conv.output-size?n=227&f=11"
    page(visitor, url)
    alone.stock.failure = Unavailable("no more")
    assert "Worked out" in page(visitor, f"{url}&p=0").text, "0 is what it is unless given"
    page(visitor, "/solve/conv.output-size?n=228&f=11", 503)


# --- sheets -----------------------------------------------------------------------------------------------------------


def make(visitor: Visitor, **fields: Any) -> Any:
    wanted = {"names": "optim.adam", "count": "2", "seed": "7", "format": "html", "solutions": "1", "title": "Quiz"}
    return visitor.post("/sheet", wanted | fields)


def test_a_sheet_is_a_file_to_keep(visitor: Visitor) -> None:
    answer = make(visitor)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="quiz.html"'
    assert "Worked solution" in answer.text
    assert "checked: torch" in answer.text
    again = "quizgen sheet optim.adam -n 2 --seed 7 --title Quiz"
    assert again in re.sub("<[^>]*>", "", answer.text)
    assert make(visitor).content == answer.content


def test_a_sheet_without_solutions_holds_none(visitor: Visitor) -> None:
    answer = make(visitor, solutions="")
    assert "Worked solution" not in answer.text
    assert "--solutions none" in re.sub("<[^>]*>", "", answer.text)


def test_the_same_questions_in_every_format(visitor: Visitor) -> None:
    page_of = set(re.findall(r"optim\.adam/\d/\w+", make(visitor).text))
    tex = make(visitor, format="tex")
    assert tex.headers["content-type"].startswith("application/x-tex")
    assert tex.headers["content-disposition"] == 'attachment; filename="quiz.tex"'
    assert set(re.findall(r"optim\.adam/\d/\w+", tex.text)) == page_of
    assert len(page_of) == 2


@pytest.mark.tex
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex was found")
def test_a_sheet_as_pdf(visitor: Visitor) -> None:
    answer = make(visitor, format="pdf", count="1")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_server_that_makes_no_pdf_says_what_to_take(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: Any) -> str:
        raise NoEngine("nothing on this machine makes a PDF; the source is kept in /tmp/secret.tex")

    monkeypatch.setattr(pdf, "write", write)
    answer = make(visitor, format="pdf")
    assert answer.status_code == 422
    assert "Nothing on the server makes a PDF." in answer.text
    assert "secret" not in answer.text


def test_few_pdfs_are_made_at_a_time(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sheet, "PATIENCE", 0.01)
    with sheet.AT_ONCE:
        answer = make(visitor, format="pdf")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    monkeypatch.setattr(pdf, "write", lambda of, path, force: path.write_bytes(b"%PDF") and "")
    assert make(visitor, format="pdf").content == b"%PDF"
    assert sheet.AT_ONCE.acquire(blocking=False), "the turn was given back"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"count": "51"}, "no whole number from 1 to 50"),
        ({"count": "x"}, "no whole number"),
        ({"names": "optim.adm"}, "did you mean"),
        ({"level": "9"}, "none of the families chosen has level 9"),
        ({"format": "exe"}, "there is no format"),
        ({"title": "t" * 200}, "too long"),
        ({"seed": "s" * 65}, "too long"),
    ],
    ids=lambda each: str(each)[:20],
)
def test_a_sheet_that_can_not_be_made(visitor: Visitor, fields: dict[str, str], said: str) -> None:
    answer = make(visitor, **fields)
    assert answer.status_code == 422
    found = Page(answer.text)
    assert said in found.text
    assert "seed" in fields or "7" in [at.get("value") for at in found.all("input") if at.get("name") == "seed"]


def test_a_sheet_is_begun_from_a_family(visitor: Visitor) -> None:
    found = page(visitor, "/sheet?names=optim.adam")
    assert {at["value"] for at in found.all("input") if "checked" in at} == {"optim.adam", "1", "html"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Deep learning: practice sheet", "deep-learning-practice-sheet.pdf"),
        ('../../etc/passwd"; x=', "etc-passwd-x.pdf"),
        ("Übung №1\r\nX: y", "bung-1-x-y.pdf"),
        ("深度学习", "sheet.pdf"),
        ("a" * 120, f"{'a' * 60}.pdf"),
    ],
)
def test_the_name_of_a_file_is_safe(title: str, name: str) -> None:
    assert sheet.read(Fields((("title", title), ("format", "pdf")))).file_name == name


def test_what_a_form_asks_for() -> None:
    wish = sheet.read(Fields((("names", "conv"), ("names", "conv"), ("level", "2"), ("level", "1"), ("choices", "1"))))
    assert (wish.names, wish.levels, wish.count, wish.format, wish.solutions) == (("conv",), (1, 2), 10, "html", False)
    assert wish.command.startswith("quizgen sheet conv --level 1 --level 2 -n 10 --seed ")
    with pytest.raises(UsageError, match="from 1 to 50"):
        sheet.read(Fields((("count", "0"),)))


# --- progress ---------------------------------------------------------------------------------------------------------


def test_progress_begins_with_nothing_and_counts_what_is_answered(visitor: Visitor) -> None:
    assert "Nothing is practised yet" in page(visitor, "/progress").text
    visitor.get(f"/q/{ADAM}")
    visitor.submit("/answer", {"answer": "-0.85"})
    visitor.submit("/solution")
    found = page(visitor, "/progress")
    assert "Adam steps on one parameter" in found.text
    assert "betas swapped" in found.text.lower()
    assert len(found.all("svg")) >= 2


@pytest.fixture
def alone(tmp_path: Any) -> Iterator[Running]:
    """A site whose stock a test may close or break."""
    with serving(tmp_path) as running:
        yield running
