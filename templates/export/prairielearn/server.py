"""Draws a variant of this question, and says which named mistake an answer comes from. Written by quizgen."""

import json
from pathlib import Path


def generate(data):
    known = json.loads(Path(data["options"]["question_path"], "variants.json").read_text(encoding="utf-8"))
    seed = int(data["variant_seed"])
    variant = fresh(known["family"], seed) or known["variants"][seed % len(known["variants"])]
    data["params"].update(variant["params"])
    data["correct_answers"].update(variant["correct_answers"])


def fresh(family, seed):
    """A new variant, drawn and checked where quizgen and PyTorch are installed; else None."""
    if not family:
        return None
    try:
        from quizgen.errors import QuizgenError
        from quizgen.export import prairielearn
    except ImportError:
        return None
    try:
        return prairielearn.fresh(family["name"], family["level"], seed, family["choices"], family["points"])
    except QuizgenError:
        return None  # the variants in the folder will do


def grade(data):
    """PrairieLearn's elements have marked before: other right answers are added here, and what mistakes tell."""
    told = []
    for field in data["params"]["known"]:
        value = number(data["submitted_answers"].get(field["name"]))
        score = data["partial_scores"].get(field["name"])
        if value is None or score is None or score["score"] == 1:
            continue
        if any(near(value, right) for right in field["right"]):
            score["score"] = 1
            continue
        told += [slip["told"] for slip in field["slips"] if near(value, slip["value"]) and slip["told"] not in told]
    data["feedback"]["told"] = told
    scores = data["partial_scores"].values()
    weight = sum(score.get("weight", 1) for score in scores)
    data["score"] = sum(score["score"] * score.get("weight", 1) for score in scores) / weight if weight else 0


def number(submitted):
    """What was submitted as a number; None where there is none."""
    if isinstance(submitted, dict):
        submitted = submitted.get("_value")
    try:
        return float(submitted)
    except (TypeError, ValueError):
        return None


def near(value, around):
    centre, tolerance = around
    return abs(value - centre) <= tolerance
