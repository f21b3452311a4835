// The outbox as a file, for when the network never comes.
import { utf8 } from "./hpke.js";
import { canonical, hex, sha256 } from "./seal.js";
import { all } from "./store.js";

/** Every sealed visit here as one file to carry by hand, marked with the tablet's token (docs/delivery.md). */
export async function outboxFile(token) {
  const deliveries = (await all("outbox")).map(({ delivery }) => delivery);
  const written = utf8(canonical({ format: "amanah-outbox", version: 1, deliveries }));
  const key = await crypto.subtle.importKey("raw", await sha256(utf8(token)), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mark = new Uint8Array(await crypto.subtle.sign("HMAC", key, written));
  return new Blob([written, `\n${hex(mark)}\n`], { type: "application/octet-stream" });
}
