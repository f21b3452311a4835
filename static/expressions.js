// Relevance and constraints, evaluated from the same trees as in Python (instruments/expressions.py). Nothing is executed.
// A tree is nested lists; an answer is a number, a text or a list of numbers, and "" where there is none.
const LONGEST_INPUT = 4000;
const NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;
const DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹০১২৩৪৫৬৭৮৯";
// What Python takes for white space; the script's own \s differs from it.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const SPACES = new RegExp(`[${SPACE}]+`, "u");

export const foldDigits = (text) => text.replace(/[٠-٩۰-۹০-৯]/gu, (digit) => String(DIGITS.indexOf(digit) % 10));
export const strip = (text) => text.replace(EDGES, "");
export const words = (text) => strip(text).split(SPACES).filter(Boolean);

/** Whether an expression holds; one that is not there always does. `own` is what `.` stands for. */
export const holds = (tree, answers, own) => !tree || isTrue(evaluate(tree, answers, own));

/** The value of a tree: true or false, a number, or a text. */
export function evaluate(tree, answers, own) {
  const [head, ...parts] = tree;
  if (head === "text" || head === "number") return parts[0];
  if (head === "ref") return read(Object.hasOwn(answers, parts[0]) ? answers[parts[0]] : undefined);
  if (head === "self") return read(own);
  if (head === "and" || head === "or") {
    const first = isTrue(evaluate(parts[0], answers, own));
    return first === (head === "or") ? first : isTrue(evaluate(parts[1], answers, own));
  }
  if (head === "call") return FUNCTIONS[parts[0]](...parts.slice(1).map((part) => evaluate(part, answers, own)));
  return OPERATORS[head](...parts.map((part) => evaluate(part, answers, own)));
}

function read(value) {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(" ") : value;
}

function isTrue(value) {
  return Boolean(value);
}

function number(value) {
  if (typeof value !== "string") return Number(value);
  const text = foldDigits(value).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
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
  const [one, two] = [number(first), number(second)];
  return Number.isNaN(one) || Number.isNaN(two) ? asText(first) === asText(second) : one === two;
}

function matches(value, pattern) {
  const tried = asText(value);
  return [...tried].length <= LONGEST_INPUT && new RegExp(`^(?:${asText(pattern)})$`, "u").test(tried);
}

const OPERATORS = {
  "not": (value) => !isTrue(value),
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
  "div": (one, two) => (number(two) === 0 ? NaN : number(one) / number(two)),
  "mod": (one, two) => (number(two) === 0 ? NaN : number(one) % number(two)),
};

const FUNCTIONS = {
  "selected": (chosen, code) => words(asText(chosen)).includes(asText(code)),
  "count-selected": (chosen) => words(asText(chosen)).length,
  "string-length": (value) => [...asText(value)].length,
  "regex": matches,
  "number": number,
  "int": (value) => Math.trunc(number(value)),
  "if": (condition, then, other) => (isTrue(condition) ? then : other),
  "coalesce": (one, two) => (asText(one) ? one : two),
};
