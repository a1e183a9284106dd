// This file knows how an address becomes a Find: which site it is, which of its forms, and what
// that form says.

import { exchangeOf, siteOf } from "./book.js";
import { splitGlued } from "./split.js";
import { judgeSymbol } from "./symbol.js";
import { fill, merge } from "./template.js";
import { expiryOf, makeFind } from "./ticker.js";

/** @typedef {import("./ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Site} Site */
/** @typedef {import("./book.js").Path} Path */

/**
 * What an address gave. `claimed`: it names an instrument, even if one that we refuse.
 * @typedef {{site: Site|null, find: Find|null, why: string|null, claimed: boolean, stale: boolean}}
 *   UrlVerdict
 */

/**
 * @typedef {object} Link
 * @property {string} host
 * @property {string} path decoded
 * @property {string} query
 * @property {string} hash decoded where needed
 */

const MAX_URL = 4096;

/** The part of the URL class we use; it is a global of Node and of every browser. */
/** @typedef {{protocol: string, username: string, password: string, port: string, hostname: string,
 *   pathname: string, search: string, hash: string, href: string}} Parts */

const { URL, URLSearchParams } =
  /** @type {{
   *   URL: new (url: string, base?: string) => Parts,
   *   URLSearchParams: new (text: string) => {getAll: (key: string) => string[]}}} */ (
    /** @type {unknown} */ (globalThis)
  );

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
 * The absolute form of a link found on a page; null when it cannot be one.
 * @param {string} href
 * @param {string} page
 * @returns {string|null}
 */
export function absolute(href, page) {
  if (typeof href !== "string" || href.length > MAX_URL) return null;
  try {
    return new URL(href, page).href;
  } catch {
    return null; // not a link at all: the page wrote something else there
  }
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
 * An address in parts; null for anything but a plain page: other schemes, ports, user names, bad
 * encoding.
 * @param {string} url
 * @returns {Link|null}
 */
function linkOf(url) {
  if (typeof url !== "string" || url.length > MAX_URL) return null;
  try {
    const { protocol, username, password, port, hostname, pathname, search, hash } = new URL(url);
    if (!/^https?:$/.test(protocol) || username || password || port) return null;
    return {
      host: hostname,
      path: decodeURIComponent(pathname),
      query: search,
      hash: hash.slice(1),
    };
  } catch {
    return null; // not an address, or encoded in a way no page of ours is
  }
}

/**
 * What the placeholders of one form hold in this link, or null when it is not of that form.
 * @param {Path} path
 * @param {Link} link
 * @returns {Record<string, string>|null}
 */
function valuesOf(path, link) {
  if (path.hosts && !path.hosts.includes(link.host)) return null;
  let values = path.match(link.path);
  for (const [place, key, matchers] of path.conditions) {
    if (!values) return null;
    const said = lookUp(link, place, key);
    if (matchers === null) {
      if (said !== undefined) return null;
      continue;
    }
    const found = said && matchers.map((match) => match(said)).find(Boolean);
    values = found ? merge(values, found) : null;
  }
  return values;
}

/**
 * One value of the query or the fragment; undefined when it is absent, null when it says two
 * things.
 * @param {Link} link
 * @param {string} place
 * @param {string} key
 * @returns {string|null|undefined}
 */
function lookUp({ query, hash }, place, key) {
  if (place === "hashText") return decoded(hash);
  if (place === "hashJson") return jsonValue(decoded(hash), key);
  const said = new URLSearchParams(place === "query" ? query : hash).getAll(key);
  return said.length > 1 && said.some((one) => one !== said[0]) ? null : said[0];
}

/**
 * @param {string} text
 * @returns {string}
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a fragment is free text: one that is not encoded right says nothing
  }
}

/**
 * @param {string} text
 * @param {string} key
 * @returns {string|undefined}
 */
function jsonValue(text, key) {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text)[key];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // the same: a fragment that is no JSON says nothing
  }
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
  return { find: makeFind({ ...fields, rule: site.id, via: "url" }), why: null };
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
  for (const name of ["base", "symbol"]) {
    if (told[name] && site.stops.has(told[name].toUpperCase())) return "stop-word";
  }
  const expiry = told.expiry ? expiryOf(told.expiry) : null;
  if (told.expiry && !expiry) return "no-such-date";
  const parts = partsOf(told, path, site, book);
  if (path.asset) return parts?.base ? { base: parts.base } : "unknown-asset";
  if (!parts) return "no-quote";
  if (!exchange) return "no-exchange";
  const bare = fill(path.bare ?? "{base}{quote}", parts);
  const native = path.native ? fill(path.native, parts) : bare;
  const market = path.market ?? /** @type {import("./ticker.js").Market} */ (told.market) ?? null;
  return { exchange, market, base: parts.base, quote: parts.quote || null, native, expiry, bare };
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
  for (const [name, value] of Object.entries(told)) {
    const kept = site.letters === "keep" ? value : value.toUpperCase();
    parts[name] = name === "dex" ? value.toLowerCase() : kept;
  }
  if (parts.symbol) {
    const glued = splitGlued(parts.symbol, path.quotes ?? [], book.known);
    if (!glued || (parts.base && parts.base !== glued.base)) return null;
    Object.assign(parts, glued);
  }
  parts.quote ??= path.quote ?? "";
  if (site.rename && Object.hasOwn(site.rename, parts.base)) parts.base = site.rename[parts.base];
  return parts;
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
