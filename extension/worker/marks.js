/** This file knows what a mark beside a ticker says: where a click leads and what is held there. */

import { cleanFacts } from "./clicks.js";
import { readFacts } from "../sites.js";

const KEPT_MS = 2000;
const MAX_KEPT = 200;
const PER_SECOND = 12;

/**
 * name: as it would be opened, "" for nothing. there: whether the terminal can open it now.
 * @typedef {{name: string, there: boolean, position: string | null, orders: number}} Mark
 */

/** @type {Mark} */
const NOTHING = { name: "", there: false, position: null, orders: 0 };

export class Marks {
  /** @type {Map<string, {at: number, mark: Promise<Mark>}>} */
  #kept = new Map();
  /** @type {Map<number, number[]>} */
  #times = new Map();

  /** @param {import("./clicks.js").Clicks} clicks */
  constructor(clicks) {
    this.clicks = clicks;
  }

  /** @param {number} tab */
  forget(tab) {
    this.#times.delete(tab);
  }

  /**
   * @param {number} tab @param {{facts: any, url: string}} page
   * @returns {Promise<Mark>}
   */
  async heard(tab, { facts, url }, now = Date.now()) {
    const recent = (this.#times.get(tab) ?? []).filter((time) => now - time < 1000);
    if (recent.length >= PER_SECOND) return NOTHING;
    this.#times.set(tab, [...recent, now]);
    const { book, assets } = this.clicks;
    const find = readFacts(cleanFacts(facts, url), await book(), assets.options());
    // What the page itself shows is no ticker under the pointer: any word would have its mark.
    const there = find && find.via !== "page" && find.via !== "url";
    return there ? this.#of(find, now) : NOTHING;
  }

  /** @param {any} find @param {number} now @returns {Promise<Mark>} */
  #of(find, now) {
    const key = JSON.stringify([find.pattern, find.exchange, find.base, find.quote, find.native]);
    const kept = this.#kept.get(key);
    if (kept && now - kept.at < KEPT_MS) return kept.mark;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const mark = this.#ask(find);
    this.#kept.set(key, { at: now, mark });
    return mark;
  }

  /** @param {any} find @returns {Promise<Mark>} */
  async #ask(find) {
    const name = find.pattern ?? find.bare ?? find.base ?? "";
    const held = await this.clicks.relay.request("holding", { find: this.clicks.asked(find) })
      .catch(() => null); // without a terminal the name alone is shown, as what is not there
    if (!held?.ticker) return { ...NOTHING, name };
    return { name: held.ticker, there: true, position: held.position ?? null,
      orders: Number(held.orders) || 0 };
  }
}
