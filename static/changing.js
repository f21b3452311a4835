// Withdrawing and changing one's mind, on the device. The code that was typed never leaves it, and what is changed is
// sealed here. Where that fails it stops and says so, sends nothing, and everything that was typed is still there.
import { readAll, whyNot } from "./answers.js";
import { sealChanges, withdrawalOf } from "./changes.js";
import { readCode } from "./codes.js";
import { canSeal } from "./documents.js";
import { clearRefusals, focusOn, refuse, showPage, template, typed } from "./form.js";
import { KeysRefused, loadKeyring } from "./keyring.js";
import { post } from "./outbox.js";
import { get } from "./store.js";

const REASONS = ["o_recontact", "o_results"]; // what contact details are kept for
const ERASING = document.querySelector("[data-changing=erase]");
const sentences = JSON.parse(ERASING.dataset.sentences), plan = planOf(ERASING);

function planOf(form) {
  const told = JSON.parse(form.dataset.plan);
  return { ...told, items: told.items.map((item) => ({ ...told.defaults, ...item })) };
}

async function begin() {
  // Without WebCrypto no tag can be had from a code. Taking answers out must still be possible, as it is without script.
  if (!globalThis.crypto?.subtle) return Promise.all([import("./send.js"), offerChanges(false)]);
  ERASING.addEventListener("submit", (event) => submit(event, withdraw));
  return offerChanges(await canSeal());
}

/** Put the form for changes in its place, or the sentence that this browser cannot seal. */
function offerChanges(isAble) {
  document.querySelector("[data-place=choices]").replaceWith(template(isAble ? "choices" : "cannot-seal"));
  const form = document.querySelector("[data-changing=choices]"), replaces = form?.querySelector("[data-replaces]");
  if (!form) return;
  form.addEventListener("submit", (event) => submit(event, change));
  form.addEventListener("input", (event) => {
    delete form.dataset.sure;
    clearRefusals(event.target.closest(".question"));
  });
  const showDetails = () => { if (replaces) form.querySelector("[data-contact]").hidden = !replaces.checked; };
  replaces?.addEventListener("change", showDetails);
  form.addEventListener("reset", () => setTimeout(showDetails));
  showDetails();
}

async function submit(event, deed) {
  event.preventDefault();
  const form = event.currentTarget, button = form.querySelector(".primary");
  button.disabled = true;
  try {
    const code = codeIn(form);
    const told = code && (await deed(form, code));
    if (told?.held) showHeld(told.held);
    else if (told) showPage(`${form.dataset.changing}-done`);
  } catch (error) {
    notSent(form);
    throw error;
  } finally {
    button.disabled = false;
  }
}

/** The code in a form; where it is none, its box says so and takes the focus. */
function codeIn(form) {
  const box = form.querySelector("[name=code]"), line = form.querySelector(`#${box.id}-error`);
  const { code, refused } = readCode(box.value);
  line.hidden = !refused;
  line.textContent = refused ? sentences[refused] : "";
  box.setAttribute("aria-invalid", Boolean(refused));
  if (refused) box.focus();
  return code;
}

// ---- withdrawing

async function withdraw(form, code) {
  return send(form, `/withdrawals?lang=${document.documentElement.lang}`, await withdrawalOf(code, plan.study));
}

/** While a legal hold is on: the institution's words instead of "Done", as the server has them now. */
function showHeld(lines) {
  const place = showPage("erase-held").querySelector("[data-held]");
  if (lines.length) place.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
}

// ---- changing

async function change(form, code) {
  tell(form, "");
  const changed = changedIn(form);
  if (!changed) return false;
  if (!changed.contact && !Object.keys(changed.choices).length) return tell(form, "nothing");
  if (losesSome(changed.contact) && !form.dataset.sure) {
    form.dataset.sure = "1";
    return tell(form, "forgets");
  }
  tell(form, "sealing");
  const sealed = await seal(form, code, changed);
  return sealed && send(form, "/changes", sealed);
}

async function seal(form, code, changed) {
  let keyring;
  try {
    const here = await heldHere();
    keyring = await loadKeyring(here?.pin, here?.keyring);
  } catch (error) {
    return error instanceof KeysRefused ? tell(form, "keys") : notSent(form);
  }
  return sealChanges(plan, keyring, code, changed).catch(() => tell(form, "unsealed"));
}

/** What this device was given to hold the study's keys to: a tablet's enrolment with its keyring, or the pin of an
 * invitation that is not used up. Nobody else has one (docs/threat-model.md). */
async function heldHere() {
  const [enrolment, invitation] = await Promise.all(["enrolment", "invitation"].map((name) => get("tablet", name).catch(() => undefined)));
  return enrolment ?? invitation;
}

/** What a form would change: {choices, contact}, where `contact` is null if it stays. Null where something is refused. */
function changedIn(form) {
  const { values, refused } = readAll(plan, (name) => typed(form, name));
  const replaces = form.querySelector("[data-replaces]")?.checked;
  const choices = plan.items.filter((item) => item.kind === "statement" && item.name in values);
  const details = replaces ? plan.items.filter((item) => item.kind !== "statement") : [];
  if (!isSound(form, [...choices, ...details], values, refused)) return null;
  const said = Object.fromEntries(choices.map(({ name }) => [name, values[name]]));
  const told = details.filter(({ name }) => name in values).map(({ name }) => [name, [values[name]].flat().join(" ")]);
  return { choices: said, contact: endsContact(said) ? {} : replaces ? Object.fromEntries(told) : null };
}

function isSound(form, items, values, refused) {
  const faults = items.map((item) => [item.name, reasonOf(item, values, refused)]).filter(([, reason]) => reason);
  for (const [name, reason] of faults) refuse(form, name, reason);
  if (faults.length) focusOn(form, faults[0][0]);
  return !faults.length;
}

function reasonOf(item, values, refused) {
  if (refused[item.name]) return sentences[refused[item.name]];
  const why = item.name in values ? whyNot(plan, item, values[item.name], {}) : "";
  return (why === "rule" && item.message) || sentences[why];
}

/** Whether some boxes are filled and others empty, which are forgotten: asked once, since one may be a safe way. */
function losesSome(contact) {
  const left = Object.keys(contact ?? {}).length;
  return left > 0 && left < plan.items.filter((item) => item.kind !== "statement").length;
}

/** Whether nothing is left that contact details are kept for: then they go as well. */
function endsContact(choices) {
  const asked = REASONS.filter((name) => plan.items.some((item) => item.name === name));
  return asked.length > 0 && asked.every((name) => choices[name] === "no");
}

// ---- sending

/** What the study answered; false where it could not be reached. */
async function send(form, address, body) {
  const told = await post(address, null, body).then((answer) => answer.json()).catch(() => undefined);
  // A portal or a proxy answers too. Only the study's own word counts.
  return told?.received === true ? told : notSent(form);
}

function notSent(form) {
  tell(form, "");
  const line = form.querySelector("[data-not-sent]");
  line.textContent = line.dataset.notSent;
  line.hidden = false;
  return false;
}

/** Show one of the sentences that stand ready above the button; false, for what ends so. */
function tell(form, name) {
  for (const line of form.querySelectorAll("[data-tell]")) line.hidden = line.dataset.tell !== name;
  form.querySelector("[data-not-sent]").hidden = true;
  return false;
}

begin();
