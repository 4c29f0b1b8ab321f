"""QTI 3.0 packages: marked by their own response processing, and shown and scored in a certified player."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import qti_law
from exported import HOSTILE, PLAIN, drawn, exam, hostile, placed
from qti_items import Item, Package, read
from qti_schema import valid
from quizgen.export import qti21, qti30
from quizgen.export.html import clean, right_options

PLAYER = Path(__file__).parents[1] / "data" / "qti3player"
NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"


def items(*questions: Any, choices: bool = False) -> dict[str, bytes]:
    """The items as they are written, in the order of the test."""
    package = qti_law.packed("qti30", *questions, choices=choices)
    return {name: package.files[f"{name}.xml"] for name in package.items}


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(choices: bool) -> None:
    assert qti_law.keeps_the_law("qti30", choices) > 250


def test_the_derived_tolerance_is_accepted_to_its_ends() -> None:
    qti_law.accepts_what_is_accepted("qti30")


def test_names_and_texts() -> None:
    qti_law.lists_all_that_is_in_it(qti_law.packed("qti30", *exam()))
    qti_law.shows_every_text("qti30")


def test_the_manifest_says_what_it_is() -> None:
    package = qti_law.packed("qti30", *placed([PLAIN["integer"]]))
    said = [package.manifest.findtext(f"metadata/{name}") for name in ("schema", "schemaversion")]
    assert said == ["QTI Package", "3.0.1"]
    types = {each.get("type") for each in package.manifest.iter("resource")}
    assert types == {"imsqti_test_xmlv3p0", "imsqti_item_xmlv3p0"}
    assert b'<qti-assessment-test xmlns="' + NAMESPACE.encode() in next(
        data for name, data in package.files.items() if name.startswith("test-")
    )


def test_every_name_is_one_of_qti_3() -> None:
    """Elements of the vocabulary begin with qti-, attributes have no capitals; the rest is XHTML and MathML."""
    for data in items(*exam()).values():
        for element in etree.fromstring(data).iter(etree.Element):
            space, name = re.fullmatch(r"\{(.*)\}(.*)", element.tag).groups()  # type: ignore[union-attr]
            if space == NAMESPACE:
                assert re.fullmatch(r"(qti-)?[a-z0-9-]+", name)
                assert all(re.fullmatch(r"[a-z-]+", each) for each in element.attrib if "}" not in each)
            else:
                assert space == "http://www.w3.org/1998/Math/MathML"


def as_2_1(data: bytes) -> bytes:
    """An item of 3.0 as one of 2.1, but for what only 3.0 has."""
    root = read(data)
    for body in list(root.iter("contentBody")):
        block = body.getparent()
        block.extend(body)
        block.remove(body)
    for field in root.iter("textEntryInteraction"):
        field.attrib.pop("ariaLabel", None)
    root.set("xmlns", "http://www.imsglobal.org/xsd/imsqti_v2p1")
    text = etree.tostring(root).decode().replace(f' xmlns="{NAMESPACE}"', "").replace("schemaLocation", "was")
    return re.sub(r' xsi:was="[^"]*"', "", re.sub(r' xmlns:ns\d+="[^"]*"', "", text)).encode()


def test_read_as_2_1_the_items_are_valid() -> None:
    """The schema of 3.0 is not to be had; its items differ from those of 2.1 in their spelling."""
    for name, data in items(*exam()).items():
        assert valid(as_2_1(data)) == [], name


def test_2_1_and_3_0_say_the_same() -> None:
    questions = exam()[::7]
    old, new = Package.of(qti21.write(questions, "An exam")), Package.of(qti30.write(questions, "An exam"))
    assert list(old.items) == list(new.items)
    for one, other in zip(old.items.values(), new.items.values(), strict=True):
        assert one.maximum == other.maximum
        assert {name: one.correct(name) for name in one.declared} == {
            name: other.correct(name) for name in one.declared
        }


# --- the player -----------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><meta charset="utf-8"><title>items</title>
<link rel="stylesheet" href="qti3Player.css">
<script src="vue.min.js"></script><script src="qti3Player.umd.min.js"></script>
<main><div id="app"></div></main>
<script>
  console.log = () => {};
  window.said = [];
  window.onerror = (message) => said.push(String(message));
  Vue.config.productionTip = false;
  Vue.config.errorHandler = (problem) => said.push(String(problem));
  let player, ready, ended, loaded = 0;
  new Vue({
    components: {player: qti3Player},
    methods: {
      on_player(it) { player = it },
      on_item() { ready() },
      on_end(data) { ended(data.state) },
      on_alert(data) { said.push(JSON.stringify(data)) },
    },
    template: `<player container-class="c" container-padding-class="p" color-class="qti3-player-color-default"
      suppress-alert-messages suppress-invalid-response-messages @notifyQti3PlayerReady="on_player"
      @notifyQti3ItemReady="on_item" @notifyQti3EndAttemptCompleted="on_end" @notifyQti3ItemAlertEvent="on_alert"/>`,
  }).$mount("#app");

  /** Shows an item, types into its fields, clicks its options, and gives what the player makes of that. */
  async function attempt(xml, typed, clicked) {
    await new Promise((resolve) => {
      ready = resolve;
      loaded += 1;  // the same text twice would be taken for no change
      const control = {max_attempts: 0, show_feedback: true, validate_responses: false};
      player.loadItemFromXml(`${xml}<!-- ${loaded} -->`,
        {guid: String(loaded), status: "interacting", sessionControl: control});
    });
    const page = document.querySelector("main");
    const before = page.innerText;
    const fields = [...page.querySelectorAll("input[type=text]")];
    typed.forEach((text, at) => {
      fields[at].value = text;
      fields[at].dispatchEvent(new Event("input", {bubbles: true}));
    });
    for (const name of clicked) page.querySelector(`[data-identifier="${name}"]`).click();
    const state = await new Promise((resolve) => { ended = resolve; player.endAttempt("test"); });
    await Vue.nextTick();
    const value = (name) => state.outcomeVariables.find((each) => each.identifier === name).value;
    return {score: value("SCORE"), maximum: value("MAXSCORE"), told: value("FEEDBACK") || [],
      fields: fields.length, before, text: page.innerText, said: said.splice(0)};
  }
</script>
"""


