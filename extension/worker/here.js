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
/** A page that takes longer is to be asked again. */
const ANSWER_MS = 3000;
/** What a page said is not told any more so long after it was asked. */
const OLD_MS = 60_000;

/** Readings that nobody was told yet, by tab: one that was too slow for an asking serves the next.
 * @type {Map<number, {at: string, since: number, given: Promise<any>}>} */
const untold = new Map();

/**
 * What a panel is told of the page. state: "read", or why it is not: "none" (no page of ours to
 * read), "off" (a site that is switched off), "silent" (the page lets no script in). at: as
 * `placeOf` says it; late: it may answer yet.
 * @typedef {{state: string, at: string, late: boolean, url: string, title: string,
 *   site: string | null, find: any,
 *   sources: {source: string, stale: boolean, pattern: string | null}[], agreed: boolean}} Page
 */

/** Which page a tab shows: in another tab, or at another address, it is another one.
 * @param {chrome.tabs.Tab | undefined} tab */
export const placeOf = (tab) => (tab ? `${tab.id} ${tab.url ?? ""}` : "");

/**
 * The page's own ticker.
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {(url: string | undefined) => Promise<boolean>} mayRead
 * @returns {Promise<Page>}
 */
export async function pageOf(tab, book, mayRead) {
  const url = tab?.url ?? "";
  const nothing = { at: placeOf(tab), late: false, url, title: tab?.title ?? "", site: null,
    find: null, sources: [], agreed: false };
  if (!tab?.id || !/^https?:/.test(url)) return { ...nothing, state: "none" };
  if (!await mayRead(url)) return { ...nothing, state: "none", find: readUrl(url, book) ?? null };
  const facts = await inTime(factsOf(tab.id));
  const clean = cleanFacts(facts, url);
  const { find, sources, agreed } = readPage(clean, book);
  return {
    state: facts ? "read" : "silent",
    at: nothing.at,
    late: facts === undefined,
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
 * Every ticker found on the page, in the order of trust: rows by the site's rules, then text. finds:
 * null where the page has not told them, so that nothing is known of them.
 * @param {chrome.tabs.Tab | undefined} tab @param {any} book
 * @param {{known?: ReadonlySet<string>}} options
 * @param {(url: string | undefined) => Promise<boolean>} mayRead
 * @returns {Promise<{at: string, finds: any[] | null}>}
 */
export async function foundOn(tab, book, options, mayRead) {
  const at = placeOf(tab);
  if (!tab?.id || !tab.url) return { at, finds: [] };
  const given = await inTime(gatherIn(tab.id, at, domRules(tab.url, book)));
  if (given !== undefined) untold.delete(tab.id);
  if (!given && await mayRead(tab.url)) return { at, finds: null };
  const gathered = clean(given);
  const facts = cleanFacts(null, tab.url);
  const rows = gathered.rows.map((row) => readFacts({ ...facts, rows: [row] }, book, options))
    .filter((find) => find?.via === "row" || find?.via === "link");
  const text = readText(gathered.text, book, options);
  return { at, finds: distinct([...rows, ...text]).slice(0, MAX_FOUND) };
}

/** @param {number} tab */
function factsOf(tab) {
  return api.tabs.sendMessage(tab, { type: "facts", where: "page" }, { frameId: 0 })
    .then((facts) => facts ?? null, () => null);
}

/** What a page answers, or undefined when that takes too long. @param {Promise<any>} answer */
function inTime(answer) {
  return Promise.race([answer, new Promise((late) => setTimeout(late, ANSWER_MS))]);
}

/** @param {number} tab @param {string} at @param {any[]} rules @returns {Promise<any>} */
function gatherIn(tab, at, rules) {
  const before = untold.get(tab);
  if (before?.at === at && Date.now() - before.since < OLD_MS) return before.given;
  const given = gather(tab, at, rules).then((all) => all ?? null, () => null);
  untold.set(tab, { at, since: Date.now(), given });
  return given;
}

/** What the page says, or null when it has meanwhile become another one.
 * @param {number} tab @param {string} at @param {any[]} rules */
async function gather(tab, at, rules) {
  const target = { tabId: tab };
  await api.scripting.executeScript({ target, files: ["page/elements.js", "page/gather.js"] });
  const [{ result }] = await api.scripting.executeScript({ target, args: [rules],
    func: (/** @type {any[]} */ given) => /** @type {any} */ (globalThis).MetascalpGather(given) });
  return placeOf(await api.tabs.get(tab)) === at ? result : null;
}

/** Whatever came, within its bounds. @param {any} given
 * @returns {{rows: {index: number, value: string}[], text: string}} */
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
