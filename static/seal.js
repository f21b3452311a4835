// Seal a document to a public key, as privacy/envelope.py writes it and docs/envelope.md says. Opens nothing.
import { hasMlKem, join, seal, twoBytes, utf8 } from "./hpke.js";

const MAGIC = utf8("AMN1"), FORMAT = utf8("amanah envelope 1");
const BLOCK = 2048, FRAME_HEAD = 5, DOCUMENT = 1, KEY_ID = 8;

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** Canonical JSON: sorted ASCII names, no spaces; text, whole numbers, true, false, lists and objects only. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(ascii(name))}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "string" && value.isWellFormed?.() === false) throw new TypeError("A document holds whole characters.");
  if (!["string", "boolean"].includes(typeof value) && !Number.isSafeInteger(value)) throw new TypeError("A document holds no such value.");
  return JSON.stringify(value);
}

function ascii(name) {
  if (/[^\x00-\x7f]/.test(name)) throw new TypeError("A document's names are ASCII text.");
  return name;
}

/** A document padded to a fixed length, so that length says nothing. Throws when it does not fit. */
export function frame(document, length) {
  const content = utf8(canonical(document));
  if (length % BLOCK || FRAME_HEAD + content.length > length) throw new RangeError("The document does not fit its fixed length.");
  const padded = new Uint8Array(length);
  padded[0] = DOCUMENT;
  new DataView(padded.buffer).setUint32(1, content.length);
  padded.set(content, FRAME_HEAD);
  return padded;
}

/** HPKE's info: each part preceded by its length. The record id is in it, so an envelope cannot be moved. */
export function infoOf({ purpose, study, instrument, recordId }, suite, keyId) {
  const parts = [FORMAT, new Uint8Array([suite]), keyId, utf8(purpose), utf8(study), fromHex(instrument), recordId];
  return join(...parts.flatMap((part) => [twoBytes(part.length), part]));
}

/** The envelope of a document. `key` is {x25519, xwing} as bytes; suite 2 where this browser can, else suite 1. */
export async function sealDocument(document, key, context, length) {
  const suite = (await hasMlKem()) ? 2 : 1;
  const publicKey = suite === 2 ? key.xwing : key.x25519;
  const keyId = (await sha256(publicKey)).slice(0, KEY_ID);
  const sealed = await seal(suite, publicKey, infoOf(context, suite, keyId), frame(document, length));
  return join(MAGIC, new Uint8Array([suite]), keyId, sealed);
}
