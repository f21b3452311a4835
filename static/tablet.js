// The interviewer's page of an enrolled tablet: enrolment, shift, a new visit, the lock, the outbox. No staff session is
// needed, and none is in reach from here.
import { outboxFile } from "./carry.js";
import { forgetDrafts, forgetOldDrafts } from "./draft.js";
import { foldDigits } from "./expressions.js";
import { register } from "./field.js";
import { KeysRefused, freshKeyring } from "./keyring.js";
import { deliverLots } from "./lots.js";
import { askForKeys, comparison, digitsOf, takeKeys, wordsOf } from "./newkeys.js";
import { ask, beginWith, post, retry, soon, standing, watch } from "./outbox.js";
import { endShift, isPin, lock, lockNow, pauseLeft, shiftNow, startShift, unlock } from "./shift.js";
import { get, put, remove } from "./store.js";

const page = document.querySelector("[data-tablet]");
const part = (name) => page.querySelector(`[data-screen=${name}]`);
const value = (id) => document.getElementById(id).value;
const chosen = (name) => page.querySelector(`input[name=${name}]:checked`).value;
const DEEDS = {
  enrol, "refuse-enrolment": refuse, start, visit, deliver, save, end, "end-all-the-same": endAllTheSame, again: now, unlock: open, forget,
  compare, "take-keys": pinShown, "refuse-keys": refuseKeys, later: leaveKeys, "keep-recordings": keepRecordings,
};
const PATIENCE = 60_000; // milliseconds for keeping every page; on a slow network it takes a while
let unknown = false; // whether the study said that it no longer knows this tablet
let over = false; // whether it said that it has ended
const NO = { 401: "unknown", 410: "over" };
let enrolling; // {code, keyring} while this tablet is being enrolled
let comparing = null; // both keyrings while others than the pinned one wait to be compared

page.addEventListener("click", (event) => {
  const deed = event.target.closest("[data-do]")?.dataset.do;
  if (deed) run(event.target.closest("button"), DEEDS[deed]);
});
page.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && event.target.matches("input") && event.target.closest("form")?.querySelector("[data-do]");
  if (!button) return;
  event.preventDefault();
  run(button, DEEDS[button.dataset.do]);
});
beginWith(deliverLots);
now();

async function run(button, deed) {
  button.disabled = true;
  say("");
  await deed().finally(() => { button.disabled = false; });
}

/** Show the screen that fits what this tablet is. */
async function now() {
  if (!globalThis.crypto?.subtle || !navigator.locks || !globalThis.indexedDB) return show("insecure");
  await forgetOldDrafts();
  const enrolment = await get("tablet", "enrolment");
  if (location.hash.startsWith("#enrol=") && !(await lockNow())) return offer();
  if (!enrolment) return show("none");
  await watch(tell);
  if (!(await shiftNow())) return show("start");
  if (await lockNow()) return show("locked");
  return home(enrolment);
}

function show(name) {
  for (const screen of page.querySelectorAll("[data-screen]")) screen.hidden = screen.dataset.screen !== name;
  part(name).querySelector("h1").focus();
}

function say(name) {
  const stays = { revoked: unknown, over, "keys-changed": comparing };
  for (const line of page.querySelectorAll("[data-say]")) line.hidden = line.dataset.say !== name && !stays[line.dataset.say];
}

// ---- enrolment

async function offer() {
  const [code, pin] = location.hash.slice("#enrol=".length).split(".");
  history.replaceState(null, "", location.pathname + location.search);
  try {
    enrolling = { code, keyring: await freshKeyring(pin || "none") };
  } catch (error) {
    return show(error instanceof KeysRefused ? "mismatch" : "none");
  }
  spell(part("enrol"), enrolling.keyring);
  return show("enrol");
}

function spell(place, { fingerprint }) {
  place.querySelector("[data-words]").textContent = wordsOf(fingerprint);
  place.querySelector("[data-fingerprint]").textContent = digitsOf(fingerprint);
}

async function enrol() {
  let answer;
  try {
    answer = await post("/tablet/enrolment", enrolling.code);
  } catch {
    return say("no-network");
  }
  if (!answer.ok) return say("code-over");
  const { token, name, site } = await answer.json();
  await put("tablet", { name: "enrolment", token, label: name, site, pin: enrolling.keyring.pin, keyring: enrolling.keyring.bytes });
  await navigator.storage?.persist?.();
  await retry();
  return now();
}

async function refuse() {
  enrolling = undefined;
  show("mismatch");
}

// ---- the shift

async function start() {
  const pin = value("pin"), code = foldDigits(value("code")).trim().toUpperCase();
  if (!/^[A-Z0-9]{0,8}$/.test(code)) return say("wrong-code");
  if (!isPin(pin)) return say("weak-pin");
  if (pin !== value("again")) return say("other-pin");
  say("keeping");
  if (!(await keepPages())) return say("not-kept");
  const { site } = await get("tablet", "enrolment");
  await startShift(pin, code, site);
  part("start").querySelector("form").reset();
  say("");
  return now();
}

/**
 * Have the worker keep every page of a day without a network; true when all are kept. A worker that could not be fetched
 * whole never gets ready by itself: it is fetched again, and after a while the interviewer is told.
 */
async function keepPages() {
  const late = new Promise((done) => { setTimeout(done, PATIENCE, false); });
  const kept = register().then(allKept);
  return Promise.race([kept.catch(() => false), late]);
}

