// On every page for participants: deliver what waits, and keep this site's pages for when there is no network.
import { keepDelivering } from "./outbox.js";

keepDelivering();

// An invitation for any group opens on the start page. It rides on behind the #, which reaches no server, and leaves the address.
if (location.hash && document.querySelector(".doors")) {
  for (const link of document.querySelectorAll(".door, .languages a")) link.hash = location.hash;
  history.replaceState(null, "", location.pathname + location.search);
}

const worker = document.documentElement.dataset.worker;
if (worker && "serviceWorker" in navigator) {
  addEventListener("load", async () => {
    await navigator.serviceWorker.register(worker);
    // The page that registers a worker was fetched without it: hand over its own address to be kept.
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: [location.pathname + location.search] });
  }, { once: true });
}
