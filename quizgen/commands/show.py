"""`quizgen show`: the question of a code again."""

from __future__ import annotations

import click

from quizgen.commands import common


@click.command(
    short_help="Show the question of a code again.",
    epilog="""\b
Examples:
  quizgen show optim.adam/2/k7q3m9               the question
  quizgen show optim.adam/2/k7q3m9 --solution    and how it is worked
  quizgen show optim.adam/2/k7q3m9 --choices     as multiple choice
  quizgen show optim.adam/2/k7q3m9 --program     as a PyTorch program
  quizgen show optim.adam/2/k7q3m9 --json        for programs""",
)
@click.argument("code")
@click.option("--solution", is_flag=True, help="Show the worked solution too.")
@click.option("--choices", is_flag=True, help="Ask it as multiple choice.")
@click.option("--program", is_flag=True, help="Print only the PyTorch program that gives the answers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, answers and solution included.")
@common.checking
@common.shared
def command(code: str, solution: bool, choices: bool, program: bool, as_json: bool, device: str, check: bool) -> None:
    """Show the question of a code: the very same one on every machine.

    A code, such as optim.adam/2/k7q3m9, is the family, the level and the seed. It stands beside every question.
    """
    from quizgen.api import from_code

    question = from_code(code, verify=check, device=device)
    if as_json:
        common.echo_json(question.to_json())
    elif program:
        click.echo(question.program, nl=False)
    else:
        from quizgen.render.terminal import show_question

        show_question(question, common.console(), solution=solution, choices=choices)
