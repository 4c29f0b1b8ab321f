"""`quizgen check`: is it right, and if not, which mistake was it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from quizgen.commands import common

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quizgen.marking import Verdict
    from quizgen.question import Question

PLAIN = re.compile(r"[-+]?[0-9]*\.?[0-9]*")  # a number that can be read in one way only


@click.command(
    short_help="Mark an answer, and say what went wrong.",
    context_settings={"ignore_unknown_options": True},  # an answer may begin with a minus sign
    epilog="""\b
Examples:
  quizgen check optim.adam/2/k7q3m9 -1.1 1.39 -0.8008    all parts
  quizgen check optim.adam/2/k7q3m9 - - -0.8008          only the third
  quizgen check optim.adam/2/k7q3m9 --part 3 -0.8008     the same
  quizgen check conv.output-size/2/a2b4c6 "(64, 32)"     a shape
  quizgen check conv.cross-correlate/1/a2b4c6 "[[1, 2], [3, -4]]"

\b
Write numbers as 0.25, -3/4, 2^-5 or 1e-3; the rows of a table as
"(8, 8, 16) | 448; (4, 4, 16) | 0". The exit code is 0 when all is right, and
1 when an answer is wrong.""",
)
@click.argument("code")
@click.argument("answers", nargs=-1, required=True, metavar="ANSWER...")
@click.option("--part", type=int, metavar="NUMBER", help="The part that the one answer is for.")
@click.option("--choices", is_flag=True, help="Answers are letters of the multiple-choice form (sheet --choices).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
@click.pass_context
def command(
    ctx: click.Context, code: str, answers: tuple[str, ...], part: int | None, choices: bool, as_json: bool
) -> None:
    """Mark answers to the question of a code.

    Give an answer for each part in order; - leaves a part out. A wrong answer is compared with what the mistakes that
    the question knows lead to, and later parts are marked by what follows from your own earlier answers.
    """
    from quizgen import answering
    from quizgen.api import from_code

    common.unmeant_option(command, answers, ctx)
    typed = answering.numbered(answers, part)
    question = from_code(code, verify=False)  # marking serves no question: nothing new is shown that needs a run
    verdicts = answering.mark_all(question, typed, choices=choices)
    if as_json:
        common.echo_json(answering.to_json(question, typed, verdicts))
    else:
        _show(question, typed, verdicts)
    ctx.exit(0 if all(verdicts.values()) else 1)


def _show(question: Question, typed: Mapping[int, str], verdicts: Mapping[int, Verdict]) -> None:
    from quizgen.answering import points
    from quizgen.question import decimal_text
    from quizgen.render.parts import label

    for number, verdict in verdicts.items():
        name = label(question, number - 1)
        right = verdict.right
        mark = click.style("right" if right else "wrong", fg="green" if right else "red", bold=True)
        said = typed[number].strip()
        plain = said.replace(" ", "") == verdict.read_as.replace(" ", "") or PLAIN.fullmatch(said)
        click.echo(f"{name + ' ' if name else ''}{mark}  {said}")
        if not plain:
            click.echo(common.faint(common.wrapped(f"    read as {verdict.read_as}", indent=6)))
        if right and not verdict.carried:
            continue
        if verdict.carried or not verdict.diagnosed:
            common.echo_wrapped("    ", verdict.reason, indent=4)
        for mistake in verdict.diagnosed:
            common.echo_wrapped(f"    {mistake.name}: ", common.words(mistake.why), indent=4)
    if len(verdicts) > 1:
        of = sum(question.part(number).points for number in verdicts)
        click.echo(f"{decimal_text(points(question, verdicts))} of {common.count(of, 'point')}")
    if not all(verdicts.values()):
        click.echo(common.faint(f"The worked solution: quizgen show {question.code} --solution"))
