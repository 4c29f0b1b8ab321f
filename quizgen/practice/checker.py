"""The program of the process in which PyTorch checks questions for practice, so that its import stalls nobody.

    python -m quizgen.practice.checker [--families FILE]... [--device DEVICE]

A request is a line of JSON on standard input: a list of questions, each its code, or ``{"family": …, "parameters": …}``
where it has none. The reply is a line on standard output: a list with, for each question in order, ``{"code": …,
"provenance": …, "seal": …}``, or ``{"error": …, "message": …}`` with the class of an error and its one line. The first
line comes when PyTorch is imported: ``{"ready": true}``, or the error for which nothing can be checked.

The program ends with its standard input, whatever it is doing then, so it never outlives its parent. It writes nothing
else, whatever families print.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

from quizgen import __version__, parameters
from quizgen import code as codes
from quizgen import family as families
from quizgen.api import solve_parameters
from quizgen.collector import at_rest
from quizgen.draw import draw
from quizgen.errors import Disagreement, QuizgenError, VerifyError, shown
from quizgen.question import Question
from quizgen.sheet import identity
from quizgen.verify.provenance import Provenance
from quizgen.verify.run import check

Request: TypeAlias = str | dict[str, Any]
Answer: TypeAlias = dict[str, Any]

NICE = 10
"""How far the process steps back: a page that someone waits for comes before a question that is kept ready."""


def seal(question: Question) -> str:
    """What a question drawn from the same code by another quizgen, or by a family changed since, would not bear: the
    version, and a hash of what is asked and what is right."""
    hashed = blake2b(repr(identity(question)).encode(), digest_size=16)
    return f"{__version__} {hashed.hexdigest()}"


def error(problem: VerifyError) -> Answer:
    """An error as plain data."""
    about = {"code": problem.code, "part": problem.part} if isinstance(problem, Disagreement) else {}
    return {"error": type(problem).__name__, "message": problem.message, **about}


def answers(requests: Sequence[Request], device: str) -> list[Answer]:
    """What becomes of each question, in order. Raises nothing, whatever a family does short of ending the process."""
    with at_rest():
        made = [_made(request) for request in requests]
    results = iter(_checked([one[0] for one in made if isinstance(one, tuple)], device))
    return [_answer(*one, next(results)) if isinstance(one, tuple) else error(one) for one in made]


def _made(request: Request) -> tuple[Question, str] | VerifyError:
    """The question that is asked for, and its seal."""
    name = request if isinstance(request, str) else request["family"]
    try:
        if isinstance(request, str):
            question = draw(codes.parse(request))
        else:
            given = parameters.from_python(families.find(name), request["parameters"])
            question = solve_parameters(given, verify=False)
        return question, seal(question)
    except QuizgenError as problem:
        return VerifyError(problem.message)
    except BaseException as problem:  # noqa: BLE001 (a family is foreign code: not even its exit ends this program)
        return VerifyError(f"{name} can't be made ({_what(problem)})")


def _checked(questions: Sequence[Question], device: str) -> list[Provenance | VerifyError]:
    try:
        return check(questions, device).results
    except BaseException as problem:  # noqa: BLE001 (as above)
        if len(questions) > 1:
            return [_checked([question], device)[0] for question in questions]
        name = questions[0].code or questions[0].family
        return [VerifyError(f"{name}: its PyTorch run fails ({_what(problem)})")]


def _what(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {shown(str(problem), 200)}"


def _answer(question: Question, sealed: str, result: Provenance | VerifyError) -> Answer:
    if isinstance(result, VerifyError):
        return error(result)
    return {"code": question.code, "provenance": result.to_json(), "seal": sealed}


# --- the program ------------------------------------------------------------------------------------------------------


def _pipes() -> tuple[Callable[[], str], Callable[[Any], None]]:
    """What gives the next line of standard input, and what writes a line to standard output. Both belong to nobody
    else from here on: a family that prints or asks meets the null device."""
    lines: SimpleQueue[str] = SimpleQueue()
    source, target = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)

    def read() -> None:
        for line in source:
            lines.put(line)
        os._exit(0)  # also in the middle of an import, or of a run that never ends

    def write(data: Any) -> None:
        target.write(json.dumps(data) + "\n")
        target.flush()

    threading.Thread(target=read, daemon=True).start()
    return lines.get, write


def main() -> None:
    """Checks what it is asked to check until its standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m quizgen.practice.checker")
    parser.add_argument("--families", type=Path, action="append", default=[])
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is said to the parent
    read, write = _pipes()
    if hasattr(os, "nice"):
        os.nice(NICE)
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
    try:
        for file in options.families:
            families.load_file(file)
        check([], options.device)  # imports PyTorch
    except QuizgenError as problem:
        write(error(problem if isinstance(problem, VerifyError) else VerifyError(problem.message)))
        return
    write({"ready": True})
    while True:
        write(answers(json.loads(read()), options.device))


if __name__ == "__main__":
    main()
