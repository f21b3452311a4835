"""What was printed, read back from the PDF: how many pages, where letters and ink stand, and what a QR code says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2
import segno

MM = 72 / 25.4  # points
DOTS = 4  # to the millimetre, of a page that is looked at
DARK = 128
SIZES = {"A4": (210, 297), "A5": (148, 210)}
SMALLEST_CODE, LARGEST_CODE = 15, 90  # millimetres, of what may be a QR code
PATH = 2  # PDFium's number of a drawn path
ROUNDING = 0.3  # millimetres

Ink = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Page:
    """One page, in millimetres: its text as it was drawn, where ink is, and drawings that may be QR codes."""

    size: tuple[int, int]
    text: str
    digits: tuple[str, ...]  # of each line, from left to right, whatever its language
    ink: Ink = field(repr=False)
    squares: tuple[tuple[float, float, float, float], ...] = field(repr=False)  # left, top, right, bottom

    @property
    def is_blank(self) -> bool:
        return not self.ink.any()

    def edges(self) -> tuple[float, float, float, float]:
        """How far the ink stays from each edge: left, top, right, bottom."""
        height, width = self.ink.shape
        down, across = self.ink.any(axis=1).nonzero()[0], self.ink.any(axis=0).nonzero()[0]
        ends = (across[0], down[0], width - 1 - across[-1], height - 1 - down[-1])
        return tuple(float(one) / DOTS for one in ends)  # type: ignore[return-value]

    @property
    def coverage(self) -> float:
        """The share of the page that is black."""
        return float(self.ink.mean())

    def is_cut(self, margin: float) -> bool:
        """Whether ink runs into the lower edge of what lies within this margin: it would go on on the next page."""
        end = self.ink.shape[0] - round(margin * DOTS)
        return bool(self.ink[end - 1 : end + 1].any())

    def codes(self, told: Sequence[str]) -> list[float]:
        """How wide each QR code is that says one of these, read module by module."""
        return [side for side, said in self._codes() if any(_same(said, one) for one in told)]

    def _codes(self) -> Iterator[tuple[float, Ink]]:
        for left, top, right, bottom in self.squares:
            part = self.ink[round(top * DOTS) : round(bottom * DOTS), round(left * DOTS) : round(right * DOTS)]
            down, across = part.any(axis=1).nonzero()[0], part.any(axis=0).nonzero()[0]
            if len(down) and len(across):
                yield right - left, part[down[0] : down[-1] + 1, across[0] : across[-1] + 1]


def _same(part: Ink, told: str) -> bool:
    wanted = np.array([[bool(one) for one in row] for row in segno.make(told, error="m", micro=False).matrix])
    height, width = part.shape
    at = (np.arange(len(wanted)) + 0.5) / len(wanted)
    return bool((part[np.ix_((at * height).astype(int), (at * width).astype(int))] == wanted).all())


@dataclass(frozen=True)
class Paper:
    """A printed thing."""

    pdf: bytes = field(repr=False)

    @cached_property
    def pages(self) -> list[Page]:
        with pypdfium2.PdfDocument(self.pdf) as document:
            return [_page(document[at]) for at in range(len(document))]

    @property
    def text(self) -> str:
        """All that is written on it, with one space between words."""
        return " ".join(" ".join(page.text for page in self.pages).split())


def _page(page: pypdfium2.PdfPage) -> Page:
    width, height = page.get_size()
    grey = page.render(scale=DOTS / MM, grayscale=True).to_numpy()
    text = page.get_textpage()
    return Page(
        (round(width / MM), round(height / MM)),
        text.get_text_bounded(),
        tuple(_digits(text)),
        grey.reshape(grey.shape[0], grey.shape[1]) < DARK,
        tuple(_squares(page, height)),
    )


def _digits(text: pypdfium2.PdfTextPage) -> Iterator[str]:
    """Where digits stand, not in which order they were drawn."""
    lines: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for at, letter in enumerate(text.get_text_range()):
        if letter in "0123456789":
            left, bottom, right, top = text.get_charbox(at)
            lines[round((bottom + top) / 6)].append((left, letter))
    for _, line in sorted(lines.items(), reverse=True):
        yield "".join(letter for _, letter in sorted(line))


def _squares(page: pypdfium2.PdfPage, height: float) -> Iterator[tuple[float, float, float, float]]:
    for one in page.get_objects(filter=[PATH]):
        left, bottom, right, top = one.get_bounds()
        wide, high = (right - left) / MM, (top - bottom) / MM
        if SMALLEST_CODE <= wide <= LARGEST_CODE and abs(wide - high) < 2:
            yield left / MM, (height - top) / MM, right / MM, (height - bottom) / MM
