// This file knows how a symbol is spelled: `EX:SYM.P` of TradingView and MetaScalp's ticker
// patterns.

import { exchangeOf, isRefused } from "./book.js";
import { lettersOf } from "./letters.js";
import { readShare } from "./shares.js";
import { isKnown, splitGlued } from "./split.js";
import { fill } from "./template.js";
import { MAX_SYMBOL, cutSuffix, expiryOf, lastFriday, makeFind } from "../ticker.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("../ticker.js").Market} Market */
/** @typedef {import("./book.js").Book} Book */

/** @typedef {{find: Find|null, why: string|null}} Verdict a Find, or why there is none */

/** @typedef {Partial<Find>} Reading what a shape says; the rest is filled in afterwards */

/** @typedef {{exchange: string|null, market: Market|null, strict: boolean, book: Book}} Context */

const LETTER = "A-Z0-9\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af";
const GLUED = new RegExp(`^[${LETTER}]{2,40}$`);
const PAIR = new RegExp(`^([${LETTER}]{1,20})[-_/]([${LETTER}]{1,20})$`);
const DATED = /^(.{2,40})[-_](\d{6}|20\d{6})$/;
/** BTCUSDU2026 on TradingView is Binance's BTCUSD_260925 (compared by a public project, 2026-08-24). */
const QUARTER = /^(.{2,40})([HMUZ])20(\d\d)$/;
const OPTION = /^([A-Z0-9]{1,20})-(\d{6})-\d{1,9}(?:\.\d{1,5})?-[CP]$/;
const TITLED = new RegExp(`^[${LETTER}]{1,20}\\(([${LETTER}]{1,20})\\)[-_/]?([A-Z0-9]{2,6})$`);
const DEX = /^([A-Za-z0-9]{1,10}):([A-Z0-9]{2,40})$/i;

/**
 * The instrument of a symbol as people and pages write it, or null.
 * `strict`: as on a chart of TradingView, where a hyphen or a slash makes a formula.
 * @param {string} text
 * @param {Book} book
 * @param {{strict?: boolean}} [options]
 * @returns {Verdict}
 */
export function judgeSymbol(text, book, { strict = false } = {}) {
  if (typeof text !== "string" || text.length > 2 * MAX_SYMBOL) return refuse("too-long");
  const trimmed = text.trim();
  const why = service(strict ? trimmed : trimmed.replace(/\(([A-Z0-9]+)\)/i, "$1"));
  if (why) return refuse(why);
  const colon = trimmed.indexOf(":");
  const code = trimmed.slice(0, Math.max(colon, 0));
  const exchange = colon < 0 ? null : exchangeOf(code, book);
  if (colon >= 0 && !exchange)
    return refuse(isRefused(code, book) ? "no-market" : "unknown-exchange");
  const { symbol, market } = cutSuffix(trimmed.slice(colon + 1));
  if (symbol.length > MAX_SYMBOL) return refuse("too-long");
  const read = readShape(symbol, { exchange, market, strict, book });
  return typeof read === "string"
    ? refuse(read)
    : { find: finish(inLetters(read, symbol, exchange, book), exchange, book), why: null };
}

/**
 * @param {string} why
 * @returns {Verdict}
 */
const refuse = (why) => ({ find: null, why });

/**
 * Why a symbol is no market by its spelling alone; null when it may be one.
 * @param {string} text
 * @returns {string|null}
 */
function service(text) {
  if (text.includes("!")) return "continuous";
  if (/_OI$|\.D$/i.test(text)) return "service";
  if (/[*+()^\s]/.test(text) || /[/-].*:/.test(text)) return "formula";
  return null;
}

/**
 * What one of the known shapes makes of a symbol, or why none does.
 * @param {string} symbol
 * @param {Context} context
 * @returns {Reading|string}
 */
