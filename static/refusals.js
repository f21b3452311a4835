// Why an answer is refused, shown at its question and read out with it.

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
}

export function clearRefusals(piece) {
  for (const line of piece?.querySelectorAll(".refusal") ?? []) {
    const ids = (target(piece).getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== line.id);
    if (ids.length) target(piece).setAttribute("aria-describedby", ids.join(" "));
    else target(piece).removeAttribute("aria-describedby");
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
