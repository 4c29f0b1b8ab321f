"""The page in a real browser: it opens without a word on the console or the network, and marks as Python does."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq

import quizgen
from pages import ALL, HOSTILE, LISTS, MATRIX, NUMBER, SIZE, TABLE, page, part, question
from quizgen import family as families
from quizgen.answers import Integer, Shape, Table, centres, kind_from_json, targets_from_json
from quizgen.errors import Unreadable
from quizgen.render.html import fragment
from quizgen.text import escape
from quizgen.wording import letter

pytestmark = pytest.mark.browser

PARITY = json.loads((Path(__file__).parent.parent / "data" / "answers_parity.json").read_text(encoding="utf-8"))
Open = Callable[..., Any]


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page from a file; afterwards the console must have been silent and nothing else have been fetched."""
    browser.get_log("browser")
    browser.get_log("performance")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1100, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    opened: list[str] = []

    def show(html: str) -> Any:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        browser.get(path.as_uri())
        opened.append(path.as_uri())
        return browser

    yield show
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if url not in opened and not url.startswith("data:")] == []
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def answer(browser: Any, form_id: str, *texts: str) -> tuple[str, str | None]:
    """Types into the fields of a part, presses Check, and gives the words of the result and its state."""
    form = browser.find_element("id", form_id)
    fields = form.find_elements("css selector", "input[type=text]")
    for field, text in zip(fields, texts, strict=True):
        field.clear()
        field.send_keys(text)
    return press(form)


def press(form: Any) -> tuple[str, str | None]:
    form.find_element("css selector", "button[type=submit]").click()
    result = form.find_element("css selector", ".qg-result")
    return " ".join(result.text.split()), result.get_attribute("data-state")


def test_a_right_and_a_wrong_answer_and_named_mistakes(show: Open) -> None:
    browser = show(page(ALL))
    assert answer(browser, "q1-a", "0.05") == ("Right.", "right")
    assert answer(browser, "q1-a", "1/20") == ("Right.", "right")
    assert answer(browser, "q1-a", "0.7") == ("0.7 isn’t right.", "wrong")
    words, state = answer(browser, "q1-a", "0.45")
    assert state == "wrong"
    assert words.startswith(
        "0.45 isn’t right. More than one way leads to this value: Beta swapped. Look at β 1 : that is beta"
    )
    assert "No decay." in words
    assert answer(browser, "q2-a", "54")[0] == "54 isn’t right. No +1. Look at β 1 : that is no +1."
    assert answer(browser, "q1-b", "0.33")[0].startswith("0.33 is rounded, and the exact value is asked for")


def test_a_part_after_a_wrong_one_says_who_can_carry_it_forward(show: Open) -> None:
    browser = show(page([NUMBER]))
    assert answer(browser, "q1-b", "5")[0] == "5 isn’t right."
    answer(browser, "q1-a", "0.45")
    words, _ = answer(browser, "q1-b", "5")
    assert words.endswith("If this follows from it, quizgen check test.number/1/aaaaaa … gives the credit for that.")
    answer(browser, "q1-a", "0.05")
    assert answer(browser, "q1-b", "5")[0] == "5 isn’t right."


def test_what_cannot_be_read_says_how_it_can(show: Open) -> None:
    browser = show(page([SIZE]))
    words, state = answer(browser, "q1-a", "1..2")
    assert state == "unreadable"
    assert words == (
        "Cannot read '1..2' as a whole number, at character 3: a second point in one number; "
        "for example 54, 2^10 or 3*64 can be read."
    )
    field = browser.find_element("id", "q1-a-field")
    assert field.get_attribute("aria-invalid") == "true"
    assert browser.switch_to.active_element == field
    assert answer(browser, "q1-a", "")[0].startswith("Cannot read an empty answer")
    assert answer(browser, "q1-a", "<b>1</b>")[0].startswith("Cannot read '<b>1</b>'")
    field.send_keys("5")
    assert field.get_attribute("aria-invalid") is None
    assert browser.find_element("id", "q1-a-result").text == ""


def test_results_are_announced_and_the_score_is_kept(show: Open) -> None:
    browser = show(page([NUMBER, SIZE]))
    result = browser.find_element("id", "q1-a-result")
    assert (result.get_attribute("role"), result.get_attribute("aria-live")) == ("status", "polite")
    score = browser.find_element("css selector", ".qg-score")
    assert not score.is_displayed()
    answer(browser, "q2-a", "54")
    assert score.text == "0 of 7 points"
    answer(browser, "q2-a", "55")
    assert score.text == "3 of 7 points"
    links = browser.find_elements("css selector", ".qg-nav a")
    assert [link.get_attribute("aria-label") for link in links] == ["Question 1", "Question 2, right"]


