/** This file knows how people write a price, and reads it digit by digit. */

const MAX_DIGITS = 16;
const MONEY = /(?:US\$|[$€£¥₽₿₮]|USDT|USDC|USD|EUR|RUB|руб\.?|р\.)/giu;
const SPACES = /[\s\u00a0\u2009\u202f'’_]/gu;

/**
 * The price that a text is, as a decimal string; null when it is anything else. A comma before
 * exactly three digits parts thousands, unless a zero or nothing stands before it.
 * @param {string | undefined} text @returns {string | null}
 */
export function priceOf(text) {
  if (!text || text.length > 60) return null;
  const bare = text.replace(MONEY, " ").trim().replace(SPACES, "");
  if (!/^\d[\d.,]*$/.test(bare)) return null;
  const plain = plainOf(bare);
  const [whole, part = "", more] = plain.split(".");
  if (more !== undefined || whole.length > MAX_DIGITS || part.length > MAX_DIGITS) return null;
  const number = `${whole.replace(/^0+(?=\d)/, "")}${part ? `.${part}` : ""}`;
  return /[1-9]/.test(number) ? number : null;
}

/** With a point before the decimals and nothing between the thousands. @param {string} text */
function plainOf(text) {
  const point = text.lastIndexOf(".");
  const comma = text.lastIndexOf(",");
  if (point >= 0 && comma >= 0) {
    const [mark, other] = point > comma ? [".", ","] : [",", "."];
    return grouped(text, other, mark) ? text.replaceAll(other, "").replace(mark, ".") : "x.x.x";
  }
  if (comma < 0) return text.split(".").length > 2 ? unpointed(text) : text;
  if (/^[1-9]\d{0,2}(,\d{3})+$/.test(text)) return text.replaceAll(",", "");
  return text.split(",").length === 2 ? text.replace(",", ".") : "x.x.x";
}

/** @param {string} text several points: thousands, as some write them */
const unpointed = (text) =>
  (/^[1-9]\d{0,2}(\.\d{3})+$/.test(text) ? text.replaceAll(".", "") : "x.x.x");

/** Whether what stands before the decimals is parted in thousands. @param {string} text
 * @param {string} between @param {string} mark */
function grouped(text, between, mark) {
  const [whole, ...rest] = text.split(mark);
  const [first, ...groups] = whole.split(between);
  return rest.length === 1 && /^[1-9]\d{0,2}$/.test(first)
    && groups.every((group) => /^\d{3}$/.test(group)) && !rest[0].includes(between);
}
