"""A real browser that prints pages as they came from an app: without script, and with nothing but its style sheets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route

from tests.browser.paper import Paper

PLACE = "http://paper.test"


@dataclass(frozen=True)
class Press:
    """A browser, and the page that it is shown."""

    page: Page = field(repr=False)
    shown: dict[str, str] = field(default_factory=dict, repr=False)

    def prints(self, html: str, paper: str) -> Paper:
        """This page on this paper, as somebody prints it whose screen is dark."""
        self.shown["html"] = html
        self.page.goto(f"{PLACE}/")
        return Paper(self.page.pdf(format=paper, prefer_css_page_size=True))


@contextmanager
def press_of(browser: Browser, app: FlaskClient) -> Iterator[Press]:
    """A press that takes style sheets from this app."""
    context = browser.new_context(java_script_enabled=False, color_scheme="dark", service_workers="block")
    press = Press(context.new_page())

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(PLACE)
        if path == "/":
            route.fulfill(body=press.shown["html"], content_type="text/html; charset=utf-8")
        else:
            found = app.get(path, buffered=True)
            route.fulfill(status=found.status_code, body=found.data, content_type=found.mimetype)

    press.page.route("**/*", answer)
    yield press
    context.close()
