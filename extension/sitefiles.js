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

/** @returns {Promise<any>} the book that sites.js reads by */
export async function loadBook() {
  const names = ["exchanges.json", ...SITES.map((id) => `sites/${id}.json`)];
  const [exchanges, ...sites] = await Promise.all(names.map(readJson));
  return makeBook({ sites, exchanges });
}

/** @param {string} name */
async function readJson(name) {
  const answer = await fetch(api.runtime.getURL(name));
  return answer.json();
}
