// On every page for participants: deliver what waits, and keep this site's pages for when there is no network.
import { keepDelivering } from "./outbox.js";

keepDelivering();

// An invitation for any group opens on the start page. It rides on behind the #, which reaches no server, and leaves the address.
if (location.hash && document.querySelector(".doors")) {
  for (const link of document.querySelectorAll(".door, .languages a")) link.hash = location.hash;
  history.replaceState(null, "", location.pathname + location.search);
}

// No other address ever becomes a worker, whatever a page says.
const WORKER = "/worker.js";
const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
export const register = () => navigator.serviceWorker.register(policy?.createScriptURL("") ?? WORKER);

if (document.documentElement.dataset.worker && "serviceWorker" in navigator) {
  addEventListener("load", async () => {
    await register();
    // The page that registers a worker was fetched without it: hand over its address and its scripts' to be kept.
    const { active } = await navigator.serviceWorker.ready;
    const files = [...document.querySelectorAll("script, [rel=modulepreload]")].map((one) => one.src ?? one.href);
    active.postMessage({ keep: [location.pathname + location.search, ...files] });
  }, { once: true });
}
