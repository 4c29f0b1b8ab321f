"""What Moodle makes of a file that is imported: its own rules, written down again for the tests.

The rules are those of Moodle 4.x: `question/format.php`, `question/format/xml/format.php`,
`question/format/gift/format.php`, `question/type/numerical`, `question/type/multichoice` and
`question/type/multianswer/questiontype.php`, whose regular expressions are taken as they are. Whatever Moodle refuses
is an AssertionError here; so is what it would take in silence and show wrongly.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html import unescape
from xml.etree import ElementTree as ET

EPSILON = 1e-14  # pow(10, -ini_get('precision')), which Moodle sets to 14
SHARES = (100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5)
SHARES = (*SHARES, 11.11111, 10, 5, 0)


def php_number(text: str) -> float | None:
    """`apply_units`: the number that a text begins with, None where it begins with none; what follows is a unit."""
    text = re.sub(r"(?:e|E|(?:x|\*|×)10(?:\^|\*\*))([+-]?\d+)", r"e\1", text.replace(" ", ""))
    if "." in text or text.count(",") > 1:
        text = text.replace(",", "")
    else:
        text = text.replace(",", ".")
    found = re.match(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?", text)
    return float(found[0]) if found else None


def kept(text: str) -> float:
    """A number as it comes back from the database: 14 significant digits."""
    number = php_number(text)
    assert number is not None, text
    assert re.fullmatch(r"[+-]?[0-9.,]+(?:[eE][-+]?\d+)?", text.strip()), f"{text!r} would have a unit"
    return float(f"{number:.14g}")


def share(percent: float) -> float:
    """A fraction as it is imported: only what is in the list is taken."""
    fraction = percent / 100
    assert any(abs(abs(fraction) - each / 100) < 0.00001 for each in SHARES), f"{percent} is in no list of Moodle's"
    return fraction


def decoded(text: str) -> str:
    """`html_entity_decode` with ENT_QUOTES: entities that end in a semicolon, once."""
    return re.sub(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);", lambda m: unescape(m[0]), text)


@dataclass
class Answer:
    text: str
    fraction: float
    feedback: str = ""
    tolerance: float = 0.0

    def accepts(self, number: float) -> bool:
        """`within_tolerance`, tolerance type 2, which is the only one that is ever used: absolute."""
        if self.text == "*":
            return True
        centre = kept(self.text)
        slack = self.tolerance + EPSILON * max(abs(self.tolerance), abs(centre), EPSILON)
        return centre - slack <= number <= centre + slack


@dataclass
class Field:
    """A question, or one of those embedded in a text."""

    type: str
    answers: list[Answer]
    mark: float = 1.0
    single: bool = True

    def check(self) -> None:
        assert self.answers, "a question without answers"
        if self.type == "numerical":
            for answer in self.answers:
                if answer.text != "*":
                    kept(answer.text)
            assert any(answer.fraction == 1 for answer in self.answers), "nothing is worth all"
        elif self.type == "shortanswer":
            assert any(answer.fraction == 1 for answer in self.answers)
        elif self.single:
            assert len(self.answers) > 1
            assert max(answer.fraction for answer in self.answers) == 1
        else:
            assert abs(sum(max(answer.fraction, 0) for answer in self.answers) - 1) < 0.0001

    def typed(self, text: str) -> tuple[float, str]:
        """What typing this is worth, and what is told."""
        if self.type == "shortanswer":
            for answer in self.answers:
                pattern = ".*".join(re.escape(piece) for piece in re.split(r"(?<!\\)\*", answer.text))
                if re.fullmatch(pattern, text.strip(), re.IGNORECASE | re.DOTALL):
                    return answer.fraction, answer.feedback
            return 0.0, ""
        number = php_number(text)
        assert self.type == "numerical"
        for answer in self.answers:
            if number is not None and answer.accepts(number):
                return answer.fraction, answer.feedback
        return 0.0, ""

    def chosen(self, *places: int) -> tuple[float, str]:
        """What choosing these options is worth, and what is told."""
        assert self.type == "multichoice"
        assert not self.single or len(places) == 1
        worth = sum(self.answers[place].fraction for place in places)
        return min(1.0, max(0.0, worth)), " ".join(self.answers[place].feedback for place in places)


@dataclass
class Imported:
    """A question in Moodle's question bank."""

    type: str
    name: str
    text: str
    category: str
    fields: list[Field]
    feedback: str = ""
    mark: float = 1.0
    idnumber: str = ""
    hints: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def shown_name(self) -> str:
        """The name as `format_string` shows it."""
        return unescape(self.name)

    def worth(self, fractions: list[float]) -> float:
        """The fraction of the mark for the fractions of all fields."""
        marks = sum(one.mark for one in self.fields)
        return sum(one.mark * x for one, x in zip(self.fields, fractions, strict=True)) / marks