def test_a_matrix_is_marked_entry_by_entry(show: Open) -> None:
    browser = show(page([MATRIX]))
    assert answer(browser, "q1-a", "7", "0", "1", "-1", "2", "3") == ("Right.", "right")
    assert (
        answer(browser, "q1-a", "7", "0", "1", "-1", "2", "4")[0]
        == "5 of 6 entries are right; row 2 column 3 (4) isn’t."
    )
    fields = browser.find_elements("css selector", "#q1-a input")
    assert [field.get_attribute("aria-invalid") for field in fields] == [None] * 5 + ["true"]
    assert "Flipped kernel." in answer(browser, "q1-a", *"123456")[0]
    words, state = answer(browser, "q1-a", "7", "0", "a", "-1", "2", "3")
    assert (words[:31], state) == ("Cannot read 'a' as row 1, colum", "unreadable")
    assert browser.switch_to.active_element == fields[2]


def test_a_whole_matrix_can_be_pasted_and_arrows_move_in_a_column(show: Open) -> None:
    from selenium.webdriver.common.keys import Keys

    browser = show(page([MATRIX]))
    fields = browser.find_elements("css selector", "#q1-a input")
    paste = """
        const data = new DataTransfer();
        data.setData("text", arguments[1]);
        arguments[0].dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    """
    browser.execute_script(paste, fields[0], "[[7, 0, 1],\n [-1, 2, 6/2]]")
    assert [field.get_property("value") for field in fields] == ["7", "0", "1", "-1", "2", "3"]
    browser.execute_script(paste, fields[0], "[[1, 2], [3, 4]]")
    assert fields[0].get_property("value") == "7"
    fields[1].click()
    fields[1].send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element == fields[4]
    assert press(browser.find_element("id", "q1-a"))[1] == "right"


def test_a_table_reads_each_cell_as_its_column_does(show: Open) -> None:
    browser = show(page([TABLE]))
    assert answer(browser, "q1-a", "", "", "", "")[0] == "Nothing is filled in yet."
    words, _ = answer(browser, "q1-a", "16x32x32", "448", "(16, 16, 16)", "")
    assert words == "3 of 4 entries are right; pool, parameters (blank) isn’t."
    assert answer(browser, "q1-a", "16x32x32", "448", "(16, 16, 16)", "0")[1] == "right"
    assert answer(browser, "q1-a", "16x32x32", "0x1", "", "")[0].startswith(
        "Row 1 (conv), column 2 (parameters): cannot read"
    )


def test_labels_with_formulas_are_said_in_words(show: Open) -> None:
    kind = Table(("shape",), (Shape(),), ("$W_1$", "`b`"))
    browser = show(page([question("test.labels/1/aaaaaa", part("Fill in.", kind, "(3, 4); (3,)"))]))
    assert answer(browser, "q1-a", "(4, 3)", "3")[0] == "1 of 2 entries is right; W₁, shape ((4, 3)) isn’t."
    fields = browser.find_elements("css selector", "#q1-a input")
    assert [field.get_attribute("aria-label") for field in fields] == ["W₁, shape", "b, shape"]


def test_shapes_vectors_and_choices(show: Open) -> None:
    browser = show(page([LISTS]))
    assert answer(browser, "q1-a", "32x8x128x64")[1] == "right"
    assert "Heads not split." in answer(browser, "q1-a", "32 128 512")[0]
    assert answer(browser, "q1-b", "[0.274, 0.73]")[1] == "right"
    one, several = (browser.find_element("id", name) for name in ("q1-c", "q1-d"))
    assert press(one) == ("Nothing is chosen yet.", "unreadable")
    options = one.find_elements("css selector", "input")
    options[0].click()
    assert press(one)[0] == "A isn’t right."
    options[1].click()
    assert press(one)[1] == "right"
    boxes = several.find_elements("css selector", "input")
    boxes[0].click()
    assert press(several)[0] == "1 of the 2 right options chosen."
    boxes[2].click()
    assert press(several)[1] == "right"


def test_multiple_choice_names_the_mistake_behind_an_option(show: Open) -> None:
    browser = show(page([SIZE], choices=True))
    form = browser.find_element("id", "q1-a")
    verdicts = []
    for option in form.find_elements("css selector", "input"):
        option.click()
        verdicts.append(press(form))
    assert sorted(state or "" for _, state in verdicts) == ["right", "wrong"]
    assert any("No +1." in words for words, _ in verdicts)


