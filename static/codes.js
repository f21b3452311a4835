// The code of a receipt as somebody typed it, read as privacy/receipts.py reads it. It is kept nowhere.
import { checkSymbol } from "./receipts.js";

const SYMBOLS = 24;
const BETWEEN = /[ \-\t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014._]/g;
// What people write for what we print, and the digits of Arabic, Persian and Bengali.
const ALIKE = { O: "0", I: "1", L: "1" }, ZEROS = ["٠", "۰", "০"].map((zero) => zero.codePointAt(0));
const OURS = /^[0-9A-HJKMNP-TV-Z]*$/;

/** {code}, its 24 symbols; or {refused}: "length", or "slip" for a mistake in it. */
export function readCode(typed) {
  const code = [...typed.toUpperCase().replace(BETWEEN, "")].map(symbol).join("");
  if ([...code].length !== SYMBOLS) return { refused: "length" };
  if (!OURS.test(code) || checkSymbol(code.slice(0, -1)) !== code.at(-1)) return { refused: "slip" };
  return { code };
}

function symbol(letter) {
  const at = letter.codePointAt(0), zero = ZEROS.find((first) => first <= at && at < first + 10);
  return zero === undefined ? (ALIKE[letter] ?? letter) : String(at - zero);
}