# --- Moodle XML ---------------------------------------------------------------------------------------------------


def from_xml(data: bytes) -> list[Imported]:
    """The questions of a file of Moodle XML."""
    root = ET.fromstring(data)
    assert root.tag == "quiz"
    category, found = "", []
    for element in root:
        assert element.tag == "question"
        kind = element.get("type", "")
        if kind == "category":
            category = text_of(element.find("category"))
            check_category(category)
            continue
        found.append(_question(element, kind, category))
    return found


def text_of(element: ET.Element | None) -> str:
    assert element is not None
    inner = element.find("text")
    assert inner is not None
    assert len(inner) == 0, "markup that isn't escaped"
    return (inner.text or "").strip()


def check_category(path: str) -> None:
    parts = re.split(r"(?<!/)/(?!/)", path)
    assert parts[:2] == ["$course$", "top"]
    for part in parts[2:]:
        name = part.replace("//", "/")
        assert name.strip()
        assert len(name) <= 255
        assert "<" not in name


def clean_name(name: str) -> str:
    """`clean_question_name`: tags are cut out, 255 characters kept."""
    assert name.strip(), "a question without a name"
    assert "<" not in name, "what looks like a tag is cut out of a name"
    assert len(name) <= 255
    return name.strip()


def _question(element: ET.Element, kind: str, category: str) -> Imported:
    body = element.find("questiontext")
    assert body is not None
    assert body.get("format") == "html"
    files = {}
    for file in body.findall("file"):
        assert file.get("encoding") == "base64"
        name = file.get("name") or ""
        assert re.fullmatch(r"[\w.-]+", name)
        files[name] = base64.b64decode(file.text or "", validate=True)
    text, fields = text_of(body), []
    if kind == "cloze":
        text, fields = embedded(text)
    else:
        fields = [_plain(element, kind)]
    for one in fields:
        one.check()
    for name in re.findall(r"@@PLUGINFILE@@/([^\"]+)", text):
        assert name in files
    assert len(re.findall("@@PLUGINFILE@@", text)) == len(files)
    mark = element.findtext("defaultgrade") or "1"
    return Imported(
        type="multianswer" if kind == "cloze" else kind,
        name=clean_name(text_of(element.find("name"))),
        text=text,
        category=category,
        fields=fields,
        feedback=text_of(element.find("generalfeedback")),
        mark=sum(one.mark for one in fields) if kind == "cloze" else float(mark),
        idnumber=element.findtext("idnumber") or "",
        hints=[text_of(hint) for hint in element.findall("hint")],
        tags=[text_of(tag) for tag in element.findall("tags/tag")],
        files=files,
    )


def _plain(element: ET.Element, kind: str) -> Field:
    assert kind in ("numerical", "multichoice", "shortanswer"), kind
    answers = []
    for answer in element.findall("answer"):
        tolerance = float(answer.findtext("tolerance") or "0")
        assert tolerance >= 0
        told = text_of(answer.find("feedback"))
        answers.append(Answer(text_of(answer), share(float(answer.get("fraction") or "0")), told, tolerance))
        if kind == "numerical":
            kept(answers[-1].text)
    return Field(kind, answers, single=element.findtext("single") != "false")


