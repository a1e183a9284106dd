// This file knows how the tables of exchanges and sites become one book that the readers look into.

import { KNOWN } from "./words.js";
import { compilePath, compileValue } from "./template.js";

/** @typedef {import("../ticker.js").Market} Market */
/** @typedef {import("./template.js").Matcher} Matcher */

/**
 * One exchange of exchanges.json.
 * @typedef {object} Exchange
 * @property {string} name
 * @property {number[]} numbers
 * @property {string[]} aliases
 * @property {string[]} tradingview
 * @property {string} [coinPerp] how the venue names a coin-margined perpetual
 * @property {string} [usdcPerp] how the venue names a perpetual settled in USDC
 * @property {string} [usdtPerp] how the venue names a perpetual settled in USDT
 * @property {string} [dated] how the venue names a dated contract
 * @property {boolean} [quoteFirst] pairs with a separator are written quote first
 * @property {boolean} [shares] symbols have no quote
 * @property {string[]} [indices] symbols that nobody can trade
 * @property {string[]} [perpetuals] futures without an expiry, by their own names
 * @property {string[]} [codes] of dated contracts, those that are not all capitals
 * @property {string[]} [kilo] what it trades by the thousand, with a small k before the name
 */

/**
 * @typedef {{exchanges: Record<string, Exchange>, quotes: string[], refuse: string[]}}
 *   ExchangeTable
 */

/** @typedef {string|(string|null)[]|null} Condition templates; null: absent, among others: may be */

/**
 * One form of a site's address.
 * @typedef {object} PathRule
 * @property {string} path template
 * @property {string[]} [hosts] only on these hosts of the site
 * @property {Record<string, Condition>} [query]
 * @property {Record<string, Condition>} [hash] fragment in query syntax
 * @property {Record<string, string>} [hashJson] fragment as a JSON object
 * @property {string} [hashText] fragment as one text
 * @property {"tradingview"} [notation] the symbol is written as TradingView writes it
 * @property {Market} [market]
 * @property {string} [quote] when the address does not say it
 * @property {string[]} [quotes] quotes of this form, when not all of the site's
 * @property {string} [bare] how the symbol is written; "{base}{quote}" unless told
 * @property {string} [native] how the venue writes it; the bare symbol unless told
 * @property {boolean} [capitals] a base nobody knows must stand in capitals: page words do not
 * @property {boolean} [asset] the page names an asset, not a market
 * @property {boolean} [stale] the address may lag behind the page
 */

/**
 * One element of a page that names a symbol.
 * @typedef {object} DomRule
 * @property {"row"|"link"|"page"|"world"} use world: what the page's own script says, by the
 *   script that the site's `needs` declare
 * @property {string} [selector]
 * @property {boolean} [active] only of the chart that is in use, where there are several
 * @property {string} [attr] attribute to read; text without it
 * @property {Record<string, string>} [parts] selectors inside the element, by the name of the part
 * @property {"symbol"|"url"|"short"} take
 * @property {string} seen date it was last reported working
 */

/**
 * One file of sites/.
 * @typedef {object} SiteData
 * @property {string} id
 * @property {string} name
 * @property {string} [exchange]
 * @property {string} [exchangeFrom] placeholder that names the exchange
 * @property {string[]} hosts
 * @property {string[]} [oldHosts] hosts that only lead on to these now: links to them are read, no
 *   access is asked
 * @property {PathRule[]} paths
 * @property {string[]|Record<string, string[]>} [quotes] all markets, or by market
 * @property {string[]} [stop] words that are never a base or a symbol here
 * @property {Record<string, string>} [rename] base, as the venue writes it, to the usual one
 * @property {"keep"} [letters] keep the letter case of the page
 * @property {boolean} [menuOnly] the extension asks for no access to it: links and selections only
 * @property {{path: string, why: string}[]} [reject] pages that name something we refuse
 * @property {Record<string, Record<string, Record<string, string>>>} [tables] placeholder, value,
 *   what it means
 * @property {Record<string, string>} [names] names the page shows to exchanges, beside
 *   exchanges.json
 * @property {DomRule[]} [dom]
 * @property {"mainWorld"[]} [needs] a script of ours in the page's own world
 */

/**
 * A compiled path.
 * @typedef {PathRule & {match: Matcher, conditions: [string, string, (Matcher|null)[]][]}} Path
 */

/**
 * @typedef {Omit<SiteData, "paths"> & {paths: Path[], refuses: [Matcher, string][], stops:
 *   Set<string>}} Site
 */

/**
 * What one market of an exchange quotes in: its own quotes, and with all others for comparison; its
 * names of assets that are called otherwise elsewhere, and whether its symbols keep them.
 * @typedef {object} Listed
 * @property {Set<string>} own
 * @property {string[]} all
 * @property {Record<string, string>} rename
 * @property {boolean} keeps
 */

/**
 * @typedef {object} Book
 * @property {ExchangeTable} table
 * @property {Map<string, string>} exchanges spelling in upper case to canonical id
 * @property {Set<string>} refuse
 * @property {string[]} refusePrefixes
 * @property {string[]} quotes longest first
 * @property {ReadonlySet<string>} known
 * @property {Map<string, Listed>} listed by exchange and market, where a site tells it
 * @property {Map<string, Site>} hosts
 */

const LOCALE_HOST = "{locale}.";

/**
 * Everything the readers need, compiled once.
 * @param {{sites: SiteData[]|Record<string, SiteData>, exchanges: ExchangeTable,
 *   aliases?: Record<string, string>}} tables parsed JSON files; aliases: the user's own names of
 *   exchanges, which never change what a name means already
 * @returns {Book}
 */
