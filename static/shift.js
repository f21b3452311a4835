// A tablet's shift: the interviewer's PIN, which is never sent and never kept, and the lock that only it opens.
import { foldDigits } from "./expressions.js";
import { get, put, remove } from "./store.js";

const ITERATIONS = 1_000_000; // of PBKDF2: about a second on a tablet, for each guess
const FREE_TRIES = 3, FIRST_WAIT = 5_000, LONGEST_WAIT = 900_000; // milliseconds to wait after more wrong PINs
const SHORTEST_PIN = 6;
const ECDH = { name: "ECDH", namedCurve: "P-256" };

/** Whether this may be a PIN: six digits or more, not all alike, not counting up or down. */
export function isPin(typed) {
  const pin = foldDigits(typed);
  const steps = new Set([...pin].slice(1).map((digit, at) => digit - pin[at]));
  return new RegExp(`^[0-9]{${SHORTEST_PIN},12}$`).test(pin) && !(steps.size === 1 && [0, 1, -1].includes([...steps][0]));
}

/** Begin a shift. The PIN wraps the shift's private key; only whoever knows it can unwrap that again. */
export async function startShift(pin, interviewer, site) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ECDH, true, ["deriveKey"]);
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.wrapKey("pkcs8", privateKey, await keyOf(pin, salt), { name: "AES-GCM", iv });
  await put("tablet", { name: "shift", publicKey, wrapped, salt, iv, interviewer, site });
}

export const shiftNow = () => get("tablet", "shift");
export const endShift = () => remove("tablet", "shift");

/** Lock this tablet to one visit, told in `visit`; only the PIN opens it again. */
export const lock = (visit) => put("tablet", { ...visit, name: "lock", wrong: 0, notBefore: 0 });
export const lockNow = () => get("tablet", "lock");

/** Milliseconds until the next PIN may be tried. */
export const pauseLeft = (locked) => Math.max(0, locked.notBefore - Date.now());

/** Try a PIN: the shift's private key, or null for a wrong one. A wrong one is counted before it is tried. */
export async function unlock(pin) {
  const key = await privateKeyWith(pin);
  if (key) await remove("tablet", "lock");
  return key;
}

/** The shift's private key, or null for a wrong PIN; the tablet stays as locked as it is. */
export async function privateKeyWith(pin) {
  return navigator.locks.request("amanah pin", async () => {
    const locked = (await lockNow()) ?? { name: "lock", wrong: 0, notBefore: 0 };
    if (pauseLeft(locked)) return null;
    const wrong = locked.wrong + 1;
    const pause = wrong < FREE_TRIES ? 0 : Math.min(FIRST_WAIT * 2 ** (wrong - FREE_TRIES), LONGEST_WAIT);
    // Counted first: switching the tablet off in between gives no free try.
    await put("tablet", { ...locked, wrong, notBefore: pause && Date.now() + pause });
    const key = await unwrapped(pin);
    if (key) await lock(locked);
    return key;
  });
}

async function unwrapped(pin) {
  const { wrapped, salt, iv } = await shiftNow();
  try {
    return await crypto.subtle.unwrapKey("pkcs8", wrapped, await keyOf(pin, salt), { name: "AES-GCM", iv }, ECDH, false, ["deriveKey"]);
  } catch {
    return null;
  }
}

async function keyOf(pin, salt) {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(foldDigits(pin)), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}
