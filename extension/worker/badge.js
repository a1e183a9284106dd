/** This file knows what the toolbar button shows of a tab: its binding, and how following goes. */

import { api, say } from "../browser.js";

/** One colour per group, each dark enough for white letters; the eighth group has the first again. */
const COLOURS = ["#0b7f8a", "#b3261e", "#6b4fbb", "#1565c0", "#9a5b00", "#2e7d32", "#ad1457"];
const PLAIN_COLOUR = "#3d4a5c";
const SIGNS = { off: "", following: "▸", unsure: "▸?", refused: "▸!", paused: "Ⅱ" };
const MARK_MS = 4000;

/** @typedef {import("./tabs.js").TabState} TabState */

/** @param {string} binding "001" to "500" */
export const colourOf = (binding) => COLOURS[(Number(binding) - 1) % COLOURS.length];

/** @param {TabState} state @returns {{text: string, colour: string, title: string}} */
export function badgeOf({ follow, state, binding, ticker }) {
  const number = binding ? String(Number(binding)) : "";
  const sign = follow ? SIGNS[state] : "";
  const lines = [
    binding ? say("badge_binding", [binding]) : "",
    follow ? say(`badge_${state}`, [ticker ?? ""]) : "",
  ].filter(Boolean);
  return {
    text: `${sign}${number}`.slice(0, 4),
    colour: binding ? colourOf(binding) : PLAIN_COLOUR,
    title: lines.length ? [say("action_title"), ...lines].join("\n") : "",
  };
}

export class Badge {
  /** Until when a tab shows what came of an action. @type {Map<number, number>} */
  #marked = new Map();

  /** @param {import("./tabs.js").Tabs} tabs */
  constructor(tabs) {
    this.tabs = tabs;
  }

  /** Shows a tab's own state. @param {number} tab */
  async draw(tab) {
    if ((this.#marked.get(tab) ?? 0) > Date.now()) return;
    await put(tab, badgeOf(await this.tabs.get(tab)));
  }

  /** Shows what came of an action for a while. @param {number} tab
   * @param {{text: string, title: string}} mark */
  async mark(tab, { text, title }) {
    const until = Date.now() + MARK_MS;
    this.#marked.set(tab, until);
    await put(tab, { text, title, colour: PLAIN_COLOUR });
    setTimeout(() => {
      if (this.#marked.get(tab) !== until) return;
      this.#marked.delete(tab);
      this.draw(tab);
    }, MARK_MS);
  }

  /** @param {number} tab */
  forget(tab) {
    this.#marked.delete(tab);
  }
}

/** A tab that is gone has no badge. @param {number} tab
 * @param {{text: string, colour: string, title: string}} badge */
async function put(tab, { text, colour, title }) {
  await Promise.all([
    api.action.setBadgeText({ tabId: tab, text }),
    api.action.setBadgeBackgroundColor({ tabId: tab, color: colour }),
    api.action.setTitle({ tabId: tab, title: title || say("action_title") }),
  ]).catch(() => undefined);
}
