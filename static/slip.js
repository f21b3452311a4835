// The receipt of a visit that was sealed here: shown once, copied or printed, then gone. It is in no storage and no address.
import { watch } from "./outbox.js";
import { grouped } from "./receipts.js";
import { correction, generate } from "./vendor/lean-qr.js";

const SVG = "http://www.w3.org/2000/svg", QUIET = 2; // modules of empty border

/** Fill the receipt page. `tablet`: where the interviewer goes on, on a shared tablet; `agreed`: what a copy is made of. */
export function showSlip(page, { code, until }, unkept, tablet, agreed) {
  const place = (name) => page.querySelector(`[data-slip=${name}]`);
  const language = document.documentElement.lang;
  page.querySelector("[data-code]").textContent = grouped(code);
  place("qr").append(picture(grouped(code)));
  place("until").textContent = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "full" }).format(until);
  place("where").textContent = `${location.origin}/withdraw`;
  place("unkept").hidden = !unkept;
  const next = tablet ?? page.querySelector("[data-kept]").dataset.next;
  // What it looks like on paper. The worker keeps that from the visit's first step on.
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("print.css", import.meta.url) }));
  // A reload must not show the code again; there is nothing to show it from.
  history.replaceState(null, "", next);
  page.querySelector("[data-copy]").addEventListener("click", copy);
  page.querySelector("[data-print]").addEventListener("click", () => print());
  page.querySelector("[data-kept]").addEventListener("click", () => location.replace(next));
  page.querySelector("[data-agreed]").addEventListener("click", () => {
    // Only who asks for it fetches it. The worker keeps it from the visit's first step on.
    import("./agreed.js").then(({ showAgreed }) => showAgreed(page, agreed, until)).catch(() => { place("no-copy").hidden = false; });
  });
  watch(({ waiting }) => {
    place("waiting").hidden = !waiting;
    place("arrived").hidden = Boolean(waiting) || Boolean(tablet);
  });

  async function copy(event) {
    await navigator.clipboard.writeText(grouped(code));
    event.target.textContent = event.target.dataset.copied;
  }
}

/** A QR code as one SVG path. */
export function picture(text) {
  const code = generate(text, { minCorrectionLevel: correction.M });
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  let drawn = "";
  for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) drawn += `M${x} ${y}h1v1h-1z`;
  svg.setAttribute("viewBox", [-QUIET, -QUIET, code.size + 2 * QUIET, code.size + 2 * QUIET].join(" "));
  svg.setAttribute("class", "qr");
  path.setAttribute("d", drawn);
  svg.append(path);
  return svg;
}
