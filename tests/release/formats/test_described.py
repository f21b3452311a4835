"""What describes a release says the same in each form, keeps to each form's rules, and holds no row."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.model import Instrument
from release.formats.ddi import NAMESPACE, write_ddi
from release.formats.variables import variables_of
from release.made import Release
from tests.release.formats.making import item, made_of, with_order

# The children that DDI-Codebook 2.5 lets stand in an element, in their order (field-level documentation of the
# schema, codebook.xsd); only those parts of it that are written. A name with ! must be there.
ORDER = {
    "codeBook": "docDscr stdyDscr! fileDscr dataDscr otherMat",
    "docDscr": "citation guide docStatus docSrc controlledVocabUsed notes",
    "stdyDscr": "citation! studyAuthorization stdyInfo studyDevelopment method dataAccs othrStdyMat notes",
    "citation": "titlStmt! rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes",
    "titlStmt": "titl! subTitl altTitl parTitl IDNo",
    "prodStmt": "producer copyright prodDate prodPlac software fundAg grantNo",
    "verStmt": "version verResp notes",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation",
    "dataAccs": "setAvail useStmt notes",
    "useStmt": "confDec specPerm restrctn contact citReq deposReq conditions disclaimer",
    "fileDscr": "fileTxt locMap notes",
    "fileTxt": "fileName fileCitation dataFingerprint fileCont fileStrc dimensns fileType format filePlac dataChck "
    "ProcStat dataMsng software verStmt",
    "dimensns": "caseQnty varQnty logRecL recPrCas recNumTot",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "var": "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng undocCod universe "
    "TotlResp sumStat txt stdCatgry catgryGrp catgry codInstr verStmt concept derivation varFormat geoMap catLevel "
    "notes",
    "invalrng": "range item key notes",
    "catgry": "catValu labl txt catStat mrow",
}
ALLOWED = {
    "intrvl": {"contin", "discrete"},
    "nature": {"nominal", "ordinal", "interval", "ratio", "percent", "other"},
    "missing": {"Y", "N"},
    "type": {"numeric", "character"},
    "version": {"2.5"},
}
# Every attribute that is written, by element; ID and xml:lang may stand at each. A name with ! must be there.
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATTRIBUTES = {
    "codeBook": "version", "fileType": "charset", "var": "name! files intrvl nature", "item": "VALUE",
    "catgry": "missing", "varFormat": "type",
}  # fmt: skip
ONCE = {"caseQnty", "varQnty", "varFormat", "security", "catValu", "fileType", "confDec", "restrctn", "conditions"}


def local(element: ET.Element) -> str:
    assert element.tag.startswith(f"{{{NAMESPACE}}}")
    return element.tag.split("}")[1]


def against_the_rules(root: ET.Element) -> list[str]:
    """What in a description is against the order or the required parts of the schema."""
    wrong = []
    for element in root.iter():
        name, children = local(element), [local(child) for child in element]
        order = ORDER.get(name, "").split()
        places = {one.rstrip("!"): place for place, one in enumerate(order)}
        if [places.get(child, -1) for child in children] != sorted(places.get(child, -1) for child in children):
            wrong.append(f"order in {name}")
        wrong += [f"{child} in {name}" for child in children if child not in places]
        wrong += [f"no {one[:-1]} in {name}" for one in order if one.endswith("!") and one[:-1] not in children]
        wrong += [f"{child} twice in {name}" for child in set(children) & ONCE if children.count(child) > 1]
        known = ATTRIBUTES.get(name, "").split()
        may = {"ID", LANG, *(one.rstrip("!") for one in known)}
        wrong += [f"{key} of {name}" for key in element.attrib if key not in may]
        wrong += [f"no {one[:-1]} of {name}" for one in known if one.endswith("!") and one[:-1] not in element.attrib]
        wrong += [f"{key}={value}" for key, value in element.attrib.items() if value not in ALLOWED.get(key, {value})]
    return wrong


def test_ddi_keeps_to_the_rules_of_the_schema(written: Path) -> None:
    root = ET.parse(written / "ddi.xml").getroot()  # noqa: S314 (our own file)
    assert against_the_rules(root) == []
    ids = [one.attrib["ID"] for one in root.iter() if "ID" in one.attrib]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", one) for one in ids)
    assert {one.attrib["files"] for one in root.iter() if "files" in one.attrib} <= set(ids)
    assert not [one for one in root.iter(f"{{{NAMESPACE}}}invalrng") if not len(one)]


def test_a_description_against_the_rules_would_be_noticed(written: Path) -> None:
    root = ET.parse(written / "ddi.xml").getroot()  # noqa: S314
    var = root.findall(f".//{{{NAMESPACE}}}var")[1]
    var.append(var[0])
    root.remove(root[1])
    var.set("shown", "yes")
    del root.findall(f".//{{{NAMESPACE}}}var")[2].attrib["name"]
    assert against_the_rules(root) == ["no stdyDscr in codeBook", "order in var", "shown of var", "no name of var"]


def test_ddi_tells_every_variable_code_and_missing_value(release: Release, written: Path) -> None:
    spaces = {"d": NAMESPACE}
    root = ET.parse(written / "ddi.xml").getroot()  # noqa: S314
    variables = root.findall(".//d:var", spaces)
    assert [one.attrib["name"] for one in variables] == release.frame.columns
    fair = variables[release.frame.columns.index("yp_contact_fair")]
    told = {one.findtext("d:catValu", "", spaces): one for one in fair.findall("d:catgry", spaces)}
    assert told["4"].findtext("d:labl", "", spaces) == "Fairly"
    assert {code for code, one in told.items() if one.attrib.get("missing") == "Y"} == {"-1", "-2", "-6", "-8", "-9"}
    assert {one.attrib["VALUE"] for one in fair.findall("d:invalrng/d:item", spaces)} >= {"-8", "-9"}
    arabic = [one.text for one in told["-9"] if "ar" in one.attrib.values()]
    assert arabic == ["تُرك فارغًا"]


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=40))
def test_ddi_is_xml_whatever_a_label_holds(
    instrument: Instrument, tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    made = made_of(instrument, {item("said", words or "x", {"1": words}): [1]})
    path = tmp_path_factory.getbasetemp() / "hostile.xml"
    write_ddi(made, variables_of(made, "en"), path)
    assert against_the_rules(ET.parse(path).getroot()) == []  # noqa: S314


def test_the_data_package_describes_data_csv(release: Release, written: Path) -> None:
    told = json.loads((written / "datapackage.json").read_text("utf-8"))
    (data,) = told["resources"]
    assert data["hash"] == "sha256:" + hashlib.sha256((written / "data.csv").read_bytes()).hexdigest()
    fields = {one["name"]: one for one in data["schema"]["fields"]}
    assert list(fields) == release.frame.columns
    fair = fields["yp_contact_fair"]
    assert (fair["type"], fields["yp_fair_1"]["categoriesOrdered"]) == ("integer", True)
    assert {"value": 4, "label": "Fairly"} in fair["categories"]
    assert {"value": "-9", "label": "Left blank"} in fair["missingValues"]
    assert data["schema"]["primaryKey"] == ["research_id"]


def test_the_codebook_tells_each_column_in_order(release: Release, written: Path) -> None:
    with (written / "codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["variable"] for row in rows] == release.frame.columns
    contact = next(row for row in rows if row["variable"] == "yp_contact")
    assert "with yp_contact__1, yp_contact__2" in contact["in_sav_and_dta"]


class Page(HTMLParser):
    """What a page loads, runs and says about itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs))


