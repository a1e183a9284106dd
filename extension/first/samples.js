/** This file knows which tickers to try a first click on: such as the user's connections have. */

const MAX = 5;

/** By kind of market: what nearly every venue of that kind lists. @type {Record<string, string[]>} */
const USUAL = {
  futures: ["BTCUSDT", "ETHUSDT", "SOLUSDT"],
  spot: ["BTCUSDT", "ETHUSDT", "SOLUSDT"],
  stock: ["SBER", "GAZP"],
};
const SUFFIX = /** @type {Record<string, string>} */ ({ futures: ".p" });

/** @typedef {{pattern: string, symbol: string, place: string}} Sample */

/**
 * @param {{exchange: string, kind: string, name: string, state: string, viewMode: boolean}[]} all
 * @returns {Sample[]} without any connection that can be opened: none
 */
export function samplesFor(all) {
  const open = all.filter(({ state, viewMode, kind }) =>
    state === "connected" && !viewMode && Object.hasOwn(USUAL, kind));
  const found = new Map();
  for (let n = 0; n < MAX; n += 1) {
    for (const [index, { exchange, kind, name }] of open.entries()) {
      const symbol = USUAL[kind][(index + n) % USUAL[kind].length];
      const pattern = `${exchange}:${symbol}${SUFFIX[kind] ?? ""}`;
      if (!found.has(pattern)) found.set(pattern, { pattern, symbol, place: name });
    }
  }
  return [...found.values()].slice(0, MAX);
}
