"""`quizgen check`: is it right, and if not, which mistake was it?"""

from __future__ import annotations

import json
import re
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from quizgen.commands import common
from quizgen.errors import InputError, UsageError, one_line, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quizgen.answersheet import Marked, Problem
    from quizgen.marking import Verdict
    from quizgen.question import Question

PLAIN = re.compile(r"[-+]?[0-9]*\.?[0-9]*")  # a number that can be read in one way only
STANDARD_INPUT = "-"


@click.command(
    short_help="Mark an answer or a whole sheet, and say what went wrong.",
    context_settings={"ignore_unknown_options": True},  # an answer may begin with a minus sign
    epilog="""\b
Examples:
  quizgen check optim.adam/2/k7q3m9 -1.1 1.39 -0.8008    all parts
  quizgen check optim.adam/2/k7q3m9 - - -0.8008          only the third
  quizgen check optim.adam/2/k7q3m9 --part 3 -0.8008     the same
  quizgen check conv.output-size/2/a2b4c6 "(64, 32)"     a shape
  quizgen check conv.cross-correlate/1/a2b4c6 "[[1, 2], [3, -4]]"
  quizgen check --file answers.txt                       a whole sheet
  quizgen check < answers.txt                            the same

\b
Write numbers as 0.25, -3/4, 2^-5 or 1e-3; the rows of a table as
"(8, 8, 16) | 448; (4, 4, 16) | 0". The exit code is 0 when all is right, and
1 when an answer is wrong.

\b
A file of answers names each question by the code that stands beside it:
  # a line a question, an answer for each part
  optim.adam/2/k7q3m9 -1.1 1.39 -0.8008
  conv.output-size/2/a2b4c6 (64, 32)
  # or a line an answer
  net.parameter-count/1/ry151c
  (a) 4576
  (c) 4689
A part that is left out is worth nothing there. A line that cannot be read is
named, the others are marked, and the exit code is 2.""",
)
@click.argument("code", required=False)
@click.argument("answers", nargs=-1, metavar="[ANSWER]...")
@click.option("--file", metavar="FILE", help="Mark the sheet of answers in a file; - is standard input.")
@click.option("--part", type=int, metavar="NUMBER", help="The part that the one answer is for.")
@click.option("--choices", is_flag=True, help="Answers are letters of the multiple-choice form (sheet --choices).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    code: str | None,
    answers: tuple[str, ...],
    file: str | None,
    part: int | None,
    choices: bool,
    as_json: bool,
) -> None:
    """Mark answers to the question of a code, or a whole sheet of codes and answers.

    Give an answer for each part in order; - leaves a part out. A wrong answer is compared with what the mistakes that
    the question knows lead to, and later parts are marked by what follows from your own earlier answers. Without a
    code, codes and answers are read from a file or from standard input.
    """
    common.unmeant_option(command, answers, ctx)
    if file is None and code == STANDARD_INPUT and not answers:
        file, code = code, None
    if file is not None and code is not None:
        raise UsageError(f"--file {shown(file)} brings its own codes and answers, so leave out {shown(code)}")
    if code is None:
        if part is not None:
            raise UsageError("--part is for one answer; in a sheet of answers write `(b) 55` under the code")
        ctx.exit(_check_sheet(file or STANDARD_INPUT, choices, as_json))
    if not answers:
        raise click.UsageError("Missing argument 'ANSWER...'.", ctx)
    ctx.exit(_check(code, answers, part, choices, as_json))


def _check(code: str, answers: tuple[str, ...], part: int | None, choices: bool, as_json: bool) -> int:
    """Marks the answers to one question; the exit code."""
    from quizgen import answering
    from quizgen.api import from_code

    typed = answering.numbered(answers, part)
    question = from_code(code, verify=False)  # marking serves no question: nothing new is shown that needs a run
    verdicts = answering.mark_all(question, typed, choices=choices)
    if as_json:
        common.echo_json(answering.to_json(question, typed, verdicts))
        return 0 if all(verdicts.values()) else 1
    for number in verdicts:
        _show(question, number, typed[number], verdicts[number])
    if len(verdicts) > 1:
        _points(answering.points(question, verdicts), sum(question.part(number).points for number in verdicts))
    if all(verdicts.values()):
        return 0
    click.echo(common.faint(f"The worked solution: quizgen show {question.code} --solution"))
    return 1


def _show(question: Question, number: int, typed: str, verdict: Verdict) -> None:
    """The verdict on an answer, and what led to it."""
    name = _label(question, number)
    right = verdict.right
    mark = click.style("right" if right else "wrong", fg="green" if right else "red", bold=True)
    said = one_line(typed.strip())
    plain = said.replace(" ", "") == verdict.read_as.replace(" ", "") or PLAIN.fullmatch(said)
    click.echo(f"{name}{mark}  {said}")
    if not plain:
        click.echo(common.faint(common.wrapped(f"    read as {verdict.read_as}", indent=6)))
    if right and not verdict.carried:
        return
    if verdict.carried or not verdict.diagnosed:
        common.echo_wrapped("    ", verdict.reason, indent=4)
    for mistake in verdict.diagnosed:
        common.echo_wrapped(f"    {mistake.name}: ", common.words(mistake.why), indent=4)


