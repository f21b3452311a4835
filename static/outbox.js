// The outbox: sealed visits that wait for a network, and their delivery. Each is kept until the server has said it has it.
import { all, get, put, remove } from "./store.js";

const FIRST_WAIT = 5_000, LONGEST_WAIT = 300_000; // milliseconds between two rounds
const PATIENCE = 30_000; // milliseconds for one delivery
const KEPT = [200, 201], GONE = 410, NOT_ADMITTED = 401;
const STUMBLED = 500; // over this visit, it may be
const REFUSED = [409, 413, 422]; // sending the same again would not help: a person must look
const channel = new BroadcastChannel("amanah outbox");
let wait = FIRST_WAIT, timer, first;

/** Keep a sealed visit. `token` is the invitation's; null for the tablet's own, which is looked up when it is sent. */
export async function enqueue(delivery, token) {
  await put("outbox", { id: delivery.research.id, delivery, token, state: "waiting" });
  channel.postMessage("changed");
}

/** What waits: {waiting, attention, reasons}. */
export async function standing() {
  const entries = await all("outbox");
  const attention = entries.filter((entry) => entry.state === "attention");
  return { waiting: entries.length, attention: attention.length, reasons: [...new Set(attention.map((entry) => entry.reason))] };
}

/** Call back now and whenever the outbox changes, in this tab or another. */
export function watch(show) {
  const again = async () => show(await standing());
  channel.addEventListener("message", again);
  addEventListener("amanah-outbox", again);
  return again();
}

/** Deliver on start, when the network or the page comes back, and after a growing pause. */
export function keepDelivering() {
  addEventListener("online", () => soon());
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") soon(); });
  return soon();
}

/** Try those again that were set aside: the tablet may have been enrolled anew, or the study mended. */
export async function retry() {
  for (const entry of await all("outbox")) await put("outbox", { ...entry, state: "waiting" });
}

/** A round now, with the pause between rounds starting small again. */
export function soon() {
  wait = FIRST_WAIT;
  return round();
}

async function round() {
  clearTimeout(timer);
  // One tab delivers at a time.
  await navigator.locks.request("amanah delivery", { ifAvailable: true }, async (lock) => { if (lock) await deliverAll(); });
  if ((await all("outbox")).some((entry) => entry.state === "waiting")) {
    timer = setTimeout(round, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

/** Do this first in each round (lots.js). */
export function beginWith(deed) {
  first = deed;
}

async function deliverAll() {
  await first?.();
  for (const { id } of await all("outbox")) {
    const entry = await get("outbox", id);
    if (entry && !(await deliver(entry))) return;
  }
}

/** One delivery; false when a later round should go on from here. */
async function deliver(entry) {
  try {
    const token = entry.token ?? (await get("tablet", "enrolment"))?.token ?? (await walkIn(entry));
    const answer = await post("/deliveries", token, entry.delivery);
    return (await settle(entry, answer.status, await answer.json().catch(() => ({})))) || answer.status === STUMBLED;
  } catch {
    return false;
  }
}

/** Let go of a visit or set it aside; false where the server says neither. */
export async function settle(entry, status, told) {
  // Only the study's own words let go of a visit: a portal says 200 too.
  if ((KEPT.includes(status) && told.kept) || (status === GONE && told.sentence)) await settleWith(() => remove("outbox", entry.id));
  else if (status === NOT_ADMITTED || REFUSED.includes(status)) await setAside(entry, told.sentence ?? String(status));
  else return false;
  return true;
}

// It stays in the outbox, with the server's sentence. A tablet that is enrolled again tries it again.
async function setAside(entry, reason) {
  if (entry.state === "attention" && entry.reason === reason) return;
  await settleWith(() => put("outbox", { ...entry, state: "attention", reason }));
}

async function settleWith(deed) {
  await deed();
  channel.postMessage("changed");
  dispatchEvent(new Event("amanah-outbox"));
}

/** Where the study takes visits from anyone, a token is given in passing. It is kept first, so a repeat carries the same. */
async function walkIn(entry) {
  const answer = await post("/walk-in");
  if ([NOT_ADMITTED, GONE].includes(answer.status)) return "";
  if (!answer.ok) throw new Error("Nobody is let in for now.");
  const { token } = await answer.json();
  await put("outbox", { ...entry, token });
  return token;
}

/** Ask the server something by script: no cookie, no cache, the token in a header. */
export function post(address, token, body) {
  return ask(address, token, { method: "POST", body: body && JSON.stringify(body) });
}

export function ask(address, token, more = {}) {
  const headers = { Accept: "application/json", ...(token && { Authorization: `Bearer ${token}` }), ...(more.body && { "Content-Type": "application/json" }) };
  return fetch(address, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), headers, ...more });
}
