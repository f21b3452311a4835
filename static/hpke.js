// HPKE base mode, single shot, sealing only (RFC 9180 section 6.1), on the browser's own WebCrypto.
// Suite 1: DHKEM(X25519, HKDF-SHA256). Suite 2: X-Wing, that is ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem).
// Both with HKDF-SHA256 and AES-256-GCM. Nothing here can open what it sealed.
import { sha3 } from "./sha3.js";

const KEM = { 1: 0x0020, 2: 0x647a }, KDF = 0x0001, AEAD = 0x0002;
const MLKEM_PUBLIC = 1184; // bytes of X-Wing's public key that are ML-KEM-768's; the rest is X25519's
const XWING_LABEL = new Uint8Array([0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c]); // \./ /^\ as in the draft
const X25519 = { name: "X25519" }, MLKEM = { name: "ML-KEM-768" };
const subtle = globalThis.crypto?.subtle;

export const utf8 = (text) => new TextEncoder().encode(text);
export const twoBytes = (number) => new Uint8Array([number >> 8, number & 255]);

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** enc ‖ ciphertext of a plaintext for a public key. `suite` is 1 or 2. */
export async function seal(suite, publicKey, info, plaintext) {
  const { enc, secret } = suite === 2 ? await xwing(publicKey) : await dhkem(publicKey);
  return join(enc, await encrypt(suite, secret, info, plaintext));
}

/** Whether this browser has X25519, which both suites need. */
export const canAgree = () => subtle.generateKey(X25519, false, ["deriveBits"]).then(() => true, () => false);

/** Whether this browser has ML-KEM, which suite 2 needs. */
export const hasMlKem = () => (mlKem ??= tryMlKem());
let mlKem;

async function tryMlKem() {
  try {
    const { publicKey } = await subtle.generateKey(MLKEM, false, ["encapsulateBits", "decapsulateBits"]);
    return (await subtle.encapsulateBits(MLKEM, publicKey)).ciphertext.byteLength === 1088;
  } catch {
    return false;
  }
}

/** Encapsulation to an X25519 public key. The key pair is made here unless a test hands one in. */
export async function dhkem(publicKey, pair) {
  const { enc, shared } = await agree(publicKey, pair);
  const suite = join(utf8("KEM"), twoBytes(KEM[1]));
  const prk = await extract(suite, "", "eae_prk", shared);
  return { enc, secret: await expand(suite, prk, "shared_secret", join(enc, publicKey), 32) };
}

async function xwing(publicKey) {
  const forMlKem = await subtle.importKey("raw-public", publicKey.slice(0, MLKEM_PUBLIC), MLKEM, false, ["encapsulateBits"]);
  const { sharedKey, ciphertext } = await subtle.encapsulateBits(MLKEM, forMlKem);
  const { enc, shared } = await agree(publicKey.slice(MLKEM_PUBLIC));
  const secret = combine(new Uint8Array(sharedKey), shared, enc, publicKey.slice(MLKEM_PUBLIC));
  return { enc: join(new Uint8Array(ciphertext), enc), secret };
}

/** X-Wing's shared secret from the shared secrets of its two halves. */
export const combine = (mlkemShared, x25519Shared, x25519Enc, x25519Public) =>
  sha3(join(mlkemShared, x25519Shared, x25519Enc, x25519Public, XWING_LABEL));

async function agree(publicKey, pair) {
  const { privateKey, publicKey: own } = pair ?? (await subtle.generateKey(X25519, true, ["deriveBits"]));
  const theirs = await subtle.importKey("raw", publicKey, X25519, false, []);
  const shared = new Uint8Array(await subtle.deriveBits({ ...X25519, public: theirs }, privateKey, 256));
  // RFC 9180 section 7.1.4: an all-zero secret means a public key of small order.
  if (shared.every((byte) => byte === 0)) throw new Error("This public key is not one to seal to.");
  return { enc: new Uint8Array(await subtle.exportKey("raw", own)), shared };
}

/** The single-shot ciphertext under an encapsulated secret: HPKE's key schedule in base mode, then AES-256-GCM. */
export async function encrypt(suiteNumber, secret, info, plaintext) {
  const suite = join(utf8("HPKE"), twoBytes(KEM[suiteNumber]), twoBytes(KDF), twoBytes(AEAD));
  const none = new Uint8Array();
  const context = join(
    new Uint8Array([0]), await extract(suite, "", "psk_id_hash", none), await extract(suite, "", "info_hash", info));
  const prk = await extract(suite, secret, "secret", none);
  const raw = await expand(suite, prk, "key", context, 32);
  const iv = await expand(suite, prk, "base_nonce", context, 12);
  const key = await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext));
}

/** RFC 9180's LabeledExtract. */
export const extract = (suite, salt, label, material) => hmac(salt, join(utf8("HPKE-v1"), suite, utf8(label), material));

/** RFC 9180's LabeledExpand, for at most 32 bytes: one block. */
export async function expand(suite, prk, label, info, length) {
  const labelled = join(twoBytes(length), utf8("HPKE-v1"), suite, utf8(label), info, new Uint8Array([1]));
  return (await hmac(prk, labelled)).slice(0, length);
}

async function hmac(key, data) {
  // WebCrypto takes no empty key; HMAC pads keys with zeros, so 32 of them are the same key.
  const raw = key.length ? key : new Uint8Array(32);
  const imported = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}