# --- embedded answers ---------------------------------------------------------------------------------------------

FRACTION = r"=|%(-?[0-9]+(?:[.,][0-9]*)?)%"
ANSWER = r".+?(?<!\\)(?<!&)(?<!&amp;)(?=[~#}]|$)"  # Python wants the three alternatives of the look behind apart
FEEDBACK = r".*?(?<!\\)(?=[~}]|$)"
ALTERNATIVE = f"({FRACTION})?({ANSWER})(#({FEEDBACK}))?"
NUMBER = r"-?(([0-9]+[.,]?[0-9]*|[.,][0-9]+)([eE][-+]?[0-9]+)?)"
NUMERICAL = f"^({NUMBER})(:{NUMBER})?$"
TYPES = (
    r"(NUMERICAL|NM)|(MULTICHOICE|MC)|(MULTICHOICE_V|MCV)|(MULTICHOICE_H|MCH)|"
    r"(SHORTANSWER|SA|MW)|(SHORTANSWER_C|SAC|MWC)|"
    r"(MULTICHOICE_S|MCS)|(MULTICHOICE_VS|MCVS)|(MULTICHOICE_HS|MCHS)|"
    r"(MULTIRESPONSE|MR)|(MULTIRESPONSE_H|MRH)|(MULTIRESPONSE_S|MRS)|(MULTIRESPONSE_HS|MRHS)"
)
FIELD = re.compile(rf"\{{([0-9]*):({TYPES}):({ALTERNATIVE}(~{ALTERNATIVE})*)\}}", re.DOTALL)
ONE = re.compile(f"~?{ALTERNATIVE}", re.DOTALL)


def embedded(text: str) -> tuple[str, list[Field]]:
    """`qtype_multianswer_extract_question`: the text with ``{#1}`` where the fields are, and the fields."""
    assert "{#" not in text, "a text that looks like the place of a field"
    fields: list[Field] = []
    while found := FIELD.search(text):
        name = found[2]
        kind = {"N": "numerical", "S": "shortanswer", "M": "multichoice"}[name[0]]
        one = Field(kind, [], float(found[1] or 1), single=not name.startswith(("MULTIR", "MR")))
        rest = found[16]
        while rest and (alternative := ONE.match(rest)):
            one.answers.append(_alternative(kind, alternative))
            rest = rest[alternative.end() :]
        assert not rest, f"{rest!r} is left of a field"
        if not one.single:
            total = sum(answer.fraction for answer in one.answers if answer.fraction > 0)
            for answer in one.answers:
                answer.fraction = answer.fraction / total if answer.fraction > 0 else -1 / total
        if name in ("MULTICHOICE", "MC", "MULTICHOICE_S", "MCS"):
            shown = [answer.text for answer in one.answers]
            assert not re.search(r"[<&]|\\\(", "".join(shown)), "a drop-down prints neither formulas nor markup"
        fields.append(one)
        text = text.replace(found[0], f"\1{len(fields)}\1", 1)
    assert not re.search(r"\{[0-9]*:[A-Z_]+:", text), "a field that Moodle shows as text"
    assert fields, "a question without fields"
    return re.sub("\1([0-9]+)\1", r"{#\1}", text), fields


def _alternative(kind: str, found: re.Match[str]) -> Answer:
    fraction = 1.0 if found[1] == "=" else 0.01 * float(found[2].replace(",", ".")) if found[2] else 0.0
    told = decoded(found[5] or "").replace(r"\}", "}").replace(r"\#", "#")
    if kind == "numerical":
        number = re.match(NUMERICAL, found[3])
        assert number, f"{found[3]!r} is no number to Moodle"
        return Answer(number[1], fraction, told, float(number[6] or 0))
    text = decoded(found[3]).replace(r"\}", "}").replace(r"\#", "#")
    assert text.strip()
    return Answer(text, fraction, told)


# --- GIFT ---------------------------------------------------------------------------------------------------------

