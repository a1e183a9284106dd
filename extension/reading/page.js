// This file knows what a page says of itself: its own script, its legend, its header, its address,
// its title. Each may be missing, and some are late; a new symbol never meets an old exchange.

import { exchangeOf } from "./book.js";
import { judgeSymbol } from "./symbol.js";
import { readText } from "./text.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Site} Site */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./facts.js").Decision} Decision */
/** @typedef {import("./url.js").UrlVerdict} UrlVerdict */

/**
 * What one source names, with its exchange; null where it names something we refuse. `stale`: the
 * source may be late, so that it can agree but not contradict.
 * @typedef {{source: "world"|"legend"|"url"|"title", find: Find|null, stale: boolean}} Said
 */

/** @typedef {{symbol: string, exchange: string}} Legend */

export const MAX_SEEN = 20;
const MAX_TEXT = 200;

/**
 * What the live page says: its own script first, then legend and header; null when they say
 * nothing.
 * @param {Facts} facts
 * @param {Site} site
 * @param {UrlVerdict} address what the page's address says
 * @param {Book} book
 * @returns {Decision|null}
 */
export function livePage(facts, site, { find: address }, book) {
  const world = ofWorld(facts, site, book);
  if (world) return world;
  const header = headerOf(facts, site);
  const found = legendsOf(facts, site);
  const legend = found.find(({ symbol }) => header && symbol === header) ?? found[0];
  if (!header && !legend) return null;
  const readable = judgeSymbol(legend?.symbol ?? "", book, { strict: true }).find;
  const symbol = header || legend?.symbol || "";
  const agrees = !header || !readable || legend?.symbol === header;
  if (legend?.exchange && agrees) {
    const rivals = found.some((one) => one.symbol === symbol && one.exchange !== legend.exchange);
    return { find: rivals ? null : ofLegend({ ...legend, symbol }, site, book) };
  }
  const guess =
    address && judgeSymbol(`${address.exchange}:${symbol}`, book, { strict: true }).find;
  if (guess && guess.pattern === address.pattern) return { find: address };
  return { find: judgeSymbol(symbol, book, { strict: true }).find };
}

/**
 * Every source that names an exchange, in the order they are trusted.
 * @param {Facts} facts
 * @param {Site} site
 * @param {UrlVerdict} address
 * @param {Book} book
 * @returns {Said[]}
 */
export function sourcesOf(facts, site, address, book) {
  const world = ofWorld(facts, site, book);
  const header = headerOf(facts, site);
  const shown = legendsOf(facts, site).filter(({ exchange }) => exchange);
  const legends = header ? shown.filter(({ symbol }) => symbol === header) : shown;
  return [
    ...(world ? [{ source: /** @type {const} */ ("world"), stale: false, find: world.find }] : []),
    ...legends.map((one) => ({
      source: /** @type {const} */ ("legend"),
      stale: false,
      find: ofLegend(one, site, book),
    })),
    ...(address.claimed
      ? [{ source: /** @type {const} */ ("url"), stale: isStale(site), find: address.find }]
      : []),
    ...ofTitle(facts, site, address, book),
  ];
}

/**
 * Whether the title begins with the very symbol of the address.
 * @param {string|null|undefined} title
 * @param {Find} address
 * @param {Book} book
 * @returns {boolean}
 */
export function titleAgrees(title, address, book) {
  const symbol = /^\S{1,64}/.exec(title?.trimStart() ?? "")?.[0];
  const read = judgeSymbol(`${address.exchange}:${symbol}`, book, { strict: true }).find;
  return read !== null && read.pattern === address.pattern;
}

/**
 * @param {Site} site
 * @returns {boolean}
 */
function isStale({ paths }) {
  return paths.some(({ stale }) => stale);
}

/**
 * What the page's own script says is on its active chart. A symbol without an exchange is no
 * answer; one that is refused is an answer, and so is nothing we can read.
 * @param {Facts} facts
 * @param {Site} site
 * @param {Book} book
 * @returns {Decision|null}
 */
function ofWorld(facts, site, book) {
  const told = seen(facts).find(({ index }) => site.dom?.[index]?.use === "world");
  const value = tidy(told?.value);
  if (!value) return null;
  const { find, why } = judgeSymbol(value, book, { strict: true });
  return find?.exchange || why ? { find } : null;
}

/**
 * Legends, the ones of the active chart alone where the page marks it.
 * @param {Facts} facts
 * @param {Site} site
 * @returns {Legend[]}
 */
function legendsOf(facts, site) {
  const found = seen(facts).flatMap(({ index, parts }) => {
    const rule = site.dom?.[index];
    if (rule?.use !== "page" || !parts) return [];
    const { symbol, exchange } = parts;
    return [{ active: rule.active, symbol: tidy(symbol), exchange: tidy(exchange) }];
  });
  const active = found.filter((one) => one.active);
  return active.length ? active : found;
}

/**
 * @param {Facts} facts
 * @param {Site} site
 * @returns {string}
 */
function headerOf(facts, site) {
  const rules = site.dom ?? [];
  const short = seen(facts).filter(
    ({ index }) => rules[index]?.use === "page" && rules[index].take === "short",
  );
  return short.map(({ value }) => tidy(value)).find(Boolean) ?? "";
}

/**
 * @param {Legend} legend
 * @param {Site} site
 * @param {Book} book
 * @returns {Find|null}
 */
function ofLegend({ symbol, exchange }, { names = {} }, book) {
  const named = Object.hasOwn(names, exchange) ? names[exchange] : exchangeOf(exchange, book);
  return named ? judgeSymbol(`${named}:${symbol}`, book, { strict: true }).find : null;
}

/**
 * On an exchange's own page the title may name the pair of the address; what else it says counts
 * for nothing.
 * @param {Facts} facts
 * @param {Site} site
 * @param {UrlVerdict} address
 * @param {Book} book
 * @returns {Said[]}
 */
function ofTitle({ title }, site, { find }, book) {
  if (!site.exchange || !find?.base || !title) return [];
  const known = new Set([find.base]);
  const named = readText(title.slice(0, MAX_TEXT), book, { known }).some(
    ({ base, bare, quote }) => bare && base === find.base && (!find.quote || quote === find.quote),
  );
  return named ? [{ source: "title", stale: true, find }] : [];
}

/**
 * @param {Facts} facts
 * @returns {import("./facts.js").Seen[]}
 */
function seen({ page }) {
  return (page ?? []).slice(0, MAX_SEEN);
}

/**
 * @param {string|null|undefined} text
 * @returns {string}
 */
function tidy(text) {
  return (text ?? "").slice(0, MAX_TEXT).replace(/^[\s·•:]+|[\s·•:]+$/g, "");
}
