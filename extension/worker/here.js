/**
 * This file knows the page in front of a panel: its own ticker with the sources that name it, and
 * every ticker found on it. A page only ever suggests symbols; nothing is opened from here.
 */

import { api } from "../browser.js";
import { cleanFacts } from "./clicks.js";
import { domRules, readFacts, readPage, readText, readUrl } from "../sites.js";

/** A page may say hundreds; the rest is no list that anybody reads. */
export const MAX_FOUND = 100;
const MAX_TEXT = 60_000;
const MAX_VALUE = 400;
const MAX_ROWS = 200;
const GATHER_MS = 3000;

/**
 * What a panel is told of the page. state: "read", or why it is not: "none" (no page of ours to
 * read), "off" (a site that is switched off), "silent" (the page lets no script in).
 * @typedef {{state: string, url: string, title: string, site: string | null, find: any,
 *   sources: {source: string, stale: boolean, pattern: string | null}[], agreed: boolean}} Page
 */

/**
 * The page's own ticker.
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {(url: string | undefined) => Promise<boolean>} mayRead
 * @returns {Promise<Page>}
 */
export async function pageOf(tab, book, mayRead) {
  const url = tab?.url ?? "";
  const nothing = { url, title: tab?.title ?? "", site: null, find: null, sources: [],
    agreed: false };
  if (!tab?.id || !/^https?:/.test(url)) return { ...nothing, state: "none" };
  if (!await mayRead(url)) return { ...nothing, state: "none", find: readUrl(url, book) ?? null };
  const facts = await factsOf(tab.id);
  const clean = cleanFacts(facts, url);
  const { find, sources, agreed } = readPage(clean, book);
  return {
    state: facts ? "read" : "silent",
    url: clean.url,
    title: clean.title,
    site: find?.rule ?? null,
    find,
    sources: sources.map((one) => ({ source: one.source, stale: one.stale,
      pattern: one.find?.pattern ?? null })),
    agreed,
  };
}

/**
 * Every ticker found on the page, in the order of trust: rows by the site's rules, then text.
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {{known?: ReadonlySet<string>}} options
 * @returns {Promise<any[]>}
 */
export async function foundOn(tab, book, options) {
  if (!tab?.id || !tab.url) return [];
  const gathered = await gatherIn(tab.id, domRules(tab.url, book));
  const facts = cleanFacts(null, tab.url);
  const rows = gathered.rows.map((row) => readFacts({ ...facts, rows: [row] }, book, options))
    .filter((find) => find?.via === "row" || find?.via === "link");
  const text = readText(gathered.text, book, options);
  return distinct([...rows, ...text]).slice(0, MAX_FOUND);
}

/** @param {number} tab */
function factsOf(tab) {
  return api.tabs.sendMessage(tab, { type: "facts", where: "page" }, { frameId: 0 })
    .catch(() => null);
}

/**
 * @param {number} tab @param {any[]} rules
 * @returns {Promise<{rows: {index: number, value: string}[], text: string}>}
 */
async function gatherIn(tab, rules) {
  const late = new Promise((resolve) => setTimeout(resolve, GATHER_MS, null));
  const given = await Promise.race([gather(tab, rules).catch(() => null), late]);
  return clean(given);
}

/** @param {number} tab @param {any[]} rules */
async function gather(tab, rules) {
  const target = { tabId: tab };
  await api.scripting.executeScript({ target, files: ["page/elements.js", "page/gather.js"] });
  const [{ result }] = await api.scripting.executeScript({ target, args: [rules],
    func: (/** @type {any[]} */ given) => /** @type {any} */ (globalThis).MetascalpGather(given) });
  return result;
}

/** Whatever came, within its bounds. @param {any} given */
function clean(given) {
  const rows = Array.isArray(given?.rows) ? given.rows.slice(0, MAX_ROWS) : [];
  return {
    rows: rows.filter((/** @type {any} */ row) => Number.isInteger(row?.index)
      && typeof row.value === "string" && row.value.length <= MAX_VALUE),
    text: typeof given?.text === "string" ? given.text.slice(0, MAX_TEXT) : "",
  };
}

/** Finds that open something, each once. @param {any[]} finds */
function distinct(finds) {
  const seen = new Map();
  for (const find of finds) {
    if (!find) continue;
    const { start, end, ...one } = find;
    const key = one.pattern ?? `${one.exchange ?? ""}:${one.bare ?? one.base}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  const all = [...seen.values()];
  const named = new Set(all.filter(({ exchange }) => exchange).map(kindOf));
  return all.filter((one) => one.exchange || !named.has(kindOf(one)));
}

/** One that names no exchange says nothing beside one that does. @param {any} find */
const kindOf = ({ base, quote, market }) => `${base} ${quote} ${market}`;
