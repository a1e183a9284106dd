// This file knows what a click means: it weighs what a content script saw and names one instrument,
// or none.

import { absolute } from "./link.js";
import { MAX_SEEN, livePage, sourcesOf, titleAgrees } from "./page.js";
import { judgeSymbol } from "./symbol.js";
import { marketBeside, readText } from "./text.js";
import { format, makeFind } from "../ticker.js";
import { judgeUrl, siteOfUrl } from "./url.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Site} Site */
/** @typedef {import("./book.js").DomRule} DomRule */

/**
 * One element that matched a rule. `index` is the rule's place in domRules; `parts` are the texts
 * of its parts.
 * @typedef {{index: number, value?: string|null, parts?: Record<string, string|null>|null}} Seen
 */

/**
 * What the content script saw, nothing judged.
 * @typedef {object} Facts
 * @property {string} url of the page
 * @property {string|null} [title]
 * @property {Seen[]|null} [rows] rows and links around the pointer, nearest first
 * @property {string|null} [href] absolute address of the nearest anchor
 * @property {Seen[]|null} [page] page-level sources: the page's own script, legend, header
 * @property {string|null} [text] word under the pointer, or the selection
 * @property {string|null} [beside] the small row that word stands in, a line for each piece of it
 */

/**
 * What a page shows, and who says so: each source with what it read, and whether two of them that
 * name the exchange say the same while none says something else. Only then may a terminal follow
 * the page by itself; for a click one source is enough.
 * @typedef {{find: Find|null, sources: import("./page.js").Said[], agreed: boolean}} Page
 */

/** @typedef {{find: Find|null}} Decision a find, or the certainty that there is none */

const MAX_TEXT = 200;
/** So many of a coin in one contract: 1000PEPE, 1MBABYDOGE, kPEPE. */
const MULTIPLE = /^(?:10{3,}|1M|k)(?=[A-Z])/;

/** What was meant is certain, and it is no market: the page behind it does not count either. */
const NOTHING = { find: null };

/**
 * Elements that the content script may read on this page.
 * @param {string} url
 * @param {Book} book
 * @returns {(DomRule & {index: number})[]}
 */
export function domRules(url, book) {
  return (siteOfUrl(url, book)?.dom ?? []).map((rule, index) => ({ index, ...rule }));
}

/**
 * The instrument that was meant: by the row or link, by the text under the pointer, by the page; or
 * null.
 * @param {Facts} facts
 * @param {Book} book
 * @param {{known?: ReadonlySet<string>}} [options] `known`: as for readText
 * @returns {Find|null}
 */
export function readFacts(facts, book, options = {}) {
  const site = siteOfUrl(facts.url, book);
  for (const read of [byRows, byHref, byText, byOtherPage, byPage]) {
    const decision = read(facts, site, book, options);
    if (decision) return decision.find;
  }
  return null;
}

/**
 * The instrument of the page itself, with its sources.
 * @param {Facts} facts
 * @param {Book} book
 * @returns {Page}
 */
export function readPage(facts, book) {
  const site = siteOfUrl(facts.url, book);
  const find = byPage(facts, site, book)?.find ?? null;
  const sources = site ? sourcesOf(facts, site, judgeUrl(facts.url, book), book) : [];
  const told = sources.filter(({ stale, find: one }) => !stale || one?.pattern === find?.pattern);
  const same = told.filter(({ find: one }) => one?.pattern === find?.pattern);
  const agreed = Boolean(find?.exchange && find.pattern) && same.length > 1;
  return { find, sources, agreed: agreed && same.length === told.length };
}

/**
 * @param {Facts} facts
 * @param {Site|null} site
 * @param {Book} book
 * @returns {Decision|null}
 */
function byRows({ rows, url }, site, book) {
  for (const { index, value } of (rows ?? []).slice(0, MAX_SEEN)) {
    const rule = site?.dom?.[index];
    if (!site || !rule || typeof value !== "string" || !isNear(rule)) continue;
    const decision =
      rule.take === "url" ? byLink(value, url, book) : bySymbol(value, rule, site, url, book);
    if (decision) return decision;
  }
  return null;
}

/** @param {DomRule} rule */
function isNear({ use }) {
  return use === "row" || use === "link";
}

/**
 * A row that names a symbol decides, even when we refuse what it names.
 * @param {string} value
 * @param {DomRule} rule
 * @param {Site} site
 * @param {string} url
 * @param {Book} book
 * @returns {Decision|null}
 */
function bySymbol(value, rule, site, url, book) {
  if (rule.take === "short") {
    const find = site.exchange ? onThisPage(value, site, url, book) : null;
    return find && decide(find, site.id, "row");
  }
  if (!value.includes(":")) return null;
  return decide(judgeSymbol(value, book, { strict: true }).find, site.id, "row");
}

/**
 * @param {Facts} facts
 * @param {Site|null} _site
 * @param {Book} book
 * @returns {Decision|null}
 */
function byHref({ href, url }, _site, book) {
  return href ? byLink(href, url, book) : null;
}

