// Tells the identity desk that this page is open, and whether anybody pressed or typed; warns before the desk locks, and
// goes where nothing is shown once it has. A page that comes back out of the browser's memory is asked for anew. Keeps and sends nothing else.
const EVERY = 20_000; // milliseconds; a page in the background is slowed to a minute, and the desk waits for two
const ADDRESS = "/identities/alive";
const LOCKED = "/identities/locked";
const WARNED = 540_000; // milliseconds; a minute before the desk locks
const told = document.querySelector("[data-locks]");
let active = false;
let acted = Date.now();

for (const sign of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
  addEventListener(sign, () => {
    active = true;
    acted = Date.now();
    if (!told || told.hidden) return;
    told.hidden = true;
    beat(); // the next would come too late
  }, { passive: true });
}

function warn() {
  if (told && Date.now() - acted > WARNED) told.hidden = false;
}

async function beat() {
  const body = new URLSearchParams({ active: active ? "1" : "0", csrf_token: document.querySelector("[name=csrf_token]").value });
  active = false;
  try {
    const answer = await fetch(ADDRESS, { method: "POST", body, cache: "no-store" });
    if (!answer.ok) location.replace(LOCKED);
  } catch {
    // The desk has ended: nothing that it opened stays on the screen.
    document.body.replaceChildren();
  }
}

addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
setInterval(beat, EVERY);
setInterval(warn, EVERY / 4);
beat();
