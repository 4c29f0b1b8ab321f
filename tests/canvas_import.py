"""Reads a Canvas package as its two importers do, written from their sources and independent of what writes it.

Classic quizzes (canvas-lms, `qti_exporter` and `quiz_question`) keep four decimals of a number that is typed, take the
margin from the upper bound and count in decimals. New quizzes (instructure/qti) want three conditions, take the margin
from the lower bound and count in doubles. Blanks are compared without case and outer blanks; a choice is marked by its
conditions.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from html.parser import HTMLParser
from urllib.parse import unquote

from lxml import etree

BLANK = re.compile(r"\[([A-Za-z0-9_\-.]+)\]")


def bare(data: bytes) -> etree._Element:
    """A document without namespaces."""
    root = etree.fromstring(data)
    for element in root.iter(etree.Element):
        element.tag = re.sub(r"\{.*\}", "", element.tag)
    return root


@dataclass
class Package:
    files: dict[str, bytes]

    @classmethod
    def of(cls, data: bytes) -> Package:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return cls({name: package.read(name) for name in package.namelist()})

    @property
    def manifest(self) -> etree._Element:
        return bare(self.files["imsmanifest.xml"])

    def listed(self, kind: str) -> list[etree._Element]:
        return [each for each in self.manifest.iter("resource") if each.get("type") == kind]

    @property
    def assessment(self) -> etree._Element:
        (quiz,) = self.listed("imsqti_xmlv1p2")
        return bare(self.files[quiz.find("file").get("href")])

    @property
    def settings(self) -> etree._Element:
        (quiz,) = self.listed("imsqti_xmlv1p2")
        needed = quiz.find("dependency").get("identifierref")
        (found,) = (each for each in self.manifest.iter("resource") if each.get("identifier") == needed)
        return bare(self.files[found.get("href")])

    @property
    def items(self) -> list[Item]:
        return [Item(each) for each in self.assessment.iter("item")]


class Item:
    def __init__(self, root: etree._Element) -> None:
        self.root = root
        fields = root.iter("qtimetadatafield")
        self.about = {field.findtext("fieldlabel"): field.findtext("fieldentry") for field in fields}
        self.type = str(self.about["question_type"])
        self.points = float(str(self.about["points_possible"]))
        self.stem = str(root.findtext("presentation/material/mattext"))

    def feedback(self, name: str) -> str:
        path = f"string(itemfeedback[@ident='{name}']//mattext)"
        return words(str(self.root.xpath(path)))

    # --- numbers

    def classic(self, typed: str) -> float:
        """What classic quizzes give for a number."""
        number = classic_number(typed)
        if number is None:
            return 0
        for condition in self._scoring():
            exact = Decimal(repr(float(str(condition.findtext("conditionvar/or/varequal")))))
            upper = Decimal(str(condition.findtext("conditionvar/or/and/varlte")))
            margin = Decimal(repr(float(upper - Decimal(str(condition.findtext("conditionvar/or/varequal"))))))
            if exact - margin <= number <= exact + margin:
                return self.points
        return 0

    def new(self, typed: str) -> float:
        """What new quizzes give for a number."""
        for condition in self._scoring():
            equal, least, most = (condition.find(f".//{name}") for name in ("varequal", "vargte", "varlte"))
            if equal is None or least is None or most is None:
                raise ValueError("Unsupported Numeric Type")
            if equal.text == least.text == most.text:
                margin = 0.0
            else:
                assert equal.text not in (least.text, most.text), "neither exact nor with a margin"
                margin = float(equal.text) - float(least.text)
            try:
                number = float(typed)
            except ValueError:
                return 0
            if abs(number - float(equal.text)) <= margin + 1e-12:
                return self.points
        return 0

    # --- blanks

    @property
    def blanks(self) -> dict[str, list[str]]:
        """What is accepted in each blank, in the order of the text."""
        accepted = {}
        for name in BLANK.findall(self.stem):
            path = f"presentation/response_lid[material/mattext='{name}']"
            for blank in self.root.xpath(path):
                assert blank.get("ident") == f"response_{name}"
                accepted[name] = [str(each.findtext("material/mattext")) for each in blank.iter("response_label")]
        declared = {each.findtext("material/mattext") for each in self.root.iter("response_lid")}
        assert set(accepted) == declared, "a blank without a place, or two"
        return accepted

    def filled(self, texts: Iterable[str]) -> float:
        """What is given for texts typed into the blanks in their order."""
        accepted, given = list(self.blanks.values()), list(texts)
        if len(accepted) != len(given):
            return 0
        right = sum(
            any(text.strip().lower() == other.strip().lower() for other in others)
            for text, others in zip(given, accepted, strict=True)
        )
        return self.points * right / len(accepted)

    # --- choices

    @property
    def options(self) -> list[str]:
        return [label.get("ident") for label in self.root.xpath("presentation/response_lid//response_label")]

    def chosen(self, options: Iterable[int]) -> tuple[float, str]:
        """What is given for these options, and what is told."""
        names = {self.options[n] for n in options}
        score, told = 0.0, []
        for condition in self.root.iter("respcondition"):
            (test,) = condition.findall("conditionvar")
            if not all(_holds(each, names) for each in test):
                continue
            if (value := condition.find("setvar")) is not None:
                score = float(value.text) / 100 * self.points
            told += [each.get("linkrefid") for each in condition.findall("displayfeedback")]
            if condition.get("continue") == "No":
                break
        return score, " ".join(self.feedback(name) for name in told if name != "general_fb")

    def _scoring(self) -> Iterator[etree._Element]:
        return (each for each in self.root.iter("respcondition") if each.find("setvar[@varname='SCORE']") is not None)


def _holds(test: etree._Element, names: set[str]) -> bool:
    match test.tag:
        case "other":
            return True
        case "varequal":
            return test.text in names
        case "and":
            return all(_holds(each, names) for each in test)
        case "not":
            return not any(_holds(each, names) for each in test)
    raise AssertionError(f"no test is called {test.tag}")


def classic_number(typed: str) -> Decimal | None:
    """A number as the field of a classic quiz leaves it: ``toFixed(4)``."""
    try:
        return Decimal(float(typed)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    except (ValueError, InvalidOperation):
        return None


class _Reader(HTMLParser):
    """What a person reads: the text, and of an equation image the formula."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        if known.get("class") == "equation_image":
            address = str(known["src"])
            assert address.startswith("/equation_images/")
            formula = unquote(unquote(address.removeprefix("/equation_images/").partition("?")[0]))
            assert formula == known["data-equation-content"], "Canvas typesets what the address says"
            self.read.append(formula)

    def handle_data(self, data: str) -> None:
        self.read.append(data)


def words(html: str) -> str:
    """What a person reads in HTML."""
    reader = _Reader()
    reader.feed(html)
    return " ".join("".join(reader.read).split())


def tags(html: str) -> set[str]:
    reader = _Reader()
    reader.feed(html)
    return set(reader.tags)
