// The study's recordings: fetched all at once or not at all, always in the same order, so that no request tells which text
// somebody listens to. On an interviewer's tablet they are kept for work without a network; elsewhere the page has them, and what
// the browser keeps of any file.
const NAME = "recordings";
const ROOM = 1.2; // times their size that must be free

const kept = async (address) => ((await globalThis.caches?.has(NAME)) ? (await caches.open(NAME)).match(address) : undefined);

/** Whether this tablet keeps every one of them. */
export async function areKept(addresses) {
  return (await Promise.all(addresses.map(kept))).every(Boolean);
}

/** Each recording by its address. Throws where one cannot be had: then there are none. */
export async function bringAll(addresses, signal) {
  const brought = await Promise.all(addresses.map(async (address) => {
    const answer = (await kept(address)) ?? (await fetch(address, { credentials: "omit", signal }));
    if (!answer.ok) throw new Error("A recording is not there.");
    return [address, await answer.blob()];
  }));
  return new Map(brought);
}

/** Keep them on this tablet: "kept", "no-room" where the device has too little, "not-fetched" where one did not come. */
export async function keepAll(addresses, size) {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < size * ROOM) return "no-room";
  const cache = await caches.open(NAME);
  try {
    for (const old of await cache.keys()) if (!addresses.includes(new URL(old.url).pathname)) await cache.delete(old);
    for (const address of addresses) if (!(await cache.match(address))) await cache.add(new Request(address, { credentials: "omit" }));
  } catch (error) {
    return error.name === "QuotaExceededError" ? "no-room" : "not-fetched";
  }
  return "kept";
}
