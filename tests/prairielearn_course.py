"""A PrairieLearn of one page: it calls a question's server code and marks its elements as the documentation says.

The order is that of `docs/question/server.md`: elements come before the question's own function in every phase, what is
in ``data`` travels as JSON between the phases, the template is Mustache (chevron, as there), and elements are marked as
their own pages of the documentation say.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import chevron
import lxml.html
import numpy as np

# What the documentation lists; an element refuses every other attribute.
INPUT = {"answers-name", "weight", "allow-blank", "blank-value", "show-help-text", "display", "size", "placeholder"}
ATTRIBUTES = {
    "pl-number-input": INPUT | {"comparison", "rtol", "atol", "custom-format"},
    "pl-integer-input": INPUT,
    "pl-symbolic-input": INPUT | {"variables"},
    "pl-multiple-choice": {"answers-name", "weight", "order", "allow-blank"},
    "pl-checkbox": {"answers-name", "weight", "order", "allow-blank", "partial-credit"},
    "pl-answer": {"correct", "feedback"},
    "pl-question-panel": set(),
    "pl-submission-panel": set(),
    "pl-answer-panel": set(),
}
SHOWN = {"pl-question-panel": "question", "pl-submission-panel": "submission", "pl-answer-panel": "answer"}


class Question:
    """A question's folder, and one variant of it once `generate` was called."""

    def __init__(self, folder: Path, known: Mapping[str, bool] | None = None) -> None:
        self.folder = folder
        self.info = json.loads((folder / "info.json").read_text(encoding="utf-8"))
        self.template = (folder / "question.html").read_text(encoding="utf-8")
        allowed = known or {}
        real = builtins.__import__

        def imported(name: str, *rest: Any) -> Any:
            if name.partition(".")[0] in {"quizgen", "torch", "flint"} and not allowed.get(name.partition(".")[0]):
                raise ImportError(f"No module named {name!r}")
            return real(name, *rest)

        self.server: dict[str, Any] = {"__builtins__": {**vars(builtins), "__import__": imported}}
        exec((folder / "server.py").read_text(encoding="utf-8"), self.server)

    def generate(self, seed: int) -> None:
        data = {"params": {}, "correct_answers": {}, "variant_seed": str(seed), "options": self.options}
        self.server["generate"](data)
        self.data = _stored(data)
        names = [element.get("answers-name") for element in self.elements()]
        assert len(set(names)) == len(names), "answers-name must be unique within a question"
        for element in self.elements():
            if element.tag in ("pl-multiple-choice", "pl-checkbox"):
                self.data["correct_answers"][element.get("answers-name")] = self._right(element)
        self.data = _stored(self.data)

    @property
    def options(self) -> dict[str, str]:
        return {"question_path": str(self.folder)}

    def html(self, panel: str = "question", **more: Any) -> lxml.html.HtmlElement:
        """The page with only what this panel shows; elements are not replaced."""
        text = chevron.render(self.template, {**self.data, "options": self.options, **more})
        page = lxml.html.fragment_fromstring(text, create_parent="div")
        for element in list(page.iter()):
            if not isinstance(element.tag, str) or not element.tag.startswith("pl-"):
                continue
            extra = set(element.attrib) - ATTRIBUTES[element.tag]
            assert not extra, f"{element.tag} has no attribute {extra}"
            if SHOWN.get(element.tag, panel) != panel:
                element.drop_tree()
        return page

    def elements(self) -> list[lxml.html.HtmlElement]:
        return [element for element in self.html().iter() if element.get("answers-name")]

    def grade(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """What becomes of these answers, raw as a browser sends them."""
        data = _stored(self.data) | {
            "raw_submitted_answers": dict(raw),
            "submitted_answers": {},
            "format_errors": {},
            "partial_scores": {},
            "feedback": {},
            "score": 0.0,
        }
        for element in self.elements():
            self._parse(element, data)
        if data["format_errors"]:
            return data
        for element in self.elements():
            self._mark(element, data)
        total = sum(each["score"] * each["weight"] for each in data["partial_scores"].values())
        data["score"] = total / sum(each["weight"] for each in data["partial_scores"].values())
        data = _stored(data)
        self.server["grade"](data)
        return dict(_stored(data))

    def told(self, graded: Mapping[str, Any]) -> str:
        """What stands in the submission panel, and beside the options that were chosen."""
        page = self.html("submission", feedback=graded["feedback"])
        (panel,) = page.xpath("//pl-submission-panel")
        beside = [each.get("feedback", "") for each in graded["partial_scores"].values()]
        texts = [panel.text_content(), *(lxml.html.fromstring(f"<p>{text}</p>").text_content() for text in beside)]
        return " ".join(" ".join(texts).split())

    # --- elements

    @staticmethod
    def answers(element: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        """The options under the keys a, b, …; of radio buttons one right option and all wrong ones."""
        every = element.findall("pl-answer")
        if element.tag == "pl-multiple-choice":
            right = [each for each in every if each.get("correct") == "true"]
            every = [each for each in every if each is right[0] or each not in right]
        texts = [lxml.html.tostring(each) for each in every]
        assert len({text.split(b">", 1)[1] for text in texts}) == len(texts), "two choices are identical"
        return every

    def _right(self, element: lxml.html.HtmlElement) -> Any:
        keys = [chr(97 + n) for n, each in enumerate(self.answers(element)) if each.get("correct") == "true"]
        return {"key": keys[0]} if element.tag == "pl-multiple-choice" else [{"key": key} for key in keys]

    @staticmethod
    def _parse(element: lxml.html.HtmlElement, data: dict[str, Any]) -> None:
        name = element.get("answers-name")
        raw = data["raw_submitted_answers"].get(name, "")
        assert element.get("allow-blank") == "true"
        if raw in ("", []):
            data["submitted_answers"][name] = element.get("blank-value", None)
            return
        try:
            if element.tag == "pl-number-input":
                top, slash, bottom = raw.partition("/")
                value: Any = float(top) / float(bottom) if slash else float(raw)
            elif element.tag == "pl-integer-input":
                value = int(raw)
            else:
                value = raw
        except ValueError:
            data["format_errors"][name] = "invalid"
        else:
            data["submitted_answers"][name] = value

    def _mark(self, element: lxml.html.HtmlElement, data: dict[str, Any]) -> None:
        name = element.get("answers-name")
        given, right = data["submitted_answers"][name], data["correct_answers"][name]
        found = {"score": 0.0, "weight": int(element.get("weight"))}
        if given in ("", None):
            pass
        elif element.tag == "pl-number-input":
            rtol, atol = float(element.get("rtol")), float(element.get("atol"))
            found["score"] = float(np.allclose(np.float64(given), np.float64(right), rtol, atol))
        elif element.tag == "pl-integer-input":
            found["score"] = float(int(given) == int(right))
        elif element.tag == "pl-symbolic-input":
            found["score"] = float(_same(given, right, element.get("variables")))
        elif element.tag == "pl-multiple-choice":
            found["score"] = float(given == right["key"])
            found["feedback"] = self.answers(element)[ord(given) - 97].get("feedback", "")
        else:
            assert element.get("partial-credit") == "net-correct"
            keys = {each["key"] for each in right}
            hits = len(keys & set(given)) - len(set(given) - keys)
            found["score"] = max(0.0, hits / len(keys))
        data["partial_scores"][name] = found


def _stored(data: Any) -> Any:
    """As the database keeps it between two phases."""
    return json.loads(json.dumps(data))


def _same(given: str, right: str, variables: str) -> bool:
    import sympy

    names = {name.strip(): sympy.Symbol(name.strip()) for name in variables.split(",")}
    one, other = (sympy.parse_expr(text.replace("^", "**"), names) for text in (given, right))
    return bool(sympy.simplify(one - other) == 0)
