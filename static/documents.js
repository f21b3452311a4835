// One finished visit becomes two sealed records and a receipt. The documents are those of fieldwork/visits.py.
import { canAgree } from "./hpke.js";
import { cutOff, labelsOf, newReceipt } from "./receipts.js";
import { base64, hex, sealDocument } from "./seal.js";

const PATIENCE = 20_000; // milliseconds after which sealing has failed
const DELIVERY = { format: "amanah-delivery", version: 1 };

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
  const [research, identity] = await Promise.all([
    parcel("research", researchDocument(plan, visit, labels, now), plan, keyring, labels.research),
    parcel("identity", identityDocument(plan, visit, now), plan, keyring, labels.identity),
  ]);
  const delivery = { ...DELIVERY, instrument: plan.instrument, group: plan.group, research, identity };
  return { code, until: cutOff(now, plan.cut_off_days), delivery };
}

async function parcel(purpose, document, plan, keyring, tag) {
  const recordId = crypto.getRandomValues(new Uint8Array(16));
  const context = { purpose, study: plan.study, instrument: plan.instrument, recordId };
  const envelope = await sealDocument(document, keyring.active(purpose), context, plan.lengths[purpose]);
  return { id: hex(recordId), tag: hex(tag), envelope: base64(envelope) };
}

const timeOut = () => new Promise((_, fail) => { setTimeout(() => fail(new Error("Sealing took too long.")), PATIENCE); });
const pad = (number) => String(number).padStart(2, "0");
const month = (now) => `${now.getFullYear()}-${pad(now.getMonth() + 1)}`;
const heading = (plan, kind) => ({ format: 1, kind, study: plan.study, instrument: plan.instrument });

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
});

/** The consent record, with contact details only where they were given: no answer, no label. */
export const identityDocument = (plan, visit, now) => ({
  ...heading(plan, "consent"),
  route: visit.consent.route,
  sheet: plan.sheet,
  language: visit.language,
  date: `${month(now)}-${pad(now.getDate())}`,
  interviewer: visit.interviewer,
  statements: visit.consent.statements,
  contact: visit.contact,
});
