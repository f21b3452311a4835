// What an answer may be, who can take part, and what becomes a record: the page's half of instruments/answers.py,
// consent.py and eligibility.py. `plan` is what the page says of its own visit (fieldwork/plan.py).
import { asText, evaluate, foldDigits, holds, strip, words } from "./expressions.js";

const NOT_APPLICABLE = -8, BLANK = -9, REMOVED = -6;
const MISSING = [-1, -2, REMOVED, NOT_APPLICABLE, BLANK];
const ALONE = ["-1", "-2"];
const WHOLE = /^-?(?:0|[1-9][0-9]{0,8})$/;
const DECIMAL = /^([0-9]{1,9})(?:[.,٫]([0-9]{1,6}))?$/;
const ISO_DATE = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/, DAY_FIRST = /^([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})$/;
const ADULT = 18;
const ASKED_IN_BOTH = ["c_special", "c_withdraw", "c_use"];

/** An answer is refused; `reason` names the sentence. */
export class Refused extends Error {
  constructor(reason) { super(reason); this.reason = reason; }
}

/** What was typed, as a value; undefined when nothing was. Throws Refused. */
export function readValue(item, typed) {
  const said = typed.map((one) => clean(item, one)).filter(Boolean);
  if (!said.length) return undefined;
  if (item.kind === "select_multiple") return several(item, said.flatMap(words));
  if (item.kind === "rank") return ranked(item, said);
  const aside = said.filter((one) => item.codes.includes(one) && ALONE.includes(one));
  if (new Set(said).size > 1 && !aside.length) throw new Refused("one");
  return single(item, aside[0] ?? said[0]);
}

function clean(item, typed) {
  let kept = typed.replace(/\r\n?/g, "\n").normalize("NFC").replaceAll("\t", " ").replace(/(?!\n)[\p{Cc}\p{Cs}]/gu, "");
  if (!item.multiline) kept = kept.replaceAll("\n", " ");
  return strip(item.kind === "text" ? kept : foldDigits(kept));
}

function single(item, said) {
  if (item.kind === "text") return checkedText(item, said);
  if (item.codes.includes(said)) return item.kind === "statement" ? said : asValue(said);
  if (!OPEN[item.kind]) throw new Refused("offered");
  const value = OPEN[item.kind](said);
  if (item.step && !isOnScale(item, String(value))) throw new Refused("scale");
  return value;
}

/** A code as a value: a number where it is one. */
const asValue = (code) => (WHOLE.test(code) ? Number(code) : code);