export function makeBook({ sites, exchanges, aliases = {} }) {
  const ends = exchanges.refuse.filter((code) => code.endsWith("*"));
  /** @type {Book} */
  const book = {
    table: exchanges,
    exchanges: spellings(exchanges, aliases),
    refuse: new Set(exchanges.refuse),
    refusePrefixes: ends.map((code) => code.slice(0, -1)),
    quotes: byLength(exchanges.quotes),
    known: new Set([...KNOWN, ...exchanges.quotes]),
    listed: new Map(),
    hosts: new Map(),
  };
  for (const data of Object.values(sites)) addSite(data, book);
  for (const { hosts, oldHosts = [] } of Object.values(sites)) {
    const site = /** @type {Site} */ (book.hosts.get(hosts[0]));
    for (const host of oldHosts) if (!book.hosts.has(host)) book.hosts.set(host, site);
  }
  return book;
}

/**
 * Canonical id of an exchange from any of its spellings; null when it is unknown or refused.
 * @param {string} name
 * @param {Book} book
 * @returns {string|null}
 */
export function exchangeOf(name, book) {
  return book.exchanges.get(name.trim().toUpperCase()) ?? null;
}

/**
 * Whether a code is one of those that never have a market of the terminal behind them.
 * @param {string} code
 * @param {Book} book
 * @returns {boolean}
 */
export function isRefused(code, book) {
  const upper = code.toUpperCase();
  return book.refuse.has(upper) || book.refusePrefixes.some((start) => upper.startsWith(start));
}

/**
 * The site of a host name: exact, or a country host where the site names them.
 * @param {string} host
 * @param {Book} book
 * @returns {Site|null}
 */
export function siteOf(host, book) {
  const exact = book.hosts.get(host);
  if (exact || !/^[a-z]{2}\./.test(host)) return exact ?? null;
  return book.hosts.get(LOCALE_HOST + host.slice(3)) ?? null;
}

/**
 * Quotes of one market of a site; all of them without a market.
 * @param {Pick<SiteData, "quotes">} site
 * @param {Market|null} market
 * @returns {string[]}
 */
function quotesOf({ quotes = [] }, market) {
  if (Array.isArray(quotes)) return quotes;
  return market ? (quotes[market] ?? []) : [...new Set(Object.values(quotes).flat())];
}

/**
 * @param {SiteData} data
 * @param {Book} book
 */
function addSite(data, book) {
  const { id, exchange, hosts } = data;
  if (exchange && !(exchange in book.table.exchanges)) {
    throw new Error(`site ${id}: exchange ${exchange} is not in exchanges.json`);
  }
  const stops = new Set((data.stop ?? []).map((word) => word.toUpperCase()));
  const site = compiledLater(data, stops);
  for (const host of hosts) {
    const other = book.hosts.get(host);
    if (other) throw new Error(`site ${id}: host ${host} belongs to site ${other.id}`);
    book.hosts.set(host, site);
  }
  if (!exchange || !data.quotes) return;
  for (const market of new Set(data.paths.map((path) => path.market))) {
    if (!market) continue;
    const own = byLength(quotesOf(data, market));
    book.listed.set(`${exchange} ${market}`, {
      own: new Set(own),
      all: byLength([...own, ...book.quotes]),
      rename: data.rename ?? {},
      keeps: data.paths.some((path) => path.market === market && path.bare === "{symbol}"),
    });
  }
}

/**
 * A site whose templates are compiled when the first of its pages is read: a background that wakes
 * for one click needs one site, not all of them.
 * @param {SiteData} data
 * @param {Set<string>} stops
 * @returns {Site}
 */
function compiledLater(data, stops) {
  /** @type {Path[]|undefined} */
  let paths;
  /** @type {[Matcher, string][]|undefined} */
  let refuses;
  return {
    ...data,
    stops,
    get paths() {
      return (paths ??= data.paths.map((path) => compile(path, data)));
    },
    get refuses() {
      return (refuses ??= (data.reject ?? []).map(({ path, why }) => [compilePath(path, []), why]));
    },
  };
}

/**
 * @param {PathRule} rule
 * @param {SiteData} site
 * @returns {Path}
 */
function compile(rule, site) {
  const quotes = byLength(rule.quotes ?? quotesOf(site, rule.market ?? null));
  /** @type {Path["conditions"]} */
  const conditions = [];
  for (const place of /** @type {const} */ (["query", "hash", "hashJson"])) {
    for (const [key, wanted] of Object.entries(rule[place] ?? {})) {
      const matchers = [wanted].flat().map((one) => (one ? compileValue(one, quotes) : null));
      conditions.push([place, key, matchers]);
    }
  }
  if (rule.hashText) conditions.push(["hashText", "", [compileValue(rule.hashText, quotes)]]);
  return { ...rule, quotes, match: compilePath(rule.path, quotes), conditions };
}

/**
 * @param {ExchangeTable} table
 * @param {Record<string, string>} aliases
 * @returns {Map<string, string>}
 */
function spellings({ exchanges }, aliases) {
  const found = new Map();
  for (const [id, { name, aliases, tradingview }] of Object.entries(exchanges)) {
    for (const spelling of [id, name, ...aliases, ...tradingview])
      found.set(spelling.toUpperCase(), id);
  }
  for (const [alias, name] of Object.entries(aliases)) {
    const id = found.get(name.toUpperCase());
    if (id && !found.has(alias.toUpperCase())) found.set(alias.toUpperCase(), id);
  }
  return found;
}

/**
 * @param {readonly string[]} quotes
 * @returns {string[]}
 */
function byLength(quotes) {
  return [...new Set(quotes)]
    .map((quote) => quote.toUpperCase())
    .sort((a, b) => b.length - a.length);
}