@pytest.mark.parametrize(
    ("name", "language", "direction", "title"),
    [("codebook.html", "en", "ltr", "Codebook"), ("codebook.ar.html", "ar", "rtl", "دليل الرموز")],
)
def test_the_codebook_page_stands_alone(written: Path, name: str, language: str, direction: str, title: str) -> None:
    text = (written / name).read_text("utf-8")
    page = Page(text)
    assert page.found["html"] == [{"lang": language, "dir": direction}]
    assert {"script", "link", "img", "iframe"} & set(page.found) == set()
    assert not [one for found in page.found.values() for one in found if {"style", "src", "onclick"} & set(one)]
    assert f"<h1>{title}" in text
    assert "@media print" in text


def test_the_codebook_page_shows_hostile_words_as_words(instrument: Instrument, tmp_path: Path) -> None:
    from release.formats.page import write_page

    made = made_of(instrument, {item("said", "<script>alert(1)</script>", {"1": '"><img src=x>'}): [1]})
    write_page(made, variables_of(made, "en"), tmp_path / "codebook.html")
    assert {"script", "img"} & set(Page((tmp_path / "codebook.html").read_text("utf-8")).found) == set()


def test_no_description_holds_a_row(release: Release, written: Path) -> None:
    told = [path.read_text("utf-8") for path in written.iterdir() if path.suffix in (".html", ".xml", ".json")]
    told.append((written / "codebook.csv").read_text("utf-8"))
    assert not [one for one in told if "R01" in one or "R12" in one]
    assert with_order(release, formats=("csv",)).frame["research_id"][0] == "R01"
