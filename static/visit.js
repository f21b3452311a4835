// A visit on this device: one step at a time, checked by the study's own rules, sealed here, handed to the outbox.
// It never posts what was typed: if sealing fails, it stops and says so.
import { answered, blanks, consentOf, isEligible, isRelevant, offered, readAll, settle, statementsAsked, whyNot } from "./answers.js";
import { foldDigits, strip } from "./expressions.js";
import { clearRefusals, entries, focusOn, offer, prefill, refuse, restore, say, showPage, template, typed, wordsOf } from "./form.js";
import { focusOf, nameOf, showStep, stepsOf } from "./steps.js";

const SAVE_AFTER = 400; // milliseconds after the last key
const INTERVIEWER_CODE = /^[A-Z0-9]{0,8}$/;
const WIDE = "(min-width: 48rem)";

async function begin(form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  const plan = planOf(form), visit = new Visit(form, plan);
  if (!plan.preview && !(globalThis.crypto?.subtle && globalThis.indexedDB && navigator.locks)) return showPage("cannot-seal");
  try {
    if (plan.functions) await import("./functions.js");
    // A preview knows the rules and nothing else: what would keep, seal or send is never fetched.
    if (plan.preview) return visit.start();
    // The first question is there at once. What is needed at the end comes before anybody gets far.
    visit.start();
    await visit.fetch("store", "outbox", "draft", "bearer");
    const bearer = await visit.parts.bearer.bearerNow(plan.walk_in);
    if (!bearer) return await visit.giveUp("no-invitation");
    if (bearer === "shift") return location.replace("/tablet");
    await visit.goOnFor(bearer);
    if (await visit.parts.bearer.isRefused(bearer)) return await visit.giveUp("invitation-over");
    return await visit.prepare();
  } catch (error) {
    await visit.giveUp("cannot-seal");
    throw error;
  }
}

/** Once somebody takes part, the worker keeps what only few need: to go on with a draft, a copy of the consent, a printed slip. */
async function keepLater() {
  const files = ["agreed.js", "page.js", "resume.js", "shift.js", "print.css"].map((name) => new URL(name, import.meta.url).href);
  const worker = await navigator.serviceWorker?.ready;
  worker?.active.postMessage({ keep: [...files, `/visit/agreed?lang=${document.documentElement.lang}`] });
}

function planOf(form) {
  const plan = JSON.parse(form.dataset.plan);
  return { ...plan, items: plan.items.map((item) => ({ ...plan.defaults, ...item })) };
}

class Visit {
  #told = new Set(); // questions of understanding whose sentence was shown once
  #at = 0;
  #ended = false;
  #saving;
  #isTouched = false; // a visit that somebody only looked at leaves no draft
  #mayKeep = false; // not before it is known whether somebody's draft waits: one visit must not take the place of another's
  #kept; // that the worker was asked to keep what may be needed later
  #tellKnown;
  #known = new Promise((resolve) => (this.#tellKnown = resolve)); // that it is known who stands behind the visit

  parts = {}; // the modules that come after the first question, by name

  constructor(form, plan) {
    Object.assign(this, { form, plan, sentences: JSON.parse(form.dataset.sentences) });
    this.items = new Map(plan.items.map((item) => [item.name, item]));
  }

  start() {
    this.#dress();
    this.#listen();
    this.steps = stepsOf(this.form, false);
    this.#show(0, false);
  }