def test_the_solution_opens(show: Open) -> None:
    browser = show(page([SIZE, NUMBER]))
    details = browser.find_element("css selector", "#q2 details")
    assert not details.find_element("css selector", ".qg-program").is_displayed()
    details.find_element("css selector", "summary").click()
    assert details.find_element("css selector", ".qg-program").is_displayed()
    assert "the first moment" in details.text.casefold()


def test_the_keyboard_is_enough(show: Open) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser = show(page([SIZE]))

    def keys(*typed: str) -> Any:
        ActionChains(browser).send_keys(*typed).perform()
        return browser.switch_to.active_element

    skip = keys(Keys.TAB)
    assert skip.text == "To the questions"
    assert skip.rect["y"] >= 0
    keys(Keys.ENTER)
    field = keys(Keys.TAB)
    assert field.get_attribute("id") == "q1-a-field"
    assert browser.execute_script("return getComputedStyle(arguments[0]).outlineStyle", field) == "solid"
    keys("5", "5", Keys.ENTER)
    assert browser.find_element("id", "q1-a-result").text == "Right."
    stops = [keys(Keys.TAB) for _ in range(3)]
    assert [stop.text for stop in stops[:2]] == ["Check", "Copy"]
    assert stops[2].tag_name == "summary"
    keys(Keys.SPACE)
    assert browser.find_element("css selector", "#q1 .qg-worked").is_displayed()


def test_the_code_of_a_question_can_be_copied(show: Open) -> None:
    browser = show(page([SIZE]))
    browser.execute_script(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };"
    )
    for name, text in ((".qg-code", "test.size/1/bbbbbb"), (".qg-again", "quizgen sheet conv --seed 7")):
        button = browser.find_element("css selector", f"{name} .qg-copy")
        button.click()
        assert browser.execute_script("return window.copied") == text
        assert button.text == "Copied"


def test_the_page_reads_without_its_script(show: Open) -> None:
    html = page(ALL)
    start, end = html.rindex("<script>"), html.rindex("</script>")
    browser = show(html[:start] + html[end + len("</script>") :])
    assert not any(button.is_displayed() for button in browser.find_elements("css selector", "button"))
    details = browser.find_element("css selector", "#q1 details")
    details.find_element("css selector", "summary").click()
    assert details.find_element("css selector", ".qg-program").is_displayed()


def test_hostile_text_runs_nothing(show: Open) -> None:
    nasty = question(
        "test.nasty/1/aaaaaa", part(escape(HOSTILE), Integer(), "1"), title=HOSTILE, statement=escape(HOSTILE)
    )
    browser = show(page([nasty], title=HOSTILE, command=HOSTILE))
    assert browser.title == " ".join(HOSTILE.split())
    assert browser.find_element("css selector", "h1").text == HOSTILE
    assert HOSTILE in browser.find_element("css selector", "h2").text
    assert browser.find_elements("css selector", "img") == []
    assert answer(browser, "q1-a", "1")[1] == "right"


def test_a_script_that_is_not_ours_is_refused(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "changed.html"
    path.write_text(
        page([SIZE]).replace("</body>", "<script>document.title = 'taken'</script></body>"), encoding="utf-8"
    )
    browser.get(path.as_uri())
    assert browser.title == "A sheet"
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))


