"""Rosters as spreadsheets and learning platforms save them, and everything that can be wrong with one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.errors import InputError
from quizgen.exam import roster
from quizgen.exam.model import Student
from quizgen.exam.roster import RosterError, parse, read, safe_name

ADA, BOB = Student("s1", "Ada Lovelace"), Student("s2", "Bob")


def saved(folder: Path, data: str | bytes) -> Path:
    path = folder / "students.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# --- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "id,name\ns1,Ada Lovelace\ns2,Bob\n",
        "id;name\r\ns1;Ada Lovelace\r\ns2;Bob\r\n",
        "id\tname\ns1\tAda Lovelace\ns2\tBob",
        "id|name\rs1|Ada Lovelace\rs2|Bob\r",
        "sep=;\nid;name\ns1;Ada Lovelace\ns2;Bob\n",
        'Name,ID\n"Ada Lovelace",s1\nBob,s2\n',
        "First name,Last name,ID number\nAda,Lovelace,s1\nBob,,s2\n",
        "Vorname;Nachname;Matrikelnummer\nAda;Lovelace;s1\nBob;;s2\n",
        "Student,SIS User ID,Points\nAda Lovelace,s1,3\nBob,s2,4\n",
        "Student,ID,SIS User ID,Section,Quiz (12)\n    Points Possible,,,,10\nAda Lovelace,s1,7,,\nBob,s2,8,,9\n",
        "id, name\n\ns1, Ada Lovelace\n , \ns2, Bob\n,\n",
        'ID,NAME,\ns1,"Ada\nLovelace",\ns2,Bob,\n',
        "student_id,full-name\ns1,\u200eAda  Lovelace\u202e\ns2,\tBob \n",
    ],
)
def test_one_roster_in_many_spellings(text: str) -> None:
    assert parse(text) == (ADA, BOB)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    notes: list[str] = []
    path = saved(tmp_path, "id;name\ns1;Zoë Müller-Ångström\n".encode(encoding))
    assert read(path, notes.append) == (Student("s1", "Zoë Müller-Ångström"),)
    guessed = encoding in ("cp1252", "latin-1")
    assert [note.partition(" is not UTF-8")[2][:30] for note in notes] == [" and was read as Windows-1252:"] * guessed


def test_bytes_that_windows_does_not_know_are_latin_1(tmp_path: Path) -> None:
    notes: list[str] = []
    with pytest.raises(RosterError, match=r"holds the character '\\x81', which no name has"):
        read(saved(tmp_path, b"id,name\ns1,\xc9ve \x81\n"), notes.append)


def test_every_column_that_is_known() -> None:
    text = "id,name,email,group,room\ns1,Ada,ada@example.org,Tuesday,3\ns2,Bob\n"
    assert parse(text) == (Student("s1", "Ada", "ada@example.org", "Tuesday"), Student("s2", "Bob"))


@pytest.mark.parametrize(
    "name",
    [
        r"\input{/etc/passwd}",
        "<script>alert(1)</script>",
        '=HYPERLINK("http://example.org","x")',
        "../../x",
        "O'Brien & Søn 100% #1 _x_ ^",
        "李小龍",
        "عائشة",
        "Robert'); DROP TABLE students;--",
        "नि‍ज",  # a joiner that belongs to the script
    ],
)
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    quoted = name.replace('"', '""')
    assert parse(f'id,name\ns1,"{quoted}"\n') == (Student("s1", name),)


def test_accents_are_composed_so_that_equal_names_are_equal() -> None:
    assert parse("id,name\ns1,Zoe\u0308\n") == (Student("s1", "Zoë"),)


def test_ten_thousand_rows() -> None:
    text = "id,name\n" + "".join(f"{number:05},Student {number}\n" for number in range(10_000))
    found = parse(text)
    assert len(found) == 10_000
    assert found[0].id == "00000", "an id is text: its zeros stay"


students = st.lists(
    st.builds(
        Student,
        id=st.from_regex(r"[A-Za-z0-9._@/\\=+-]{1,20}", fullmatch=True).filter(
            lambda x: not roster._CUT_SHORT.fullmatch(x)
        ),
        name=st.text(
            # U+FFFD is what a program writes where it could not read a name, and is refused
            st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\ufffd"),
            min_size=1,
            max_size=30,
        ),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda student: student.id.casefold(),
)


@given(students, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_a_spreadsheet_writes_is_read(found: list[Student], delimiter: str, end: str) -> None:
    import csv
    import io
    import unicodedata

    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(["id", "name"])
    writer.writerows([student.id, student.name] for student in found)
    wanted = tuple(Student(s.id, unicodedata.normalize("NFC", s.name)) for s in found)
    assert parse(out.getvalue()) == wanted


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        parse("id,name\n" + text)
    except InputError as problem:
        said = str(problem)
    assert "\n" not in said


# --- what is wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,name\ns1,Ada\ns2,Bob\ns1,Eve\n", "r.csv:4: the id 's1' stands on line 2 already"),
        ("id,name\ns1,Ada\nS1,Bob\n", "r.csv:3: the id 'S1' stands on line 2 already (as 's1'; small and capital"),
        ("id,name\ns1,Ada\ns2,\n", "r.csv:3: the student with the id 's2' has no name"),
        ("id,name\ns1,Ada\ns2,  \n", "r.csv:3: the student with the id 's2' has no name"),
        ("id,name\n,Ada\n", "r.csv:2: 'Ada' has no id; every student needs one of her own"),
        ("id,name,email\n,,x@y\n", "r.csv:2: a student has no id; every student"),
        ("id,name\n1.23E+08,Ada\n", "r.csv:2: the spreadsheet has cut the id '1.23E+08' short; make its column text"),
        (
            "id,name\ns1,Lovelace, Ada\n",
            "r.csv:2: there are 3 cells, and the first line names 2 columns; a name with a",
        ),
        ('id,name\ns1,"Ada\ns2,Bob\n', "r.csv:2: this can't be read as CSV: a quotation mark is opened and not closed"),
        ('id,name\ns1,"Ada"x\n', "r.csv:2: this can't be read as CSV: a quotation mark inside a cell is written twice"),
        ('id,name\ns1,=HYPERLINK("a","b")\n', "r.csv:2: this can't be read as CSV: a quotation mark inside a cell is"),
        ("id,name\ns1," + "x" * 140_000, "a cell has more than 131,072 characters; is a quotation mark not closed?"),
        ("id,name\né1,Ada\ne\u03011,Bob\n", "r.csv:3: the id 'é1' stands on line 2 already"),
        ("id,name\nＡ1,Ada\na1,Bob\n", "r.csv:3: the id 'a1' stands on line 2 already (as 'Ａ1'; they read alike)"),
        ("id,name\ns\u200b1,Ada\ns1,Bob\n", "r.csv:3: the id 's1' stands on line 2 already"),
        ("id,name\ns1,A\x00da\n", "r.csv:2: 'A\\x00da' holds the character '\\x00', which no name has"),
        ("id,name\ns1,\ufffdve\n", "which no name has; write it again"),
        (f"id,name\n{'9' * 65},Ada\n", "has 65 characters; an id has at most 64"),
        (f"id,name\ns1,{'x' * 201}\n", "has 201 characters; it has at most 200"),
        ("id,name\n", "r.csv:1: there is nobody below the line that names the columns"),
        ("", "r.csv:1: the first line is empty; it names the columns, such as id,name,email"),
        ("\nid,name\n", "r.csv:1: the first line is empty"),
        ("s1,Ada\ns2,Bob\n", "there is none for an id and a name among 's1' and 'Ada': write id,name,email"),
        (
            "id,email\ns1,x@y\n",
            "r.csv:1: the first line names the columns; there is none for a name among 'id' and 'email'",
        ),
        ("name\nAda\n", "there is none for an id among 'name'"),
        ("id,first name\ns1,Ada\n", "there is none for a name among 'id' and 'first name'"),
        ("id,name,Name\ns1,Ada,Bob\n", "r.csv:1: there are two columns 'name'; leave one of them out"),
        ("sep=;\nid;name\ns1;Ada\ns1;Bob\n", "r.csv:4: the id 's1' stands on line 3 already"),
        ('id,name\n"s1","Ada\nL"\ns1,Bob\n', "r.csv:4: the id 's1' stands on line 2 already"),
    ],
)
def test_each_trouble_is_one_clear_line_with_its_number(text: str, words: str) -> None:
    with pytest.raises(RosterError) as caught:
        parse(text, "r.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_problems_are_listed() -> None:
    with pytest.raises(RosterError) as caught:
        parse("id,name\ns1,\ns2,Bob\ns2,Eve\n,Zed\n", "r.csv")
    assert [line.partition(": ")[0] for line in caught.value.lines] == ["r.csv:2", "r.csv:4", "r.csv:5"]
    assert str(caught.value).endswith("has no name (and 2 problems more, on lines 4 and 5)")


def test_problems_survive_pickling() -> None:
    import pickle

    problem = RosterError(["r.csv:2: one", "r.csv:3: two"])
    again = pickle.loads(pickle.dumps(problem))
    assert (str(again), again.lines) == (str(problem), problem.lines)


def test_a_roster_that_is_far_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MOST_STUDENTS", 3)
    with pytest.raises(RosterError, match=r"r\.csv:5: a roster has at most 3 students; split it"):
        parse("id,name\n" + "".join(f"s{n},N\n" for n in range(9)), "r.csv")


def test_files_that_are_no_rosters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"there is no file .*; a roster is a CSV file with the columns id and name"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder; name the roster in it"):
        read(tmp_path)
    with pytest.raises(InputError, match="is a spreadsheet, not a CSV file; save it as CSV"):
        read(saved(tmp_path, b"PK\x03\x04rest"))
    with pytest.raises(InputError, match="is a spreadsheet, not a CSV file; save it as CSV"):
        read(saved(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"))
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        with pytest.raises(InputError, match="is no text in UTF-8; save it as CSV"):
            read(saved(tmp_path, "id,name\ns1,Ada\n".encode(encoding)))
    with pytest.raises(InputError, match="begins as Unicode and does not go on so; save it again as UTF-8"):
        read(saved(tmp_path, b"\xef\xbb\xbf\xff\xff"))
    monkeypatch.setattr(roster, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="so it is no roster"):
        read(saved(tmp_path, "id,name\ns1,Ada\n"))


# --- names of files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", ["s1", "2026-001", "ada_l", "ABC"])
def test_an_id_that_can_name_a_file_does(id_: str) -> None:
    assert safe_name(Student(id_, "x")) == id_


@pytest.mark.parametrize(
    ("id_", "beginning"),
    [
        ("../../x", "x-"),
        ("a/b", "a-b-"),
        ("=1+1", "1-1-"),
        ("Zoë", "Zoe-"),
        ("CON", "CON-"),
        ("-rf", "rf-"),
        ("李", ""),
    ],
)
def test_other_ids_get_a_harmless_name(id_: str, beginning: str) -> None:
    name = safe_name(Student(id_, "x"))
    assert name.startswith(beginning)
    assert name != id_


@given(st.lists(st.text(min_size=1, max_size=64), min_size=2, max_size=20, unique=True))
def test_names_of_files_are_plain_and_nobody_elses(ids: list[str]) -> None:
    names = [safe_name(Student(id_, "x")) for id_ in ids]
    assert len(set(names)) == len(ids)
    for name in names:
        assert 0 < len(name) <= 60
        assert name[0] != "-"
        assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
