// The functions of expressions that few studies use, as in Python (instruments/rules/functions.py; docs/xlsform.md has the words).
// Whoever evaluates a tree that has one of them imports this first. None reads an answer or a clock.
import { asText, learn, number, words } from "./expressions.js";

const HIGHEST_POWER = 64, MOST_DIGITS = 6;
const FIRST_DAY = -719162, LAST_DAY = 2932896; // 0001-01-01 and 9999-12-31, in days since 1970-01-01

const filled = (values) => values.filter((value) => asText(value));
const numbers = (values) => values.map(number).filter((value) => !Number.isNaN(value));
const add = (one, two) => one + two;
// A text is counted and cut by its code points, never within an astral character.
const cut = (value, start, end) => [...asText(value)].slice(start, end).join("");
// What is no number is place 0.
const place = (value) => number(value) || 0;

/** A value as an ISO date, "" where it is none. */
function date(value) {
  const days = number(value);
  return days >= FIRST_DAY && days < LAST_DAY + 1 ? new Date(Math.trunc(days) * 864e5).toJSON().slice(0, 10) : "";
}

// Half up, by the digits that the number is written with: 1.005 to two digits is 1.01.
function round(value, digits = 0) {
  const places = number(digits), given = number(value);
  if (!Number.isInteger(places) || places < 0 || places > MOST_DIGITS) return NaN;
  const [written, exponent = 0] = String(given).split("e"), scaled = Number(`${written}e${Number(exponent) + places}`);
  if (!Number.isFinite(scaled)) return given;
  const whole = Math.floor(scaled);
  return (whole + (scaled - whole >= 0.5)) / 10 ** places;
}

// By repeated multiplication: Math.pow differs a little from one machine to the next.
function power(base, exponent) {
  const times = number(exponent), factor = number(base);
  if (!Number.isInteger(times) || Math.abs(times) > HIGHEST_POWER) return NaN;
  const result = Array(Math.abs(times)).fill(factor).reduce((one, two) => one * two, 1);
  return times < 0 ? 1 / (result || NaN) : result;
}

function extreme(pick, values) {
  const found = numbers(values);
  return found.length ? pick(...found) : NaN;
}

function after(value, mark) {
  const text = asText(value), sought = asText(mark), at = text.indexOf(sought);
  return at < 0 ? "" : text.slice(at + sought.length);
}

function before(value, mark) {
  const text = asText(value);
  return text.slice(0, Math.max(0, text.indexOf(asText(mark))));
}

function translate(value, source, target) {
  const letters = [...asText(target)], becomes = new Map();
  [...asText(source)].forEach((letter, at) => becomes.has(letter) || becomes.set(letter, letters[at] ?? ""));
  return Array.from(asText(value), (letter) => becomes.get(letter) ?? letter).join("");
}

// A limit below zero is none.
function checklist(least, most, ...values) {
  const low = number(least), high = number(most), count = values.filter(Boolean).length;
  return (low < 0 || count >= low) && (high < 0 || count <= high);
}

function weightedChecklist(least, most, ...pairs) {
  const weight = pairs.map((value, at) => (at % 2 === 0 && value ? number(pairs[at + 1]) : 0)).reduce(add, 0);
  return number(least) <= weight && weight <= number(most);
}

function formatDate(value, pattern) {
  const day = date(value);
  if (!day) return "";
  const [Y, m, d] = day.split("-");
  const parts = { Y, y: Y.slice(2), m, n: String(Number(m)), d, e: String(Number(d)) };
  return asText(pattern).replace(/%([Yymnde])/g, (found, part) => parts[part]);
}

learn({
  "true": () => true,
  "false": () => false,
  "boolean": Boolean,
  "round": round,
  "abs": (value) => Math.abs(number(value)),
  "floor": (value) => Math.floor(number(value)),
  "ceiling": (value) => Math.ceil(number(value)),
  "pow": power,
  "min": (...values) => extreme(Math.min, values),
  "max": (...values) => extreme(Math.max, values),
  "sum": (...values) => numbers(values).reduce(add, 0),
  "count-non-empty": (...values) => filled(values).length,
  "string": asText,
  "concat": (...values) => values.map(asText).join(""),
  "join": (between, ...values) => values.map(asText).join(asText(between)),
  "substr": (value, start, end) => cut(value, place(start), end === undefined ? undefined : place(end)),
  "substring-before": before,
  "substring-after": after,
  "contains": (value, sought) => asText(value).includes(asText(sought)),
  "starts-with": (value, sought) => asText(value).startsWith(asText(sought)),
  "ends-with": (value, sought) => asText(value).endsWith(asText(sought)),
  "translate": translate,
  "normalize-space": (value) => words(asText(value)).join(" "),
  "selected-at": (chosen, at) => (place(at) <= -1 ? "" : words(asText(chosen))[Math.trunc(place(at))] ?? ""),
  "checklist": checklist,
  "weighted-checklist": weightedChecklist,
  "date": date,
  "format-date": formatDate,
});