# How it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solutions", ["after", "separate"])
@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_nothing_is_wider_than_the_screen(show: Open, width: int, solutions: str) -> None:
    browser = show(page(ALL, solutions=solutions))
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_dark_where_it_is_wanted_and_always_light_on_paper(show: Open) -> None:
    browser = show(page([SIZE]))
    colours = []
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        colours.append(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert colours == ["rgb(253, 252, 249)", "rgb(23, 24, 27)", "rgb(255, 255, 255)"]


def test_formulas_are_set_in_the_font_that_the_page_carries(show: Open) -> None:
    browser = show(page([NUMBER]))
    assert browser.execute_script("return document.fonts.check('16px \"quizgen math\"', 'x')")
    loaded = browser.execute_script("return [...document.fonts].map((face) => [face.family, face.status])")
    assert loaded == [["quizgen math", "loaded"]]


def test_paper_shows_solutions_by_the_mode_and_no_buttons(show: Open) -> None:
    browser = show(page([SIZE, NUMBER]))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    try:
        tall = "return document.querySelector('#q1 .qg-program').getBoundingClientRect().height"
        assert browser.execute_script(tall) > 50
        assert not any(button.is_displayed() for button in browser.find_elements("css selector", "button"))
        assert not browser.find_element("css selector", "nav").is_displayed()
        assert browser.find_element("css selector", ".qg-name").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_a_fragment_opens_in_somebody_elses_page(show: Open) -> None:
    browser = show(f"<!doctype html><meta charset=utf-8><title>n</title><h1>Notebook</h1>{fragment(NUMBER)}")
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    browser.find_element("css selector", "summary").click()
    assert browser.find_element("css selector", ".qg-program").is_displayed()


# The page and Python agree -----------------------------------------------------------------------------------------

READ_AND_GRADE = """
    const spelled = (value) =>
      Array.isArray(value) ? value.map(spelled) : value?.q === undefined ? value : quizgen.spell(value);
    const verdicts = JSON.parse(arguments[0]).map(({kind, text, cells, target, also}) => {
      try {
        const given = cells ? quizgen.readCells(kind, cells) : quizgen.read(kind, text);
        const {credit, reason} = quizgen.grade(kind, given, target, also ?? []);
        return {value: spelled(given), credit: quizgen.spell(credit), reason};
      } catch (problem) {
        if (problem.position === undefined) throw problem;
        return {problem: problem.message, position: problem.position};
      }
    });
    return JSON.stringify(verdicts);
"""


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else None if value is None else str(value)


def in_python(case: dict[str, Any]) -> dict[str, Any]:
    kind = kind_from_json(case["kind"])
    target, also = targets_from_json(case["target"]), [targets_from_json(each) for each in case.get("also", [])]
    try:
        given = kind.read_cells(case["cells"]) if "cells" in case else kind.read(case["text"])  # type: ignore[attr-defined]
    except Unreadable as problem:
        return {"problem": str(problem), "position": problem.position}
    grade = kind.grade(given, target, also)
    return {"value": plain(given), "credit": str(grade.credit), "reason": grade.reason}


def in_page(browser: Any, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # As JSON text: half a character, which JSON can spell, can't be handed over otherwise.
    verdicts: list[dict[str, Any]] = json.loads(browser.execute_script(READ_AND_GRADE, json.dumps(cases)))
    return verdicts


def agree(browser: Any, cases: list[dict[str, Any]]) -> None:
    for case, theirs in zip(cases, in_page(browser, cases), strict=True):
        assert theirs == in_python(case), case


def test_the_shared_cases_come_out_alike(show: Open) -> None:
    cases = []
    for case in PARITY:
        if case["kind"]["kind"] == "vector" and "cells" in case:
            continue  # a page has one field for a vector,
        if case["kind"]["kind"] == "table" and "text" in case:
            continue  # and boxes for a table
        cases.append(case)
    assert len(cases) > 500
    browser = show(page([SIZE]))
    agree(browser, cases)
    for case, theirs in zip(cases, in_page(browser, cases), strict=True):
        assert case["readable"] == ("value" in theirs), case
        if case["readable"]:
            assert theirs["credit"] == case["credit"], case


SIGNS = r"( ) [ ] , ; + - − * x × ^ ** ² ⁻² / = ≈ % | ٣ \ $ ' ½ 😀"
NUMBERS = "1 2 0 9 10 3/4 0.5 .5 5. 1e-3 1E400 1e999 sqrt √ (4) torch.Size [3] e a nan inf 0x1 007 1,000 1..2 0^0 1024"
BLANKS = [" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u200b", "\x00"]
PIECES = [*SIGNS.split(), *NUMBERS.split(), *BLANKS]
SCALARS = ["1", "-2", "0.5", "3/4", "2^3", "1e-2", "(1+2)", "-(3)", "sqrt(9/4)", "7", "2*3", "0.33", "0.333333", "1/3"]


def random_cases(count: int) -> list[dict[str, Any]]:
    """Answers of every kind: half of them random pieces in a row, half of them nearly right."""
    rng = random.Random(20)
    kinds = [
        {"kind": "integer"},
        {"kind": "number", "decimals": None},
        {"kind": "number", "decimals": 2},
        {"kind": "shape"},
        {"kind": "vector", "decimals": 3},
        {"kind": "matrix", "decimals": None},
    ]

    def target() -> dict[str, str]:
        return {
            "centre": str(fmpq(rng.randint(-9, 9), rng.choice([1, 1, 2, 3, 8, 100]))),
            "tolerance": rng.choice(["0", "1/200", "1"]),
        }

    def near() -> str:
        return rng.choice(SCALARS)

    def listed(length: int, brackets: list[str], separators: list[str]) -> str:
        return rng.choice(brackets) % rng.choice(separators).join(near() for _ in range(length))

    cases: list[dict[str, Any]] = []
    for _ in range(count):
        kind = rng.choice(kinds)
        name = kind["kind"]
        if name == "matrix":
            goal: Any = [[target() for _ in range(2)] for _ in range(2)]
            rows = [listed(2, ["%s", "[%s]", "(%s)"], [", ", " ", ","]) for _ in range(rng.choice([2, 2, 3]))]
            ends = rng.choice([", ", "; ", "\n", " ", ";\n", ",\n"])
            text = rng.choice(["[%s]", "%s", "(%s)"]) % ends.join(rows)
        elif name in {"shape", "vector"}:
            goal = [target() for _ in range(rng.randint(1, 3))]
            brackets = ["(%s)", "[%s]", "%s", "((%s))", "%s,", "torch.Size([%s])"]
            text = listed(rng.choice([len(goal), 2]), brackets, [", ", ",", " ", ";", "\n", "x"])
        else:
            goal = target()
            text = rng.choice([goal["centre"], near(), near() + rng.choice("+-*/^ ") + near()])
        if rng.random() < 0.5:
            text = "".join(rng.choice(PIECES) for _ in range(rng.randint(0, 9)))
        cases.append({"kind": kind, "target": goal, "text": text})
    return cases


def test_random_answers_come_out_alike_to_the_last_word(show: Open) -> None:
    cases = random_cases(8_000)
    assert sum("value" in in_python(case) for case in cases) > 2_000
    agree(show(page([SIZE])), cases)


@pytest.mark.parametrize(
    "text",
    [
        "9" * 320,
        "9" * 321,
        "9" * 701,
        "9" * 1_000_000,
        "(" * 1000 + "1" + ")" * 1000,
        "1," * 3000,
        "2^1024",
        "2^-1023",
        "1e308",
        "1e309",
        "1e-309",
        "1e999999999",
        "3^646",
        "3^647",
        " \n ",
    ],
)
def test_bounds_come_out_alike(show: Open, text: str) -> None:
    target = {"centre": "0", "tolerance": "0"}
    agree(
        show(page([SIZE])),
        [
            {"kind": {"kind": "number", "decimals": None}, "target": target, "text": text},
            {"kind": {"kind": "vector", "decimals": None}, "target": [target], "text": text},
        ],
    )


# Real questions ------------------------------------------------------------------------------------------------------

TYPE_AND_CHECK = """
    return arguments[0].map(([id, texts]) => {
      const form = document.getElementById(id);
      form.querySelectorAll("input[type=text]").forEach((field, n) => { field.value = texts[n]; });
      form.querySelectorAll("input:not([type=text])").forEach((field, n) => { field.checked = texts.includes(n); });
      form.requestSubmit();
      const result = form.querySelector(".qg-result");
      return [result.dataset.state, result.textContent];
    });
"""


def typed(kind: Any, value: Any) -> list[Any]:
    """What goes into the fields of a part: a text a field, or the numbers of the options."""
    if isinstance(value, frozenset):
        return sorted(value)
    if kind.name == "table":
        return [cell.show(x) for row in value for cell, x in zip(kind.kinds, row, strict=True)]
    if kind.name == "matrix":
        return [str(x) for row in value for x in row]
    return [kind.show(value)]


def shaped(value: Any) -> Any:
    return [shaped(each) for each in value] if isinstance(value, tuple) else ""


def test_every_family_is_marked_as_python_marks_it(show: Open) -> None:
    entries = families.everything().values()
    questions = [quizgen.generate(e.name, level=level, seed=7, verify=False) for e in entries for level in e.levels]
    answers, expected = [], []
    for number, asked in enumerate(questions, 1):
        for at, one in enumerate(asked.parts):
            if one.kind.name == "expression":
                continue
            form = f"q{number}-{letter(at)}"
            answers.append((form, typed(one.kind, centres(one.target))))
            expected.append((asked.code, "right", []))
            for mistake in one.mistakes:
                value = centres(mistake.target)
                if one.kind.name in {"matrix", "table"} and shaped(value) != shaped(centres(one.target)):
                    continue  # the grid has the right number of fields
                verdict = asked.check(one.kind.show(value), at + 1)
                answers.append((form, typed(one.kind, value)))
                expected.append((asked.code, "right" if verdict else "wrong", [m.name for m in verdict.diagnosed]))
    assert len(answers) > 3 * len(questions)
    shown = show(page(questions)).execute_script(TYPE_AND_CHECK, answers)
    for (code, state, names), (form, texts), (found, words) in zip(expected, answers, shown, strict=True):
        assert found == state, (code, form, texts, words)
        for name in names:
            assert name.casefold() in words.casefold(), (code, form, texts, words)