ATTEMPT = """
const [xml, typed, clicked, done] = arguments;
attempt(xml, typed, clicked).then(done, (problem) => done({said: [String(problem)]}));
"""


class Player:
    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def attempt(self, xml: bytes, answers: dict[str, Any]) -> dict[str, Any]:
        """What the player makes of an item into whose fields this is typed, and whose options are clicked."""
        item, typed, clicked = Item(read(xml)), list[str](), list[str]()
        for name in item.declared:
            given = answers.get(name, "")
            if not item.choices(name):
                typed.append(given)
            elif given:
                clicked += [given] if isinstance(given, str) else given
        found: dict[str, Any] = self.driver.execute_async_script(ATTEMPT, xml.decode(), typed, clicked)
        assert found["said"] == []
        assert found["fields"] == len(typed)
        return found


@pytest.fixture(scope="module")
def player(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    folder = tmp_path_factory.mktemp("player")
    for packed in PLAYER.glob("*.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    browser.get((folder / "page.html").as_uri())
    browser.set_script_timeout(20)
    yield Player(browser)
    browser.get("about:blank")


def tried(player: Player, questions: list[Any], choices: bool) -> int:
    """The law in the player, and that it agrees with our own reading of the item; how many mistakes were tried."""
    wrong = 0
    for exported, (name, xml) in zip(questions, items(*questions, choices=choices).items(), strict=True):
        item = Item(read(xml))
        right = qti_law.right_answers(item, exported)
        found = player.attempt(xml, right)
        assert found["score"] == pytest.approx(found["maximum"]), name
        assert found["told"] == []
        assert "Look again" not in found["text"]
        assert ("Solution" in found["before"], "Solution" in found["text"]) == (False, True)
        slips = [
            (slip, mistake)
            for number, part in enumerate(exported.question.parts, 1)
            if not qti_law.is_choice(item, number)
            for mistake in part.mistakes
            if (slip := qti_law.typed(item, number, mistake.value))
        ]
        slips += [
            (qti_law.chosen(item, number, {n}), None)
            for number, part in enumerate(exported.question.parts, 1)
            if qti_law.is_choice(item, number)
            for n in set(range(len(part.options))) - right_options(part)
        ]
        for slip, mistake in slips[:3]:
            found = player.attempt(xml, right | slip)
            assert found["score"] < found["maximum"] - 1e-9, (name, slip)
            assert found["score"] == pytest.approx(item.answered(right | slip).score)
            if mistake is not None:
                assert mistake.name.lower() in found["text"].lower()
            assert found["text"].count("Look again") == len(set(found["told"])), "what is told, and nothing else"
            wrong += 1
    return wrong


@pytest.mark.browser
def test_the_player_marks_as_the_law_says(player: Player) -> None:
    """Every kind of answer and every family, in the player."""
    assert tried(player, placed([*PLAIN.values(), *drawn()[::6]]), choices=False) > 50
    assert tried(player, placed(drawn()[::12]), choices=True) > 10


@pytest.mark.browser
def test_the_player_accepts_what_is_accepted(player: Player) -> None:
    (xml,) = items(*placed([PLAIN["rounded"]])).values()
    worth = {
        text: player.attempt(xml, {"RESPONSE_1": text})["score"]
        for text in ("0.9", ".9", "0.9001", "0.8999", "9e-1", "0.90011", "0.89989", "", "many")
    }
    assert worth == {text: 0 if text in ("0.90011", "0.89989", "", "many") else 2 for text in worth}


@pytest.mark.browser
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_player_shows_texts_as_they_are(player: Player, text: str) -> None:
    (xml,) = items(*placed([hostile(text)])).values()
    item = Item(read(xml))
    found = player.attempt(xml, {"RESPONSE_1": "13", **qti_law.chosen(item, 2, {1})})
    words = " ".join(clean(text).split())
    assert " ".join(found["text"].split()).count(words) >= 8
    assert found["score"] == 2
