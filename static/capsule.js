// The capsule of a participant label, as privacy/capsules.py makes it: for studies that come back to the same people.
import { join, seal, twoBytes, utf8 } from "./hpke.js";
import { base64url } from "./keyring.js";
import { sha256 } from "./seal.js";

const VERSION = 1, KEY_ID = 8;

/** A participant label (16 bytes) sealed to the study's research key, as text for a link. Nothing here opens it again. */
export async function capsuleOf(participant, keyring) {
  const { x25519 } = keyring.active("research");
  const keyId = (await sha256(x25519)).slice(0, KEY_ID);
  const info = join(...[utf8("amanah capsule 1"), keyId, utf8(keyring.study)].flatMap((part) => [twoBytes(part.length), part]));
  return base64url(join(new Uint8Array([VERSION]), keyId, await seal(1, x25519, info, participant)));
}
