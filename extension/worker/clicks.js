/**
 * This file knows how a click becomes an action: facts of a page in, outcome out. A page can only
 * ever suggest a symbol.
 */

import { Assets } from "./assets.js";
import { say } from "../browser.js";
import { findOf } from "../find.js";
import { readFacts } from "../sites.js";
import { outcomeOf, toastOf } from "../sentences.js";
import { givenAt } from "./when.js";

export const CLICKS_PER_SECOND = 5;
const MAX_TEXT = 512;
const MAX_URL = 2048;
const MAX_ROWS = 32;
const FIND_FIELDS = ["exchange", "market", "base", "quote", "native", "expiry", "bare", "pattern",
  "rule", "via"];

/**
 * @typedef {{outcome: any, find: any, toast: import("../sentences.js").Toast}} Answer
 * @typedef {"open" | "combo" | "alert" | "notify"} Method
 * @typedef {{binding?: string | null, price?: string | null}} More binding: not the tab's own
 */

export class Clicks {
  /** Times of the last clicks, by tab. @type {Map<number, number[]>} */
  #times = new Map();
  /** What the last refusal of a tab offered, what was wished, and the token of the toast that shows
   * it. @type {Map<number, {token: string, list: any[], method: Method, more: More}>} */
  #offers = new Map();

  /** Actions begun so far. */
  acts = 0;

  /**
   * @param {{relay: import("../relay.js").Relay, book: () => Promise<any>,
   *   targetOf: (tab: number) => Promise<string>,
   *   shown: (target: string, pattern: string) => Promise<void>}} parts targetOf: the binding that a
   *   tab opens in, "" for the active window. shown: is told what such a place shows now
   */
  constructor({ relay, book, targetOf, shown }) {
    this.relay = relay;
    this.book = book;
    this.targetOf = targetOf;
    this.shown = shown;
    this.assets = new Assets((method, params) => relay.request(method, params));
  }

  /** Whether a tab may act once more now. @param {number} tab @param {number} [now] */
  allows(tab, now = Date.now()) {
    const recent = (this.#times.get(tab) ?? []).filter((time) => now - time < 1000);
    if (recent.length >= CLICKS_PER_SECOND) return false;
    this.#times.set(tab, [...recent, now]);
    return true;
  }

  /** @param {number} tab */
  forget(tab) {
    this.#times.delete(tab);
    this.#offers.delete(tab);
  }

  /**
   * @param {number} tab
   * @param {{facts: any, at: number, url: string}} click url: the tab's, as the browser tells it
   * @returns {Promise<Answer>}
   */
  async facts(tab, { facts, at, url }) {
    this.relay.wake();
    const find = readFacts(cleanFacts(facts, url), await this.book(), this.assets.options());
    return this.act(tab, "open", find, at);
  }

  /**
   * @param {number} tab @param {Method} method @param {any} find @param {number} at
   * @param {More} [more]
   * @returns {Promise<Answer>}
   */
  async act(tab, method, find, at, { binding = null, price = null } = {}) {
    this.acts += 1;
    this.#offers.delete(tab);
    const outcome = find ? await this.#ask(tab, method, find, { at, binding, price }) : NO_FIND;
    const token = crypto.randomUUID();
    const list = outcome.alternatives;
    if (list?.length) this.#offers.set(tab, { token, list, method, more: { binding, price } });
    return { outcome, find, toast: toastOf(outcome, find, token) };
  }

  /**
   * Does what was refused with one of what the refusal offered. A chip of an older toast does
   * nothing: its number would mean something else now.
   * @param {number} tab @param {unknown} token @param {unknown} index @param {number} at
   * @returns {Promise<Answer>}
   */
  async offered(tab, token, index, at) {
    const offer = this.#offers.get(tab);
    const one = offer?.token === token ? offer?.list[Number(index)] : null;
    if (!offer || !one) return { outcome: TOO_LATE, find: null, toast: toastOf(TOO_LATE) };
    const find = findOf(one.exchange, one.market, one.symbol, one.pattern);
    return this.act(tab, offer.method, find, at, offer.more);
  }

  /** A Find as the relay takes it. @param {any} find */
  asked(find) {
    return Object.fromEntries(FIND_FIELDS.map((name) => [name, find[name] ?? null]));
  }

  /**
   * @param {number} tab @param {string} method @param {any} find
   * @param {{at: number, binding: string | null, price: string | null}} more
   */
  async #ask(tab, method, find, { at, binding, price }) {
    const params = { find: this.asked(find), at: givenAt(at) };
    try {
      if (method === "open") {
        const target = binding ?? await this.targetOf(tab);
        const outcome = await this.relay.request(method, { ...params,
          target: { binding: target || null } });
        if (hasOpened(outcome)) await this.shown(target, find.pattern ?? "");
        return outcome;
      }
      const more = method === "alert" ? { price } : method === "notify" ? noticeOf(price) : {};
      return await this.relay.request(method, { ...params, ...more });
    } catch (failure) {
      return outcomeOf(/** @type {Error} */ (failure), find);
    }
  }
}

/** @param {any} outcome */
export const hasOpened = ({ state }) => state === "done" || state === "dispatched";

/** @param {string | null} price */
const noticeOf = (price) => ({ text: say("notice_text"), ...(price ? { price } : {}) });

const REFUSED = { state: "refused", params: {}, ms: null, alternatives: [], pattern: null,
  connection: null };
const NO_FIND = { ...REFUSED, code: "no-find" };
const TOO_LATE = { ...REFUSED, code: "stale" };

/** Facts of a page with every length bounded. @param {any} facts @param {string} url */
export function cleanFacts(facts, url) {
  const given = facts && typeof facts === "object" ? facts : {};
  return {
    url: sameOrigin(text(given.url, MAX_URL), url) ? given.url : url,
    title: text(given.title, MAX_TEXT),
    rows: entries(given.rows),
    href: text(given.href, MAX_URL) || null,
    page: entries(given.page),
    text: text(given.text, MAX_TEXT) || null,
    beside: text(given.beside, MAX_TEXT),
  };
}

/** @param {any} value @param {number} most */
const text = (value, most) => (typeof value === "string" && value.length <= most ? value : "");

/** @param {any} list */
function entries(list) {
  if (!Array.isArray(list)) return [];
  return list.slice(0, MAX_ROWS).filter((one) => Number.isInteger(one?.index)).map((one) => ({
    index: one.index,
    value: text(one.value, MAX_TEXT),
    parts: parts(one.parts),
  }));
}

/** @param {any} given */
function parts(given) {
  if (!given || typeof given !== "object") return undefined;
  const pairs = Object.entries(given).slice(0, 8);
  return Object.fromEntries(pairs.map(([name, value]) => [name, text(value, MAX_TEXT)]));
}

/** @param {string} one @param {string} other */
function sameOrigin(one, other) {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}
