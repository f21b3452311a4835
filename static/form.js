// The form on the page: what stands in it, why an answer is refused, and the pages that may take its place.

// ---- what was typed

export const typed = (form, name) => new FormData(form).getAll(name).map(String);

/** Everything typed, by name: lists of texts. */
export function entries(form) {
  const names = new Set(new FormData(form).keys());
  return Object.fromEntries([...names].map((name) => [name, typed(form, name)]));
}

/** Put back what was typed. What no choice stands for belongs in the boxes of that name, in their order. */
export function restore(form, kept) {
  for (const [name, said] of Object.entries(kept)) {
    const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const choices = inputs.filter((input) => input.matches("[type=radio], [type=checkbox]"));
    const codes = choices.map((choice) => choice.value);
    for (const choice of choices) choice.checked = said.includes(choice.value);
    const boxes = inputs.filter((input) => !choices.includes(input) && input.type !== "hidden");
    const rest = said.filter((one) => !codes.includes(one));
    boxes.forEach((box, at) => { box.value = rest[at] ?? ""; });
  }
}

/** Show only the choices of a question that are offered. One that was chosen and is no longer offered is let go. */
export function offer(piece, codes) {
  for (const choice of piece.querySelectorAll("input[value], option[value]")) {
    const isGone = choice.value !== "" && !codes.includes(choice.value);
    (choice.closest(".choice") ?? choice).hidden = isGone;
    if (isGone) choice.checked = choice.selected = false;
  }
}

/** Put answers where other questions show them. */
export function say(form, counting) {
  for (const place of form.querySelectorAll("[data-says]")) {
    const name = place.dataset.says, codes = [counting[name] ?? []].flat().map(String);
    const wordsFor = (code) => form.querySelector(`.choice:has([name="${CSS.escape(name)}"][value="${CSS.escape(code)}"]),
      select[name="${CSS.escape(name)}"] option[value="${CSS.escape(code)}"]`)?.textContent.trim();
    place.textContent = listed(codes.map((code) => wordsFor(code) ?? code), JSON.parse(place.dataset.joints)) || "…";
  }
}

/** Words in one list, as forms/locales.py lists them. */
const listed = ([first = "", ...words], [two, start, middle, end]) => words.reduce((told, word, at) => {
  const joint = words.length === 1 ? two : at === words.length - 1 ? end : at ? middle : start;
  return joint.replace(/\{(.)\}/g, (_, which) => [told, word][which]);
}, first);

/** What the tablet or the invitation knows beforehand: the site, and how the visit is held. */
export function prefill(form, { site, interviewer, mode }) {
  const pick = (name, value) => {
    const choice = form.querySelector(`input[name=${name}][value="${CSS.escape(value)}"]`);
    if (choice) choice.checked = true;
  };
  if (site) pick("site", site);
  if (mode) pick("admin_mode", mode);
  if (interviewer) form.elements.interviewer_code.value = interviewer;
}

// ---- refusals, at their question

const pieceOf = (form, name) => form.querySelector(`#q-${CSS.escape(name)}`);
const target = (piece) => (piece.matches("fieldset") ? piece : piece.querySelector("input, textarea"));

/** Show a sentence at a question: "error" for what has to be mended, "hint" for what may be. */
export function refuse(form, name, sentence, kind = "error") {
  const piece = pieceOf(form, name), line = document.createElement("p");
  clearRefusals(piece);
  line.className = `refusal ${kind}`;
  line.id = `q-${name}-refusal`;
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  line.textContent = kind === "error" ? `▲ ${sentence}` : sentence;
  piece.querySelector("legend, .legend").after(line);
  piece.classList.toggle("wrong", kind === "error");
  const described = target(piece).getAttribute("aria-describedby");
  target(piece).setAttribute("aria-describedby", [described, line.id].filter(Boolean).join(" "));
  if (kind === "error" && target(piece).matches("input, textarea")) target(piece).ariaInvalid = "true";
}

export function clearRefusals(piece) {
  for (const line of piece?.querySelectorAll(".refusal") ?? []) {
    const ids = (target(piece).getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== line.id);
    if (ids.length) target(piece).setAttribute("aria-describedby", ids.join(" "));
    else target(piece).removeAttribute("aria-describedby");
    target(piece).ariaInvalid = null;
    line.remove();
  }
  piece?.classList.remove("wrong");
}

export function focusOn(form, name) {
  const piece = pieceOf(form, name);
  piece.scrollIntoView({ block: "center" });
  target(piece).focus({ preventScroll: true });
}

/** The words of a question. */
export const wordsOf = (form, name) => pieceOf(form, name).querySelector("legend, .legend").textContent.trim();

// ---- pages that stand ready as templates

export const template = (name) => document.querySelector(`template[data-page="${name}"]`).content.cloneNode(true);

/** Show another page in the place of this one. What was typed goes with the form. */
export function showPage(name) {
  const main = document.querySelector("main");
  main.replaceChildren(template(name));
  scrollTo(0, 0);
  main.querySelector("h1").focus({ preventScroll: true });
  return main;
}
