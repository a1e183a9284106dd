/**
 * This file knows what the trader has set for single tabs: which binding a tab opens in, whether
 * the terminal follows it. It outlives the worker, a reload of the page and an update of the
 * extension, and ends with the tab.
 */

import { api } from "../browser.js";

const KEY = "tabs";
const SHOWN = "followed";
const MAX_TABS = 200;

/**
 * binding: "" for what the settings say. ticker: what the terminal was last told for this tab.
 * state: of following; "unsure": what the page says of itself does not agree; "refused": the
 * terminal has no such ticker; "paused": the trader is typing.
 * @typedef {"off" | "following" | "unsure" | "refused" | "paused"} FollowState
 * @typedef {{follow: boolean, state: FollowState, binding: string, ticker: string | null,
 *   origin: string}} TabState
 */

/** @type {Readonly<TabState>} */
export const PLAIN = Object.freeze({ follow: false, state: "off", binding: "", ticker: null,
  origin: "" });

export class Tabs {
  /** @type {Map<number, TabState>} */
  #states = new Map();
  #ready;

  constructor() {
    this.#ready = this.#load();
  }

  /** @param {number} tab @returns {Promise<TabState>} */
  async get(tab) {
    await this.#ready;
    return { ...PLAIN, ...this.#states.get(tab) };
  }

  /** Whether anything is set for a tab. @param {number} tab */
  async has(tab) {
    await this.#ready;
    return this.#states.has(tab);
  }

  /** @param {number} tab @param {Partial<TabState>} change @returns {Promise<TabState>} */
  async set(tab, change) {
    const next = { ...await this.get(tab), ...change };
    const plain = !next.follow && !next.binding;
    if (plain) this.#states.delete(tab);
    else this.#states.set(tab, next);
    if (this.#states.size > MAX_TABS) this.#states.delete([...this.#states.keys()][0]);
    await this.#save();
    return next;
  }

  /** @param {number} tab */
  async forget(tab) {
    await this.#ready;
    if (this.#states.delete(tab)) await this.#save();
  }

  /**
   * A browser may go on with a tab under another number; what is set for it goes on too.
   * @param {number} from @param {number} to
   */
  async move(from, to) {
    await this.#ready;
    const state = this.#states.get(from);
    if (!state) return;
    this.#states.delete(from);
    this.#states.set(to, state);
    await this.#save();
  }

  /** What we have last shown in a binding, "" being the active window and "" no certain ticker.
   * @param {string} binding @returns {Promise<string | undefined>} */
  async shown(binding) {
    return (await this.#allShown())[binding];
  }

  /** @param {string} binding @param {string} ticker */
  async show(binding, ticker) {
    const shown = { ...await this.#allShown(), [binding]: ticker };
    await api.storage.session.set({ [SHOWN]: shown });
  }

  /** @returns {Promise<Record<string, string>>} */
  async #allShown() {
    const { [SHOWN]: shown } = await api.storage.session.get(SHOWN);
    return /** @type {any} */ (shown ?? {});
  }

  /** A browser that starts has other tabs under the same numbers. */
  async clear() {
    await this.#ready;
    this.#states.clear();
    await this.#save();
  }

  async #save() {
    const stored = { [KEY]: [...this.#states] };
    await Promise.all([api.storage.session.set(stored), api.storage.local.set(stored)]);
  }

  /** The session's storage is emptied by an update; then a tab must still be where it was. */
  async #load() {
    const { [KEY]: now } = await api.storage.session.get(KEY);
    if (Array.isArray(now)) {
      this.#states = new Map(now);
      return;
    }
    const { [KEY]: before } = await api.storage.local.get(KEY);
    const kept = await Promise.all((Array.isArray(before) ? before : []).map(stillThere));
    this.#states = new Map(kept.filter((one) => one !== null));
    await this.#save();
  }
}

/** @param {[number, TabState]} entry @returns {Promise<[number, TabState] | null>} */
async function stillThere([tab, state]) {
  const { url = "" } = await api.tabs.get(tab).catch(() => ({ url: "" }));
  return originOf(url) === state.origin && state.origin ? [tab, state] : null;
}

/** @param {string | undefined} url @returns {string} "" where the browser does not tell it */
export function originOf(url) {
  return url && URL.canParse(url) ? new URL(url).origin : "";
}
