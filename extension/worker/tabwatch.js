/**
 * This file knows which tab stands in front of each window, and says when another page does. Titles
 * with prices change many times a second; that is passed on once a second.
 */

import { api } from "../browser.js";

const PAUSE_MS = 1000;

export class TabWatch {
  /** @type {Map<number, any>} */
  #waiting = new Map();
  /** @type {Map<number, number>} */
  #told = new Map();

  /** @param {(windowId: number, fresh: boolean) => void} changed fresh: another page, not only
   * another title of the same one */
  constructor(changed) {
    this.changed = changed;
    // Another tab at once: what is set in the panel is set for the one that it shows.
    api.tabs.onActivated.addListener(({ windowId }) => this.#tell(windowId, true));
    api.tabs.onUpdated.addListener((_, change, { active, windowId }) => {
      if (!active || !(change.url || change.title || change.status === "complete")) return;
      this.#say(windowId, Boolean(change.url) || change.status === "complete");
    });
  }

  /** The tab in front of a window. @param {number} windowId */
  async tab(windowId) {
    const [tab] = await api.tabs.query({ active: true, windowId });
    return tab;
  }

  /** @param {number} windowId @param {boolean} fresh */
  #say(windowId, fresh) {
    const planned = this.#waiting.get(windowId);
    if (planned) {
      planned.fresh ||= fresh;
      return;
    }
    const wait_ms = Math.max(0, (this.#told.get(windowId) ?? 0) + PAUSE_MS - Date.now());
    const plan = { fresh };
    this.#waiting.set(windowId, plan);
    setTimeout(() => {
      this.#waiting.delete(windowId);
      this.#tell(windowId, plan.fresh);
    }, wait_ms);
  }

  /** @param {number} windowId @param {boolean} fresh */
  #tell(windowId, fresh) {
    this.#told.set(windowId, Date.now());
    this.changed(windowId, fresh);
  }
}
