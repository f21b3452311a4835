// A visit that a crash or a full memory interrupts goes on where it was. Until then it rests encrypted, for twelve hours at
// most, and dies with the visit. docs/threat-model.md says what protects its key, and what does not.
import { all, clear, get, put, remove } from "./store.js";

const HOURS = 12, AES = { name: "AES-GCM", length: 256 }, ECDH = { name: "ECDH", namedCurve: "P-256" };
let current; // {key, hint} of the draft of this visit
let visits = 0; // so that a draft still being written when its visit ends is not kept after all

/** Keep what was typed so far: {step, typed}. Whatever fails here must never stop a visit. */
export async function keepDraft(group, draft) {
  const visit = visits;
  const mine = current ?? (await newKey());
  if (visit !== visits) return;
  current = mine;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, mine.key, padded(data));
  const until = (await get("drafts", group))?.until ?? Date.now() + HOURS * 3_600_000;
  if (visit === visits) await put("drafts", { group, until, iv, sealed, ...mine.hint });
}

/** Whether a draft of this group waits: "" for none, "open" for one, "shift" for one that the interviewer's PIN opens. */
export async function draftOf(group) {
  await forgetOldDrafts();
  const kept = await get("drafts", group);
  return kept ? (kept.sender ? "shift" : "open") : "";
}

/** What was typed. `shiftKey` is the shift's private key, where the draft needs it. Throws when it does not open. */
export async function openDraft(group, shiftKey) {
  const { iv, sealed, key, sender } = await get("drafts", group);
  const opened = key ?? (await agreed(shiftKey, sender));
  const data = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, opened, sealed));
  current = { key: opened, hint: key ? { key } : { sender } };
  return JSON.parse(new TextDecoder().decode(data).trimEnd());
}

/** Forget every draft, and the keys to them: the visit has ended, or its person left quickly. */
export async function forgetDrafts() {
  visits += 1;
  current = undefined;
  await clear("drafts");
}

/** Forget the drafts whose twelve hours are over. */
export async function forgetOldDrafts() {
  for (const { group, until } of await all("drafts")) if (until < Date.now()) await remove("drafts", group);
}

// On an enrolled tablet the key is agreed with the shift's public key: writing needs no PIN, reading again does.
// Elsewhere it is a key that no script can read out.
async function newKey() {
  const shift = await get("tablet", "shift");
  if (!shift) {
    const key = await crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
    return { key, hint: { key } };
  }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ECDH, false, ["deriveKey"]);
  return { key: await agreed(privateKey, shift.publicKey), hint: { sender: publicKey } };
}

const agreed = (privateKey, publicKey) =>
  crypto.subtle.deriveKey({ name: "ECDH", public: publicKey }, privateKey, AES, false, ["encrypt", "decrypt"]);

// Spaces, so that the length of a draft says little; JSON does not mind them.
function padded(data) {
  const whole = new Uint8Array(Math.ceil((data.length + 1) / 4096) * 4096).fill(32);
  whole.set(data);
  return whole;
}