ESCAPED = {r"\:": "&&058;", r"\#": "&&035;", r"\=": "&&061;", r"\{": "&&123;", r"\}": "&&125;", r"\~": "&&126;"}
ESCAPED[r"\n"] = "&&010"
WEIGHT = re.compile(r"%-*([0-9]{1,2})\.?([0-9]*)%")


def from_gift(data: bytes) -> list[Imported]:
    """The questions of a GIFT file."""
    found, category, current = list[Imported](), "", list[str]()
    for line in [*data.decode().split("\n"), ""]:
        line = line.strip()
        if line not in ("", "0"):
            current.append(line)
            continue
        if current and (text := "\n".join(" " if each.startswith("//") else each for each in current).strip()):
            read = _gift(text, category)
            if isinstance(read, str):
                category = read
                check_category(category)
            else:
                found.append(read)
        current = []
    return found


def _before(text: str) -> str:
    text = text.replace("\\\\", "&&092;")
    for sign, place in ESCAPED.items():
        text = text.replace(sign, place)
    return text.replace("&&092;", "\\")


def _after(text: str) -> str:
    for sign, place in ESCAPED.items():
        text = text.replace(place, "\n" if sign == r"\n" else sign[1:])
    return text


def _formatted(text: str, default: str) -> tuple[str, str]:
    if text.startswith("["):
        name = text[1 : text.find("]")]
        if name in ("moodle", "html", "plain", "markdown"):
            return _after(text[len(name) + 2 :]).strip(), name
    return _after(text).strip(), default


def _commented(text: str, form: str) -> tuple[str, str]:
    answer, _, told = text.partition("#")
    return _formatted(answer.strip(), form)[0], _formatted(told.strip(), form)[0]


def _gift(text: str, category: str) -> Imported | str:
    """`readquestion`: a question, or the category of those that follow."""
    text = _before(text)
    if text.startswith("$CATEGORY:"):
        return text[10:].strip()
    assert text.startswith("::"), text[:80]
    name, _, text = text[2:].partition("::")
    text = text.strip()
    start, end = text.find("{"), text.find("}")
    assert 0 <= start < end
    answers = text[start + 1 : end].strip()
    assert end == len(text) - 1, f"{text[end:]!r} stands after the answers"
    words, form = _formatted(text[:start], "moodle")
    assert form == "html"
    general = ""
    if "####" in answers:
        at = answers.rfind("####")
        answers, general = answers[:at].strip(), _formatted(answers[at + 4 :], form)[0]
    field = _gift_field(answers, form)
    field.check()
    return Imported(field.type, clean_name(_after(name)), words, category, [field], general)


def _gift_field(text: str, form: str) -> Field:
    if text.startswith("#"):
        assert "~" not in text
        return Field("numerical", [_gift_number(each.strip(), form) for each in text[1:].strip().split("=")[1:]])
    if "~" in text:
        single = "=" in text
        found = []
        for each in text.replace("=", "~=").split("~"):
            if each := each.strip():
                weight, each = (1.0, each[1:]) if each[0] == "=" else _weighed(each, 0.0)
                found.append(Answer(*_replaced(_commented(each, form), weight)))
        return Field("multichoice", found, single=single)
    assert "->" not in text, "a match"
    pieces = text.split("=")
    assert pieces[0].strip() == ""
    found = []
    for each in pieces[1:]:
        weight, each = _weighed(each.strip(), 1.0)
        found.append(Answer(*_replaced(_commented(each, form), weight)))
    return Field("shortanswer", found)


def _replaced(read: tuple[str, str], weight: float) -> tuple[str, float, str]:
    return read[0], weight, read[1]


def _weighed(text: str, usual: float) -> tuple[float, str]:
    if not WEIGHT.match(text):
        return usual, text
    weight, _, rest = text[1:].partition("%")
    return share(float(weight)), rest


def _gift_number(text: str, form: str) -> Answer:
    weight, text = _weighed(text, 1.0)
    answer, told = _commented(text, form)
    value, _, tolerance = answer.partition(":")
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value.strip()), value
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", tolerance.strip()), tolerance
    return Answer(value.strip(), weight, told, float(tolerance))
