"""Fill a visit in a real browser, as Amina would."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

# What a step is answered with where a test does not say otherwise: the least that a visit needs.
LEAST = {"elig_muslim": ["1"], "age": ["19"], "site": ["1"]}
# Answers each step that comes, presses its button, and stops at the last step, or where `stop` is asked, or at an end.
WALK = """async ([said, stop]) => {
  const answer = (piece) => {
    const name = piece.id.slice(2), values = said[name] ?? (piece.matches(".must") ? ["yes"] : []);
    for (const input of piece.querySelectorAll("input, textarea")) {
      const isChoice = input.matches("[type=radio], [type=checkbox]");
      if (isChoice && values.includes(input.value) && !input.checked) input.click();
      else if (!isChoice && values.length && !values.includes("-2")) {
        input.value = values[0];
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  };
  const seen = { questions: [], widest: 0, small: [] };
  for (let step = 0; step < 200; step += 1) {
    const next = document.querySelector("[data-walk=next]");
    seen.widest = Math.max(seen.widest, document.documentElement.scrollWidth);
    for (const target of document.querySelectorAll("main .choice, main button, .top summary, .leave, .foot a")) {
      const { height } = target.getBoundingClientRect(), least = target.closest("main") ? 56 : 44;
      if (target.checkVisibility() && height < least) seen.small.push([target.textContent.trim(), height]);
    }
    if (!next || !document.querySelector("#send").hidden) return seen;
    const pieces = [...document.querySelectorAll(".question[id^=q-]")].filter((piece) => piece.checkVisibility());
    seen.questions.push(...pieces.map((piece) => piece.id.slice(2)));
    if (pieces.some((piece) => piece.id === `q-${stop}`)) return seen;
    pieces.forEach(answer);
    next.click();
    await new Promise((done) => setTimeout(done, 0));
  }
  return seen;
}"""


def has_script(page: Page) -> bool:
    """Whether the page runs scripts; only then is there one step at a time."""
    return page.locator("form.stepping").count() > 0


@dataclass(frozen=True)
class Seen:
    """What a walk came by: the questions shown, in order, the widest page, and targets of less than 56 pixels,
    or of less than 44 in the bars."""

    questions: list[str]
    widest: int
    small: list[tuple[str, float]]


def walk(page: Page, stop: str = "", **said: str | list[str]) -> Seen:
    """Go from step to step, to the one with the item `stop`, by default to the last."""
    expect(page.locator("[data-walk=next]")).to_be_visible()
    given = {name: [value] if isinstance(value, str) else value for name, value in said.items()}
    return Seen(**page.evaluate(WALK, [LEAST | given, stop]))


def begin(page: Page, age: str = "19") -> None:
    """The two screening questions, on the plain page."""
    page.locator("input[name=elig_muslim][value='1']").check()
    page.locator("#age").fill(age)


def say_yes(page: Page) -> None:
    """Yes to every statement that is needed, on the plain page."""
    page.wait_for_load_state("load")
    for box in page.locator(".must .yes").all():
        box.check()


def send(page: Page) -> None:
    """The last button."""
    page.locator("[data-walk=next]:visible, #send > button.primary:visible").click()


def take_part(page: Page, **said: str | list[str]) -> str:
    """A whole visit from its first step to the code that it ends with."""
    walk(page, **said)
    send(page)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    return page.locator("[data-code]").inner_text()
