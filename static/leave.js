// Leave quickly: clear what is on the page, forget the draft, take the page out of the history, go to a neutral page.
// Also by pressing Escape twice. It is on every page for participants, so a draft whose time is over dies with any of them.
import { forgetDrafts, forgetOldDrafts } from "./draft.js";
import { remove } from "./store.js";

const QUICK = 800; // milliseconds between two presses
const PATIENCE = 300; // milliseconds for forgetting; the page is empty by then

async function leave(address) {
  dispatchEvent(new Event("amanah-leave"));
  document.querySelectorAll("form").forEach((form) => form.reset());
  document.querySelectorAll("input:not([type=radio], [type=checkbox], [type=hidden]), textarea").forEach((box) => { box.value = ""; });
  document.title = "";
  document.body.replaceChildren();
  const forgotten = Promise.allSettled([forgetDrafts(), remove("tablet", "invitation")]);
  await Promise.race([forgotten, new Promise((done) => { setTimeout(done, PATIENCE); })]);
  location.replace(address);
}

const link = document.querySelector("[data-leave]");
if (link) {
  const { href } = link;
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-leave]")) return;
    event.preventDefault();
    leave(href);
  });
  let last = -QUICK;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - last < QUICK) leave(href);
    last = event.timeStamp;
  });
}

// A page that comes back from the history cache shows nothing of an earlier person.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Where this browser keeps nothing, there is nothing to forget.
forgetOldDrafts().catch(() => undefined);

document.getElementById("summary")?.focus();
