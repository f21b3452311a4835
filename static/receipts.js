// Receipts and their one-way labels, as in privacy/receipts.py and docs/envelope.md. A receipt is shown once and never kept.
import { join, utf8 } from "./hpke.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS = 24, GROUP = 4;

/** A new receipt: 115 random bits as 23 symbols, and a check symbol. */
export function newReceipt(random = crypto.getRandomValues(new Uint8Array(15))) {
  let number = [...random].reduce((all, byte) => (all << 8n) | BigInt(byte), 0n) >> 5n;
  let symbols = "";
  for (let place = 0; place < SYMBOLS - 1; place += 1, number >>= 5n) symbols = ALPHABET[Number(number & 31n)] + symbols;
  return symbols + checkSymbol(symbols);
}

/** The symbol that completes these: Horner's rule over GF(32) with x^5 + x^2 + 1. */
export function checkSymbol(symbols) {
  let state = 0;
  for (const symbol of symbols) {
    state = (state ^ ALPHABET.indexOf(symbol)) << 1;
    if (state & 32) state ^= 0b100101;
  }
  return ALPHABET[state];
}

/** Six groups of four, as people read it. */
export const grouped = (code) => code.match(new RegExp(`.{${GROUP}}`, "g")).join("-");

/** Labels of a receipt in a study, 16 bytes each: {participant, person}, the tags {research, identity}, their proofs. */
export async function labelsOf(code, study) {
  const key = await crypto.subtle.importKey("raw", utf8(code), "HKDF", false, ["deriveBits"]);
  const label = async (name) => {
    const how = { name: "HKDF", hash: "SHA-256", salt: utf8(study), info: join(utf8("amanah label 1 "), utf8(name)) };
    return new Uint8Array(await crypto.subtle.deriveBits(how, key, 128));
  };
  const proofs = { research: await label("research tag"), identity: await label("identity tag") };
  return {
    participant: await label("participant"), person: await label("person"),
    proofs, research: await tagOf(proofs.research), identity: await tagOf(proofs.identity),
  };
}

/** A tag is kept, its proof is not: only who has the code can send it. */
async function tagOf(proof) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(utf8("amanah tag 1"), proof)), 0, 16);
}

/** The last day on which a receipt of this day works: rounded up to the Sunday that ends the week. */
export function cutOff(day, days) {
  const end = new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
  end.setDate(end.getDate() + ((7 - end.getDay()) % 7));
  return end;
}
