// This file knows how an address becomes a Find: which site it is, which of its forms, and what
// that form says.

import { exchangeOf, siteOf } from "./book.js";
import { lettersOf } from "./letters.js";
import { linkOf, valuesOf } from "./link.js";
import { isKnown, splitGlued } from "./split.js";
import { judgeSymbol } from "./symbol.js";
import { fill } from "./template.js";
import { expiryOf, makeFind } from "../ticker.js";
import { INDICES, MONEY, PLACEHOLDERS, TEXT_QUOTES } from "./words.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Site} Site */
/** @typedef {import("./book.js").Path} Path */

/**
 * What an address gave. `claimed`: it names an instrument, even if one that we refuse.
 * @typedef {{site: Site|null, find: Find|null, why: string|null, claimed: boolean, stale: boolean}}
 *   UrlVerdict
 */

/**
 * Reads an address and says why, when it gives nothing.
 * @param {string} url
 * @param {Book} book
 * @returns {UrlVerdict}
 */
export function judgeUrl(url, book) {
  const link = linkOf(url);
  const site = link && siteOf(link.host, book);
  if (!link || !site) return verdict(null, null, link ? "host" : "not-a-page");
  let why = null;
  for (const path of site.paths) {
    const values = valuesOf(path, link);
    if (!values) continue;
    const read = readValues(values, path, site, book);
    if (read.find) return verdict(site, read.find, null, Boolean(path.stale));
    why ??= read.why;
  }
  why ??= site.refuses.find(([match]) => match(link.path))?.[1] ?? null;
  return {
    ...verdict(site, null, why ?? "no-symbol"),
    claimed: why !== null && why !== "stop-word",
  };
}

/**
 * The site of a page.
 * @param {string} url
 * @param {Book} book
 * @returns {Site|null}
 */
export function siteOfUrl(url, book) {
  const link = linkOf(url);
  return link && siteOf(link.host, book);
}

/**
 * @param {Site|null} site
 * @param {Find|null} find
 * @param {string|null} why
 * @param {boolean} [stale]
 * @returns {UrlVerdict}
 */
function verdict(site, find, why, stale = false) {
  return { site, find, why, claimed: find !== null, stale };
}

/**
 * @param {Record<string, string>} values
 * @param {Path} path
 * @param {Site} site
 * @param {Book} book
 * @returns {{find: Find|null, why: string|null}}
 */
function readValues(values, path, site, book) {
  if (path.notation === "tradingview") {
    const { exchange, symbol } = values;
    const text = exchange ? `${exchange}:${symbol}` : symbol;
    const { find, why } = judgeSymbol(text, book, { strict: true });
    if (!find?.exchange) return { find: null, why: why ?? "no-exchange" };
    return { find: { ...find, rule: site.id, via: "url" }, why: null };
  }
  const fields = fieldsOf(values, path, site, book);
  if (typeof fields === "string") return { find: null, why: fields };
  fields.rule = site.id;
  fields.via = "url";
  return { find: makeFind(fields), why: null };
}

/**
 * The fields of a Find from the placeholders of a form, or why there are none.
 * @param {Record<string, string>} values
 * @param {Path} path
 * @param {Site} site
 * @param {Book} book
 * @returns {Partial<Find>|string}
 */
function fieldsOf(values, path, site, book) {
  const meaning = throughTables(values, site);
  if (!meaning) return "not-in-table";
  const told = { ...values, ...meaning };
  const exchange = site.exchange ?? exchangeOf(told.exchange ?? "", book);
  if (isStopped(values, site)) return "stop-word";
  const expiry = told.expiry ? expiryOf(told.expiry) : null;
  if (told.expiry && !expiry) return "no-such-date";
  const parts = partsOf(told, path, site, book);
  if (path.asset) {
    return parts?.base && isOneAsset(parts.base, book) ? { base: parts.base } : "unknown-asset";
  }
  if (!parts) return "no-quote";
  if (!exchange) return "no-exchange";
  const market = path.market ?? /** @type {import("../ticker.js").Market} */ (told.market) ?? null;
  if (!site.exchange && !isListed(parts, exchange, market, book)) return "no-such-quote";
  const own = market === "futures" && parts.quote === "USD" && !site.exchange;
  const coinPerp = own ? book.table.exchanges[exchange].coinPerp : undefined;
  const filled = fill(coinPerp ?? path.bare ?? "{base}{quote}", parts);
  const { shares, indices = [] } = book.table.exchanges[exchange];
  const bare = shares && filled ? lettersOf(filled, book.table.exchanges[exchange]) : filled;
  if (indices.includes(bare ?? "")) return "index";
  const native = path.native ? fill(path.native, parts) : bare;
  const base = parts.base ?? bare;
  return { exchange, market, base, quote: parts.quote || null, native, expiry, bare };
}

/**
 * Whether a word of the page stands where a name belongs. A site's own words are such only where
 * nothing else tells: BFUSD is a page of Binance, BFUSD_USDT is a market.
 * @param {Record<string, string>} values
 * @param {Site} site
 * @returns {boolean}
 */
