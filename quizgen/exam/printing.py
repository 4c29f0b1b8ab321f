"""The questions of a manifest, drawn again from their codes and each printed once, by several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from quizgen.collector import at_rest
from quizgen.errors import RenderError
from quizgen.question import Question
from quizgen.sheet import Progress

from .item import Item, item
from .manifest import Again, Manifest, QuestionRecord, where
from .processes import in_order

AT_ONCE = 16
"""Questions that a process gets together: so many that the way there and back does not count."""

WORTHWHILE = 256
"""Questions for each process that make up for the time in which it starts."""

Name = tuple[str, str]
"""What a printed question is known by: its place in the blueprint, and its code."""

Wanted = Sequence[tuple[str, QuestionRecord]]
"""Questions, and where each stands."""


def name_of(record: QuestionRecord) -> Name:
    return record.key, record.code


def items(
    manifest: Manifest,
    known: Mapping[str, Question],
    jobs: int = 1,
    files: Sequence[str] = (),
    progress: Progress | None = None,
) -> dict[Name, Item | RenderError]:
    """Every question printed, or why it can't be.

    ``known``: questions by their codes, which this process need not draw again; ``files``: of families, which other
    processes have to load too. Raises as `Again.paper` does.
    """
    wanted: dict[Name, tuple[str, QuestionRecord]] = {}
    for paper in manifest.papers:
        for number, record in enumerate(paper.questions, 1):
            if name_of(record) not in wanted:
                wanted[name_of(record)] = where(paper, number), record
    jobs = max(1, min(jobs, len(wanted) // WORTHWHILE))
    begin = partial(Desk, manifest.without_papers(), known if jobs == 1 else {})
    found: dict[Name, Item | RenderError] = {}
    names = iter(wanted)
    for printed in in_order(begin, _together(iter(wanted.values())), jobs, files):
        found.update(zip(islice(names, len(printed)), printed, strict=True))
        if progress is not None:
            progress("printing", len(found), len(wanted))
    return found


def _together(wanted: Iterator[tuple[str, QuestionRecord]]) -> Iterator[Wanted]:
    while some := tuple(islice(wanted, AT_ONCE)):
        yield some


class Desk:
    """Where questions are drawn again and printed: in this process, or in one of several."""

    def __init__(self, manifest: Manifest, known: Mapping[str, Question]) -> None:
        self._blueprint = manifest.exam
        self._again = Again(manifest, known=known)

    def __call__(self, wanted: Wanted) -> list[Item | RenderError]:
        with at_rest():
            return [self._item(place, record) for place, record in wanted]

    def _item(self, place: str, record: QuestionRecord) -> Item | RenderError:
        placed = self._again.placed(place, record)
        try:
            return item(self._blueprint, placed)
        except RenderError as error:
            return error