def _label(question: Question, number: int) -> str:
    from quizgen.render.parts import label

    name = label(question, number - 1)
    return f"{name} " if name else ""


def _points(points: Any, of: int, more: str = "") -> None:
    from quizgen.question import decimal_text

    click.echo(f"{decimal_text(points)} of {common.count(of, 'point')}{more}")


# --- a whole sheet --------------------------------------------------------------------------------------------------


def _check_sheet(file: str, choices: bool, as_json: bool) -> int:
    """Marks a sheet of answers question by question, as they come; the exit code."""
    from quizgen.answersheet import mark, read_lines

    with _opened(file) as stream:
        typing = stream.isatty()
        if typing:
            click.echo("Type a code and its answers, one question a line; Ctrl-D ends.", err=True)
        name = "standard input" if file == STANDARD_INPUT else common.shown_path(file)
        marks = _JsonMarks() if as_json else _Marks()
        with _watched(read_lines(stream, name), None if typing else _count(stream), typing) as lines:
            for each in mark(lines, choices=choices, blank_ends=typing):
                marks.take(each)
                if typing:
                    sys.stdout.flush()
        marks.end()
    return marks.exit_code


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    if file == STANDARD_INPUT:
        if sys.stdin is None:  # a shell's <&-
            raise InputError("standard input is closed; name a file of codes and answers with --file")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InputError(f"{shown(file)} cannot be read: {reason}; name a file of codes and answers") from problem


def _count(stream: IO[bytes]) -> int | None:
    """How many lines a file has, where it is one that can be read again."""
    try:
        start = stream.tell()
        lines = sum(1 for _ in stream)
        stream.seek(start)
    except (OSError, ValueError):
        return None
    return lines


@contextmanager
def _watched(lines: Iterator[str], of: int | None, quiet: bool) -> Iterator[Iterator[str]]:
    """The lines, with a bar on stderr that follows them where the marks themselves do not show how far it is."""
    if quiet or sys.stdout.isatty():
        yield lines
        return
    with common.progress({}) as tell:

        def told() -> Iterator[str]:
            for done, line in enumerate(lines, 1):
                yield line
                if tell is not None:
                    tell("lines", done, of)

        yield told()


class _Marks:
    """What came of a sheet, printed as it comes: marks on stdout, what cannot be read on stderr."""

    def __init__(self) -> None:
        self.questions = self.right = self.of = self.problems = 0
        self.points: Any = 0  # an exact number; its type is not to be imported for --help

    @property
    def exit_code(self) -> int:
        return 2 if self.problems else 0 if self.right == self.questions else 1

    def take(self, each: Marked | Problem) -> None:
        from quizgen.answersheet import Problem

        if isinstance(each, Problem):
            self.problems += 1
            self.problem(each)
            return
        self.questions += 1
        self.right += each.right
        self.points += each.points
        self.of += each.question.points
        self.marked(each)

    def problem(self, each: Problem) -> None:
        sys.stdout.flush()  # so that the two stay in order on a terminal
        line = f"quizgen: line {each.line}: {each.message}"
        click.echo(common.wrapped(line, indent=2) if sys.stderr.isatty() else line, err=True)

    def marked(self, each: Marked) -> None:
        click.echo(common.title(each.question.code))
        for number in range(1, len(each.question.parts) + 1):
            if number in each.verdicts:
                _show(each.question, number, each.typed[number], each.verdicts[number])
            else:
                why = "not read" if number in each.unreadable else "left out"
                click.echo(f"{_label(each.question, number)}{common.faint(why)}")
        _points(each.points, each.question.points)
        click.echo("")

    def end(self) -> None:
        more = f"; {self.right:,} of {common.count(self.questions, 'question')} right"
        if self.problems:
            more += f"; {common.count(self.problems, 'line')} could not be read"
        if self.questions > 1 or self.problems:
            _points(self.points, self.of, more)
        if self.right < self.questions:
            click.echo(common.faint("A worked solution: quizgen show CODE --solution"))


class _JsonMarks(_Marks):
    """The same as one JSON document, whose questions are written as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.unread: list[dict[str, Any]] = []

    def problem(self, each: Problem) -> None:
        self.unread.append({"line": each.line, "problem": each.message})

    def marked(self, each: Marked) -> None:
        from quizgen.answering import to_json

        data = {"line": each.line} | to_json(each.question, each.typed, each.verdicts)
        data |= {"right": each.right, "of": each.question.points}
        click.echo('{"questions": [' if self.questions == 1 else ",")
        click.echo(json.dumps(data, ensure_ascii=False, indent=2), nl=False)

    def end(self) -> None:
        from quizgen.question import decimal_text

        click.echo("]," if self.questions else '{"questions": [],')
        rest = {"right": self.right == self.questions, "points": decimal_text(self.points), "of": self.of}
        rest |= {"problems": self.unread}
        click.echo(json.dumps(rest, ensure_ascii=False, indent=2).removeprefix("{\n"))
