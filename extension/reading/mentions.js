// This file knows what one word of a text mentions, in this order of trust: pattern with exchange,
// address, pair, glued name, tag, bare word. It refuses more than it accepts: a page is full of
// words that look alike.

import { exchangeOf, isRefused, siteOf } from "./book.js";
import { splitGlued } from "./split.js";
import { judgeSymbol } from "./symbol.js";
import { MAX_SYMBOL, cutSuffix, makeFind } from "../ticker.js";
import { counts, isFiat, isGlued, isPair, isQuiet, mayCount } from "./trust.js";
import { judgeUrl } from "./url.js";
import * as words from "./words.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */

/**
 * One word of the text, the character before it, and the text itself.
 * @typedef {{text: string, start: number, before: string, page: string}} Word
 */

/**
 * `known`: assets of the terminal; `found`: what the text has mentioned so far, by asset.
 * @typedef {{book: Book, known: ReadonlySet<string>|null, found: Map<string, Hit>}} Context
 */
/** @typedef {{find: Find, trust: number, start: number, end: number}} Hit */

/** A mention of what has been mentioned as surely before: not worth a Find of its own. */
export const AGAIN = /** @type {Hit} */ ({ trust: 0 });

const MAX_WORD = 2 * MAX_SYMBOL;

const PAIR =
  /^([A-Za-z0-9]{1,20})(?: ?\/ ?|[-_])([A-Za-z0-9]{2,6})(?::[A-Za-z0-9]{2,6}|[-_]SWAP)?$/i;
const JOINED = /[-_/]/;
/** The only names with a separator that are not pairs: a contract's date, a perpetual's PERP. */
const TAILED = /[-_](?:\d{6}|PERP)$/i;
const LATIN_END = "\u007f";
const OTHER_LETTER = /[\u00c0-\u024f\u0370-\u03ff\u0400-\u052f]/;
const CJK = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+$/;

/**
 * What a word mentions: usually nothing or one instrument, of a list several.
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
export function hitsOf(word, context) {
  if (word.text.startsWith("http") && word.text.includes("://"))
    return addressHit(word.text, word, context);
  const { text, start, before, page } = word;
  if (!mayCount(text, before, context)) return [];
  const after = page[start + text.length] ?? "";
  if (text.includes("/") && text.includes(".")) {
    const hits = bareAddress(word, context);
    if (hits) return hits;
  }
  if (text.length > MAX_WORD || /[@\\]/.test(text)) return [];
  if (before && "=&%<{@\\~".includes(before)) return [];
  if (after === "=" || after === "@" || (after === "!" && /\d$/.test(text))) return [];
  if ((before > LATIN_END || after > LATIN_END) && OTHER_LETTER.test(before + after)) return [];
  if (before === "/" || (before === "." && /[\w/]/.test(page[start - 2] ?? ""))) return [];
  return text.includes(":") ? colonHits(word, context) : wordHits(word, context);
}

/**
 * @param {string} address
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function addressHit(address, word, { book }) {
  const clean = address.replace(/[).,;:!?\]]{1,9}$/, "");
  const { find } = judgeUrl(clean, book);
  return find ? [hit(find, 5, word.start, clean.length)] : [];
}

/**
 * An address without its scheme, as people write it in chats; null when the host is none of ours.
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]|null}
 */
function bareAddress(word, context) {
  const host = word.text.slice(0, word.text.indexOf("/")).toLowerCase();
  if (word.before === "/" || !/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,3}$/.test(host)) return null;
  if (!siteOf(host, context.book)) return [];
  const rest =
    /^[^\s<>"'`]{1,2048}/.exec(word.page.slice(word.start, word.start + 2048))?.[0] ?? "";
  const hits = addressHit(`https://${rest}`, word, context);
  return hits.map((one) => ({ ...one, end: one.end - "https://".length }));
}