/**
 * A link that names an instrument decides, even when we refuse it.
 * @param {string} href
 * @param {string} url
 * @param {Book} book
 * @returns {Decision|null}
 */
function byLink(href, url, book) {
  const address = absolute(href, url);
  const { find, claimed } = judgeUrl(address ?? "", book);
  return claimed ? decide(find, find?.rule ?? "", "link") : null;
}

/**
 * A link to another page that names nothing we can read is not this page.
 * @param {Facts} facts
 * @returns {Decision|null}
 */
function byOtherPage({ href, url }) {
  const address = (href && absolute(href, url)) || "";
  return /^https?:/.test(address) && address.split("#")[0] !== url.split("#")[0] ? NOTHING : null;
}

/**
 * Only strong text counts: with its exchange, or on a page that has one. Where people talk, what they
 * write is all there is: a pair or a coin alone counts too, and the user's order decides the rest.
 * @param {Facts} facts
 * @param {Site|null} site
 * @param {Book} book
 * @param {{known?: ReadonlySet<string>}} options
 * @returns {Decision|null}
 */
function byText(facts, site, book, options) {
  const { text, beside, url } = facts;
  const said = (text ?? "").slice(0, MAX_TEXT).trim();
  const found = said ? meantBy(said, book, options) : [];
  if (site?.menuOnly) return talked(found);
  const strong = found.filter(({ bare }) => bare);
  if (!strong.length) return byCoin(found, said, facts, site, book);
  if (strong.length > 1) return NOTHING;
  const { start, end, ...find } = strong[0];
  if (find.exchange) return decide(find, find.rule, "text");
  if (!site) return null;
  if (site.exchange) {
    const market = beside ? marketBeside(beside, said, book) : null;
    return decide(onThisPage(said.slice(start, end), site, url, book, market), site.id, "text");
  }
  const page = byPage(facts, site, book)?.find;
  return page && (page.base !== find.base || page.quote !== find.quote) ? NOTHING : null;
}

/**
 * What the terminal does not list counts where nothing else does: the trader means it, and not the
 * page's own ticker. It may have been listed since, or is refused.
 * @param {string} said
 * @param {Book} book
 * @param {{known?: ReadonlySet<string>}} options
 */
function meantBy(said, book, options) {
  const found = readText(said, book, options);
  return found.length || !options.known ? found : readText(said, book);
}

/**
 * A coin alone is no pair: the page's own decides, if it is of that coin, and never if it is not.
 * Where the page has an exchange, its ticker of the coin is looked for.
 * @param {import("./text.js").Placed[]} found
 * @param {string} said
 * @param {Facts} facts
 * @param {Site|null} site
 * @param {Book} book
 * @returns {Decision|null}
 */
function byCoin(found, said, facts, site, book) {
  const page = found.length ? byPage(facts, site, book)?.find : null;
  if (!page) return null;
  const [{ base }] = found;
  const alone = found.length === 1 && said.replace(/^[$#]/, "") === base;
  if (alone && base === page.base?.replace(MULTIPLE, "")) return null;
  if (!alone || !site?.exchange) return NOTHING;
  const { market } = page;
  return decide(makeFind({ exchange: site.exchange, market, base }), site.id, "text");
}

/** @param {import("./text.js").Placed[]} found @returns {Decision|null} */
function talked(found) {
  if (found.length !== 1) return found.length ? NOTHING : null;
  const { start, end, ...find } = found[0];
  return decide(find, find.rule, "text");
}

/**
 * The page itself. Where its address may lag behind, the live page decides.
 * @param {Facts} facts
 * @param {Site|null} site
 * @param {Book} book
 * @returns {Decision|null}
 */
function byPage(facts, site, book) {
  const address = judgeUrl(facts.url, book);
  const live = site && livePage(facts, site, address, book);
  if (live) return live.find && decide(live.find, site.id, "page");
  if (address.find && address.stale && !titleAgrees(facts.title, address.find, book)) return null;
  return address.find && decide(address.find, address.find.rule, "page");
}

/**
 * A symbol without exchange, read as one of this page's exchange and market; of the market that
 * stands beside it, where one does.
 * @param {string} text
 * @param {Site} site
 * @param {string} url
 * @param {Book} book
 * @param {import("../ticker.js").Market|null} [beside]
 * @returns {Find|null}
 */
function onThisPage(text, site, url, book, beside = null) {
  const { find } = judgeSymbol(text.replace(/^[$#]/, "").replace(" / ", "/"), book);
  if (!find || find.exchange) return find;
  const market = find.market ?? beside ?? judgeUrl(url, book).find?.market ?? null;
  const exchange = site.exchange ?? null;
  if (!market) return makeFind({ ...find, exchange, pattern: null });
  return judgeSymbol(format({ exchange, market, bare: find.bare }) ?? "", book).find;
}

/**
 * @param {Find|null} find
 * @param {string} rule
 * @param {Find["via"]} via
 * @returns {Decision}
 */
function decide(find, rule, via) {
  return { find: find && { ...find, rule, via } };
}
