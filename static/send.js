// Send a form without leaving the page. A browser writes what an ordinary form posts into its session file on disk, to be
// able to send it again; what a script sends, it does not. If sending fails, everything typed is still here.
import { readPage } from "./page.js";

const SENTENCE = "data-not-sent";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-send]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  button.disabled = true;
  try {
    show(await send(form));
  } catch {
    tell(form);
    button.disabled = false;
  }
});

/** The answer as a page, of which only the main part is shown. */
async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  return readPage(await fetch(form.action, { method: "POST", body, credentials: "omit", cache: "no-store" }));
}

function show(page) {
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  scrollTo(0, 0);
  (document.getElementById("summary") ?? document.querySelector("main")).focus({ preventScroll: true });
}

function tell(form) {
  const place = form.querySelector(`[${SENTENCE}]`);
  place.textContent = place.getAttribute(SENTENCE);
  place.hidden = false;
}
