// The study's public keys, pinned: the fingerprint that a coordinator handed over is compared before each sealing.
import { base64, fromHex, hex, sha256 } from "./seal.js";

const FORMAT = "amanah-keyring", VERSION = 2, PIN = 16; // bytes of the fingerprint in a link
const ADDRESS = "/keyring.json";

/** The keys do not match the pin, or cannot be read. Nothing may be sealed to them. */
export class KeysRefused extends Error {}

/**
 * The study's keyring: {study, fingerprint, pin, bytes, active(purpose)}. `pin` is what its file must have, where one is
 * known; `kept` the file itself, where a tablet was given it. A worker may still keep the keys of before a rotation: where
 * they are not the pinned ones, the study itself is asked.
 */
export async function loadKeyring(pin, kept) {
  return readKeyring(kept ?? (await fetched(ADDRESS)), pin).catch((error) => (kept ? Promise.reject(error) : freshKeyring(pin)));
}

/** The same, past everything that is kept on this device. */
export const freshKeyring = async (pin) => readKeyring(await fetched(`${ADDRESS}?anew`), pin);

async function fetched(address) {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new KeysRefused("no keyring");
  return new Uint8Array(await answer.arrayBuffer());
}

/** The keyring in these bytes. Throws KeysRefused for another than the pinned one, and for an unknown version. */
export async function readKeyring(bytes, pin) {
  const fingerprint = await sha256(bytes);
  const ring = { bytes, fingerprint: hex(fingerprint), pin: base64url(fingerprint.slice(0, PIN)) };
  if (pin && pin !== ring.pin) throw new KeysRefused("another keyring");
  const told = JSON.parse(new TextDecoder().decode(bytes));
  if (told.format !== FORMAT || told.version !== VERSION) throw new KeysRefused("unknown version");
  const active = (purpose) => {
    const key = told.keys.find((one) => one.purpose === purpose && one.status === "active");
    if (!key) throw new KeysRefused("no active key");
    return { x25519: fromHex(key.x25519), xwing: fromHex(key.xwing) };
  };
  return { ...ring, study: told.study, active };
}

export const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
