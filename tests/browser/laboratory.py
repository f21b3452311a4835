"""The page's own modules, called one by one in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

CALL = """async ([module, body, told]) => {
  const base = document.querySelector("link[rel=stylesheet]").href.replace(/amanah\\.css$/, "");
  const load = (name) => import(`${base}${name}.js`);
  const m = await load(module);
  return await new Function("m", "told", "load", `return (async () => { ${body} })()`)(m, told, load);
}"""


class Laboratory:
    """Calls code of the page. In `body`, `m` is the module, `told` what was handed in; what it returns comes back."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def call(self, module: str, body: str, told: Any = None) -> Any:
        return self.page.evaluate(CALL, [module, body, told])


@contextmanager
def laboratory(browser: Browser, url: str, before: str = "") -> Iterator[Laboratory]:
    """A page of the site on which modules can be called; `before` runs before anything of it."""
    context = browser.new_context(bypass_csp=True, service_workers="block")
    if before:
        context.add_init_script(before)
    page = context.new_page()
    page.goto(f"{url}/support")
    yield Laboratory(page)
    context.close()
