/** This file knows how values are written: decimals stay the strings they came as. */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** A thin space that does not break. */
const THIN_SPACE = "\u202f";

/** Ages: below this many seconds, by this divisor. */
const AGES = [
  { below: 60, divisor: 1 },
  { below: 3600, divisor: 60 },
  { below: 86_400, divisor: 3600 },
  { below: Infinity, divisor: 86_400 },
];

/** How many decimals a number needs. @param {string} text @returns {number} */
export function decimalsOf(text) {
  const [, , , fraction = ""] = DECIMAL.exec(text) ?? [];
  return fraction.replace(/0+$/, "").length;
}

/**
 * A decimal string for reading: thousands apart, zeros cut down to `keep` decimals. No digit is
 * ever added, rounded or lost; what is no plain decimal stays as it is.
 * @param {string} text
 * @param {number} [keep]
 * @returns {string}
 */
export function grouped(text, keep = 0) {
  const parts = DECIMAL.exec(text);
  if (!parts) return text;
  const [, sign, whole, fraction = ""] = parts;
  const needed = fraction.slice(0, Math.max(keep, decimalsOf(text)));
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  return `${sign}${apart}${needed ? `.${needed}` : ""}`;
}

/** Whether a decimal string means nothing at all. @param {string} text */
export const isZero = (text) => /^[+-]?0*(\.0*)?$/.test(text ?? "");

/**
 * How long ago, in one unit: "42s", "3m".
 * @param {string | number} created ISO time or epoch ms
 * @param {number} now epoch ms
 * @param {string[]} units of seconds, minutes, hours and days
 * @returns {string} empty when the time is not known
 */
export function age(created, now, units) {
  const seconds = Math.floor((now - new Date(created).getTime()) / 1000);
  if (!created || !Number.isFinite(seconds)) return "";
  const past = Math.max(0, seconds);
  const step = AGES.findIndex(({ below }) => past < below);
  return `${Math.floor(past / AGES[step].divisor)}${units[step]}`;
}

/** The decimals each group of numbers has needed so far: it only grows, so columns stay. */
export class Decimals {
  /** @type {Map<string, number>} */
  #most = new Map();
  /** Grows with the widths, so that a painter knows. */
  version = 0;

  /** @param {string} group @param {string} text */
  see(group, text) {
    const need = decimalsOf(text);
    if (need <= (this.#most.get(group) ?? 0)) return;
    this.#most.set(group, need);
    this.version += 1;
  }

  /** @param {string} group @param {string} text @returns {string} */
  write(group, text) {
    return grouped(text, this.#most.get(group));
  }
}
