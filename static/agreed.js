// A copy of what somebody agreed to, made on this device from what the visit still has in memory. It is sent nowhere and
// kept nowhere: what is printed, or saved as PDF by the browser itself, is the participant's own.
import { readPage } from "./page.js";

/** Show the copy in the place of the receipt, which comes back with a button. Throws where its words cannot be had. */
export async function showAgreed(receipt, { form, plan, consent }, until) {
  const { lang } = document.documentElement;
  const answer = await fetch(`/visit/agreed?lang=${lang}`, { credentials: "omit" });
  const page = document.importNode((await readPage(answer)).querySelector("template[data-page=agreed]").content, true);
  const place = (name) => page.querySelector(`[data-agreed=${name}]`), inWords = dayIn(lang);
  const told = { sheet: plan.sheet, version: `${plan.version}-${lang}`, date: inWords(new Date()), until: inWords(until), where: `${location.origin}/withdraw` };
  for (const [name, words] of Object.entries(told)) place(name).textContent = words;
  const isChoice = ([name]) => name in consent.choices;
  fill(place("statements"), form, consent.statements.filter((one) => !isChoice(one)));
  fill(place("choices"), form, consent.statements.filter(isChoice));
  const notes = [...form.querySelectorAll(".part-information .block:last-child .note:not([id])")];
  if (notes.length) place("ask").replaceChildren(...notes.map((note) => copyOf(note, "p")));
  exchange(receipt, page, place);
}

const dayIn = (lang) => (day) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "full" }).format(day);

/** The words of each statement as they were read, and what was said to it. */
function fill(place, form, statements) {
  place.hidden = !statements.length;
  place.querySelector("ul").append(...statements.map(([name, said]) => {
    const line = copyOf(form.querySelector(`#q-${CSS.escape(name)} legend`), "li"), answer = document.createElement("strong");
    answer.textContent = form.querySelector(`[name="${CSS.escape(name)}"][value=${said}]`).closest(".choice").textContent.trim();
    line.append(" ", answer);
    return line;
  }));
}

function copyOf(piece, tag) {
  const copy = document.createElement(tag);
  copy.append(...piece.cloneNode(true).childNodes);
  return copy;
}

function exchange(receipt, page, place) {
  const kept = [...receipt.children].filter((one) => !one.hidden), show = (isCopy) => kept.forEach((one) => { one.hidden = isCopy; });
  const copy = [...page.children];
  place("print").addEventListener("click", () => print());
  place("back").addEventListener("click", () => {
    copy.forEach((one) => one.remove());
    show(false);
    receipt.querySelector("h1").focus();
  });
  show(true);
  receipt.append(page);
  scrollTo(0, 0);
  receipt.querySelector("[data-agreed=copy] h1").focus({ preventScroll: true });
}
