// While long work goes on at the desk: asks how far it is every second, and says so without loading the page again, so that
// whoever reads by ear or by keyboard stays where they are. Goes on once the work is done. Keeps and sends nothing.
const EVERY = 1_000; // milliseconds
const PARTS = ["progress", "[role=status]"]; // what changes while it waits

function ask() {
  const asked = new XMLHttpRequest(); // text may not become a page here, so the browser is asked for a page
  asked.open("GET", location.href);
  asked.responseType = "document";
  asked.onload = () => told(asked);
  asked.onerror = () => setTimeout(ask, EVERY);
  asked.send();
}

function told({ response, responseURL }) {
  // Done, failed or locked: that is a page of its own.
  if (!response?.querySelector("[data-waits]") || responseURL !== location.href) return location.replace(responseURL);
  for (const part of PARTS) {
    const [now, then] = [document, response].map((page) => page.querySelector(`[data-waits] ${part}`));
    if (part === "progress") for (const name of ["value", "max"]) if (then.hasAttribute(name)) now.setAttribute(name, then.getAttribute(name));
    if (now.textContent !== then.textContent) now.textContent = then.textContent;
  }
  setTimeout(ask, EVERY);
}

setTimeout(ask, EVERY);
