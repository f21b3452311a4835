// Relevance and constraints, evaluated from the same trees as in Python (instruments/expressions.py). Nothing is executed.
// A tree is nested lists; an answer is a number, a text or a list of numbers, and "" where there is none.
const LONGEST_INPUT = 4000;
const NUMBER = /^[ \t\r\n]*-?[0-9]+(\.[0-9]+)?[ \t\r\n]*$/;
const DATE = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯";
// What Python takes for white space; the script's own \s differs from it.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const SPACES = new RegExp(`[${SPACE}]+`, "u");

export const foldDigits = (text) => text.replace(/[٠-٩۰-۹০-৯]/gu, (digit) => String(DIGITS.indexOf(digit) % 10));
export const strip = (text) => text.replace(EDGES, "");
export const words = (text) => strip(text).split(SPACES).filter(Boolean);

/** Take up more functions: those of functions.js, where a study uses one. */
export const learn = (table) => Object.assign(FUNCTIONS, table);

/** Whether an expression holds; one that is not there always does. The others are as evaluate() takes them. */
export const holds = (tree, ...given) => !tree || Boolean(evaluate(tree, ...given));

/** The value of a tree. `own` is what `.` stands for, `today` the ISO date of today(), `columns` those of a choice. */
export function evaluate(tree, answers, own, today = "", columns = {}) {
  const [head, ...parts] = tree;
  const value = (part) => evaluate(part, answers, own, today, columns);
  if (head === "text" || head === "number") return parts[0];
  if (head === "ref" || head === "column") return read(head === "ref" ? answers : columns, parts[0]);
  if (head === "self") return read({ own }, "own");
  if (head === "today") return today;
  if (head === "and" || head === "or") {
    const first = Boolean(value(parts[0]));
    return first === (head === "or") ? first : Boolean(value(parts[1]));
  }
  return (head === "call" ? FUNCTIONS[parts.shift()] : OPERATORS[head])(...parts.map(value));
}

function read(values, name) {
  const value = Object.hasOwn(values, name) ? values[name] : "";
  return Array.isArray(value) ? value.join(" ") : value ?? "";
}

/** A value as a number. A date, of the years 0001 to 9999, is its days since 1970-01-01. */
export function number(value) {
  if (typeof value !== "string") return Number(value);
  const day = new Date(DATE.test(value) ? value : NaN);
  if (day.toJSON()?.startsWith(value)) return day / 864e5;
  const text = foldDigits(value);
  return NUMBER.test(text) ? Number(text) : NaN;
}

// A number is spelled as Python spells it.
export function asText(value) {
  if (typeof value !== "number") return String(value);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function same(first, second) {
  if (typeof first === "boolean" || typeof second === "boolean") return Boolean(first) === Boolean(second);
  const [one, two] = [number(first), number(second)];
  return Number.isNaN(one) || Number.isNaN(two) ? asText(first) === asText(second) : one === two;
}

function matches(value, pattern) {
  const tried = asText(value);
  return [...tried].length <= LONGEST_INPUT && new RegExp(`^(?:${asText(pattern)})$`, "u").test(tried);
}

const OPERATORS = {
  "not": (value) => !value,
  "neg": (value) => -number(value),
  "=": same,
  "!=": (one, two) => !same(one, two),
  "<": (one, two) => number(one) < number(two),
  "<=": (one, two) => number(one) <= number(two),
  ">": (one, two) => number(one) > number(two),
  ">=": (one, two) => number(one) >= number(two),
  "+": (one, two) => number(one) + number(two),
  "-": (one, two) => number(one) - number(two),
  "*": (one, two) => number(one) * number(two),
  "div": (one, two) => number(one) / (number(two) || NaN),
  "mod": (one, two) => number(one) % number(two),
};

const FUNCTIONS = {
  "selected": (chosen, code) => words(asText(chosen)).includes(asText(code)),
  "count-selected": (chosen) => words(asText(chosen)).length,
  "string-length": (value) => [...asText(value)].length,
  "regex": matches,
  "number": number,
  "int": (value) => Math.trunc(number(value)),
  "if": (condition, then, other) => (condition ? then : other),
  "coalesce": (one, two) => (asText(one) && !Number.isNaN(one) ? one : two),
};
