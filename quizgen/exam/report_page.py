"""The report of an exam as a page: one HTML file that needs nothing else and runs no script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from quizgen.render import charts
from quizgen.render.html import font_face, printable
from quizgen.render.html_markup import inline, raw
from quizgen.render.templates import asset, html_environment
from quizgen.wording import capital, counted, listed

from . import findings, plots, report
from .analysis import Group, Mistake, QuestionStatistics, Statistics
from .psychometrics import RISK

__all__ = ["View", "page"]

MOST_MISTAKES = 10
"""How many stand in the chart of all questions; each question has its own list."""


@dataclass(frozen=True)
class View:
    """The figures as the template sees them: numbers in words, and the charts."""

    found: Statistics

    percent = staticmethod(findings.percent)
    number = staticmethod(findings.number)
    p_value = staticmethod(findings.p_value)
    findings = staticmethod(findings.findings)
    share = staticmethod(report.share_of)
    separates = staticmethod(report.separates)
    minutes = staticmethod(report.minutes)
    parts = staticmethod(report.parts)
    two = staticmethod(report.two)

    @property
    def figures(self) -> dict[str, str]:
        return report.figures(self.found)

    @property
    def about(self) -> list[str]:
        return [f"{line[0].upper()}{line[1:]}." for line in report.about(self.found)]

    @property
    def unit(self) -> str:
        return report.unit(self.found)

    @property
    def summary(self) -> str:
        return findings.summary(self.found)

    @property
    def passed(self) -> str:
        return findings.passed(self.found)

    @property
    def trust(self) -> str:
        return findings.trust(self.found)

    @property
    def verdict(self) -> str:
        return findings.verdict(self.found)

    @cached_property
    def to_look_at(self) -> list[tuple[QuestionStatistics, list[str]]]:
        """The questions that somebody should look at, each with why."""
        each = ((q, [one.said for one in findings.findings(q) if one.look]) for q in self.found.questions)
        return [(question, said) for question, said in each if said]

    @property
    def timed(self) -> bool:
        return any(question.all.seconds is not None for question in self.found.questions)

    def worked(self, question: QuestionStatistics) -> str:
        """In a word."""
        return {True: "worked", False: "look", None: "–"}[findings.worked(question)]

    def differs(self, question: QuestionStatistics) -> bool:
        """Whether versions of a question did, as far as can be seen."""
        test = question.versions.test
        return test is not None and test.p < RISK

    def by_hand(self, question: QuestionStatistics) -> bool:
        """Whether it is known what the question takes by hand; of one that was written by hand it is not."""
        return any(group.operations for group in question.versions.groups)

    def why(self, mistake: Mistake) -> Markup:
        return inline(mistake.why)

    def how_full(self, share: float) -> Markup:
        return charts.meter(share)

    def span(self, low: float, high: float) -> str:
        """A bin of the distribution in marks: "12 to 14.4"."""
        of = self.found.marks.of
        return f"{findings.number(low * of)} to {findings.number(high * of)}{self.unit}"

    def mark(self, value: float) -> str:
        return f"{findings.number(value)}{self.unit}"

    @cached_property
    def commonest(self) -> list[tuple[QuestionStatistics, Mistake]]:
        return report.commonest(self.found, MOST_MISTAKES)

    # --- the charts ---

    def distribution(self) -> Markup:
        """How many students have which marks; nothing where there are none to have."""
        found, of = self.found, self.found.marks.of
        if not of:
            return Markup()
        bins = [
            (low * of, high * of, count, f"{self.span(low, high)}: {counted(count, 'student')}")
            for low, high, count in found.marks.bins
        ]
        lines = {} if found.marks.median is None else {f"median {self.mark(found.marks.median)}": found.marks.median}
        if found.passing is not None:
            lines[f"pass mark {self.mark(found.passing.mark)}"] = found.passing.mark
        about = f"{counted(found.students, 'student')}: {self.figures['Marks']}. {self.passed}".strip()
        return plots.histogram("marks", "How many students have which marks", about, bins, lines)

    def by_question(self) -> Markup:
        """Of each question how many have all of the points, some, none, and how many left it out."""
        bars = [
            plots.Bar(
                str(question.asked.number),
                f"{_named(question)}: {t.right} right, {t.partly} partly, {t.wrong} wrong, {t.omitted} omitted",
                (
                    (plots.RIGHT, t.right),
                    (plots.PARTLY, t.partly),
                    (plots.WRONG, t.wrong),
                    (plots.OMITTED, t.omitted),
                ),
            )
            for question in self.found.questions
            for t in (question.all,)
        ]
        about = "Of each question how many students have it right, partly right or wrong, and how many left it out."
        return plots.stacks("questions", "Answers by question", about, bars)

    def by_worth(self) -> Markup:
        """How hard each question is against how far it separates; nothing where neither is known of any."""
        points = [
            plots.Point(
                str(question.asked.number),
                f"{_named(question)}: share {report.share_of(t)}, separates {report.separates(t)}",
                min(max(t.share, 0.0), 1.0),
                t.separation.r,
                findings.worked(question) is not False,
            )
            for question in self.found.questions
            for t in (question.all,)
            if t.share is not None and t.separation is not None
        ]
        if not points:
            return Markup()
        about = "; ".join(point.about for point in points)
        levels = {findings.GOOD: "↑ very good", findings.SEPARATES: "↓ poor"}
        title = "How hard questions are, and how far they separate"
        return plots.scatter("worth", title, about, "share of the points: hard to easy", "separates", points, levels)

    def by_version(self) -> Markup:
        """Marks by version, from quartile to quartile; nothing where there are no versions to compare."""
        groups = self.found.versions.groups
        if len(groups) < 2 or not self.found.marks.of:
            return Markup()
        drawn = [
            plots.Box(f"{group.version} ({group.students})", self.in_words(group), five(group)) for group in groups
        ]
        about = ". ".join(box.about for box in drawn)
        return plots.boxes("versions", "Marks by version", about, self.found.marks.of, drawn)

    def in_words(self, group: Group) -> str:
        least, lower, median, upper, most = map(self.mark, five(group))
        return (
            f"{group.version}: {counted(group.students, 'student')}, from {least} to {most}, half of them between "
            f"{lower} and {upper}, median {median}"
        )

    def slips(self) -> Markup:
        """The commonest mistakes of all questions."""
        drawn = [
            (f"{question.asked.number}: {capital(slip.name)}", slip.share, f"{slip.count} of {question.all.students}")
            for question, slip in self.commonest
        ]
        about = listed(f"question {name}: {words}" for name, _, words in drawn)
        return plots.named_bars("slips", "The commonest mistakes, and how many made them", about, drawn)


def five(group: Group) -> tuple[float, float, float, float, float]:
    return group.least, group.lower, group.median, group.upper, group.most


def _named(question: QuestionStatistics) -> str:
    return f"Question {question.asked.number}, {question.asked.title}"


def page(found: Statistics) -> str:
    """The report as one self-contained HTML file without a script."""
    template = html_environment().get_template("exam_report.html.j2")
    made = (mistake for question in found.questions for mistake in question.all.mistakes)
    with_formulas = any("<math" in inline(mistake.why) for mistake in made)  # else there is no need of their font
    sheets = ("sheet.css", "progress.css", "exam_report.css")
    style = "".join(map(asset, sheets)) + (font_face() if with_formulas else "")
    return printable(template.render(view=View(found), found=found, style=raw(style)))