function isStopped({ base = "", symbol = "", quote }, { stops, exchange }) {
  const words = [base.toUpperCase(), symbol.toUpperCase()];
  if (words.some((word) => PLACEHOLDERS.has(word))) return true;
  return (!quote || !exchange) && words.some((word) => stops.has(word));
}

/**
 * Whether a name is one asset, and not a number, money, an index or a whole pair (BTCUSDT).
 * @param {string} base
 * @param {Book} book
 * @returns {boolean}
 */
function isOneAsset(base, { known }) {
  if (!/[^\d]/.test(base) || MONEY.has(base) || INDICES.has(base)) return false;
  const parts = isKnown(base, known) ? null : splitGlued(base, TEXT_QUOTES, known);
  return !parts || !(isKnown(parts.base, known) || parts.quote.length > 3);
}

/**
 * Whether the exchange that another site names has such a market at all, and shares have none; its
 * names of assets are taken over.
 * @param {Record<string, string>} parts
 * @param {string} exchange
 * @param {string|null} market
 * @param {Book} book
 * @returns {boolean}
 */
function isListed(parts, exchange, market, { listed, table }) {
  if (table.exchanges[exchange].shares) return false;
  const own = listed.get(`${exchange} ${market}`);
  if (!own) return !listed.has(`${exchange} spot`) && !listed.has(`${exchange} futures`);
  for (const name of ["base", "quote"]) parts[name] = own.rename[parts[name]] ?? parts[name];
  return own.own.has(parts.quote);
}

/**
 * Base and quote, in canonical letters, with everything else the templates of `bare` may want.
 * @param {Record<string, string>} told
 * @param {Path} path
 * @param {Site} site
 * @param {Book} book
 * @returns {Record<string, string>|null}
 */
function partsOf(told, path, site, book) {
  /** @type {Record<string, string>} */
  const parts = {};
  const exchange = site.exchange ? book.table.exchanges[site.exchange] : undefined;
  for (const [name, value] of Object.entries(told)) {
    if (name === "dex") parts.dex = value.toLowerCase();
    else parts[name] = site.letters === "keep" ? value : lettersOf(value, exchange);
  }
  if (parts.symbol) {
    const glued = splitGlued(parts.symbol, path.quotes ?? [], book.known);
    if (!glued || (parts.base && parts.base !== glued.base)) return null;
    if (!isMeant(glued, told.symbol, book) || PLACEHOLDERS.has(glued.base)) return null;
    Object.assign(parts, glued);
  }
  const asset = !exchange?.shares && isAsset(parts.base, book);
  if (path.capitals && !isCapital(told.base) && !asset) return null;
  if (path.quote && parts.base === "USD") return null;
  parts.quote ??= path.quote ?? "";
  if (isDoubled(parts, book)) return null;
  for (const name of ["base", "quote"]) {
    if (site.rename && Object.hasOwn(site.rename, parts[name])) parts[name] = site.rename[parts[name]];
  }
  return parts;
}

/**
 * Whether a glued symbol is one: `teeth` and `industry` end in quotes too, so that an asset nobody
 * knows counts before a stablecoin, or in capitals.
 * @param {{base: string, quote: string}} parts
 * @param {string} written
 * @param {Book} book
 * @returns {boolean}
 */
function isMeant({ base, quote }, written, book) {
  const known = isKnown(base, book.known);
  if (quote.length > 3 || (known && base.length > 1)) return true;
  return (known || base.length > 1) && isCapital(written);
}

/**
 * Whether a link was put together wrong: SOLUSDT/USDT and USDT/USDT have their quote twice.
 * @param {Record<string, string>} parts
 * @param {Book} book
 * @returns {boolean}
 */
function isDoubled({ base = "", quote }, book) {
  if (!quote || !base.endsWith(quote)) return false;
  const rest = base.slice(0, -quote.length);
  return !rest || (quote.length > 3 && isKnown(rest, book.known));
}

/**
 * @param {string} base
 * @param {Book} book
 * @returns {boolean}
 */
function isAsset(base, { known }) {
  return isKnown(base.replace(/^k/, ""), known) && !MONEY.has(base);
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function isCapital(text) {
  return !/[a-z]/.test(text.replace(/^k/, ""));
}

/**
 * What the site's tables say about the values of placeholders: a feed names an exchange and a
 * market. Null when a table does not have the value; only an exchange may also go by its usual
 * spellings.
 * @param {Record<string, string>} values
 * @param {Site} site
 * @returns {Record<string, string>|null}
 */
function throughTables(values, site) {
  /** @type {Record<string, string>} */
  const told = {};
  for (const [name, table] of Object.entries(site.tables ?? {})) {
    const value = values[name]?.toLowerCase();
    if (value === undefined) continue;
    if (Object.hasOwn(table, value)) Object.assign(told, table[value]);
    else if (name !== site.exchangeFrom) return null;
  }
  return told;
}
