// One finished visit becomes four sealed records and a receipt. The documents are those of fieldwork/documents.py.
import { canAgree } from "./hpke.js";
import { cutOff, labelsOf, newReceipt } from "./receipts.js";
import { base64, hex, sealDocument } from "./seal.js";

const PATIENCE = 20_000; // milliseconds after which sealing has failed
const DELIVERY = { format: "amanah-delivery", version: 2 };

/** Whether this browser has what sealing needs. */
export const canSeal = canAgree;

/**
 * Seal a visit: {code, until, delivery}. `delivery` is what is sent, and holds envelopes only (docs/delivery.md).
 * Throws when anything fails or takes too long; then nothing has left this function.
 */
export function sealVisit(plan, keyring, visit, now = new Date()) {
  return Promise.race([sealed(plan, keyring, visit, now), timeOut()]);
}

async function sealed(plan, keyring, visit, now) {
  if (keyring.study !== plan.study) throw new Error("These keys belong to another study.");
  const code = newReceipt();
  const labels = await labelsOf(code, plan.study);
  const capsule = plan.wave ? visit.earlier || await (await import("./capsule.js")).capsuleOf(labels.participant, keyring) : "";
  const [research, identity, contact, link] = await Promise.all([
    parcel("research", researchDocument(plan, visit, labels, now), plan, keyring, labels.research),
    parcel("identity", consentDocument(plan, visit, labels, now), plan, keyring, labels.identity),
    parcel("identity", contactDocument(plan, visit, labels, now), plan, keyring),
    parcel("identity", linkDocument(plan, labels, capsule), plan, keyring),
  ]);
  const delivery = { ...DELIVERY, instrument: plan.instrument, group: plan.group, research, identity, contact, link };
  return { code, until: cutOff(now, plan.cut_off_days), delivery };
}

/** One document sealed for its vault, under a random id. */
export async function parcel(purpose, document, plan, keyring, tag) {
  const recordId = crypto.getRandomValues(new Uint8Array(16));
  const context = { purpose, study: plan.study, instrument: plan.instrument, recordId };
  const envelope = await sealDocument(document, keyring.active(purpose), context, plan.lengths[document.kind]);
  return { id: hex(recordId), ...(tag && { tag: hex(tag) }), envelope: base64(envelope) };
}

export const timeOut = () => new Promise((_, fail) => { setTimeout(() => fail(new Error("Sealing took too long.")), PATIENCE); });
const pad = (number) => String(number).padStart(2, "0");
const month = (now) => `${now.getFullYear()}-${pad(now.getMonth() + 1)}`;
export const day = (now) => `${month(now)}-${pad(now.getDate())}`;
export const heading = (plan, kind) => ({ format: 1, kind, study: plan.study, instrument: plan.instrument });
export const ofPerson = (plan, kind, { person }) => ({ ...heading(plan, kind), format: 2, person: hex(person) });

/** The research record: no name, no day, no consent record. */
export const researchDocument = (plan, visit, labels, now) => ({
  ...heading(plan, "record"),
  participant: hex(labels.participant),
  group: plan.group,
  answers: visit.answers,
  choices: Object.fromEntries(plan.steering.map((name) => [name, visit.consent.choices[name] ?? "no"])),
  mode: visit.mode,
  language: visit.language,
  version: plan.version,
  month: month(now),
  interviewer: visit.interviewer,
  ...(plan.wave && { wave: plan.wave, earlier: visit.earlier }),
});

/** The consent record: which words were agreed to, when and how. No answer, and nothing that leads to one. */
export const consentDocument = (plan, visit, labels, now) => ({
  ...ofPerson(plan, "consent", labels),
  record: {
    ...plan.record,
    record_id: hex(labels.person),
    language: visit.language,
    route: visit.consent.route,
    event: { event_time: day(now), event_type: "explicit", event_state: "given" },
    interviewer: visit.interviewer,
    attested: only(visit.contact, (name) => plan.attested.includes(name)),
    statements: visit.consent.statements.map(([id, answer]) => ({ id, text_version: `${plan.version}-${visit.language}`, answer })),
  },
});

/** The contact details, or none: nobody sees from outside which. A name stands here also where it bears the consent out. */
export const contactDocument = (plan, visit, labels, now) => ({
  ...ofPerson(plan, "contact", labels),
  date: day(now),
  contact: only(visit.contact, (name) => name === "v_name" || !plan.attested.includes(name)),
});

/** The one thing that leads from an identity to its answers, until the cut-off. */
export const linkDocument = (plan, labels, capsule) => ({
  ...ofPerson(plan, "link", labels),
  research_tag: hex(labels.research),
  identity_tag: hex(labels.identity),
  capsule,
});

const only = (fields, isOne) => Object.fromEntries(Object.entries(fields).filter(([name]) => isOne(name)));
