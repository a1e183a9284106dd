/** This file knows how decimal strings are added: digit by digit, never through a float. */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/**
 * The sum of decimal strings, without zeros that say nothing; what is no plain decimal is left out.
 * @param {Iterable<string>} texts @returns {string}
 */
export function sum(texts) {
  const parts = [...texts].map((text) => DECIMAL.exec(text ?? "")).filter((one) => one !== null);
  const places = Math.max(0, ...parts.map(([, , , fraction = ""]) => fraction.length));
  let total = 0n;
  for (const [, sign, whole, fraction = ""] of parts) {
    const value = BigInt(whole + fraction.padEnd(places, "0"));
    total += sign === "-" ? -value : value;
  }
  const digits = `${total < 0n ? -total : total}`.padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  return `${total < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/**
 * A decimal string cut to so many places, towards zero, for a glance; the exact one stands in the
 * title. Small numbers keep two digits that say something.
 * @param {string} text @param {number} places
 */
export function short(text, places = 2) {
  const found = DECIMAL.exec(text);
  if (!found) return text;
  const [, sign, whole, fraction = ""] = found;
  const lead = /^0*/.exec(fraction)?.[0].length ?? 0;
  const keep = /[1-9]/.test(whole) ? places : Math.max(places, lead + 2);
  const cut = fraction.slice(0, keep).replace(/0+$/, "").padEnd(places, "0");
  const shown = `${whole}${cut ? `.${cut}` : ""}`;
  return /[1-9]/.test(shown) ? `${sign}${shown}` : "0";
}

/** Whether a decimal string is below zero, above it, or neither. @param {string} text */
export function signOf(text) {
  if (!/[1-9]/.test(text)) return "none";
  return text.startsWith("-") ? "loss" : "gain";
}