/**
 * `EX:SYM.P`, a labelled symbol (`pair:BTCUSDT`), or `BTC/USDT:USDT` as programs write perpetuals.
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function colonHits(word, context) {
  const { text, start } = word;
  const colon = text.indexOf(":");
  const code = text.slice(0, colon);
  if (exchangeOf(code, context.book)) {
    const { find } = judgeSymbol(text.replace(" / ", "/"), context.book);
    return find ? [hit(Object.assign(find, { rule: "text" }), 6, start, text.length)] : [];
  }
  const { symbol, market } = cutSuffix(text);
  if (PAIR.test(symbol)) return pairHit(symbol, market, word, context);
  const priced = /:\d+$/.test(text) && mayCount(code, word.before, context);
  if (priced) return wordHits({ ...word, text: code }, context);
  const label = words.LABELS.has(code.toUpperCase()) || /^[A-Z]?[a-z]+$/.test(code);
  if (!label || isRefused(code, context.book)) return [];
  const rest = text.slice(colon + 1);
  if (rest.includes(":") || !mayCount(rest, ":", context)) return [];
  return wordHits({ ...word, text: rest, start: start + colon + 1, before: ":" }, context);
}

/**
 * A pair, a glued name, a list (BTC/ETH/SOL) or an asset.
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function wordHits(word, context) {
  const { text, start } = word;
  const { symbol, market } = cutSuffix(text);
  if (symbol.includes(".")) return sentenceHits(word, context);
  const joined = JOINED.test(symbol);
  const paired = joined ? pairHit(symbol, market, word, context) : [];
  if (paired.length) return paired;
  const glued = !joined || TAILED.test(symbol) ? gluedHit(symbol, market, word, context) : [];
  if (glued.length) return glued;
  if (!joined) return assetHit({ ...word, text: symbol }, market, start, context);
  if (symbol.includes("/")) return word.text.includes(".") ? [] : eachPiece(word, "/", context);
  const perpetual = /^([A-Z0-9]{2,20})[-_]PERP$/.exec(symbol);
  if (perpetual) return assetHit({ ...word, text: perpetual[1] }, "futures", start, context);
  if (symbol.includes("_")) return [];
  const stem = symbol.split("-")[0];
  if (stem !== symbol && !/^-[a-z]/.test(symbol.slice(stem.length))) return [];
  return assetHit({ ...word, text: stem }, market, start, context);
}

/**
 * "…BTCUSDT.Next sentence": two words; but `btcusdt.csv` and `ada.io` are none.
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function sentenceHits(word, context) {
  const pieces = word.text.split(".");
  if (pieces.length > 4 || words.ENDINGS.has(pieces[pieces.length - 1].toUpperCase())) return [];
  return eachPiece(word, ".", context);
}

/**
 * @param {Word} word
 * @param {string} separator
 * @param {Context} context
 * @returns {Hit[]}
 */
function eachPiece(word, separator, context) {
  let start = word.start;
  return word.text.split(separator).flatMap((piece) => {
    const text = piece.trim();
    const at = start + piece.indexOf(text);
    start += piece.length + separator.length;
    if (!mayCount(text, word.before, context)) return [];
    return wordHits({ text, start: at, before: word.before, page: word.page }, context);
  });
}

/**
 * BTC/USDT, BTC-USDT-SWAP, BTC/USDT:USDT; and KRW-BTC, which is BTC in won.
 * @param {string} symbol
 * @param {Find["market"]} market
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function pairHit(symbol, market, word, context) {
  const found = PAIR.exec(symbol);
  if (!found) return [];
  const written = [found[1].toUpperCase(), found[2].toUpperCase()];
  const turned = isFiat(written[0]) && !words.MONEY.has(written[1]);
  const [base, quote] = turned ? [written[1], written[0]] : written;
  const sure = words.SURE_QUOTES.includes(quote);
  if (!isPair(base, quote, context) || !(sure || symbol === symbol.toUpperCase())) return [];
  if (isAgain(base, 4, context)) return [AGAIN];
  const perpetual = /:|SWAP$/i.test(symbol) ? "futures" : market;
  const native = symbol.toUpperCase();
  const read = { base, quote, market: perpetual, native, bare: base + quote, rule: "text" };
  return [hit(makeFind(read), 4, word.start, word.text.length)];
}

/**
 * @param {string} symbol
 * @param {Find["market"]} market
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit[]}
 */
