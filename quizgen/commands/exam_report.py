"""`quizgen exam report`: which questions worked, and how far the marks can be trusted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UnknownFormat, UsageError, did_you_mean, shown

if TYPE_CHECKING:
    from quizgen.exam.analysis import PassMark, Statistics

ENDINGS = (".html", ".htm")


@click.command(
    short_help="Say which questions worked.",
    epilog="""\b
Examples:
  quizgen exam report marks
  quizgen exam report marks --html               writes marks/report.html
  quizgen exam report marks --html report.html --pass 50%
  quizgen exam report marks --json -o report.json

\b
Share: the mean share of a question's points. Separates: how far those who do
well in the rest do well here; above 0.4 is very good, below 0.2 poor.""",
)
@click.argument("marks", type=click.Path(), metavar="MARKS")
@click.option(
    "--html",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    type=click.Path(),
    help="Write a page with charts, which needs nothing else.  [default: report.html beside the marks]",
)
@click.option("--pass", "pass_mark", metavar="MARK", help="What it takes to pass: points, or percent of all (50%).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-o", "output", metavar="FILE", type=click.Path(), help="Write the JSON there instead.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@common.shared
def command(
    marks: str, html: str | None, pass_mark: str | None, as_json: bool, output: str | None, force: bool
) -> None:
    """Say of each question how hard it was and whether it separates, and of the exam how far its marks can be trusted.

    MARKS is the folder that `quizgen exam grade` wrote.
    """
    from quizgen.files import check_output

    if html == "":
        html = str((Path(marks) if Path(marks).is_dir() else Path(marks).parent) / "report.html")
    if html is not None and Path(html).suffix.lower() not in ENDINGS:
        near = did_you_mean(Path(html).suffix.lower(), ENDINGS)
        raise UnknownFormat(f"{shown(html, 160)} does not end in .html{near}; the charts are a web page")
    if html is not None and as_json and output is None:
        raise UsageError("--html and --json are two ways to see the same; with -o the JSON goes to a file of its own")
    if output is not None and not as_json:
        raise UsageError("-o says where the JSON goes: add --json, or write a page with --html FILE")
    for path in filter(None, (html, output)):
        check_output(path, force)
    _report(marks, html, None if pass_mark is None else _pass_mark(pass_mark), as_json, output, force)


def _pass_mark(text: str) -> PassMark:
    """ "50%" or "12"."""
    from quizgen.exam.analysis import PassMark

    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?%?", text):
        raise UsageError(f"--pass takes points or percent of all, such as 12 or 50%, and not {shown(text)}")
    return PassMark(float(text.removesuffix("%")), text.endswith("%"))


def _report(
    marks: str, html: str | None, pass_mark: PassMark | None, as_json: bool, output: str | None, force: bool
) -> None:
    import json

    from quizgen.exam import report, results
    from quizgen.exam.statistics import statistics
    from quizgen.files import write_whole

    found = statistics(results.read(marks), pass_mark)
    if output is not None:
        text = json.dumps(report.to_json(found), ensure_ascii=False, indent=2, allow_nan=False)
        write_whole(output, text + "\n", force)
        click.echo(f"wrote {common.shown_path(output)}")
    elif as_json:
        common.echo_json(report.to_json(found))
    if html is not None:
        write_whole(html, _page(found), force)
        click.echo(f"wrote {common.shown_path(html)}: {common.count(found.students, 'student')}")
    elif not as_json:
        report.show(found, common.console())


def _page(found: Statistics) -> str:
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its cache of fonts, which nobody asked for
    from quizgen.exam import report_page

    return report_page.page(found)
