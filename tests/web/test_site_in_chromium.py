"""The site as people use it, in a real browser: with and without a script, with the keyboard alone, on a phone, and by
the rules of axe-core."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from quizgen.errors import Unavailable
from visitors import Running, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
ADAM = "/q/optim.adam/2/k7q3m9"
MATRIX = "/q/conv.cross-correlate/1/a2b4c6"
TABLE = "/q/net.shapes/1/a2b4c6"
PAGES = (
    "/",
    ADAM,
    MATRIX,
    TABLE,
    "/q/backprop.scalar-graph/3/k7q3m9",
    "/q/attention.scores/3/k7q3m9",
    "/catalogue",
    "/catalogue/backprop.scalar-graph",
    "/catalogue/conv.layer-table",
    "/solve",
    "/solve/conv.output-size?n=abc&f=99999&s=0",
    "/solve/conv.output-size?n=227&f=11&p=0&s=4",
    "/sheet",
    "/progress",
    "/none",
)
OTHERS = ("/q/attention.scores/3/k7q3m9", "/catalogue/conv.layer-table", "/solve", "/q/backprop.scalar-graph/3/k7q3m9")
"""Pages whose pieces are on other pages too."""

FORBIDDEN = "return [...document.querySelectorAll('[style], style, script:not([src])')].map(each => each.outerHTML)"
SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Reader:
    """A person at the site, in a browser that nobody has used before."""

    def __init__(self, browser: Any, url: str) -> None:
        self.browser = browser
        self.url = url
        browser.get(f"{url}/healthz")
        browser.delete_all_cookies()
        browser.get_log("browser")

    def open(self, path: str) -> None:
        self.browser.get(self.url + path)
        self.wait(lambda: "One moment" not in self.browser.title, "the page")

    def wait(self, done: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := done():
                return found
            time.sleep(0.02)
        raise AssertionError(f"waited for {what} on {self.browser.title!r}: {self.text('main')}")

    def one(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.browser.find_elements("css selector", selector))

    def text(self, selector: str) -> str:
        return " ".join(self.one(selector).get_property("textContent").split())

    def button(self, name: str) -> Any:
        return next(each for each in self.all("button") if each.text == name)

    def press(self, name: str) -> None:
        """Presses a button, and waits for what comes of it."""
        self.after(self.button(name).click)

    def after(self, act: Callable[[], Any]) -> None:
        """Waits for the page, or the piece of it, that comes of an act."""
        self.browser.execute_script("document.getElementById('main').firstElementChild.dataset.old = '1'")
        act()
        self.wait(lambda: not self.all("[data-old]") and self.all("#main > *"), "another page")
        self.wait(lambda: not self.all(".htmx-swapping, .htmx-settling, .htmx-added"), "the page to settle")

    def answer(self, *texts: str) -> None:
        """Types into the fields of the part that is to be answered, and presses Enter."""
        fields = self.all(".qg-answer input[type=text]")
        for field, text in zip(fields, texts, strict=True):
            field.clear()
            field.send_keys(text)
        self.after(lambda: fields[-1].send_keys("\n"))

    def type(self, *keys: str) -> None:
        """Keys for whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser, duration=0).send_keys(*keys).perform()

    def tab_to(self, is_it: Callable[[Any], bool]) -> None:
        """Goes on with the Tab key alone."""
        for _ in range(60):
            self.type("\ue004")
            if is_it(self.focus):
                return
        raise AssertionError("the Tab key never came there")

    @property
    def focus(self) -> Any:
        return self.browser.switch_to.active_element

    def size(self, width: int, height: int = 900) -> None:
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def scheme(self, name: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": name}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def scripts(self, on: bool) -> None:
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def said_on_the_console(self) -> list[str]:
        """Everything but that a page has the status of an error, which some are to have."""
        return [
            e["message"]
            for e in self.browser.get_log("browser")
            if "server responded with a status" not in e["message"]
        ]


@pytest.fixture
def reader(browser: Any, running: Running) -> Iterator[Reader]:
    made = Reader(browser, running.url)
    made.size(1000)
    yield made
    made.scripts(True)
    made.scheme("light")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert made.said_on_the_console() == []


# --- a question, with a script ----------------------------------------------------------------------------------------


def test_an_unreadable_a_wrong_and_a_right_answer(reader: Reader) -> None:
    reader.open(ADAM)
    reader.answer("1..2")
    assert "Cannot read '1..2'" in reader.text(".qg-result")
    assert reader.focus.get_attribute("value") == "1..2"
    reader.answer("-0.85")
    reader.browser.execute_script("window.same = true")
    assert "/practice/" in reader.browser.current_url
    assert "Betas swapped." in reader.text(".qg-result")
    assert "0.67 of 1 point" in reader.text(".qg-result")
    assert reader.focus.get_attribute("name") == "answer"
    reader.answer("-1.1")
    assert reader.text("#part-1 .qg-mark") == "✓ Right"
    assert reader.text("#qg-said") == "(a) Right."
    assert reader.browser.title.startswith("(a) Right: Question 1")
    assert reader.focus.get_attribute("name") == "answer"
    assert reader.one("#part-2").get_attribute("data-status") == "open"
    assert reader.browser.execute_script("return window.same"), "a piece of the page was replaced, not the page"


def test_hints_the_solution_and_another_question(reader: Reader) -> None:
    reader.open(ADAM)
    reader.answer("7")
    reader.one("input[name=answer]").send_keys("8")
    reader.press("Hint")
    assert reader.text("#qg-said") == "(a) Hint 1 of 2."
    assert reader.focus.tag_name == "li"
    assert reader.one("input[name=answer]").get_attribute("value") == "8", "what was being typed is there still"
    reader.press("Show the solution")
    assert reader.focus.text == "To the review"
    assert "The same in PyTorch" in reader.text(".qg-worked")
    reader.press("Another like this")
    assert reader.focus.tag_name == "h1"
    assert reader.browser.execute_script("return scrollY") == 0
    assert "Question 2" in reader.text(".qg-place")


def test_how_an_answer_is_read_is_shown_while_it_is_typed(reader: Reader) -> None:
    reader.open(ADAM)
    field, preview = reader.one("input[name=answer]"), reader.one(".qg-preview")
    field.send_keys("-1/3")
    reader.wait(lambda: preview.find_elements("tag name", "mfrac"), "a fraction")
    field.send_keys("/")
    reader.wait(lambda: "Not readable yet" in preview.text, "a word of what is wrong")
    assert preview.get_attribute("role") == "status"
    field.clear()
    field.send_keys(" ")
    reader.wait(lambda: preview.text == "", "nothing")


def test_the_arrow_keys_move_in_a_grid_and_a_matrix_is_pasted(reader: Reader) -> None:
    left, up, right, down = "\ue012", "\ue013", "\ue014", "\ue015"
    reader.open(MATRIX)
    cells = {each.get_attribute("name"): each for each in reader.all("input[name^=cell]")}
    cells["cell-1-1"].click()
    path = []
    for key in (right, down, left, up, up):
        reader.type(key)
        path.append(reader.focus.get_attribute("name"))
    assert path == ["cell-1-2", "cell-2-2", "cell-2-1", "cell-1-1", "cell-1-1"]
    reader.type("12", left)
    assert reader.focus.get_attribute("name") == "cell-1-1", "within what is typed they move as ever"
    cells["cell-1-1"].clear()
    reader.browser.execute_script(
        "const data = new DataTransfer(); data.setData('text', '[[1, 2], [3, -4]]');"
        "const about = {clipboardData: data, bubbles: true, cancelable: true};"
        "arguments[0].dispatchEvent(new ClipboardEvent('paste', about))",
        cells["cell-1-1"],
    )
    assert [cell.get_attribute("value") for cell in cells.values()] == ["1", "2", "3", "-4"]


def test_trouble_is_told_and_nothing_typed_is_lost(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        reader = Reader(browser, running.url)
        reader.size(1000)
        reader.open(ADAM)
        reader.answer("7")
        running.stock.failure = Unavailable("there is no PyTorch")
        reader.one("input[name=answer]").send_keys("8")
        reader.button("Another like this").click()
        reader.wait(lambda: "PyTorch is missing on the server" in reader.text("#qg-trouble"), "the trouble")
        assert reader.one("input[name=answer]").get_attribute("value") == "8", "it was there to be typed over"
        assert reader.one("#qg-trouble").get_attribute("role") == "alert"
        browser.get_log("browser")


# --- an exam ----------------------------------------------------------------------------------------------------------


def sit(reader: Reader) -> None:
    reader.open("/")
    reader.one(".qg-choose > summary").click()
    for name, value in (("count", "2"), ("minutes", "30")):
        reader.one(f"#{name}").send_keys(value)
    reader.one(".qg-topic:has([value='optim']) summary").click()
    reader.one("input[value='optim.adam']").click()
    reader.one("input[name=exam]").click()
    reader.press("Start")


def test_an_exam_keeps_all_parts_and_is_handed_in(reader: Reader) -> None:
    sit(reader)
    assert reader.browser.execute_script("return /^(29|30):\\d\\d left$/.test(arguments[0])", reader.text(".qg-clock"))
    count = len(reader.all(".qg-exam .qg-part"))
    assert count > 1
    for at, field in enumerate(reader.all(".qg-exam input[type=text]")):
        field.send_keys(str(at))
    reader.press("2")
    assert reader.browser.current_url.endswith("?question=2")
    reader.press("1 ✓")
    assert [each.get_attribute("value") for each in reader.all(".qg-exam input[type=text]")] == list(
        map(str, range(count))
    )
    assert not reader.all(".qg-mark, .qg-verdict"), "nothing is said of what is right"
    reader.one(".qg-confirm summary").click()
    assert "1 question without an answer" in reader.text(".qg-confirm")
    reader.press("Hand in now")
    assert reader.browser.current_url.endswith("/review")
    assert "Your exam, marked" in reader.text("h1")


# --- without a script, and with the keyboard alone --------------------------------------------------------------------


def test_everything_works_without_a_script(reader: Reader) -> None:
    def press(name: str) -> None:
        before = reader.one("html").id
        reader.button(name).click()
        reader.wait(lambda: [page.id for page in reader.all("html")] not in ([], [before]), "another page")

    reader.scripts(False)
    reader.browser.get(reader.url + ADAM)
    reader.one("input[name=answer]").send_keys("x")
    press("Check")
    assert "Cannot read 'x'" in reader.one(".qg-result").text
    field = reader.one("input[name=answer]")
    field.clear()
    field.send_keys("-1.1")
    press("Check")
    assert reader.browser.title.startswith("(a) Right")
    assert reader.focus.get_attribute("name") == "answer"
    press("Hint")
    assert "Hint 1 of 2" in reader.one(".qg-hints").text
    press("Go on to (c)")
    reader.one("input[name=answer]").send_keys("7")
    press("Check")
    assert "7 isn’t right." in reader.one(".qg-result").text
    press("Show the solution")
    assert "Worked solution" in reader.one(".qg-worked").text
    assert reader.focus.text == "To the review"
    press("To the review")
    assert reader.browser.current_url.endswith("/review")


def test_a_session_with_the_keyboard_alone(reader: Reader) -> None:
    reader.open("/")
    reader.tab_to(lambda it: it.get_attribute("class") == "qg-skip")
    reader.tab_to(lambda it: it.text == "Practise")
    reader.after(lambda: reader.type("\n"))
    reader.tab_to(lambda it: (it.get_attribute("name") or "").startswith(("answer", "cell")))
    reader.type("?")  # whatever is asked, this is no answer to it
    reader.after(lambda: reader.type("\n"))
    assert reader.focus.tag_name == "input", "where the answer is put right"
    reader.tab_to(lambda it: it.text == "Show the solution")
    reader.after(lambda: reader.type("\n"))
    assert reader.focus.text == "Next question"
    reader.after(lambda: reader.type("\n"))
    assert "Question 2" in reader.text(".qg-place")
    assert reader.focus.tag_name == "h1"


# --- how it looks -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core 4.14.1, from its npm package (Mozilla Public License 2.0)."""
    return (ROOT / "tests" / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")


def violations(reader: Reader, axe: str, rules: Sequence[str] = ()) -> list[Any]:
    if not reader.browser.execute_script("return !!window.axe"):
        reader.browser.execute_script(axe)
    found = reader.browser.execute_async_script(
        "const [rules, done] = arguments; const only = rules.length ? {runOnly: rules} : {};"
        "axe.run({resultTypes: ['violations'], ...only}).then(r => done(JSON.stringify("
        "r.violations.map(v => [v.id, v.help, v.nodes.map(n => n.html.slice(0, 160))]))))",
        list(rules),
    )
    return list(json.loads(found))


def look(reader: Reader, axe: str) -> None:
    """At what is open, by all rules on a phone, and by those of colours in the dark."""
    reader.size(360)
    assert violations(reader, axe) == []
    reader.scheme("dark")
    assert violations(reader, axe, ["color-contrast"]) == []
    reader.scheme("light")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone(reader: Reader, path: str) -> None:
    reader.open(path)
    assert reader.browser.execute_script(FORBIDDEN) == []
    for width in (1000, 360, 320):
        reader.size(width)
        assert reader.browser.execute_script(SIDEWAYS) <= 0, f"wider than {width} pixels"


@pytest.mark.parametrize("path", [path for path in PAGES if path not in OTHERS])
def test_axe_finds_nothing_on_a_page(reader: Reader, axe: str, path: str) -> None:
    reader.open(path)
    look(reader, axe)


def test_axe_finds_nothing_on_the_way_through_a_question(reader: Reader, axe: str) -> None:
    reader.open(TABLE)
    reader.answer("x", *[""] * (len(reader.all("input[name^=cell]")) - 1))
    look(reader, axe)
    reader.answer(*["(3, 4)"] * len(reader.all("input[name^=cell]")))
    look(reader, axe)
    reader.press("Hint")
    look(reader, axe)
    reader.press("Show the solution")
    look(reader, axe)
    reader.press("To the review")
    look(reader, axe)


def test_axe_finds_nothing_in_an_exam(reader: Reader, axe: str) -> None:
    sit(reader)
    look(reader, axe)
    reader.one(".qg-confirm summary").click()
    look(reader, axe)
