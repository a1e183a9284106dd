// This file knows in which letters an exchange writes its names: in capitals, but for a few.

/** @typedef {import("./book.js").Exchange} Exchange */

/** A dated contract of the Moscow exchange: two letters, the month, the year's last digit. */
const CODE = /^([A-Z0-9]{2})([FGHJKMNQUVXZ])(\d)$/i;

/**
 * A name in the letters of its exchange. A small k is Hyperliquid's sign of a thousand (kPEPE); the
 * month of a dated share contract is a capital, the two letters before it may not be (SiZ6).
 * @param {string} name
 * @param {Partial<Exchange>} [exchange]
 * @param {string} [written] as the page wrote it, when the name has been put in capitals already
 * @returns {string}
 */
export function lettersOf(name, { kilo, codes = [], shares } = {}, written = name) {
  const upper = name.toUpperCase();
  if (kilo && upper.startsWith("K")) {
    const rest = upper.slice(1);
    if (kilo.includes(rest) || /^k[A-Z]{2,}/.test(written)) return `k${rest}`;
  }
  const dated = shares ? CODE.exec(name) : null;
  if (!dated) return upper;
  const [, stem, month, year] = dated;
  const usual = codes.find((code) => code.toUpperCase() === stem.toUpperCase());
  const own = stem === stem.toLowerCase() ? stem.toUpperCase() : stem;
  return (usual ?? own) + month.toUpperCase() + year;
}
