"""What can be done beside answering: by a function key, by a letter, or by a word after a colon.

A letter does it where it is all that was typed and can be no answer, as every letter can among options; behind a colon
it always does. So nothing is lost where a terminal or a multiplexer keeps the function keys to itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from quizgen.errors import UsageError, did_you_mean, shown

KEYS = {"ctrl+q": "^Q", "left": "←", "right": "→", "escape": "Esc"}


@dataclass(frozen=True, slots=True)
class Command:
    """``name``: the word after the colon, and the action of the screen; ``key`` as Textual calls it; ``short``: what
    stands beside the key at the bottom, if it stands there; ``says``: what the help says."""

    name: str
    letter: str
    key: str
    short: str
    says: str

    @property
    def key_shown(self) -> str:
        return KEYS.get(self.key, self.key.capitalize())


HELP = Command("help", "?", "f1", "help", "shows this")
LEAVE = Command(
    "leave", "q", "ctrl+q", "leave", "leaves; every answer that was sent is kept, and the next start goes on"
)

AT_A_QUESTION = (
    HELP,
    Command("hint", "h", "f2", "hint", "shows the next piece of the worked solution; it says what that costs"),
    Command("solution", "s", "f3", "solution", "shows the whole worked solution, which ends the question"),
    Command("skip", "k", "f4", "skip", "leaves this question for the next one"),
    Command("another", "a", "f5", "another", "another question like this one"),
    Command("easier", "e", "f6", "easier", "the same with easier numbers"),
    Command("on", "o", "f7", "go on", "goes on to the next part with what you have; it is carried forward"),
    Command("finish", "f", "f9", "", "ends the session and shows what came of it"),
    LEAVE,
)

IN_AN_EXAM = (
    HELP,
    Command("list", "l", "f2", "questions", "lists all questions and parts, to go to any of them"),
    Command("back", "b", "f3", "back", "goes to the part before"),
    Command("forward", "n", "f4", "forward", "goes to the part after; nothing has to be answered in order"),
    Command("finish", "f", "f9", "hand in", "hands in the exam, which is marked then"),
    LEAVE,
)


def meant(typed: str, commands: tuple[Command, ...]) -> Command | None:
    """The command that a text may be: a letter, or a colon with a letter or the beginning of a word behind it.

    Raises `UsageError` for a colon with something else behind it.
    """
    text = typed.strip().lower()
    if not text.startswith(":"):
        return next((one for one in commands if one.letter == text), None)
    word = text[1:].strip()
    found = [one for one in commands if word and (one.letter == word or one.name.startswith(word))]
    exact = [one for one in found if word in (one.letter, one.name)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    names = [one.name for one in commands]
    raise UsageError(
        f"there is no command {shown(typed.strip())}{did_you_mean(word, names)}; there are {', '.join(names)}"
    )
