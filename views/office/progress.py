"""Progress: counts by site, group and month beside the quotas. Shows no number that stands for fewer than five."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import g, render_template

from fieldwork.progress import Place, Progress, progress_of
from forms.office import ButtonForm
from instruments.model import Instrument
from views.field.common import study
from views.office.notices import notices_shown
from views.office.studies import unreviewed_here
from views.plots import length_of
from views.speaking import language_here


@dataclass(frozen=True)
class Bar:
    """A group at a site: its numbers by month, and how long its bars are. 0 stands for fewer than five."""

    group: str
    finished: int
    quota: int | None
    by_month: tuple[int, ...]
    length: int
    quota_length: int

    @property
    def is_reached(self) -> bool:
        """Whether as many have finished as were wanted."""
        return self.quota is not None and self.finished >= self.quota


@dataclass(frozen=True)
class Plot:
    """One site: a bar for each group, and the months of the table beside it."""

    site: str
    bars: tuple[Bar, ...]
    months: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Groups and sites in words."""

    instrument: Instrument
    language: str

    def group(self, name: str) -> str:
        """The group's title; the name itself where only an earlier version had such a group."""
        titles = {group.name: group.title.in_language(self.language) for group in self.instrument.groups}
        return titles.get(name, name)

    def site(self, code: str) -> str:
        """The site's label; the code itself where the study has no such site."""
        labels = {choice.code: choice.label.in_language(self.language) for choice in self.instrument.sites}
        return labels.get(code, code)


def home() -> str:
    """Progress in counts, and where the study needs somebody."""
    served = study()
    found = progress_of(served)
    plots = tuple(plots_of(found, Names(served.instrument, language_here())))
    quotas = [bar for plot in plots for bar in plot.bars if bar.quota]
    return render_template(
        "office/home.html",
        member=g.member,
        study=served,
        progress=found,
        plots=plots,
        quotas=len(quotas),
        reached=sum(bar.is_reached for bar in quotas),
        button=ButtonForm(),
        drafts=unreviewed_here(served.instrument),
        **notices_shown(),
    )


def plots_of(progress: Progress, names: Names) -> Iterator[Plot]:
    """A plot for each site. All bars of a page are drawn to one scale."""
    counted = {f"{progress.counted:%Y-%m}"} if progress.counted else set()
    months = tuple(sorted({*progress.months, *counted}))
    most = max((max(place.finished, place.quota or 0) for place in progress.places), default=0)
    for site, places in groupby(progress.places, lambda place: place.site):
        yield Plot(names.site(site), tuple(_bars(places, names, months, most)), months)


def _bars(places: Iterable[Place], names: Names, months: tuple[str, ...], most: int) -> Iterator[Bar]:
    for place in places:
        by_month = tuple(dict(place.months).get(month, 0) for month in months)
        # The bar ends with its frame, the quota; that more have finished is said in words.
        shown = min(place.finished, place.quota or place.finished)
        lengths = length_of(shown, most), length_of(place.quota or 0, most)
        yield Bar(names.group(place.group), place.finished, place.quota, by_month, *lengths)
