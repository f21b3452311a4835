// What stands in the form: read from it, and put back into it.

export const typed = (form, name) => new FormData(form).getAll(name).map(String);

/** Everything typed, by name: lists of texts. */
export function entries(form) {
  const names = new Set(new FormData(form).keys());
  return Object.fromEntries([...names].map((name) => [name, typed(form, name)]));
}

/** Put back what was typed. A box and a choice beside it share a name: what no choice stands for belongs in the box. */
export function restore(form, kept) {
  for (const [name, said] of Object.entries(kept)) {
    const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const choices = inputs.filter((input) => input.matches("[type=radio], [type=checkbox]"));
    const codes = choices.map((choice) => choice.value);
    for (const choice of choices) choice.checked = said.includes(choice.value);
    for (const box of inputs) {
      if (!choices.includes(box) && box.type !== "hidden") box.value = said.find((one) => !codes.includes(one)) ?? "";
    }
  }
}

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
