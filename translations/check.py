"""Extract the interface's words, update every language, and refuse anything missing, fuzzy or broken.

`python translations/check.py` checks; `--update` first rewrites every messages.pot, .po and .mo. Sentences go to
a translator and come back as JSON: `--missing ur > file`, `--unreviewed ur > file`, `--fill ur file`. A review is
written down with `--reviewed ur "Name of who reviewed it" 2026-12-01`. docs/languages.md says how to use them.
The study's own texts are not here: they stand in its sheets, in columns of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from translations.deeds import main

    raise SystemExit(main(sys.argv[1:]))
