// Warns before a session, or what the desk holds for a task, comes to its end: one press goes on with it. Before a form
// in which something was typed is sent it asks whether the session still lasts; where it does not, nothing is sent and
// what was typed stays on the page. Keeps nothing, and sends nothing of what was typed.
const box = document.querySelector("[data-stays]");
const { ask: address, stay: renewed } = box.dataset; // a desk is never asked: each question is a sign of life there
const EVERY = 10_000; // milliseconds
const SOON = { rest: 120, end: 600 }; // seconds before a warning; at least 20 are asked for (WCAG 2.2.1)
const JUST_NOW = 60_000; // milliseconds for which an answer of the server's is believed
const TYPED = "input:not([type=hidden], [type=submit]), textarea, select";
let known = { rest: Number(box.dataset.rest), end: Number(box.dataset.end || Infinity) };
let since = Date.now(); // which goes on while the machine sleeps
let isAnswered = false;

const left = (name) => known[name] - (Date.now() - since) / 1_000;
const isOver = () => Math.min(left("rest"), left("end")) <= 0;

function state() {
  if (isOver()) return "over";
  if (left("end") < SOON.end && left("end") <= left("rest")) return "end";
  return left("rest") < SOON.rest ? "rest" : "";
}

// What is said must be heard too: the box is there all the time, and only what it says changes.
function say(name) {
  for (const line of box.querySelectorAll("[data-say]")) line.hidden = !line.dataset.say.split(" ").includes(name);
  box.classList.toggle("said", Boolean(name));
}

async function look() {
  if (state() && address && !document.hidden) await ask(address); // another page may have gone on with it meanwhile
  if (state() || !box.querySelector("[data-say~=stayed]:not([hidden])")) say(state());
}

/** Whether the server answered; how long it still lasts is known then. */
async function ask(where, method = "GET") {
  const token = box.querySelector("[name=csrf_token]");
  const body = method === "POST" ? new URLSearchParams({ csrf_token: token.value }) : undefined;
  try {
    const answer = await fetch(where, { method, body, cache: "no-store", redirect: "manual", headers: { accept: "application/json" } });
    if (answer.status === 200) known = await answer.json();
    else if (answer.status === 204) known = { rest: Number(box.dataset.rest), end: Infinity };
    else known = { rest: 0, end: 0 };
    since = Date.now();
    return true;
  } catch {
    return false;
  }
}

box.querySelector("button").addEventListener("click", async () => {
  const isHeard = await ask(renewed, address ? "POST" : "GET");
  say(isHeard ? state() || "stayed" : "unreached");
});

addEventListener("submit", async (event) => {
  const form = event.target;
  if (isAnswered || !address || event.defaultPrevented) return;
  if (Date.now() - since < JUST_NOW && !isOver()) return;
  if (form.method !== "post" || !form.querySelector(TYPED)) return;
  event.preventDefault();
  const isHeard = await ask(address);
  if (!isHeard || isOver()) {
    say(isHeard ? "over" : "unreached");
    return box.focus();
  }
  isAnswered = true;
  form.requestSubmit(event.submitter);
  isAnswered = false;
});

document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
setInterval(look, EVERY);
