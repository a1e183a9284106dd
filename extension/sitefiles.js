/** This file knows where the rules of the sites lie and makes one book of them. */

import { api } from "./browser.js";
import { makeBook } from "./sites.js";

/** Each has its `sites/<id>.json`; a folder of an extension cannot be listed. */
export const SITES = [
  "tradingview", "binance", "bybit", "okx", "gate", "kucoin", "bitget", "mexc", "bingx", "htx",
  "bitmart", "lbank", "hyperliquid", "upbit", "aster", "lighter", "moex", "tbank", "xt", "edgex",
  "bitunix", "ourbit", "whitebit", "blofin", "weex", "phemex", "dydx", "bitfinex", "coinbase",
  "kraken", "bitmex", "bithumb", "bitrue", "toobit", "gemini", "apex", "grvt", "coinw", "coinglass",
  "coinalyze", "tradinglite", "coingecko", "coinmarketcap", "velo", "finviz", "investing",
  "dexscreener", "x", "reddit", "telegram", "discord",
];

/**
 * What pages are read by.
 * @typedef {object} Reading
 * @property {any} book of sites.js
 * @property {any[]} sites as their files say, the user's own in place of those they replace
 * @property {string[]} ours ids of those among them that are the user's own
 * @property {Problem[]} problems own sites that are left out
 */

/** @typedef {{id: string, why: string, value: string}} Problem why: `site_<why>` in _locales */

/** What the user has beside what we ship with: sites, and names of exchanges.
 * @typedef {{sites: any[], aliases: Record<string, string>}} Own */

/** @type {Own} */
export const NOTHING = { sites: [], aliases: {} };

/**
 * Everything that pages are read by, with the user's own sites in it.
 * @param {Own | Promise<Own>} [given]
 * @returns {Promise<Reading>}
 */
export async function loadReading(given = NOTHING) {
  const [own, [exchanges, ...sites]] = await Promise.all([given, readFiles()]);
  return withOwn(sites, own, exchanges);
}

/**
 * The exchanges and all sites. Fifty small files take a worker 120 ms to read, one value of the
 * session's storage a few; a worker that starts for a click finds it there. The storage is emptied
 * when the extension is updated or reloaded, and no page can reach it.
 * @returns {Promise<any[]>}
 */
async function readFiles() {
  const { files } = await api.storage.session.get("files");
  if (Array.isArray(files)) return files;
  const names = ["exchanges.json", ...SITES.map((id) => `sites/${id}.json`)];
  const read = await Promise.all(names.map(readJson));
  await api.storage.session.set({ files: read });
  return read;
}

/**
 * The user's own sites replace built-in ones by id. One that makes no book, or claims a host of
 * another site, is left out and told of; the rest stays.
 * @param {any[]} sites @param {Own} own @param {any} exchanges
 * @returns {Reading}
 */
export function withOwn(sites, own, exchanges) {
  const parts = { exchanges, aliases: own.aliases };
  let taken = sites;
  /** @type {Problem[]} */
  const problems = [];
  for (const site of own.sites) {
    const others = taken.filter(({ id }) => id !== site?.id);
    const problem = claimed(site, others) ?? unreadable(site, [...others, site], parts);
    if (problem) problems.push({ id: String(site?.id ?? ""), ...problem });
    else taken = [...others, site];
  }
  const ours = own.sites.filter((site) => taken.includes(site)).map(({ id }) => id);
  return { book: makeBook({ sites: taken, ...parts }), sites: taken, ours, problems };
}

/** Whose host a site claims. @param {any} site @param {any[]} others */
function claimed(site, others) {
  const hosts = Array.isArray(site?.hosts) ? site.hosts : [];
  const owner = others.find((other) => other.hosts.some((/** @type {string} */ host) =>
    hosts.includes(host)));
  return owner ? { why: "host-taken", value: owner.id } : null;
}

/** Why the engine cannot take a site; the relay has said most of it already.
 * @param {any} site @param {any[]} sites @param {object} parts */
function unreadable(site, sites, parts) {
  try {
    const one = makeBook({ sites, .../** @type {any} */ (parts) }).hosts.get(site.hosts[0]);
    return one?.paths && one.refuses ? null : { why: "no-book", value: "hosts" };
  } catch (error) {
    return { why: "no-book", value: String(/** @type {Error} */ (error).message ?? error) };
  }
}

/** @param {string} name */
async function readJson(name) {
  const answer = await fetch(api.runtime.getURL(name));
  return answer.json();
}
