/** This file knows where the rules of the sites lie and makes one book of them. */

import { api } from "./browser.js";
import { makeBook } from "./sites.js";

const LOOK_MS = 900;

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
 * The book that sites.js reads by. The user's own sites replace built-in ones by id; one that makes
 * no book is left out, and the rest stays.
 * @param {any[]} [own]
 * @returns {Promise<any>}
 */
export async function loadBook(own = []) {
  const [exchanges, ...sites] = await readFiles();
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

/** @param {any[]} sites @param {any[]} own @param {any} exchanges */
export function withOwn(sites, own, exchanges) {
  let taken = sites;
  for (const site of own) {
    const tried = [...taken.filter(({ id }) => id !== site?.id), site];
    if (makesBook(tried, site, exchanges)) taken = tried;
  }
  return makeBook({ sites: taken, exchanges });
}

/** @param {any[]} sites @param {any} site @param {any} exchanges */
function makesBook(sites, site, exchanges) {
  try {
    const one = makeBook({ sites, exchanges }).hosts.get(site.hosts[0]);
    return Boolean(one?.paths && one.refuses);
  } catch {
    return false; // the relay has said what is wrong with it
  }
}

/** The user's own sites, looked at now and then; a press of the modifier key is such a moment. */
export class OwnSites {
  #last = -Infinity;
  #told = "[]";
  #ask;
  #changed;

  /**
   * @param {(method: string, params: object) => Promise<any>} ask
   * @param {(sites: any[]) => void} changed
   */
  constructor(ask, changed) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Never waited for: a click goes by what was known when its key went down. */
  async look(now = Date.now()) {
    if (now - this.#last < LOOK_MS) return;
    this.#last = now;
    const answer = await this.#ask("sites", {}).catch(() => null); // then all stays as it is
    if (!Array.isArray(answer?.sites)) return;
    const told = JSON.stringify(answer.sites);
    if (told === this.#told) return;
    this.#told = told;
    this.#changed(answer.sites);
  }
}

/** @param {string} name */
async function readJson(name) {
  const answer = await fetch(api.runtime.getURL(name));
  return answer.json();
}
