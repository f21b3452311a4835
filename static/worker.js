// The service worker: keeps this site's public pages, so that they open without a network, and guards a locked tablet.
// The server puts KEPT before this: the cache's name, the files and pages that may be kept, those to keep at once, and
// those that a locked tablet may go to. Nothing else ever is kept.
const [PAGES, FREE] = [KEPT.pages, KEPT.free].map((patterns) => new RegExp(`^(?:${patterns.join("|")})$`));
const HOME = "/tablet";

addEventListener("install", (event) => {
  event.waitUntil(prepare().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(renew());
});

addEventListener("message", (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keep([...KEPT.first, ...event.data.keep]).then((all) => event.ports[0]?.postMessage({ all })));
});

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(guarded(request, url));
  else if (mayKeep(url)) event.respondWith(keptOrFetched(request));
});

// A file has one address. With a query it is asked for past every copy: the study's keys, after a rotation.
const mayKeep = (url) => (KEPT.assets.includes(url.pathname) && !url.search) || PAGES.test(url.pathname);

// A redirected or private answer under a page's address would be a page that is not that page.
const isSound = (answer) =>
  answer.status === 200 && !answer.redirected && answer.type === "basic" && (answer.headers.get("Cache-Control") ?? "").includes("public");

async function guarded(request, url) {
  if (!FREE.test(url.pathname) && (await isLocked())) return Response.redirect(HOME);
  return mayKeep(url) ? keptOrFetched(request) : fetch(request);
}

async function keptOrFetched(request) {
  const cache = await caches.open(KEPT.cache);
  const kept = await cache.match(request.url.split("#")[0], { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (isSound(answer)) await cache.put(request.url.split("#")[0], answer.clone());
  return answer;
}

/** Keep these addresses; true when every one is kept now. */
async function keep(addresses) {
  const cache = await caches.open(KEPT.cache);
  const done = await Promise.all(addresses.map(async (address) => {
    const url = new URL(address, location.origin);
    if (url.origin !== location.origin || !mayKeep(url)) return false;
    if (await cache.match(url.href, { ignoreVary: true })) return true;
    // A page that the browser kept from an earlier version would name files that are no longer there.
    const answer = await fetch(url, { credentials: "omit", cache: PAGES.test(url.pathname) ? "no-cache" : "default" }).catch(() => null);
    if (!answer || !isSound(answer)) return false;
    await cache.put(url.href, answer);
    return true;
  }));
  return done.every(Boolean);
}

const oldCaches = async () => (await caches.keys()).filter((name) => name.startsWith("amanah-") && name !== KEPT.cache);

/** A new version is fetched whole, with the pages that the old one kept, or it does not begin and the old one goes on. */
async function prepare() {
  const pages = [];
  for (const name of await oldCaches()) {
    for (const { url } of await (await caches.open(name)).keys()) if (PAGES.test(new URL(url).pathname)) pages.push(url);
  }
  const files = pages.some((url) => new URL(url).pathname === HOME) ? KEPT.assets : KEPT.first;
  if (!(await keep([...files, ...pages]))) throw new Error("This version could not be fetched whole.");
}

/** A new version begins: what the old one kept is forgotten. */
async function renew() {
  for (const name of await oldCaches()) await caches.delete(name);
  await clients.claim();
}

// The tablet's lock, as static/shift.js keeps it.
function isLocked() {
  return new Promise((done) => {
    const asked = indexedDB.open("amanah");
    asked.onupgradeneeded = () => asked.transaction.abort(); // no tablet was ever enrolled here
    asked.onerror = () => done(false);
    asked.onsuccess = () => {
      const found = asked.result.transaction("tablet").objectStore("tablet").get("lock");
      found.onsuccess = () => { done(Boolean(found.result)); asked.result.close(); };
      found.onerror = () => { done(false); asked.result.close(); };
    };
  });
}
