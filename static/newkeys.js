// The study's keys on an enrolled tablet: whether they have changed, both fingerprints as people compare them, and the new
// keys once somebody has compared their words. The words are worked out here, from the bytes: no site can tell others.
import { freshKeyring, readKeyring } from "./keyring.js";
import { WORDS } from "./slip39.js";
import { get, put } from "./store.js";

const COUNT = 12, BITS = 10; // words of a fingerprint, bits of a word

/** A fingerprint in hexadecimal as twelve words, the same as in privacy/keys.py. */
export function wordsOf(fingerprint) {
  const first = BigInt(`0x${fingerprint.slice(0, (COUNT * BITS) / 4)}`);
  const word = (place) => WORDS[Number((first >> BigInt(BITS * (COUNT - 1 - place))) & 1023n)];
  return Array.from({ length: COUNT }, (_, place) => word(place)).join(" ");
}

/** A fingerprint's digits in groups of four. */
export const digitsOf = (fingerprint) => fingerprint.match(/.{4}/g).join(" ");

/**
 * Ask the study for its keys, past everything that is kept here, and remember them beside the pinned ones where they are
 * others. Where the study cannot be asked, or what answers is no keyring, what is remembered stays.
 */
export async function askForKeys() {
  const found = await freshKeyring().catch(() => null);
  if (!found) return;
  const { offered, ...enrolment } = await get("tablet", "enrolment");
  if (found.pin !== enrolment.pin) await put("tablet", { ...enrolment, offered: found.bytes });
  else if (offered) await put("tablet", enrolment);
}

/** The pinned keys and those that are offered instead, {before, after}; null where nothing waits to be compared. */
export async function comparison() {
  const { keyring, offered } = await get("tablet", "enrolment");
  return offered ? { before: await readKeyring(keyring), after: await readKeyring(offered) } : null;
}

/** Pin these keys, of which somebody has compared the words, and no others that were offered meanwhile. */
export async function takeKeys({ pin, bytes }) {
  const { offered, ...enrolment } = await get("tablet", "enrolment");
  await put("tablet", { ...enrolment, pin, keyring: bytes });
}
