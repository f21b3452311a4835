// Pages that stand ready inside the visit's page as templates, with every word translated.

export const template = (name) => document.querySelector(`template[data-page="${name}"]`).content.cloneNode(true);

/** Show another page in the place of this one. What was typed goes with the form. */
export function showPage(name) {
  const main = document.querySelector("main");
  main.replaceChildren(template(name));
  scrollTo(0, 0);
  main.querySelector("h1").focus({ preventScroll: true });
  return main;
}
