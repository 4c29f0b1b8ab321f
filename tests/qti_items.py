"""A small reader of QTI packages, 2.1 and 3.0, that marks answers by an item's own response processing.

Written from the specification and independent of what writes the items. Names of QTI 3.0 are read as those of 2.1:
``qti-response-if`` is ``responseIf``. Numbers are doubles, as in most engines.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

QTI = re.compile(r"\{http://www\.imsglobal\.org/xsd/[^}]*\}")


def plain_name(tag: str) -> str:
    """``{…}qti-base-value`` and ``base-type`` as ``baseValue`` and ``baseType``."""
    name = QTI.sub("", tag).removeprefix("qti-")
    return re.sub("-([a-z])", lambda letter: letter[1].upper(), name) if "}" not in name else name


def read(data: bytes) -> etree._Element:
    """A document whose QTI names are those of 2.1, without their namespace."""
    root = etree.fromstring(data)
    for element in root.iter(etree.Element):
        qti = bool(QTI.match(element.tag))
        element.tag = plain_name(element.tag)
        if qti:
            known = dict(element.attrib)
            element.attrib.clear()
            element.attrib.update({name if "}" in name else plain_name(name): value for name, value in known.items()})
    return root


@dataclass
class Package:
    """The documents of a package by their file names."""

    documents: dict[str, etree._Element]
    files: dict[str, bytes]

    @classmethod
    def of(cls, data: bytes) -> Package:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            files = {name: package.read(name) for name in package.namelist()}
        return cls({name: read(text) for name, text in files.items() if name.endswith(".xml")}, files)

    @property
    def manifest(self) -> etree._Element:
        return self.documents["imsmanifest.xml"]

    @property
    def test(self) -> etree._Element:
        (found,) = (root for root in self.documents.values() if root.tag == "assessmentTest")
        return found

    @property
    def items(self) -> dict[str, Item]:
        """The items by their identifiers, in the order of the test."""
        names = {ref.get("identifier"): ref.get("href") for ref in self.test.iter("assessmentItemRef")}
        return {name: Item(self.documents[href]) for name, href in names.items()}


class Item:
    def __init__(self, root: etree._Element) -> None:
        assert root.tag == "assessmentItem"
        self.root = root
        self.declared = {each.get("identifier"): each for each in root.iter("responseDeclaration")}

    @property
    def maximum(self) -> float:
        return float(self.root.xpath("string(outcomeDeclaration[@identifier='MAXSCORE']/defaultValue/value)"))

    def of_part(self, number: int) -> list[str]:
        """The responses of a part, in reading order."""
        name = re.compile(rf"RESPONSE_{number}(?:_\d+)?")
        return [each for each in self.declared if name.fullmatch(each)]

    def correct(self, name: str) -> list[str]:
        return [value.text or "" for value in self.declared[name].iterfind("correctResponse/value")]

    def choices(self, name: str) -> list[str]:
        """The identifiers of the options of a choice."""
        path = f"//choiceInteraction[@responseIdentifier='{name}']/simpleChoice/@identifier"
        return list(map(str, self.root.xpath(path)))

    def feedback(self, name: str) -> str:
        """What is told under an identifier."""
        (block,) = self.root.xpath(f"//modalFeedback[@identifier='{name}'] | //feedbackBlock[@identifier='{name}']")
        return " ".join("".join(block.itertext()).split())

    def answered(self, typed: Mapping[str, str | list[str]]) -> Outcomes:
        """What the item's own processing makes of these answers; the others are left out."""
        variables: dict[str, Any] = {"SCORE": 0.0}
        for name, declared in self.declared.items():
            given: Any = typed.get(name) or None
            if declared.get("baseType") == "float":
                given = _double(given)
            variables[name] = given
        self._run(self.root.find("responseProcessing"), variables)
        told = next((variables[name] for name in ("FEEDBACKMODAL", "FEEDBACK") if variables.get(name)), [])
        return Outcomes(variables["SCORE"], " ".join(map(self.feedback, dict.fromkeys(told))))

    # --- rules

    def _run(self, rules: etree._Element | list[etree._Element], variables: dict[str, Any]) -> None:
        for rule in rules:
            if rule.tag == "setOutcomeValue":
                variables[rule.get("identifier")] = self._value(rule[0], variables)
            elif rule.tag == "responseCondition":
                for branch in rule:
                    condition, body = (None, list(branch)) if branch.tag == "responseElse" else (branch[0], branch[1:])
                    if condition is None or self._value(condition, variables) is True:
                        self._run(body, variables)
                        break
            else:
                raise AssertionError(f"no rule is called {rule.tag}")

    def _value(self, node: etree._Element, variables: dict[str, Any]) -> Any:
        found: Callable[[], Any] | None = {
            "variable": lambda: variables.get(node.get("identifier")),
            "baseValue": lambda: _typed(node.get("baseType"), node.text or ""),
            "correct": lambda: self.correct(node.get("identifier")),
            "mapResponse": lambda: self._mapped(node.get("identifier"), variables),
        }.get(node.tag)
        if found is not None:
            return found()
        values = [self._value(child, variables) for child in node]
        match node.tag:
            case "equal":
                return _equal(node, *values)
            case "match":
                one, other = values
                if one is None or other is None:
                    return None
                return sorted(one) == sorted(other) if isinstance(one, list) else one == other
            case "gte":
                return None if None in values else values[0] >= values[1]
            case "and":
                return False if False in values else None if None in values else True
            case "or":
                return True if True in values else None if None in values else False
            case "sum":
                return None if None in values else sum(values)
            case "multiple":
                flat = [x for value in values for x in (value if isinstance(value, list) else [value])]
                return [x for x in flat if x is not None] or None
        raise AssertionError(f"no expression is called {node.tag}")

    def _mapped(self, name: str, variables: dict[str, Any]) -> float:
        mapping = self.declared[name].find("mapping")
        assert mapping is not None
        entries = {each.get("mapKey"): float(each.get("mappedValue")) for each in mapping}
        default = float(mapping.get("defaultValue"))
        total = sum(entries.get(one, default) for one in variables.get(name) or [])
        return min(max(total, float(mapping.get("lowerBound"))), float(mapping.get("upperBound")))


@dataclass(frozen=True)
class Outcomes:
    score: float
    told: str


def _double(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _typed(kind: str | None, text: str) -> Any:
    return float(text) if kind == "float" else text


def _equal(node: etree._Element, first: float | None, second: float | None) -> bool | None:
    """Whether the second is within the tolerance around the first; without a tolerance, whether it is the first."""
    if first is None or second is None:
        return None
    if node.get("toleranceMode") == "exact":
        return first == second
    assert node.get("toleranceMode") == "absolute"
    below, above = map(float, node.get("tolerance").split())
    return first - below <= second <= first + above