function readShape(symbol, context) {
  const { exchange, market, strict, book } = context;
  const table = exchange ? book.table.exchanges[exchange] : null;
  if (table?.shares) return readShare(symbol, market, table);
  if (exchange === "HYPERLIQUID" && DEX.test(symbol)) return readDex(symbol, context);
  const upper = symbol.toUpperCase();
  const dated = DATED.exec(upper);
  if (dated) return readDated(dated[1], dated[2], upper, context);
  const quarter = strict ? QUARTER.exec(upper) : null;
  if (quarter) return readQuarter(quarter, context);
  if (!strict && OPTION.test(upper)) return readOption(upper);
  if (!strict && TITLED.test(upper)) return readTitled(upper, context);
  if (/PERP$/.test(upper)) return readPerp(upper, context) ?? readGlued(upper, context);
  const pair = upper.replace(/(USDT?|USDC)[-_]?SWAP$/, "$1");
  const swapped = {
    ...context,
    market: pair === upper ? market : /** @type {Market} */ ("futures"),
  };
  if (GLUED.test(pair)) return readGlued(pair, swapped);
  return strict ? "formula" : readPair(pair, swapped);
}

/**
 * @param {string} upper
 * @param {Context} context
 * @returns {Reading|string}
 */
function readGlued(upper, { exchange, market, strict, book }) {
  const settled = market ?? (exchange ? "spot" : null);
  const listed = exchange && settled ? book.listed.get(`${exchange} ${settled}`) : undefined;
  const parts = splitGlued(upper, listed?.all ?? book.quotes, book.known);
  if (!parts || parts.base === parts.quote) return "no-quote";
  if (!listed) return { ...parts, market: settled, bare: upper };
  const own = ownParts(upper, parts, listed, book);
  if (!own) return "no-such-quote";
  return { market: settled, bare: upper, ...(strict ? renamed(own, listed) : own) };
}

/**
 * The parts in a quote that the exchange has. BITFINEX:IOTUSD: of two readings that nobody knows,
 * the one in such a quote.
 * @param {string} upper
 * @param {{base: string, quote: string}} parts
 * @param {import("./book.js").Listed} listed
 * @param {Book} book
 * @returns {{base: string, quote: string}|null}
 */
function ownParts(upper, parts, { own }, { known }) {
  if (own.has(parts.quote)) return parts;
  return isKnown(parts.base, known) ? null : splitGlued(upper, [...own], known);
}

/**
 * TradingView takes over the names of the exchange: XBT is BTC, on BitMEX only in words.
 * @param {{base: string, quote: string}} parts
 * @param {import("./book.js").Listed} listed
 * @returns {Reading}
 */
function renamed({ base, quote }, { rename, keeps }) {
  const named = { base: rename[base] ?? base, quote: rename[quote] ?? quote };
  return keeps ? named : { ...named, bare: named.base + named.quote };
}

/**
 * @param {string} upper
 * @param {Context} context
 * @returns {Reading|string}
 */
function readPair(upper, { exchange, market, book }) {
  const found = PAIR.exec(upper);
  if (!found) return "formula";
  const turned =
    exchange && book.table.exchanges[exchange].quoteFirst && book.quotes.includes(found[1]);
  const [base, quote] = turned ? [found[2], found[1]] : [found[1], found[2]];
  if (!book.quotes.includes(quote) || base === quote) return "formula";
  return {
    base,
    quote,
    market: market ?? (exchange ? "spot" : null),
    native: upper,
    bare: base + quote,
  };
}

/**
 * Names that end in PERP: BTCUSDTPERP, BTCUSD_PERP, and BTCPERP where that is the venue's name.
 * @param {string} upper
 * @param {Context} context
 * @returns {Reading|null}
 */
function readPerp(upper, { exchange, book }) {
  const stem = upper.replace(/[-_]?PERP$/, "");
  const underscored = /_PERP$/.test(upper);
  if (!GLUED.test(stem) && stem.length !== 1) return null;
  const { usdcPerp, usdtPerp } = (exchange && book.table.exchanges[exchange]) || {};
  const parts = splitGlued(stem, book.quotes, book.known);
  if (parts && !(usdcPerp && isKnown(stem, book.known))) {
    return { ...parts, market: "futures", bare: underscored ? upper : stem };
  }
  const name = usdcPerp ?? usdtPerp;
  if (!name || !stem) return null;
  const quote = usdcPerp ? "USDC" : "USDT";
  return { base: stem, quote, market: "futures", bare: fill(name, { base: stem }) };
}

