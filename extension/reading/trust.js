// This file knows which words of a text may stand for an asset at all.

import { isKnown } from "./split.js";
import * as words from "./words.js";

/** @typedef {import("./mentions.js").Context} Context */
/** @typedef {import("./mentions.js").Word} Word */

const NEAR = 24;
const SIMPLE = /^[A-Za-z0-9]{1,40}$/;
const ENDS = new Set([...words.TEXT_QUOTES, "PERP"].map((quote) => quote.slice(-3)));

/**
 * A first look, for speed: whether a word without separators can be anything at all.
 * @param {string} text
 * @param {string} before
 * @param {Context} context
 * @returns {boolean}
 */
export function mayCount(text, before, context) {
  if (!SIMPLE.test(text)) return text.length > 1 && /[._:\/-]/.test(text) && !/^[ru]\//.test(text);
  const upper = text.toUpperCase();
  if (before === "$" || before === "#" || counts(upper, context)) return true;
  if (!ENDS.has(upper.slice(-3))) return false;
  return !context.known || before > "\u3000" || endsGlued(upper, context.known);
}

/**
 * Whether a name is one of these assets with a quote behind it; a perpetual's is looked at closer.
 * @param {string} upper
 * @param {ReadonlySet<string>} known
 * @returns {boolean}
 */
function endsGlued(upper, known) {
  if (upper.endsWith("PERP")) return true;
  return words.TEXT_QUOTES.some(
    (quote) => upper.endsWith(quote) && isKnown(upper.slice(0, -quote.length), known),
  );
}

/**
 * Whether a bare word of the terminal's list may count: not a usual word, and not in a shouted
 * sentence.
 * @param {Word} word
 * @param {Context} context
 * @returns {boolean}
 */
export function isQuiet({ text, start, page }, { known }) {
  if (text.length < 3 || words.NEVER.has(text)) return false;
  const left =
    /([A-Za-z]+)[^A-Za-z\n]{1,3}$/.exec(page.slice(Math.max(0, start - NEAR), start))?.[1] ?? "";
  const right = /^[^A-Za-z\n]{1,3}([A-Za-z]+)/.exec(
    page.slice(start + text.length, start + text.length + NEAR),
  );
  return ![left, right?.[1] ?? ""].some(
    (near) =>
      /^[A-Z]{2,}$/.test(near) &&
      !known?.has(near) &&
      !words.LABELS.has(near) &&
      !words.MONEY.has(near),
  );
}

/**
 * Whether an asset is one we know: of the terminal, when its list is at hand.
 * @param {string} base
 * @param {Context} context
 * @returns {boolean}
 */
export function counts(base, { book, known }) {
  return isKnown(base, known ?? book.known);
}

/**
 * Whether an asset may be reported at all: with the terminal's list at hand, nothing unknown is.
 * @param {string} base
 * @param {Context} context
 * @returns {boolean}
 */
export function allowed(base, { known }) {
  return !known || isKnown(base, known);
}

/**
 * @param {string} asset
 * @returns {boolean}
 */
export function isFiat(asset) {
  return words.MONEY.has(asset) && !/USD.|.USD|DAI|UST/.test(asset);
}

/**
 * Whether two words with a separator are a market, and not a list or two currencies.
 * @param {string} base
 * @param {string} quote
 * @param {Context} context
 * @returns {boolean}
 */
export function isPair(base, quote, context) {
  if (!words.TEXT_QUOTES.includes(quote) || !/[A-Z]/.test(base)) return false;
  if (!allowed(base, context) || (isFiat(base) && isFiat(quote))) return false;
  if (words.COINS.has(base) && !counts(base, context)) return false;
  const rank = words.QUOTE_RANK.indexOf(base);
  const isList = rank >= 0 && words.QUOTE_RANK.indexOf(quote) > rank;
  return !isList && (words.SURE_QUOTES.includes(quote) || counts(base, context));
}

/**
 * Whether a name that parts in this way is meant as one: any base before a stablecoin, else a
 * known one.
 * @param {{base: string, quote: string}} parts
 * @param {boolean} shouted
 * @param {Context} context
 * @returns {boolean}
 */
export function isGlued({ base, quote }, shouted, context) {
  const counted = counts(base, context);
  if (!counted && (!shouted || context.known || !words.SURE_QUOTES.includes(quote))) return false;
  if (!/^\d*[A-Z][A-Z0-9]*$/.test(base) || base.length < 2) return false;
  if (words.NETWORKS.has(base) || words.MONEY.has(base + quote)) return false;
  return !(isFiat(base) && isFiat(quote));
}
