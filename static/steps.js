// The same document, one step at a time: which pieces stand together in a step, and showing exactly one of them.
const WHOLE = ["information", "consent", "contact"]; // parts whose blocks stay together
const SHORT = 4; // questions that an interviewer on a tablet sees at once

/** The steps of a visit page, in order: {section, part, pieces, names, key}. `inBlocks` shows several questions at once. */
export function stepsOf(form, inBlocks) {
  return [...form.querySelectorAll(":scope > section.part")].flatMap((section, number) => {
    const part = section.dataset.part;
    if (part === "send") return [stepOf(section, part, [...section.children])];
    return [...section.querySelectorAll(".block")].flatMap((block, place) => {
      const pieces = [...block.children].filter((piece) => piece.matches(".note, .question"));
      const most = WHOLE.includes(part) || "together" in block.dataset ? Infinity : inBlocks ? SHORT : 1;
      return together(pieces, most).map((group) => stepOf(section, part, group, `${number} ${place}`));
    });
  });
}

function stepOf(section, part, pieces, at = "") {
  const names = pieces.map(nameOf).filter(Boolean);
  // By its key a step is found again in a draft, and in the page of another language.
  return { section, part, pieces, names, key: names[0] ?? `${part} ${at}` };
}

export const nameOf = (piece) => (piece.id.startsWith("q-") ? piece.id.slice(2) : "");

// A note stands with the question after it.
function together(pieces, most) {
  const groups = [[]];
  for (const piece of pieces) {
    const last = groups.at(-1), asked = last.filter((one) => one.matches(".question")).length;
    if (asked >= most) groups.push([piece]);
    else last.push(piece);
  }
  return groups.filter((group) => group.length);
}

/** Show one step and nothing else of the form. */
export function showStep(form, steps, step) {
  for (const section of form.querySelectorAll(":scope > section.part")) section.hidden = section !== step.section;
  for (const block of step.section.querySelectorAll(".block")) block.hidden = !step.pieces.some((piece) => block.contains(piece));
  for (const other of steps) {
    if (other.section !== step.section) continue;
    for (const piece of other.pieces) if (other !== step) piece.hidden = true;
  }
  for (const piece of step.pieces) piece.hidden = false;
}

/** What gets the focus when a step comes: its heading where it begins something, else its first question. */
export function focusOf(step) {
  const first = step.pieces.find((piece) => !piece.hidden) ?? step.section;
  const heading = first.parentElement.querySelector("h3") ?? step.section.querySelector("h2");
  return first.matches(".note") || step.names.length > 1 ? heading : first;
}