/**
 * @param {string} stem
 * @param {string} digits
 * @param {string} upper
 * @param {Context} context
 * @returns {Reading|string}
 */
function readDated(stem, digits, upper, { exchange, strict, book }) {
  const expiry = expiryOf(digits);
  const pair = PAIR.exec(stem);
  const parts =
    pair && book.quotes.includes(pair[2])
      ? { base: pair[1], quote: pair[2] }
      : !pair && GLUED.test(stem) && splitGlued(stem, book.quotes, book.known);
  if (!expiry || !parts) return "no-such-date";
  const name = exchange && book.table.exchanges[exchange].dated;
  const own = name ? fill(name, { ...parts, yymmdd: expiry }) : strict ? null : upper;
  return { ...parts, expiry, market: "futures", native: name ? own : null, bare: own };
}

/**
 * A contract of a quarter: when it ends, and no name; the terminal's list says how it is called.
 * @param {RegExpExecArray} found
 * @param {Context} context
 * @returns {Reading|string}
 */
function readQuarter([, stem, letter, year], { book }) {
  const parts = splitGlued(stem, book.quotes, book.known);
  const expiry = lastFriday(Number(year), 3 * ("HMUZ".indexOf(letter) + 1));
  return parts ? { ...parts, expiry, market: "futures", native: null, bare: null } : "no-quote";
}

/**
 * @param {string} upper
 * @returns {Reading|string}
 */
function readOption(upper) {
  const found = /** @type {RegExpExecArray} */ (OPTION.exec(upper));
  const expiry = expiryOf(found[2]);
  return expiry
    ? { base: found[1], expiry, market: "options", native: upper, bare: upper }
    : "no-such-date";
}

/**
 * MetaScalp's own names of what MEXC calls otherwise: GOLD(XAUT)_USDT is XAUT (captured 2026-05).
 * @param {string} upper
 * @param {Context} context
 * @returns {Reading|string}
 */
function readTitled(upper, { exchange, market, book }) {
  const [, base, quote] = /** @type {RegExpExecArray} */ (TITLED.exec(upper));
  if (!book.quotes.includes(quote)) return "formula";
  const settled = market ?? (exchange ? "spot" : null);
  return { base, quote, market: settled, native: upper, bare: base + quote };
}

/**
 * @param {string} symbol
 * @param {Context} context
 * @returns {Reading|string}
 */
function readDex(symbol, context) {
  const [dex, name] = symbol.split(":");
  const read = readGlued(name.toUpperCase(), { ...context, market: context.market ?? "futures" });
  if (typeof read === "string") return read;
  const own = `${dex.toLowerCase()}:${read.bare}`;
  return { ...read, native: own, bare: own };
}

/**
 * A reading in the letters of its exchange: HYPERLIQUID:KPEPEUSDT and kPEPEUSDT are one.
 * @param {Reading} read
 * @param {string} written
 * @param {string|null} exchange
 * @param {Book} book
 * @returns {Reading}
 */
function inLetters(read, written, exchange, { table }) {
  const { kilo } = (exchange && table.exchanges[exchange]) || {};
  if (!kilo || !read.base) return read;
  const base = lettersOf(read.base, { kilo }, written.replace(/^.*:/, ""));
  return { ...read, base, bare: read.bare?.replace(read.base, base) };
}

/**
 * @param {Reading} read
 * @param {string|null} exchange
 * @param {Book} book
 * @returns {Find}
 */
function finish(read, exchange, book) {
  const { coinPerp } = (exchange && book.table.exchanges[exchange]) || {};
  if (coinPerp && read.market === "futures" && read.quote === "USD" && !read.expiry) {
    return makeFind({ ...read, exchange, bare: fill(coinPerp, { base: read.base }) });
  }
  return makeFind({ ...read, exchange });
}