  /**
   * Take in who stands behind the visit, and a draft of it that somebody wants to go on with. On a slow network the
   * first questions are answered by then: those answers stay, and so does the place.
   */
  async goOnFor(bearer) {
    this.bearer = bearer;
    prefill(this.form, bearer);
    const draft = await this.#draft();
    if (this.#ended) return;
    if (draft) restore(this.form, draft.typed);
    const isRead = typed(this.form, "admin_mode")[0] !== "self" && matchMedia(WIDE).matches;
    if (draft || isRead) {
      const place = draft?.step ?? this.#step.key;
      this.steps = stepsOf(this.form, isRead);
      this.#show(Math.max(0, this.steps.findIndex((step) => step.names.includes(place) || step.key === place)), Boolean(draft));
    }
    this.#mayKeep = true;
    this.#tellKnown();
    this.#save();
  }

  async fetch(...names) {
    const modules = await Promise.all(names.map((name) => import(`./${name}.js`)));
    names.forEach((name, at) => { this.parts[name] = modules[at]; });
  }

  /** Fetch what seals, and look at the study's keys: a visit that could not end well should not begin. */
  async prepare() {
    try {
      await this.fetch("documents", "keyring", "slip", "speech");
      if (!(await this.parts.documents.canSeal())) return await this.giveUp("cannot-seal");
      await this.#keys();
    } catch (error) {
      // Without a network this is tried again at the end, and nothing that was typed until then is lost.
      if (this.#isOfKeys(error)) return this.giveUp("keys-changed");
    }
    const shown = () => this.#step.pieces.filter((piece) => !piece.hidden).map((piece) => piece.innerText).join("\n");
    return this.parts.speech?.offerReading(this.#control("read"), document.documentElement.lang, shown);
  }

  /** The keys that this visit is sealed to: those of its beginning, though the study changes them meanwhile. */
  async #keys() {
    return (this.ring ??= await this.parts.keyring.loadKeyring(this.bearer.pin, this.bearer.keyring));
  }

  #isOfKeys(error) {
    return this.parts.keyring !== undefined && error instanceof this.parts.keyring.KeysRefused;
  }

  /** The visit cannot go on here, and nothing of it is kept. One that has ended already stays as it ended. */
  async giveUp(page) {
    if (this.#ended) return;
    await this.#over();
    showPage(page);
  }

  async #draft() {
    if (!(await this.parts.draft.draftOf(this.plan.group).catch(() => ""))) return null;
    this.form.hidden = true;
    const { draftToGoOnWith } = await import("./resume.js");
    const draft = await draftToGoOnWith(this.plan.group);
    this.form.hidden = false;
    return draft;
  }

  #control(name) {
    return this.form.querySelector(`[data-walk=${name}]`);
  }

  #dress() {
    this.form.append(template("walk"));
    this.form.prepend(this.#control("top"));
    this.form.classList.add("stepping");
    this.form.classList.remove("gated");
    document.querySelector("main > h1").classList.add("unseen"); // the title is in the bar already
  }

