"""The table of characters: its letters and signs are the ones that Unicode calls so."""

import unicodedata

from quizgen_solvers.glyphs import ACCENTS, GREEK, SIGNS, SUBSCRIPTS, SUPERSCRIPTS


def test_greek_letters_are_called_so_by_unicode() -> None:
    for name, char in GREEK.items():
        letter = name.removeprefix("var").casefold().replace("lambda", "lamda")
        assert letter in unicodedata.name(char).casefold().split()[-2:] or "SYMBOL" in unicodedata.name(char)
        assert char.isupper() == name[0].isupper()
    assert len(set(GREEK.values())) == len(GREEK)


def test_scripts_are_forms_of_their_characters() -> None:
    alike = str.maketrans("−⊤ɑɛ", "-Tαε")  # Unicode takes its raised α and ε from phonetics
    for table in (SUBSCRIPTS, SUPERSCRIPTS):
        for char, script in table.items():
            assert unicodedata.normalize("NFKC", script).translate(alike) == char.translate(alike)


def test_signs_are_one_character_and_accents_combine() -> None:
    assert {name for name, char in SIGNS.items() if len(char) > 1} == {"bmod"}
    assert all(unicodedata.combining(mark) for mark in ACCENTS.values())
