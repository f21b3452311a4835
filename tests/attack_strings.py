"""What is typed into every field by whoever wants to break it, and what must never come back."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

PRODUCT = str(91733 * 91813)  # what a template that is evaluated would say
MARK = "xq7f3a"
ATTACKS: Mapping[str, str] = {
    "sql": f"' OR '1'='1' --{MARK}",
    "sql, stacked": "1'; DROP TABLE staff; DROP TABLE records; --",
    "sql, union": "-1 UNION SELECT name, sql FROM sqlite_master --",
    "sql, LIKE": "%' ESCAPE '%",
    "jinja": "{{91733*91813}}{% print(91733*91813) %}",
    "jinja, objects": "{{config}}{{self.__init__.__globals__}}{{''.__class__.__mro__}}",
    "expression languages": "${91733*91813} #{91733*91813} <%= 91733*91813 %> *{91733*91813} @(91733*91813)",
    "html": f"<{MARK}><script>alert(1)</script>",
    "attribute": f"\" {MARK}=1 autofocus onfocus=alert(1) x='",
    "end of script": f"</script></textarea></title><{MARK}>",
    "javascript": "javascript:alert(1)//",
    "header": f"en\r\nX-{MARK}: yes\r\nSet-Cookie: {MARK}=1\r\n\r\n<{MARK}>",
    "path": "../../../../../../etc/passwd",
    "path, encoded": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "path, windows": "..\\..\\..\\windows\\win.ini\0.png",
    "path, absolute": "/etc/passwd",
    "redirect": f"//{MARK}.example/",
    "redirect, backslash": f"/\\{MARK}.example",
    "redirect, whole": f"https://{MARK}.example/\t",
    "format": "%s%n%x%(name)s{0.__class__}{name!r:>99999999}",
    "shell": "$(sleep 9)`sleep 9`|sleep 9;sleep 9",
    "formula": '=HYPERLINK("//evil","x")+cmd|\'/c calc\'!A0',
    "xml": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><{MARK}>&b;</{MARK}>',
    "json": '{"$ne": null, "__proto__": {"role": "administrator"}}',
    "controls": "\u202e\u2066\u0000\u0007\u001b[2J\ufeff\u2028\x85",
    "surrogate": "\ud800\udfff\udc80",
    "number": "9" * 400,
    "number, odd": "-1e309",
    "digits elsewhere": "٣۳৩²½",
    "huge": "A" * 30_000,
    "combining": "e" + "\u0301" * 500,
    "nothing": "",
}  # fmt: skip
# Raw in a page, these would be markup, a secret, or the machine's insides.
NEVER = (
    f"<{MARK}", f'" {MARK}=1', f"' {MARK}=1", PRODUCT, "root:x:0", "Traceback (most", "sqlalchemy.", "OperationalError",
    "<class '", "CREATE TABLE", "SECRET_KEY", "jinja2.",
)  # fmt: skip


def _workbook(cell: str, head: str = "", extra: Mapping[str, bytes] | None = None) -> bytes:
    """A small workbook by hand, so that what no library would write can stand in it."""
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    packages = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {packages}><Relationship Id="a" Type="{rels}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{rels}"><sheets><sheet name="survey" sheetId="1" r:id="a"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships {packages}><Relationship Id="a" Type="{rels}/worksheet" '
        'Target="sheet.xml"/></Relationships>',
        "xl/sheet.xml": f'{head}<worksheet {main}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is>'
        f'</c></row><row r="2"><c r="A2" t="inlineStr">{cell}</c></row></sheetData></worksheet>',
    }
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in ({**members, **(extra or {})}).items():
            packed.writestr(name, data)
    return written.getvalue()


def files() -> Mapping[str, tuple[str, bytes]]:
    """Files to hand in wherever a page takes one: their names are attacks as well."""
    entity = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    laughs = "<!DOCTYPE a [<!ENTITY b 'ha'>" + "".join(
        f"<!ENTITY {chr(99 + n)} '{f'&{chr(98 + n)};' * 10}'>" for n in range(9)
    )
    return {
        "outside entity": ("../../etc/passwd.xlsx", _workbook("<is><t>&b;</t></is>", entity)),
        "billion laughs": ("a\r\nX-a: b.xlsx", _workbook("<is><t>&k;</t></is>", laughs + "]>")),
        "bomb": (f"<{MARK}>.xlsx", _workbook("<is><t>note</t></is>", extra={"xl/media/a.bin": b"\0" * 30_000_000})),
        "formula": ("{{91733*91813}}.xlsx", _workbook("<f>HYPERLINK(&quot;//evil&quot;)</f><v>1</v>")),
        "path": ("C:\\a\\b.xlsx", _workbook("<is><t>note</t></is>", extra={"../../../tmp/x": b"x"})),
        "text": ("form.csv", f"survey,\n,type,name,label\n,note,<{MARK}>,=1+1\n".encode()),
        "table": ("form.md", b"| survey | | |\n| | type | name |\n| | text | {{91733*91813}} |\n"),
        "xml": ("form.xml", ATTACKS["xml"].encode()),
        "nothing": ("", b""),
        "zeros": ("a.xlsx\0.md", b"\0" * 1000),
    }
