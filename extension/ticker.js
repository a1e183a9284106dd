// This file knows how one instrument is written: the Find that travels to the relay, and
// MetaScalp's ticker pattern.

/** @typedef {"spot"|"futures"|"margin"|"options"} Market */

/**
 * What a page says about one instrument. What is not known is null, never guessed.
 * @typedef {object} Find
 * @property {string|null} exchange canonical id of exchanges.json, upper case
 * @property {Market|null} market
 * @property {string|null} base
 * @property {string|null} quote
 * @property {string|null} native the venue's own id, as the page shows it
 * @property {string|null} expiry YYMMDD
 * @property {string|null} bare symbol without exchange and suffix, as a combo wants it
 * @property {string|null} pattern ticker pattern; null when only an asset is known
 * @property {string} rule id of the site that read it, or "symbol", or "text"
 * @property {"url"|"symbol"|"row"|"link"|"page"|"text"} via
 */

/** Longest symbol we read or write; the longest real one has 30 characters. */
export const MAX_SYMBOL = 64;

/** @type {Record<Market, string>} */
const SUFFIX = { spot: "", futures: ".p", margin: ".m", options: ".o" };

/** @type {Map<string, Market>} */
const MARKET = new Map([
  ["p", "futures"],
  ["perp", "futures"],
  ["m", "margin"],
  ["o", "options"],
]);

/**
 * Letters of a symbol: the documented alphabet, the Chinese, Japanese and Korean ones real tickers
 * have, and the point in an option's strike (XRP-261225-2.4-P).
 */
const SYMBOL =
  /^(?:[A-Za-z0-9_/$:\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af-]|(?<=\d)\.(?=\d)){1,64}$/;

/**
 * A Find with every key, the pattern filled in from the rest.
 * @param {Partial<Find>} parts
 * @returns {Find}
 */
export function makeFind(parts) {
  const { exchange = null, market = null, base = null, quote = null, native = null } = parts;
  const { expiry = null, bare = null, rule = "symbol", via = "symbol" } = parts;
  const pattern = parts.pattern === undefined ? format({ exchange, market, bare }) : parts.pattern;
  return { exchange, market, base, quote, native, expiry, bare, pattern, rule, via };
}

/**
 * The ticker pattern of a Find: `BINANCE:BTCUSDT.p`; without an exchange `BTCUSDT.p`; null without
 * a symbol.
 * @param {Pick<Find, "exchange"|"market"|"bare">} find
 * @returns {string|null}
 */
export function format({ exchange, market, bare }) {
  if (!bare || !SYMBOL.test(bare)) return null;
  return `${exchange ? `${exchange}:` : ""}${bare}${market ? SUFFIX[market] : ""}`;
}

/**
 * The parts of a ticker pattern, in the case they were written; null when it is none.
 * Everything before the first colon is the exchange. `market` is null without a suffix.
 * Source: MetaScalp API, "Ticker pattern format", edition 3, 2026-08.
 * @param {string} pattern
 * @returns {{exchange: string|null, symbol: string, market: Market|null}|null}
 */
export function parse(pattern) {
  if (pattern.length > 2 * MAX_SYMBOL) return null;
  const colon = pattern.indexOf(":");
  const exchange = colon < 0 ? null : pattern.slice(0, colon);
  const { symbol, market } = cutSuffix(pattern.slice(colon + 1));
  if (exchange === "" || !SYMBOL.test(symbol)) return null;
  return { exchange, symbol, market };
}

/**
 * A symbol without its market suffix; any letter case, and `.PERP` as some sites write it.
 * @param {string} text
 * @returns {{symbol: string, market: Market|null}}
 */
export function cutSuffix(text) {
  const dot = text.lastIndexOf(".");
  const market = dot < 0 ? undefined : MARKET.get(text.slice(dot + 1).toLowerCase());
  return market ? { symbol: text.slice(0, dot), market } : { symbol: text, market: null };
}

/**
 * YYMMDD of a six- or eight-digit date; null when the calendar has no such day.
 * @param {string} digits
 * @returns {string|null}
 */
export function expiryOf(digits) {
  if (!/^(?:20)?\d{6}$/.test(digits)) return null;
  const [year, month, day] = [0, 2, 4].map((at) => Number(digits.slice(-6).slice(at, at + 2)));
  const date = new Date(Date.UTC(2000 + year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? digits.slice(-6) : null;
}

/**
 * YYMMDD of the last Friday of a month: the day quarterly contracts end.
 * @param {number} year of this century
 * @param {number} month from 1
 * @returns {string}
 */
export function lastFriday(year, month) {
  const last = new Date(Date.UTC(2000 + year, month, 0));
  const day = last.getUTCDate() - ((last.getUTCDay() + 2) % 7);
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("");
}
