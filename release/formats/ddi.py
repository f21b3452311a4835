"""ddi.xml: the release described in DDI-Codebook 2.5, as archives take it in. Describes data.csv; holds no row.

Elements stand in the order that the standard's schema wants; words in every language of labels that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET  # noqa: S405 (writes, never reads)

from instruments.model import Text
from release.formats.variables import Code, Variable, variables_of
from release.made import Release
from release.versions import asked_in

NAMESPACE, VERSION = "ddi:codebook:2_5", "2.5"
XML_LANG = "xml:lang"
# What XML 1.0 cannot hold, whatever is written in its place.
NEVER = {code: "�" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF) if code not in (0x9, 0xA, 0xD)}
NEVER |= {code: "�" for code in range(0xD800, 0xE000)}
FILE = "F1"


def write_ddi(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Write the whole description."""
    ordered = release.specification
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": VERSION, XML_LANG: ordered.language})
    _document(root, release)
    _study(root, release)
    _file(root, release, variables)
    told = {language: variables_of(release, language) for language in ordered.label_languages}
    data = ET.SubElement(root, "dataDscr")
    for place in range(len(variables)):
        _variable(data, place, {language: ours[place] for language, ours in told.items()}, release)
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")


def _document(root: ET.Element, release: Release) -> None:
    citation = ET.SubElement(ET.SubElement(root, "docDscr"), "citation")
    _put(ET.SubElement(citation, "titlStmt"), "titl", f"{_title(release)}: {release.specification.purpose}")
    _put(ET.SubElement(citation, "prodStmt"), "software", "Amanah")


def _study(root: ET.Element, release: Release) -> None:
    ordered, newest = release.specification, release.instruments[0]
    study = ET.SubElement(root, "stdyDscr")
    citation = ET.SubElement(study, "citation")
    titles = ET.SubElement(citation, "titlStmt")
    _put(titles, "titl", _title(release))
    for language in ordered.label_languages[1:]:
        if newest.title.speaks(language):
            _put(titles, "parTitl", newest.title.in_language(language), language)
    _put(titles, "IDNo", newest.study)
    _put(ET.SubElement(citation, "verStmt"), "version", ", ".join(version.version for version in release.instruments))
    _put(ET.SubElement(study, "stdyInfo"), "abstract", f"Released for: {ordered.purpose}")
    _access(ET.SubElement(ET.SubElement(study, "dataAccs"), "useStmt"), release)


def _access(use: ET.Element, release: Release) -> None:
    ordered = release.specification
    _put(use, "confDec", "Nobody may try to find out who a row is about, nor join these rows with others to do so.")
    if ordered.recipient:
        _put(use, "restrctn", f"For {ordered.recipient}. Licence: {ordered.licence}.")
    else:
        _put(use, "restrctn", f"Licence: {ordered.licence}.")
    protected = f"Each row is like at least {ordered.k - 1} others in what people around could know (k = {ordered.k})."
    _put(use, "conditions", protected + (f" Legal ground: {ordered.legal_ground}." if ordered.legal_ground else ""))


def _file(root: ET.Element, release: Release, variables: Sequence[Variable]) -> None:
    text = ET.SubElement(ET.SubElement(root, "fileDscr", {"ID": FILE}), "fileTxt")
    _put(text, "fileName", "data.csv" if "csv" in release.specification.formats else "data")
    sizes = ET.SubElement(text, "dimensns")
    _put(sizes, "caseQnty", str(release.frame.height))
    _put(sizes, "varQnty", str(len(variables)))
    ET.SubElement(text, "fileType", {"charset": "UTF-8"}).text = "text/csv"


def _variable(data: ET.Element, place: int, told: Mapping[str, Variable], release: Release) -> None:
    one = next(iter(told.values()))
    names = {"ID": f"V{place + 1}", "name": _clean(one.name), "files": FILE, "intrvl": _interval(one)}
    var = ET.SubElement(data, "var", {**names, "nature": "interval" if one.measure == "scale" else one.measure})
    _labels(var, {language: ours.label for language, ours in told.items()})
    _put(var, "security", one.privacy or "ordinary")
    _missing_range(var, one)
    if place:
        _put(var, "universe", ", ".join(one.groups) or "everyone")
        _put(var, "txt", f"Released at level {one.level}. In versions: {_versions(release, place)}.")
    for code in one.words:
        _category(var, code, told)
    _format(var, one)


def _versions(release: Release, place: int) -> str:
    return ", ".join(asked_in(release, release.columns[place - 1]))


def _interval(one: Variable) -> str:
    return "contin" if one.measure == "scale" else "discrete"


def _missing_range(var: ET.Element, one: Variable) -> None:
    if one.missing:
        invalid = ET.SubElement(var, "invalrng")
        for code in one.missing:
            ET.SubElement(invalid, "item", {"VALUE": str(code)})


def _category(var: ET.Element, code: Code, told: Mapping[str, Variable]) -> None:
    one = next(iter(told.values()))
    category = ET.SubElement(var, "catgry", {"missing": "Y"} if code in one.missing else {})
    _put(category, "catValu", str(code))
    _labels(category, {language: ours.words.get(code, "") for language, ours in told.items()})


def _labels(parent: ET.Element, told: Mapping[str, str]) -> None:
    # Where a study has no words in a language, the first language's stand in for them, and are told once.
    first = next(iter(told))
    for language, words in told.items():
        if language == first or words != told[first]:
            _put(parent, "labl", words, language)


def _format(var: ET.Element, one: Variable) -> None:
    ET.SubElement(var, "varFormat", {"type": "numeric" if one.kind == "whole" else "character"})


def _title(release: Release) -> str:
    title: Text = release.instruments[0].title
    return title.in_language(release.specification.language)


def _put(parent: ET.Element, name: str, words: str, language: str = "") -> None:
    ET.SubElement(parent, name, {XML_LANG: language} if language else {}).text = _clean(words)


def _clean(words: str) -> str:
    return words.translate(NEVER)