function gluedHit(symbol, market, word, context) {
  const upper = symbol.toUpperCase();
  const local = cjkBase(upper, word, context);
  if (local) return [local];
  if (symbol !== upper && symbol !== symbol.toLowerCase()) return [];
  const stem = stemOf(upper);
  const parts = splitGlued(stem, words.TEXT_QUOTES, context.known ?? context.book.known);
  if (!parts || !isGlued(parts, symbol === upper, context)) return [];
  if (isAgain(parts.base, 3, context)) return [AGAIN];
  const { text } = word;
  const said = { base: parts.base, quote: parts.quote, market, bare: upper };
  const read = stem === upper ? said : judgeSymbol(text, context.book).find;
  if (!read) return [];
  const find = makeFind(read === said ? said : { ...read, ...parts, pattern: undefined });
  find.rule = "text";
  return [hit(find, 3, word.start, text.length)];
}

/**
 * A name without the date or the PERP at its end.
 * @param {string} upper
 * @returns {string}
 */
function stemOf(upper) {
  if (!JOINED.test(upper) && !upper.endsWith("PERP")) return upper;
  const undated = upper.replace(/[-_]\d{6}$/, "");
  return (undated === upper ? upper : undated.replace(/[-_]/g, "")).replace(/[-_]?PERP$/, "");
}

/**
 * A Chinese or Japanese name before a quote: 龙虾USDT. Only names that are known, since text has no
 * spaces.
 * @param {string} quote
 * @param {Word} word
 * @param {Context} context
 * @returns {Hit|null}
 */
function cjkBase(quote, word, { book, known }) {
  if (quote.length > 5 || !words.TEXT_QUOTES.includes(quote)) return null;
  const run = CJK.exec(word.page.slice(Math.max(0, word.start - 10), word.start))?.[0] ?? "";
  for (let from = 0; from < run.length; from += 1) {
    const base = run.slice(from);
    if (!(known ?? book.known).has(base)) continue;
    const find = makeFind({ base, quote, bare: base + quote, rule: "text" });
    return hit(find, 3, word.start - base.length, base.length + word.text.length);
  }
  return null;
}

/**
 * A tag of a known asset, or a bare word that is safe.
 * @param {Word} word
 * @param {Find["market"]} market
 * @param {number} start
 * @param {Context} context
 * @returns {Hit[]}
 */
function assetHit(word, market, start, context) {
  const { text, before, page } = word;
  const base = text.toUpperCase();
  const find = makeFind({ base, market, rule: "text" });
  if (words.MONEY.has(base) || !/[A-Z]/.test(base) || !counts(base, context)) return [];
  if (before === "$" || before === "#") {
    const earlier = page[start - 2] ?? " ";
    const colour =
      before === "#" &&
      /^[\dA-F]+$/.test(base) &&
      /[:="'(]\s?$/.test(page.slice(start - 3, start - 1));
    return colour || /[\w&#$/:=]/.test(earlier) || words.SHELL.has(base)
      ? []
      : [hit(find, 2, start - 1, text.length + 1)];
  }
  if (text !== base) return [];
  return words.SAFE.has(base) || (context.known && isQuiet(word, context))
    ? [hit(find, 1, start, text.length)]
    : [];
}

/**
 * @param {string} asset
 * @param {number} trust
 * @param {Context} context
 * @returns {boolean}
 */
function isAgain(asset, trust, { found }) {
  return (found.get(asset)?.trust ?? 0) >= trust;
}

/**
 * @param {Find} find
 * @param {number} trust
 * @param {number} start
 * @param {number} length
 * @returns {Hit}
 */
function hit(find, trust, start, length) {
  find.via = "text";
  return { find, trust, start, end: start + length };
}