const OPEN = {
  integer(said) {
    if (!/^[0-9]{1,9}$/.test(said)) throw new Refused("number");
    return Number(said);
  },
  decimal(said) {
    const [, whole, part = ""] = said.match(DECIMAL) ?? [];
    if (!whole) throw new Refused("decimal");
    return `${whole.replace(/^0+(?=.)/, "")}.${part.replace(/0+$/, "")}`.replace(/\.$/, "");
  },
  date(said) {
    const [, day, month, year] = said.match(DAY_FIRST) ?? (said.match(ISO_DATE) ?? []).map((one, at, all) => all[4 - at] ?? one);
    const iso = day && `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
    const time = Date.parse(`${iso}T00:00Z`);
    // 31 April would become 1 May.
    if (!iso || iso < "0001" || Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso)) throw new Refused("date");
    return iso;
  },
};

function isOnScale({ lowest, highest, step }, number) {
  const [value, low, high, by] = [number, lowest, highest, step].map((one) => Math.round(Number(one) * 1e6));
  return low <= value && value <= high && (value - low) % by === 0;
}

function ranked(item, said) {
  const wanted = item.codes.filter((code) => !ALONE.includes(code));
  const isWhole = said.length === wanted.length && wanted.every((code) => said.includes(code));
  if (!isWhole && !(said.length === 1 && ALONE.includes(said[0]) && item.codes.includes(said[0]))) throw new Refused("rank");
  return said.map(asValue);
}

function checkedText(item, said) {
  const kept = item.uppercase ? said.toUpperCase() : said;
  if (item.codes.includes(kept)) return Number(kept);
  if ([...kept].length > item.max_length) throw new Refused("long");
  return kept;
}

function several(item, said) {
  if (!said.every((code) => item.codes.includes(code))) throw new Refused("offered");
  const codes = [...new Set(said.map(asValue))].sort(inOrder);
  if (codes.length > 1 && codes.some((code) => ALONE.includes(String(code)))) throw new Refused("alone");
  return codes;
}

// Numbers first, then texts; codes are ASCII.
const inOrder = (one, two) => (typeof one === typeof two ? (one < two ? -1 : 1) : typeof one === "number" ? -1 : 1);

/** Every value given, by item; and the reason for each that is refused. `typed(name)` gives a list of texts. */
export function readAll(plan, typed) {
  const values = {}, refused = {};
  for (const item of plan.items) {
    try {
      const value = readValue(item, typed(item.name));
      if (value !== undefined) values[item.name] = value;
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      refused[item.name] = refusal.reason;
    }
  }
  return { values, refused };
}

export const isRelevant = (item, counting) => holds(item.relevant, counting);

/** The values that count: of items that apply, given what counts before them, with what is calculated from these. */
export function answered(plan, values) {
  const kept = {}, today = todayOf(plan);
  for (const item of plan.items) {
    const value = item.kind === "calculate" ? workedOut(item, kept, today) : values[item.name];
    if (value !== undefined && isRelevant(item, kept)) kept[item.name] = value;
  }
  return kept;
}

// The day where the person is.
const todayOf = (plan) => plan.today ?? new Date(Date.now() - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 10);

function workedOut(item, counting, today) {
  const result = evaluate(item.calculation, counting, undefined, today);
  return Number.isNaN(result) ? undefined : [...asText(result)].slice(0, item.max_length).join("") || undefined;
}

/** The codes that are offered beside the other answers. */
export const offered = (item, counting) => item.codes.filter((code, at) =>
  !item.filter || ALONE.includes(code) || holds(item.filter, counting, undefined, "", item.columns[at]));

/** Why a value cannot stay beside the other answers: "offered", "rule", or "". */
export function whyNot(plan, item, value, counting) {
  const picked = [value].flat().map(String).filter((code) => item.codes.includes(code));
  if (item.filter && !picked.every((code) => offered(item, counting).includes(code))) return "offered";
  return holds(item.constraint, counting, value, todayOf(plan)) ? "" : "rule";
}

/** Whether somebody who answers so can take part. A blank is no answer yet. */
export function isEligible(plan, values) {
  return plan.items.filter((item) => item.part === "eligibility" && item.name in values).every((item) => {
    const value = values[item.name];
    if (item.kind === "select_one") return value === 1;
    return item.kind !== "integer" || (value >= (plan.minimum_age ?? 0) && value <= (plan.maximum_age ?? 150));
  });
}

const isMinorRoute = (plan, age) =>
  plan.minor_consent === "parent_and_assent" && plan.minimum_age !== null && age !== undefined && age < ADULT;

/** The statements put to somebody of this age, in order. */
export function statementsAsked(plan, age) {
  const minor = isMinorRoute(plan, age);
  const order = ["statements", "assent", "parent", "choices", "witness"];
  const isPut = { statements: (item) => !minor || ASKED_IN_BOTH.includes(item.name), assent: () => minor, parent: () => minor };
  return order.flatMap((block) => plan.items.filter(
    (item) => item.kind === "statement" && item.block === block && (isPut[block]?.(item) ?? true)));
}

/** The consent of a visit: {refused} for a required No, {missing} names without an answer, else what was agreed. */
export function consentOf(plan, values) {
  const age = Number.isInteger(values.age) ? values.age : undefined;
  const asked = statementsAsked(plan, age);
  if (asked.some((item) => item.required && values[item.name] === "no")) return { refused: true, missing: [] };
  const missing = asked.filter((item) => item.required && values[item.name] !== "yes").map((item) => item.name);
  if (missing.length) return { missing };
  const statements = asked.map((item) => [item.name, values[item.name] === "yes" ? "yes" : "no"]);
  const choices = Object.fromEntries(statements.filter(([name]) => name.startsWith("o_")));
  const route = isMinorRoute(plan, age) ? "parent_and_assent" : plan.consent_route === "tick" ? "self" : plan.consent_route;
  return { missing, route, statements, choices };
}

const isContact = (item) => item.kept === "identity" && item.kind !== "statement";
const isKept = (item) => item.kept === "research" && item.kind !== "statement";

/** A finished visit from its values: {answers, contact}. What hangs on an answer that was routed past goes with it. */
export function settle(plan, values) {
  const counting = answered(plan, values);
  const told = (isOne, value) => Object.fromEntries(plan.items.filter(isOne).map((item) => [item.name, value(item)]));
  return {
    answers: told(isKept, (item) => settled(item, counting)),
    contact: told((item) => isContact(item) && item.name in counting, (item) => [counting[item.name]].flat().join(" ")),
  };
}

function settled(item, values) {
  if (!isRelevant(item, values)) return NOT_APPLICABLE;
  if (!(item.name in values)) return BLANK;
  return item.stored ? coarsen(item.stored, values[item.name], values) : values[item.name];
}

function coarsen(level, value, values) {
  if (level.rule === "suppressed") return REMOVED;
  const codes = Array.isArray(value) ? value : [value];
  if (codes.length === 1 && MISSING.includes(codes[0])) return value;
  const spelled = String(value);
  switch (level.rule) {
    case "copy": return level.source in values ? values[level.source] : REMOVED;
    case "first_word": return spelled.split(" ")[0];
    case "year": return spelled.slice(0, 4);
    case "quarter": return spelled.includes("Q") ? value : `${spelled.slice(0, 4)}-Q${Math.floor((Number(spelled.slice(5, 7)) + 2) / 3)}`;
  }
  const said = codes.map(String);
  const found = level.categories.find((one) => one.members.includes("*") || said.some((code) => one.members.includes(code)));
  return found ? found.value : REMOVED;
}

/** Closed questions that are asked and blank: worth one reminder, never a block. */
export function blanks(plan, values) {
  const counting = answered(plan, values);
  return plan.items.filter((item) => isKept(item) && item.codes.length && !(item.name in values) && isRelevant(item, counting));
}
