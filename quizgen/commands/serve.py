"""`quizgen serve`: practice in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UsageError

if TYPE_CHECKING:
    from quizgen.web.settings import Settings

SHORTEST = 8


@click.command(
    short_help="Practise in the browser.",
    epilog="""\b
Examples:
  quizgen serve                     on this machine, for you alone
  quizgen serve --shared            every browser is a student of her own
  quizgen serve --host 0.0.0.0      for your network, with a token
  QUIZGEN_PASSWORD=… quizgen serve --host 0.0.0.0 --port 80

\b
What you answer is kept where `quizgen practice` keeps it. Ctrl-C ends the
server; nothing is lost.""",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", help="0: a free one. [default: 8471, or the next]"
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the first page.")
@click.option("--shared", is_flag=True, help="Every browser is a student of her own. Implied by another address.")
@click.option(
    "--password",
    metavar="PASSWORD",
    envvar="QUIZGEN_PASSWORD",
    show_envvar=True,
    help="Ask for it first. Here others on this machine can see it, in the variable not.",
)
@click.option(
    "--allow-host",
    "allowed",
    metavar="NAME",
    multiple=True,
    help="A name that browsers may ask for, such as that of a proxy before this. May be repeated.",
)
@click.option(
    "--data",
    metavar="PATH|URL",
    help="The database: a file, or a URL. Default: $QUIZGEN_DATA, else a file in your data folder.",
)
@click.option("--verbose", is_flag=True, help="Log every request.")
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    port: int | None,
    host: str,
    browser: bool,
    shared: bool,
    password: str | None,
    allowed: tuple[str, ...],
    data: str | None,
    verbose: bool,
) -> None:
    """Practise in the browser: what is due, questions, sheets, your own numbers, and your progress.

    The site is for this machine alone unless you give another address; then it asks for a password, or for the token
    in the link that is printed here.
    """
    from pathlib import Path

    from quizgen.web import serving

    settings, token = _settings(host, shared, password, allowed, verbose)
    bound = serving.listen(host, port)
    try:
        practice = serving.open_practice(data, [Path(each) for each in common.family_files(ctx)])
    except BaseException:
        bound.close()
        raise
    url = serving.address(bound, host)
    taken = bound.getsockname()[1]
    if port is None and taken != serving.PORT:
        click.echo(f"Port {serving.PORT} is in use, so this is port {taken}.")
    _say(url, token, practice.store.name, settings)

    def ready() -> None:
        if browser and not token:
            serving.open_browser(f"{url}/")

    serving.serve(bound, practice, settings, ready=ready)
    click.echo("Ended. Every answer is kept.")


def _settings(
    host: str, shared: bool, password: str | None, allowed: tuple[str, ...], verbose: bool
) -> tuple[Settings, str]:
    """How the site is served, and the token that was made where it needed one."""
    import secrets

    from quizgen.web.settings import Settings, host_name, is_everywhere, is_loopback, names_of

    if password is not None and len(password) < SHORTEST:
        raise UsageError(f"that password is too short: give at least {SHORTEST} characters")
    exposed = not is_loopback(host) or bool(allowed)
    token = secrets.token_urlsafe(16) if exposed and password is None else ""
    proxied = frozenset(host_name(name) for name in allowed)
    settings = Settings(
        shared=shared or exposed,
        password=password or token,
        names=names_of(host) | proxied,
        proxied=proxied,
        any_address=is_everywhere(host),
        verbose=verbose,
    )
    return settings, token


def _say(url: str, token: str, memory: str, settings: Settings) -> None:
    """Where it is, who can come, and what they can do."""
    link = f"{url}/login?token={token}" if token else f"{url}/"
    click.echo(f"Practice: {common.title(link)}")
    if settings.password:
        key = "this link" if token else "the password"
        common.echo_line(
            f"Whoever reaches this address and has {key} can practise, make sheets and have numbers worked out by "
            "this machine; nobody sees another's answers. What is sent is not encrypted: use it in a network that you "
            "trust, or behind a proxy that adds TLS."
        )
    elif settings.shared:
        common.echo_line("Every browser on this machine is a student of her own.")
    click.echo(common.faint(f"Memory: {memory}. Ctrl-C ends."))