async function allKept() {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data.all);
    active.postMessage({ keep: JSON.parse(page.dataset.keep) }, [port2]);
  });
}

async function home(enrolment) {
  part("home").querySelector("[data-name]").textContent = enrolment.label;
  unknown = enrolment.unknown ?? false;
  over = enrolment.over ?? false;
  await showHomeOrKeys();
  soon();
  await askStanding();
  return askKeys();
}

/** Whether the study still knows this tablet, as far as it can be asked. What it said last is remembered without a network. */
async function askStanding() {
  const { token } = await get("tablet", "enrolment");
  const answer = await ask("/admission", token).catch(() => null);
  const no = NO[answer?.status];
  if (!answer?.ok && !no) return;
  const enrolment = await get("tablet", "enrolment");
  if (enrolment.token !== token) return;
  unknown = no === "unknown";
  over = no === "over";
  await put("tablet", { ...enrolment, unknown, over });
  say("");
}

// ---- the study's keys have changed

/** The home screen; before it, where other keys than the pinned ones wait, both fingerprints. */
async function showHomeOrKeys() {
  comparing = await comparison();
  say("");
  if (!comparing) return show("home");
  for (const which of ["before", "after"]) spell(part("keys").querySelector(`[data-keys=${which}]`), comparing[which]);
  return show("keys");
}

/** Ask the study for its keys. Somebody who is at another screen by then is not called away from it. */
async function askKeys() {
  await askForKeys();
  const after = (await comparison())?.after.pin;
  if (after === comparing?.after.pin || (part("home").hidden && part("keys").hidden)) return undefined;
  return showHomeOrKeys();
}

async function compare() {
  return showHomeOrKeys();
}

async function leaveKeys() {
  say("");
  show("home");
}

async function pinShown() {
  await takeKeys(comparing.after);
  await showHomeOrKeys();
  say("keys-taken");
}

async function refuseKeys() {
  show("keys-refused");
}

async function visit() {
  if (unknown || over) return say(over ? "over" : "revoked");
  if (await comparison()) return showHomeOrKeys();
  await lock({ mode: chosen("mode") });
  return location.assign(`/visit/${chosen("group")}?lang=${chosen("language")}`);
}

/** All recordings, or none: what is missing on the way could not be listened to without a network. */
async function keepRecordings() {
  const { recordings, size } = page.querySelector("[data-recordings]").dataset;
  say("recordings-come");
  const { keepAll } = await import("./sounds.js");
  const found = await keepAll(JSON.parse(recordings), Number(size));
  say(found === "kept" ? "recordings-kept" : found);
}

async function end() {
  await soon().catch(() => undefined);
  if ((await standing()).waiting) {
    say("not-empty");
    page.querySelector("[data-do=end-all-the-same]").hidden = false;
    return undefined;
  }
  return endAllTheSame();
}

/** End the shift: keys, PIN, drafts and kept pages go. Sealed visits stay until the study has them. */
async function endAllTheSame() {
  await endShift();
  await Promise.all([forgetDrafts(), remove("tablet", "lock"), remove("tablet", "invitation")]);
  for (const name of await caches.keys()) await caches.delete(name);
  show("ended");
}

// ---- the lock

async function open() {
  const box = document.getElementById("unlock-pin");
  if (pauseLeft((await lockNow()) ?? { notBefore: 0 })) return countDown();
  const key = await unlock(box.value);
  box.value = "";
  if (key) return now();
  say("wrong-pin");
  return countDown();
}

/** Only where the study is in reach: without a network no shift could be started again, and the tablet would be of no use. */
async function forget() {
  const { token } = await get("tablet", "enrolment");
  const answer = await ask("/admission", token).catch(() => null);
  if (!answer?.ok) return say("needs-network");
  return endAllTheSame();
}

async function countDown() {
  const left = pauseLeft((await lockNow()) ?? { notBefore: 0 });
  if (!left) return say("wrong-pin");
  say("wait");
  page.querySelector("[data-seconds]").textContent = Math.ceil(left / 1000);
  setTimeout(countDownOn, 1000);
  return undefined;
}

async function countDownOn() {
  const left = pauseLeft((await lockNow()) ?? { notBefore: 0 });
  page.querySelector("[data-seconds]").textContent = Math.ceil(left / 1000);
  if (left) setTimeout(countDownOn, 1000);
  else say("");
}

// ---- the outbox

async function deliver() {
  await retry();
  await soon();
  await askStanding();
  return askKeys();
}

async function save() {
  const { token } = await get("tablet", "enrolment");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await outboxFile(token));
  link.download = "visits.amanah";
  link.click();
  URL.revokeObjectURL(link.href);
}

function tell({ waiting, attention, reasons }) {
  const bar = document.querySelector("[data-outbox]"), words = bar.querySelector("[data-outbox-words]");
  const state = attention ? "attention" : waiting ? "waiting" : "sent";
  bar.hidden = false;
  bar.dataset.state = state;
  bar.querySelector("[data-outbox-count]").textContent = attention || waiting || "";
  words.textContent = words.dataset[state];
  const line = page.querySelector("[data-standing]");
  line.textContent = waiting ? `${line.dataset.some} ${waiting}` : line.dataset.none;
  page.querySelector("[data-reasons]").replaceChildren(...reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
}