  #listen() {
    this.#control("back").addEventListener("click", () => this.#go(-1));
    this.#control("next").addEventListener("click", () => this.#next());
    this.form.addEventListener("input", (event) => this.#changed(event.target.closest(".question")));
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      this.#next();
    });
    addEventListener("amanah-leave", () => this.#stop(), { once: true });
    addEventListener("pagehide", () => this.#save());
  }

  // ---- walking

  get #step() {
    return this.steps[this.#at];
  }

  /** What was said: {values, refused, counting}, where `counting` leaves out what does not apply. */
  get #said() {
    const said = new FormData(this.form), read = readAll(this.plan, (name) => said.getAll(name).map(String));
    return { ...read, counting: answered(this.plan, read.values) };
  }

  #applies(name, { values, counting }) {
    const item = this.items.get(name);
    if (!item) return true;
    return item.kind === "statement" ? statementsAsked(this.plan, values.age).includes(item) : isRelevant(item, counting);
  }

  /** Bring what is on the screen in line with what was said: which questions apply, which choices are offered, words. */
  #refresh(said) {
    for (const piece of this.#step.pieces) {
      const item = this.items.get(nameOf(piece));
      if (!item) continue;
      piece.hidden = !this.#applies(item.name, said);
      if (item.filter) offer(piece, offered(item, said.counting));
    }
    say(this.form, said.counting);
    this.#name(said.values);
  }

  #show(index, moved = true) {
    this.#at = index;
    const step = this.#step;
    this.parts.speech?.stopReading();
    // First: to read the form is to lay out all that it shows.
    showStep(this.form, this.steps, step);
    const said = this.#said;
    this.#refresh(said);
    this.#control("where").textContent = step.section.querySelector(".step")?.textContent ?? "";
    this.#control("progress").max = this.steps.length - 1;
    this.#control("progress").value = index;
    this.#control("back").hidden = index === 0;
    if (step.part === "send") this.#remind(said.values);
    if (!moved) return;
    scrollTo(0, 0);
    focusOf(step).focus({ preventScroll: true });
  }

  /** What the button does now, in its own words. */
  #name(values) {
    const ends = this.#step.part === "consent" && consentOf(this.plan, values).refused;
    this.#control("next").textContent = this.sentences[this.#step.part === "send" ? "send" : ends ? "finish" : "next"];
  }

  #go(by) {
    const said = this.#said, last = this.steps.length - 1;
    const isAsked = (step) => !step.names.length || step.names.some((name) => this.#applies(name, said));
    let index = this.#at + by;
    while (index > 0 && index < last && !isAsked(this.steps[index])) index += by;
    this.#show(Math.min(Math.max(index, 0), last));
    this.#isTouched = true;
    this.#save();
  }

  #next() {
    if (this.#control("next").disabled) return undefined;
    const said = this.#said, { values } = said;
    if (this.#step.part === "send") return this.#finish(said);
    if (this.#step.part === "consent" && consentOf(this.plan, values).refused) return this.#end("refused");
    if (this.#step.part === "eligibility" && !isEligible(this.plan, values)) return this.#end("not_eligible");
    if (!this.#isSound(this.#step, said) || !this.#isUnderstood(said)) return undefined;
    return this.#go(1);
  }

  #changed(piece) {
    this.#refresh(this.#said);
    clearRefusals(piece);
    this.#isTouched = true;
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#save(), SAVE_AFTER);
  }

  // ---- checking

  /** The questions of a step with a reason why they cannot stay as they are. */
  #faults(step, said) {
    const asked = step.names.map((name) => this.items.get(name)).filter((item) => item && this.#applies(item.name, said));
    return asked.map((item) => [item.name, this.#reason(item, said)]).filter(([, reason]) => reason);
  }

  #reason(item, { values, refused, counting }) {
    const isGiven = item.name in values;
    if (refused[item.name]) return this.sentences[refused[item.name]];
    const why = isGiven && item.part !== "understanding" ? whyNot(this.plan, item, values[item.name], counting) : "";
    if (why) return (why === "rule" && item.message) || this.sentences[why];
    if (!item.required || isGiven) return "";
    return item.needed || this.sentences[item.kind === "statement" ? "statement" : "required"];
  }

  /** Whether a step may be left; where not, each question says why, and the first gets the focus. */
  #isSound(step, said) {
    const faults = this.#faults(step, said);
    for (const [name, reason] of faults) refuse(this.form, name, reason);
    if (faults.length) focusOn(this.form, faults[0][0]);
    return !faults.length;
  }

  /** A question of understanding that was answered wrong: the sheet's words come back once, then it may go on. */
  #isUnderstood({ counting }) {
    const asked = this.#step.part === "understanding" ? this.#step.names.map((name) => this.items.get(name)) : [];
    const unclear = asked.filter((item) => item && item.name in counting && !this.#told.has(item.name) && whyNot(this.plan, item, counting[item.name], counting));
    for (const item of unclear) {
      this.#told.add(item.name);
      refuse(this.form, item.name, item.message, "hint");
    }
    return !unclear.length;
  }

  // ---- ending

  /** The last step says which questions are blank, with a way to each. */
  #remind(values) {
    const place = this.#control("blanks"), left = blanks(this.plan, values);
    place.hidden = !left.length;
    place.querySelector("[data-count]").textContent = left.length;
    place.querySelector("ul").replaceChildren(...left.map(({ name }) => {
      const line = document.createElement("li"), button = document.createElement("button");
      Object.assign(button, { type: "button", className: "link", textContent: wordsOf(this.form, name) });
      button.addEventListener("click", () => this.#show(this.steps.findIndex((step) => step.names.includes(name))));
      line.append(button);
      return line;
    }));
  }

  #finish(said) {
    const { values } = said;
    if (!isEligible(this.plan, values)) return this.#end("not_eligible");
    const wrong = this.steps.findIndex((step) => this.#faults(step, said).length);
    if (wrong >= 0) {
      this.#show(wrong);
      return this.#isSound(this.#step, said);
    }
    const consent = consentOf(this.plan, values);
    if (consent.refused) return this.#end("refused");
    const interviewer = strip(foldDigits(typed(this.form, "interviewer_code")[0] ?? "")).toUpperCase();
    if (!INTERVIEWER_CODE.test(interviewer)) return this.#tell("interviewer");
    if (this.plan.preview) return this.#end("previewed");
    const { answers, contact } = settle(this.plan, values);
    const unkept = this.plan.items.some((item) => item.part === "contact" && item.name in values && !(item.name in contact));
    const [mode, language] = [typed(this.form, "admin_mode")[0] ?? "self", document.documentElement.lang];
    return this.#seal({ answers, contact, consent, interviewer, mode, language, earlier: this.bearer?.earlier ?? "" }, unkept);
  }

  async #seal(visit, unkept) {
    this.#control("next").disabled = true;
    this.#tell("sealing");
    let sealed;
    try {
      await this.#known;
      await this.fetch("documents", "keyring", "slip");
      const { documents, outbox } = this.parts;
      sealed = await documents.sealVisit(this.plan, await this.#keys(), visit);
      await outbox.enqueue(sealed.delivery, this.bearer.token);
    } catch (error) {
      this.#control("next").disabled = false;
      return this.#tell(this.#isOfKeys(error) ? "keys" : "unsealed");
    }
    await this.#over();
    this.parts.slip.showSlip(showPage("receipt"), sealed, unkept, this.bearer.isTablet ? "/tablet" : null,
      { form: this.form, plan: this.plan, consent: visit.consent });
    return this.parts.outbox.soon();
  }

  /** The visit ends without answers. Nothing of it is kept; the study counts that one ended so. */
  async #end(outcome) {
    await this.#over();
    const page = showPage(outcome);
    if (this.plan.preview) return;
    page.querySelector("[data-to-tablet]").hidden = !this.bearer?.isTablet;
    const token = this.bearer?.token ?? (await this.parts.store?.get("tablet", "enrolment"))?.token;
    if (token) await this.parts.outbox.post("/outcomes", token, { outcome, group: this.plan.group }).catch(() => undefined);
  }

  #stop() {
    this.#ended = true;
    clearTimeout(this.#saving);
    this.parts.speech?.stopReading();
  }

  async #over() {
    this.#stop();
    this.form.reset();
    const { draft, store } = this.parts;
    if (draft) await Promise.allSettled([draft.forgetDrafts(), store.remove("tablet", "invitation")]);
  }

  /** Show one of the sentences that stand ready above the button. */
  #tell(name) {
    for (const line of this.form.querySelectorAll("[data-tell]")) line.hidden = line.dataset.tell !== name;
  }

  #save() {
    clearTimeout(this.#saving);
    if (this.#ended || !this.#mayKeep || !this.#isTouched) return;
    this.#kept ??= keepLater();
    // A draft that cannot be kept must not stop a visit.
    this.parts.draft.keepDraft(this.plan.group, { step: this.#step.key, typed: entries(this.form) }).catch(() => undefined);
  }
}

begin(document.querySelector("form[data-plan]"));
