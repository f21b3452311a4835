// A change of mind becomes sealed records: choices in each vault, and contact details that take the place of the former.
// The documents are those of fieldwork/changes.py. Always three parcels of fixed lengths, whatever was changed.
import { labelsOf } from "./receipts.js";
import { hex } from "./seal.js";
import { day, heading, ofPerson, parcel, timeOut } from "./documents.js";

const CHANGES = { format: "amanah-changes", version: 1 };
const WITHDRAWAL = { format: "amanah-withdrawal", version: 1 };

/**
 * What is sent for a change: envelopes and proofs only (docs/delivery.md). `contact` is null where it stays as it is.
 * Throws when anything fails or takes too long; then nothing has left this function.
 */
export function sealChanges(plan, keyring, code, changed, now = new Date()) {
  return Promise.race([sealed(plan, keyring, code, changed, now), timeOut()]);
}

async function sealed(plan, keyring, code, { choices, contact }, now) {
  if (keyring.study !== plan.study) throw new Error("These keys belong to another study.");
  const labels = await labelsOf(code, plan.study);
  const documents = changedDocuments(plan, labels, choices, contact ?? {}, now);
  const [research, identity, details] = await Promise.all([
    parcel("research", documents.research, { ...plan, lengths: { choices: plan.lengths.research } }, keyring),
    parcel("identity", documents.identity, plan, keyring),
    parcel("identity", documents.contact, plan, keyring),
  ]);
  research.proof = hex(labels.proofs.research);
  identity.proof = hex(labels.proofs.identity);
  // 1 or 0, not true or false: a request has the same length whatever was changed.
  return { ...CHANGES, instrument: plan.instrument, research, identity, contact: details, replaces_contact: contact ? 1 : 0 };
}

/** The three documents of a change. Contact details that stay as they are have an empty one, which is not kept. */
export function changedDocuments(plan, labels, choices, contact, now) {
  const said = Object.entries(choices).sort(([one], [two]) => (one < two ? -1 : 1));
  const date = day(now);
  return {
    research: { ...heading(plan, "choices"), participant: hex(labels.participant), date,
      choices: Object.fromEntries(said.filter(([name]) => plan.steering.includes(name))) },
    identity: { ...ofPerson(plan, "choices", labels), date, statements: said },
    contact: { ...ofPerson(plan, "contact", labels), date, contact },
  };
}

/** What is sent to withdraw: the two proofs of a code, from which nobody comes back to it. */
export async function withdrawalOf(code, study) {
  const { research, identity } = (await labelsOf(code, study)).proofs;
  return { ...WITHDRAWAL, research: hex(research), identity: hex(identity) };
}
