/**
 * This file knows when the terminal follows a page: its symbol has changed, two of its sources
 * agree on it, the tab can be seen, and it does not happen too often.
 */

import { api } from "../browser.js";
import { cleanFacts, hasOpened } from "./clicks.js";
import { refusal } from "../sentences.js";
import { readPage } from "../sites.js";

/** At most one a second, and a page that changes its symbol all the time is left. */
export const PAUSE_MS = 1000;
export const PER_MINUTE = 30;
/**
 * What was not there is tried again while the page shows the same: a terminal soon, an exchange,
 * which comes later than its terminal, when no toast offers another one any more.
 * @type {Readonly<Record<string, number>>}
 */
const AGAIN_MS = Object.freeze({ "terminal-not-found": 3000, "terminal-other": 3000,
  "host-exited": 3000, "host-missing": 3000, "host-broken": 3000, stale: 3000,
  "no-connection": 20_000, "not-connected": 20_000, unread: 20_000 });

/**
 * What a followed page is told: whether to go on, when to say the same again, and whether what came
 * into view has been compared with what the terminal shows.
 * @typedef {{on: boolean, again: number | null, weighed?: boolean}} Told
 */

export class Follow {
  /** Times of the last switches, by tab. @type {Map<number, number[]>} */
  #times = new Map();
  /** Tabs that were told of a terminal that is not there. @type {Set<number>} */
  #told = new Set();

  /**
   * @param {{tabs: import("./tabs.js").Tabs, badge: import("./badge.js").Badge,
   *   clicks: import("./clicks.js").Clicks, tell: (tab: number, toast: any) => Promise<void>}} parts
   */
  constructor({ tabs, badge, clicks, tell }) {
    this.tabs = tabs;
    this.badge = badge;
    this.clicks = clicks;
    this.tell = tell;
  }

  /**
   * A followed page says what it shows.
   * @param {number} tab
   * @param {{facts: any, shown: boolean, typing: boolean, at: number, url: string,
   *   active: boolean}} page shown: it came into view just now. at: when it was looked at. url: the
   *   tab's, as the browser tells it
   * @returns {Promise<Told>}
   */
  async heard(tab, { facts, shown, typing, at, url, active }) {
    const state = await this.tabs.get(tab);
    if (!state.follow) return { on: false, again: null };
    if (!active) return { on: true, again: PAUSE_MS };
    if (typing) return this.#rest(tab, "paused");
    const page = readPage(cleanFacts(facts, url), await this.clicks.book());
    if (!page.agreed || !page.find) return this.#rest(tab, "unsure");
    const pattern = page.find.pattern ?? "";
    const target = await this.clicks.targetOf(tab);
    const behind = shown && (await this.tabs.shown(target)) !== pattern;
    if (pattern === state.ticker && !behind) {
      return this.#rest(tab, state.state === "refused" ? "refused" : "following");
    }
    return this.#switch(tab, page.find, { pattern, at });
  }

  /** @param {number} tab */
  forget(tab) {
    this.#times.delete(tab);
    this.#told.delete(tab);
  }

  /** @param {number} tab @param {import("./tabs.js").FollowState} state @returns {Promise<Told>} */
  async #rest(tab, state) {
    await this.#draw(tab, { state });
    return { on: true, again: null, weighed: state === "following" || state === "refused" };
  }

  /**
   * @param {number} tab @param {any} find
   * @param {{pattern: string, at: number}} more
   * @returns {Promise<Told>}
   */
  async #switch(tab, find, { pattern, at }) {
    const now = Date.now();
    const recent = (this.#times.get(tab) ?? []).filter((time) => now - time < 60_000);
    if (recent.length >= PER_MINUTE) return this.#leave(tab);
    const wait = (recent.at(-1) ?? 0) + PAUSE_MS - now;
    if (wait > 0) return { on: true, again: wait };
    this.#times.set(tab, [...recent, now]);
    const { outcome, toast } = await this.clicks.act(tab, "open", find, at);
    if (Object.hasOwn(AGAIN_MS, outcome.code)) {
      this.#times.set(tab, recent);  // Nothing was switched.
      if (!this.#told.has(tab)) await this.#say(tab, toast);
      this.#told.add(tab);
      await this.#draw(tab, { state: "refused" });
      return { on: true, again: AGAIN_MS[outcome.code] };
    }
    this.#told.delete(tab);
    const opened = hasOpened(outcome);
    if (!opened) await this.#say(tab, toast);
    await this.#draw(tab, { ticker: pattern, state: opened ? "following" : "refused" });
    return { on: true, again: null, weighed: true };
  }

  /** Nobody has clicked: what is on the clipboard stays there. @param {number} tab
   * @param {import("../sentences.js").Toast} toast */
  #say(tab, toast) {
    return this.tell(tab, { ...toast, copy: null });
  }

  /** @param {number} tab @returns {Promise<Told>} */
  async #leave(tab) {
    await this.#draw(tab, { follow: false, state: "off" });
    await this.tell(tab, refusal("follow-too-often"));
    return { on: false, again: null };
  }

  /** @param {number} tab @param {Partial<import("./tabs.js").TabState>} change */
  async #draw(tab, change) {
    const before = await this.tabs.get(tab);
    const changed = Object.entries(change).some(([name, value]) =>
      before[/** @type {"state"} */ (name)] !== value);
    if (!changed || (!before.follow && change.follow === undefined)) return;
    await this.tabs.set(tab, change);
    await this.badge.draw(tab);
  }
}

/** Puts the part that looks at a followed page into it. @param {number} tab */
export async function watchPage(tab) {
  await api.scripting.executeScript({ target: { tabId: tab }, files: ["page/watch.js"] });
}
