"""`quizgen solve`: a worked solution for one's own numbers."""

from __future__ import annotations

import click

from quizgen.commands import common


@click.command(
    short_help="Work out your own numbers.",
    context_settings={"ignore_unknown_options": True},
    epilog="""\b
Examples:
  quizgen solve conv.output-size n=227 f=11 p=0 s=4
  quizgen solve optim.adam theta=1 gradients="(0.5, -0.2)" lr=1e-3
  quizgen solve conv.output-size n=227 f=11 p=0 s=4 --json

\b
Numbers are read exactly: 0.1 is one tenth, 1/3 a third, 1e-8 a power of ten.
`quizgen explain FAMILY` says what a family takes.""",
)
@click.argument("family", shell_complete=common.complete_families)
@click.argument("pairs", nargs=-1, metavar="NAME=VALUE...", shell_complete=common.complete_parameters)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.checking
@common.shared
@click.pass_context
def command(ctx: click.Context, family: str, pairs: tuple[str, ...], as_json: bool, device: str, check: bool) -> None:
    """Work out a family's question for your own numbers, line by line."""
    from quizgen import parameters
    from quizgen.api import solve_parameters
    from quizgen.family import find

    common.unmeant_option(command, pairs, ctx)
    entry = find(family)
    given = common.parse_pairs(pairs, f"quizgen solve {entry.name} {next(iter(parameters.of(entry.cls)), 'n')}=3")
    question = solve_parameters(parameters.from_text(entry, given), verify=check, device=device)
    if as_json:
        common.echo_json(question.to_json())
    else:
        from quizgen.render.terminal import show_question

        show_question(question, common.console(), solution=True)
