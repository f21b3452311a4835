// Send a form without leaving the page. A browser writes what an ordinary form posts into its session file on disk, to be
// able to send it again; what a script sends, it does not. If sending fails, everything typed is still here.
const SENTENCE = "data-not-sent";
// An answer is read as a page, of which nothing runs (the content policy sees to that), and only its main part is shown.
const policy = globalThis.trustedTypes?.createPolicy("answer", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

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

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, credentials: "omit", cache: "no-store" });
  return new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
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
