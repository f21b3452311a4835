"""A form is read from every kind of file that teams have it in, and nothing in a file does more than give cells."""

from __future__ import annotations

import contextlib
import csv
import io
import random
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from pyxform import aliases

from errors import InstrumentError, Problem
from instruments.workbooks import Workbook, read_bytes, read_workbook
from instruments.workbooks.cells import Wrong, date_text, number_text
from instruments.workbooks.headings import ALIASES, NAMES, canonical

ROOT = Path(__file__).parents[2]
Table = Sequence[Sequence[object]]
FORM: Mapping[str, Table] = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Urdu (ur)", "relevant"],
        ["select_one freq5", "fair", "How often | is it\u00a0fair?", "کتنی بار؟", ""],
        ["", "", "", "", ""],
        ["integer", "age", "  Your age  ", "آپ کی عمر", "${fair} != 2"],
    ],
    "choices": [
        ["list name", "value", "label::English (en)", "label::Urdu (ur)"],
        ["freq5", 1, "Cafe\u0301", "کبھی نہیں"],
        ["freq5", 2, "Always", "ہمیشہ"],
    ],
    "settings": [["form_title", "version"], ["Trust", "2026.1"]],
}
STRINGS = "xl/sharedStrings.xml"
MAIN = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
LARGEST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def xlsx(form: Mapping[str, Table], change: Callable[[openpyxl.Workbook], object] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in form.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    change(book)
    return saved(book)


def xls(form: Mapping[str, Table], change: Callable[[xlwt.Workbook], object] = lambda _: None) -> bytes:
    book = xlwt.Workbook()
    for name, rows in form.items():
        sheet = book.add_sheet(name)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(place, column, cell)
    change(book)
    return saved(book)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def one_csv(form: Mapping[str, Table]) -> bytes:
    lines: list[list[object]] = []
    for name, rows in form.items():
        lines += [[name], *(["", *row] for row in rows)]
    return csv_text(lines).encode("utf-8-sig")


def markdown(form: Mapping[str, Table]) -> bytes:
    lines = ["# A form of ours", ""]
    for name, rows in form.items():
        lines.append(f"| {name} |")
        lines += ["| | " + " | ".join(str(cell).replace("|", r"\|") for cell in row) + " |" for row in rows]
        lines.append("|---|---|")
    return "\r\n".join(lines).encode()


def folder_of(form: Mapping[str, Table], folder: Path) -> Path:
    folder.mkdir()
    for name, rows in form.items():
        (folder / f"{name}.csv").write_text(csv_text(rows), "utf-8", newline="")
    return folder


def repacked(data: bytes, change: Callable[[dict[str, bytes]], object], **how: Any) -> bytes:
    """A workbook with its members changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **({"compression": zipfile.ZIP_DEFLATED} | how)) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return file.getvalue()


def with_shared_strings(data: bytes) -> bytes:
    """A workbook as spreadsheet programs save it: each text once, in a member of its own. openpyxl has them inline."""
    texts: list[bytes] = []

    def shared(found: re.Match[bytes]) -> bytes:
        texts.append(b"<si>" + found.group(1) + b"</si>")
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    def change(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith("xl/worksheets/sheet")]:
            members[name] = re.sub(rb't="inlineStr"><is>(.*?)</is></c>', shared, members[name], flags=re.DOTALL)
        members[STRINGS] = MAIN + b"".join(texts) + b"</sst>"
        links = members["xl/_rels/workbook.xml.rels"]
        link = b'<Relationship Id="rId99" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        members["xl/_rels/workbook.xml.rels"] = links.replace(b"</Relationships>", link)

    return repacked(data, change)


def replaced(before: bytes, after: bytes, name: str = "xl/worksheets/sheet1.xml", **how: Any) -> bytes:
    def change(members: dict[str, bytes]) -> None:
        assert before in members[name]
        members[name] = members[name].replace(before, after, 1)

    return repacked(xlsx(FORM), change, **how)


def cells_of(book: Workbook) -> dict[str, list[dict[str, str]]]:
    return {name: [dict(row.cells) for row in sheet.rows] for name, sheet in book.items()}


def survey(rows: Table) -> list[dict[str, str]]:
    return cells_of(read_bytes("form.xlsx", xlsx({"survey": rows})))["survey"]


def problems_of(name: str, data: bytes) -> list[str]:
    with pytest.raises(InstrumentError) as raised:
        read_bytes(name, data)
    return [str(problem) for problem in raised.value.problems]


def is_sheets_or_refused(name: str, data: bytes) -> None:
    with contextlib.suppress(InstrumentError):
        assert "survey" in read_bytes(name, data)


def test_a_cell_without_a_heading_is_told_beside_what_is_wrong_above_it() -> None:
    form = b"| survey |\n| | type | name | label |\n| | geopoint | a | A |\n| | text | b | B | stray |\n"
    told = problems_of("form.md", form)
    assert [any(words in one for one in told) for words in ("no heading above it", "geopoint")] == [True, True]


# The same form.


def test_a_form_has_the_same_cells_in_every_kind_of_file(tmp_path: Path) -> None:
    wanted = {
        "survey": [
            {
                "type": "select_one freq5",
                "name": "fair",
                "label::English (en)": "How often | is it fair?",
                "label::Urdu (ur)": "کتنی بار؟",
                "relevant": "",
            },
            {
                "type": "integer",
                "name": "age",
                "label::English (en)": "Your age",
                "label::Urdu (ur)": "آپ کی عمر",
                "relevant": "${fair} != 2",
            },
        ],
        "choices": [
            {"list_name": "freq5", "name": "1", "label::English (en)": "Café", "label::Urdu (ur)": "کبھی نہیں"},
            {"list_name": "freq5", "name": "2", "label::English (en)": "Always", "label::Urdu (ur)": "ہمیشہ"},
        ],
        "settings": [{"form_title": "Trust", "version": "2026.1"}],
    }
    assert cells_of(read_bytes("form.xlsx", xlsx(FORM))) == wanted
    assert cells_of(read_bytes("form.xlsx", with_shared_strings(xlsx(FORM)))) == wanted
    assert cells_of(read_bytes("form.xls", xls(FORM))) == wanted
    assert cells_of(read_bytes("FORM.CSV", one_csv(FORM))) == wanted
    assert cells_of(read_bytes("form.md", markdown(FORM))) == wanted
    assert cells_of(read_workbook(folder_of(FORM, tmp_path / "form"))) == wanted
    (tmp_path / "form.xlsx").write_bytes(xlsx(FORM))
    assert cells_of(read_workbook(tmp_path / "form.xlsx")) == wanted


def test_rows_keep_the_numbers_that_the_file_shows(tmp_path: Path) -> None:
    read = {
        "xlsx": read_bytes("form.xlsx", xlsx(FORM)),
        "xls": read_bytes("form.xls", xls(FORM)),
        "csv": read_bytes("form.csv", one_csv(FORM)),
        "md": read_bytes("form.md", markdown(FORM)),
        "folder": read_workbook(folder_of(FORM, tmp_path / "form")),
    }
    numbers = {kind: [row.number for row in book["survey"].rows] for kind, book in read.items()}
    assert numbers == {"xlsx": [2, 4], "xls": [2, 4], "csv": [3, 5], "md": [5, 7], "folder": [2, 4]}
    assert read["md"]["choices"].rows[0].number == 11


def test_a_sheet_is_named_with_its_file(tmp_path: Path) -> None:
    assert read_bytes("form.xlsx", xlsx(FORM))["survey"].file == "form.xlsx, sheet survey"
    assert read_workbook(folder_of(FORM, tmp_path / "form"))["survey"].file == "form/survey.csv"


def test_a_name_of_a_sheet_may_be_in_capitals_and_spaced() -> None:
    assert set(read_bytes("form.xlsx", xlsx({" Survey ": FORM["survey"]}))) == {"survey"}


def test_empty_columns_are_left_out() -> None:
    book = read_bytes("form.xlsx", xlsx({"survey": [["type", "", "name"], ["note", "", "a"]]}))
    assert book["survey"].columns == ("type", "name")
    assert book["survey"].rows[0].width == 2


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1"),
        (-3, "-3"),
        (0.1, "0.1"),
        (123456789012345, "123456789012345"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 14, 30), "2026-03-01T14:30:00"),
        ("1.0", "1.0"),
        ("two\r\nlines", "two\nlines"),
    ],
)
def test_a_cell_becomes_the_text_that_a_person_would_type(cell: object, text: str) -> None:
    form = {"survey": [["type", "name"], ["note", cell]]}
    assert read_bytes("form.xlsx", xlsx(form))["survey"].rows[0].cells["name"] == text

    def with_dates(book: xlwt.Workbook) -> None:
        style = xlwt.easyxf(num_format_str="YYYY-MM-DD hh:mm")
        sheet = book.add_sheet("survey")
        for place, row in enumerate(form["survey"]):
            for column, value in enumerate(row):
                sheet.write(place, column, value, style) if isinstance(value, date) else sheet.write(
                    place, column, value
                )

    assert read_bytes("form.xls", xls({}, with_dates))["survey"].rows[0].cells["name"] == text


def test_styled_words_and_escaped_characters_are_read_as_shown() -> None:
    words = b"<is><r><t>Your </t></r><r><t>age_x005F_1</t></r><rPh><t>not this</t></rPh></is>"
    rows = b'<row><c t="inlineStr"><is><t>type</t></is></c></row><row><c t="inlineStr">' + words + b"</c></row>"

    def change(members: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        members[name] = re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + rows + b"</sheetData>", members[name])

    book = read_bytes("form.xlsx", repacked(xlsx(FORM), change))
    assert cells_of(book)["survey"] == [{"type": "Your age_1"}]


@pytest.mark.parametrize(
    ("serial", "from_1904", "text"),
    [
        ("45000", False, "2023-03-15"),
        ("45000.604166666664", False, "2023-03-15T14:30:00"),
        ("43538", True, "2023-03-15"),
        ("0.604166666666667", False, "14:30:00"),
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("61", False, "1900-03-01"),
    ],
)
def test_a_count_of_days_becomes_a_date_as_the_spreadsheet_shows_it(serial: str, from_1904: bool, text: str) -> None:
    assert date_text(serial, from_1904) == text


@pytest.mark.parametrize("serial", ["-1", "2958465", "1e308", "nan", "inf", "x", ""])
def test_what_is_no_number_or_no_date_is_told(serial: str) -> None:
    assert isinstance(date_text(serial, False), Wrong)
    assert isinstance(number_text(serial), Wrong) == (serial in ("nan", "inf", "x", ""))


def test_dates_are_counted_from_1904_where_the_workbook_says_so() -> None:
    def since_1904(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    form = {"survey": [["type", "name"], ["note", date(2026, 3, 1)]]}
    assert cells_of(read_bytes("form.xlsx", xlsx(form, since_1904)))["survey"][0]["name"] == "2026-03-01"


# Headings.


@pytest.mark.parametrize(
    ("sheet", "told", "name"),
    [
        ("choices", "list name", "list_name"),
        ("choices", "List_Name", "list_name"),
        ("choices", "value", "name"),
        ("survey", "value", "name"),
        ("survey", "Caption", "label"),
        ("survey", "read only", "read_only"),
        ("survey", "label:English (en)", "label::English (en)"),
        ("survey", "Label :: English  (en)", "label::English (en)"),
        ("survey", "constraint message::English (en)", "constraint_message::English (en)"),
        ("survey", "bind::jr:constraintMsg::English (en)", "constraint_message::English (en)"),
        ("survey", "bind:relevant", "relevant"),
        ("survey", "bind::amanah:groups", "bind::amanah:groups"),
        ("survey", "bind:amanah:groups", "bind::amanah:groups"),
        ("survey", "media:image:English (en)", "image::English (en)"),
        ("survey", "media::image::English (en)", "image::English (en)"),
        ("survey", "jr:count", "repeat_count"),
        ("survey", "My notes", "My notes"),
        ("survey", "body::accuracy", "body::accuracy"),
        ("settings", "title", "form_title"),
        ("settings", "ID string", "form_id"),
        ("amanah", "Any Heading: at all", "Any Heading: at all"),
    ],
)
def test_a_heading_has_one_name(sheet: str, told: str, name: str) -> None:
    assert canonical(sheet, told) == name


@pytest.mark.parametrize(
    ("sheet", "theirs"),
    [("survey", aliases.survey_header), ("choices", aliases.list_header), ("settings", aliases.settings_header)],
)
def test_every_heading_that_pyxform_takes_is_known(sheet: str, theirs: Mapping[str, object]) -> None:
    plain = [heading for heading in theirs if heading not in ("body", "bind::entities:saveto")]
    assert [heading for heading in plain if canonical(sheet, heading) not in NAMES[sheet]] == []


def test_every_other_spelling_stands_in_the_document() -> None:
    told = (ROOT / "docs/workbooks.md").read_text("utf-8")
    assert [spelling for sheet in ALIASES.values() for spelling in sheet if f"`{spelling}`" not in told] == []


def test_a_column_that_stands_there_twice_is_told() -> None:
    found = problems_of("form.xlsx", xlsx({"survey": [["type", "name", "value"], ["note", "a", "b"]]}))
    assert found == [
        "form.xlsx, sheet survey, row 1, column C: this column stands there twice, as name; take one out: 'value'"
    ]


def test_a_cell_without_a_heading_is_told_once() -> None:
    found = problems_of("form.csv", one_csv({"survey": [["type"], ["note", "stray"], ["note", "more"]]}))
    assert len(found) == 1
    assert "row 3, column C" in found[0]
    assert "'stray'" in found[0]


# What is refused.


def test_every_problem_is_told_at_once() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["survey"]["C2"] = "=HYPERLINK(" + "9" * 90 + ")"
        book["survey"]["D4"] = "=1+1"
        book["choices"].merge_cells("A2:A3")
        book.create_sheet("notes to self")
        book.create_sheet("Entities")

    found = problems_of("form.xlsx", xlsx(FORM, change))
    assert "sheet survey, row 2, column label::English (en): a formula is not supported; type the value" in found[0]
    assert len(found[0].partition("formula: ")[2]) == 82
    assert "row 4, column label::Urdu (ur)" in found[1]
    assert found[1].endswith("'=1+1'")
    assert "sheet choices, row 2, column list_name: merged cells" in found[2]
    assert found[2].endswith("'A2:A3'")
    assert found[3].startswith("warning: form.xlsx, sheet notes to self: this sheet is not read")
    assert found[4].startswith("form.xlsx, sheet entities: this sheet is not supported")


def test_merged_cells_of_an_old_workbook_are_refused() -> None:
    found = problems_of("form.xls", xls(FORM, lambda book: book.get_sheet(0).merge(2, 2, 2, 3)))
    assert "row 3, column label::English (en): merged cells" in found[0]


def test_an_error_of_the_spreadsheet_is_no_text() -> None:
    found = problems_of("form.xlsx", xlsx({"survey": [["type", "name"], ["note", "#REF!"]]}))
    assert found[0].endswith("row 2, column name: this cell holds an error of the spreadsheet; type the value: '#REF!'")


def test_a_sheet_that_is_not_read_is_a_warning_only() -> None:
    book = read_bytes("form.xlsx", xlsx(FORM, lambda book: book.create_sheet("Tracking")))
    assert [warning.is_warning for warning in book.warnings] == [True]
    assert "sheet tracking" in str(book.warnings[0])
    assert read_bytes("form.xlsx", xlsx(FORM)).warnings == ()


@pytest.mark.parametrize(
    ("member", "says"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other files"),
        ("xl/connections.xml", "links to other files"),
        ("xl/queryTables/queryTable1.xml", "links to other files"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("XL/ActiveX/activeX1.xml", "embedded objects"),
    ],
)
def test_what_a_form_has_no_need_of_is_refused(member: str, says: str) -> None:
    found = problems_of("form.xlsx", repacked(xlsx(FORM), lambda members: members.update({member: b"x"})))
    assert says in found[0]
    assert member in found[0]


def test_macros_are_refused_by_their_type_and_by_their_name() -> None:
    plain = b"spreadsheetml.sheet.main+xml"
    data = repacked(
        xlsx(FORM),
        lambda members: members.update(
            {
                "[Content_Types].xml": members["[Content_Types].xml"].replace(
                    b"vnd.openxmlformats-officedocument." + plain, b"vnd.ms-excel.sheet.macroEnabled.main+xml"
                )
            }
        ),
    )
    assert "macros" in problems_of("form.xlsx", data)[0]
    assert "macros" in problems_of("form.xlsm", xlsx(FORM))[0]
    old = xls(FORM) + "_VBA_PROJECT_CUR".encode("utf-16-le")
    assert "macros" in problems_of("form.xls", old)[0]


@pytest.mark.parametrize("told", ["utf-8", "utf-16"])
@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_a_document_type_is_refused_in_every_encoding(member: str, told: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'.encode(told)
    found = problems_of("form.xlsx", repacked(SHARED, lambda members: members.update({member: bomb})))
    assert "DOCTYPE" in found[0]


def test_an_encrypted_workbook_is_refused() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
    assert "encrypted" in problems_of("form.xlsx", ole + "EncryptedPackage".encode("utf-16-le"))[0]
    assert "encrypted" in problems_of("form.xls", ole + "EncryptedPackage".encode("utf-16-le"))[0]
    assert "older .xls" in problems_of("form.xlsx", ole)[0]
    remark, password = b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00"  # kinds of record in an .xls workbook
    assert "encrypted" in problems_of("form.xls", xls(FORM).replace(remark, password, 1))[0]
    data = bytearray(xlsx(FORM))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    assert "encrypted" in problems_of("form.xlsx", bytes(data))[0]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("form.xlsx", b"", "empty"),
        ("form.xlsx", b"type,name\n", "not an .xlsx workbook"),
        ("form.xls", b"PK\x03\x04", "not an .xls workbook"),
        ("form.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
        ("form.ods", b"PK", "not supported; save it as one of .xlsx"),
        ("form", b"x", "not supported"),
        ("form.csv", b"survey\n,type\n,caf\xe9\n", "see line 3"),
        ("form.csv", "survey,type\n".encode("utf-16-le"), "empty bytes"),
        ("form.csv", b'survey\n,type\n,"never closed\n', "not CSV, see line 3"),
        ("form.csv", b",type,name\n,note,a\n", "before any sheet is named; name the sheet"),
        ("form.csv", "\u2028,,\n".encode(), "before any sheet is named; name the sheet"),
        ("form.csv", b"type,name,label\n", "there is no sheet survey"),
        ("form.csv", b"survey\n", "this sheet is empty"),
        ("form.csv", b"survey\n,type\nsurvey\n,type\n", "two sheets have this name"),
        ("form.csv", b"survey,type\n,no\x07te\n", "row 2, column type: a character that nobody can see"),
        ("form.csv", b"survey,type\n" + b",note\n" * 20_000, "may have 20,000 rows"),
        ("form.md", b"nothing of ours", "there is no sheet survey"),
        ("form.md", b"| survey | type |\n| | note |\n| | cut\n", "row 3, column type: this row of the table is cut"),
        ("../../etc/pass\nwd.csv", b"x", "pass_wd.csv"),
    ],
)
def test_a_file_that_cannot_be_a_form_is_refused_in_a_sentence(name: str, data: bytes, says: str) -> None:
    found = problems_of(name, data)
    assert any(says in problem for problem in found), found
    assert not any("\n" in problem for problem in found)


def test_a_folder_names_each_file_that_is_wrong(tmp_path: Path) -> None:
    folder = folder_of(FORM, tmp_path / "form")
    (folder / "survey.csv").write_bytes(b"type\n\xff\n")
    (folder / "choices.csv").write_bytes(b"")
    (folder / "osm.csv").write_bytes(b"x")
    with pytest.raises(InstrumentError) as raised:
        read_workbook(folder)
    told = {problem.file for problem in raised.value.problems}
    assert told == {"form/survey.csv", "form/choices.csv", "form/osm.csv"}


@pytest.mark.parametrize("name", ["nothing.xlsx", "nothing\0.xlsx", "."])
def test_a_missing_file_or_an_empty_folder_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InstrumentError):
        read_workbook(tmp_path / name)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["type"]] + [["note"]] * 20_001, "row 20001: a sheet may have 20,000 rows"),
        ([[f"c{n}" for n in range(201)]], "row 1, column GS: a sheet may have 200 columns"),
        ([["type", "n" * 251], ["note", "x"]], "row 1, column B: a heading may have 250 characters"),
        ([["type"], ["n" * 20_001]], "row 2, column type: a cell may hold 20,000 characters and this one holds 20,001"),
        ([["type"], ["e" + "\u0301\u0323" * 20]], "marks stand on one letter"),
    ],
)
def test_a_sheet_has_its_limits(rows: Table, says: str) -> None:
    found = problems_of("form.xlsx", xlsx({"survey": rows}))
    assert len(found) == 1
    assert says in found[0]


def test_a_file_of_more_than_ten_megabytes_is_refused(tmp_path: Path) -> None:
    assert "10 MB" in problems_of("form.csv", b"x" * 10_000_001)[0]
    with (tmp_path / "form.csv").open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(InstrumentError, match="10 MB"):
        read_workbook(tmp_path / "form.csv")


def test_a_list_of_problems_ends() -> None:
    found = problems_of("form.xlsx", xlsx({"survey": [["type"]] + [["=1"]] * 5_000}))
    assert len(found) == 201
    assert "put right what is named first" in found[-1]


# Nothing takes long.


def refused_within(seconds: float, data: bytes) -> str:
    """The first sentence for a workbook that is refused within this processor time, however busy the machine is."""
    start = time.process_time()
    found = problems_of("form.xlsx", data)
    assert time.process_time() - start < seconds
    return found[0]


def test_a_bomb_is_refused_by_its_word_and_a_lying_one_when_read() -> None:
    zeros = b" " * 50_000_000
    bomb = repacked(xlsx(FORM), lambda members: members.update({"xl/worksheets/sheet1.xml": zeros}))
    assert "unpacks" in refused_within(5, bomb)
    size = struct.pack("<L", len(zeros))
    assert "unpacks" in refused_within(5, bomb.replace(size, struct.pack("<L", 1_000_000_000)))
    assert "damaged" in refused_within(5, bomb.replace(size, struct.pack("<L", 900_000)))


def test_a_workbook_that_is_large_in_any_other_way_is_refused() -> None:
    many = repacked(xlsx(FORM), lambda members: members.update({f"{n}.xml": b"" for n in range(2_001)}))
    assert "unpacks" in refused_within(5, many)
    formats = b"".join(b'<numFmt numFmtId="%d" formatCode="%s"/>' % (n, b"[" * 200) for n in range(200, 1_300))
    styled = repacked(SHARED, lambda members: members.update({"xl/styles.xml": b"<styles>" + formats + b"</styles>"}))
    assert "number formats" in refused_within(5, styled)
    assert "20,000 rows" in refused_within(5, replaced(b'<row r="4">', b'<row r="9999999">'))
    # Stored and not packed: packed so well, it would be refused for that.
    cells = b'<row r="3">' + b"<c/>" * 1_000_001 + b'</row><row r="4">'
    full = replaced(b'<row r="4">', cells, compression=zipfile.ZIP_STORED)
    assert "far more cells" in refused_within(20, full)


def test_a_sheet_that_calls_itself_huge_is_read_by_what_it_holds() -> None:
    data = replaced(b'<dimension ref="A1:E4"', b'<dimension ref="A1:XFD1048576"')
    start = time.process_time()
    assert len(read_bytes("form.xlsx", data)["survey"].rows) == 2
    assert time.process_time() - start < 5


def test_empty_rows_far_below_are_no_rows() -> None:
    def change(book: openpyxl.Workbook) -> None:
        for row in range(5, 60_000, 10):
            book["survey"].row_dimensions[row].height = 20

    assert len(read_bytes("form.xlsx", xlsx(FORM, change))["survey"].rows) == 2


def test_a_large_form_is_read_in_seconds() -> None:
    head = ["type", "name", *(f"label::Language {n} (en)" for n in range(10))]
    rows = [head] + [["note", f"q{n}", *[f"words {n} {m}" for m in range(10)]] for n in range(2_000)]
    for name, data in (("form.xlsx", xlsx({"survey": rows})), ("form.xls", xls({"survey": rows}))):
        start = time.process_time()
        assert len(read_bytes(name, data)["survey"].rows) == 2_000
        assert time.process_time() - start < 20


def test_one_long_text_in_many_cells_is_not_multiplied() -> None:
    data = xlsx({"survey": [["type"], ["é" * 20_000], *[["x"]] * 1_000]})

    def change(members: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        members[name] = re.sub(rb"<v>[1-9][0-9]*</v>", b"<v>1</v>", members[name])

    assert "10,000,000 characters" in refused_within(5, repacked(with_shared_strings(data), change))


# Whatever the bytes.

SHARED = with_shared_strings(xlsx(FORM))
REAL = {"form.xlsx": SHARED, "form.xls": xls(FORM), "form.csv": one_csv(FORM), "form.md": markdown(FORM)}
NAMED = st.sampled_from(sorted(REAL))


@LARGEST
@given(NAMED, st.binary(max_size=3_000), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_random_bytes_are_sheets_or_refused(name: str, data: bytes, start: bytes) -> None:
    is_sheets_or_refused(name, start + data)


@LARGEST
@given(NAMED, st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_file_with_changed_bytes_is_sheets_or_refused(name: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(REAL[name])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    is_sheets_or_refused(name, bytes(data))


def spoil(members: dict[str, bytes], chance: random.Random) -> None:
    """Take a member out, swap two, cut one or change some of it."""
    one, other = chance.sample(sorted(members), 2)
    content = members[one]
    place = chance.randrange(len(content) + 1)
    match chance.randrange(5):
        case 0:
            del members[one]
        case 1:
            members |= {one: members[other], other: content}
        case 2:
            members[one] = content[:place]
        case 3:
            members[one] = content[:place] + b"9" + content[place + 1 :]
        case _:
            values = list(re.finditer(rb'"[^"]*"', content))
            start, end = chance.choice(values).span() if values else (0, 0)
            members[one] = content[:start] + chance.choice([b'"-1"', b'""', b'"99999999999"', b'"x"']) + content[end:]


@settings(LARGEST, max_examples=200)
@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_a_workbook_with_changed_members_is_sheets_or_refused(chance: random.Random, times: int) -> None:
    def change(members: dict[str, bytes]) -> None:
        for _ in range(times):
            spoil(members, chance)

    is_sheets_or_refused("form.xlsx", repacked(SHARED, change))


CELLS = st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes())


@LARGEST
@given(st.lists(st.lists(CELLS, max_size=4), max_size=5))
def test_random_cells_are_sheets_or_refused(rows: list[list[Any]]) -> None:
    rows = [["type", "name", "label", "hint"], *rows]
    is_sheets_or_refused("form.csv", one_csv({"survey": rows}).replace(b"\xed", b"?"))
    try:
        data = xlsx({"survey": rows})
    except (openpyxl.utils.exceptions.IllegalCharacterError, ValueError, UnicodeEncodeError, TypeError):
        return
    is_sheets_or_refused("form.xlsx", data)


# Problems.


def test_a_problem_shows_what_stands_there_only_where_the_sentence_does_not() -> None:
    assert (
        str(Problem("f.csv", "take it out", 3, "type", "geopoint"))
        == "f.csv, row 3, column type: take it out: 'geopoint'"
    )
    assert (
        str(Problem("f.csv", "the type 'geopoint' is wrong", text="geopoint")) == "f.csv: the type 'geopoint' is wrong"
    )
    assert str(Problem("f.csv", "left out", is_warning=True)) == "warning: f.csv: left out"
    assert Problem("f.csv", "wrong", text="x" * 100).text == "x" * 79 + "…"
