"""Checks the answers of this notebook: by quizgen where it is installed, otherwise by the small reader below.

The answers lie packed in the last lines of this cell. That is no secret, it only keeps the eye from falling on them:
this is practice, and whoever wants to look can unpack them.
"""

import base64
import json
import re
import zlib
from fractions import Fraction

try:
    import quizgen
except ImportError:
    quizgen = None

PACKED = {}


def check(key, *answers):
    """Says of each answer to a question whether it is right, and what to look at where a known mistake leads to it."""
    parts = json.loads(zlib.decompress(base64.b64decode(PACKED[key])))
    points, of, earlier = Fraction(0), Fraction(0), {}
    for number, (part, text) in enumerate(zip(parts, answers, strict=True), 1):
        of += Fraction(part["points"])
        said = "not answered yet"
        if text.strip():
            try:
                credit, said, names = (_by_quizgen if quizgen else _by_hand)(part, text, number, earlier)
            except ValueError as problem:  # it can't be read: that is no attempt
                said = str(problem)
            else:
                points += Fraction(str(credit)) * Fraction(part["points"])
                said += "".join(f"\n    {name}: {why}" for name, why, _ in part["mistakes"] if name in names)
                if part["code"]:
                    earlier[number] = text
        print(f"{part['name']} {said}".strip())
    print(f"{_shown(points)} of {_shown(of)} points")


def _shown(points):
    return str(points) if points.denominator == 1 else f"{float(points):.4g}"


def _by_quizgen(part, text, number, earlier):
    from quizgen.answers import kind_from_json, targets_from_json
    from quizgen.errors import QuizgenError, Unreadable

    try:
        if part["code"]:
            verdict = quizgen.check(part["code"], text, part=number, earlier=earlier)
            return verdict.credit, verdict.reason, {mistake.name for mistake in verdict.diagnosed}
    except Unreadable as problem:
        raise ValueError(str(problem)) from None
    except QuizgenError:
        pass  # a family or version that isn't installed: what is packed is enough
    kind = kind_from_json(part["kind"])
    try:
        given = kind.read(text)
    except Unreadable as problem:
        raise ValueError(str(problem)) from None
    right, *also = map(targets_from_json, part["right"])
    grade = kind.grade(given, right, also)
    return grade.credit, grade.reason, _named(part, lambda wrong: kind.grade(given, targets_from_json(wrong)).credit)


def _by_hand(part, text, number, earlier):
    given = _read(part["kind"], text)
    credit = max(_grade(part["kind"], given, right) for right in part["right"])
    reason = {1: "right", 0: "isn't right"}.get(credit, f"is right in part ({float(credit):.0%})")
    return credit, reason, _named(part, lambda wrong: credit != 1 and _grade(part["kind"], given, wrong))


def _named(part, grade):
    return {name for name, _, wrong in part["mistakes"] if grade(wrong) == 1}


# --- without quizgen ----------------------------------------------------------------------------------------------


def _number(text):
    found = re.fullmatch(r"([+-]?)\s*([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?(?:\s*/\s*([0-9]+))?", text, re.I)
    if not found or not int(found[4] or 1):
        raise ValueError(f"cannot read {text!r} as a number; -0.25, 3/4 or 1.5e-3 can be read")
    value = Fraction(found[2] + (found[3] or "")) / int(found[4] or 1)
    return -value if found[1] == "-" else value


def _numbers(text, between):
    inner = re.sub(r"^\s*(?:torch\.Size)?\s*[(\[]+|[)\],;\s]+$", "", text)
    return [_number(each) for each in re.split(between, inner.strip()) if each]


def _read(kind, text):
    text = text.strip()
    for sign, plain in {"−": "-", "–": "-", "×": "x", "·": "x"}.items():
        text = text.replace(sign, plain)
    match kind["kind"]:
        case "integer" | "number":
            return _number(text)
        case "shape":
            return _numbers(text, r"\s*[,x*]\s*|\s+")
        case "vector":
            return _numbers(text, r"\s*[,;]\s*|\s+")
        case "matrix":
            rows = re.findall(r"[(\[]([^()\[\]]+)[)\]]", text) or re.split(r"[;\n]", text)
            return [_numbers(row, r"\s*,\s*|\s+") for row in rows if row.strip()]
        case "table":
            return [_cells(kind["kinds"], row) for row in re.split(r"[;\n]", text) if row.strip()]
        case "choice" | "choices":
            letters = re.findall(r"\b[a-z]\b", text.lower())
            if not letters and text.lower() != "none":
                raise ValueError("choose by letters, such as b, or a, d")
            return [ord(letter) - ord("a") for letter in letters]
    raise ValueError("to have a formula checked, install quizgen")


def _cells(kinds, row):
    cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
    if len(cells) != len(kinds):
        raise ValueError(f"a row of the table has {len(kinds)} cells, with | between them")
    return [_read(kind, cell) if cell else None for kind, cell in zip(kinds, cells, strict=True)]


def _grade(kind, given, right):
    match kind["kind"]:
        case "integer" | "number":
            return Fraction(abs(given - Fraction(right["centre"])) <= Fraction(right["tolerance"]))
        case "choice":
            return Fraction(len(given) == 1 and given[0] in right["options"])
        case "choices":
            wanted, chosen = set(right["options"]), set(given)
            if wanted == chosen or not wanted:
                return Fraction(wanted == chosen)
            return max(Fraction(0), Fraction(len(chosen & wanted) - len(chosen - wanted), len(wanted)))
    if len(given) != len(right):
        return Fraction(0)
    pairs, number = list(zip(given, right, strict=True)), {"kind": "number"}
    if kind["kind"] in ("shape", "vector"):
        each = [_grade(number, x, y) for x, y in pairs]
    elif any(len(row) != len(wanted) for row, wanted in pairs):
        return Fraction(0)
    else:
        kinds = kind.get("kinds") or [number] * len(right[0])
        cells = [each for row, wanted in pairs for each in zip(kinds, row, wanted, strict=True)]
        each = [_grade(one, x, y) if x is not None else Fraction(0) for one, x, y in cells]
    if kind["kind"] == "shape":
        return Fraction(all(x == 1 for x in each))
    return sum(each, Fraction(0)) / len(each)
