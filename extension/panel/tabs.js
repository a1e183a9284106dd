/** This file knows the views of the panel: all sections under each other, or one alone. */

import { say } from "../browser.js";
import { make, setData, setText } from "./dom.js";

export const VIEWS = ["all", "here", "orders", "positions", "balances", "activity"];

export class Tabs {
  /** @type {Map<string, {tab: HTMLElement, count: HTMLElement}>} */
  #tabs = new Map();

  /** @param {HTMLElement} element @param {(view: string) => void} choose
   * @param {{signal: AbortSignal}} life */
  constructor(element, choose, { signal }) {
    element.setAttribute("role", "tablist");
    element.setAttribute("aria-label", say("views"));
    for (const [index, view] of VIEWS.entries()) {
      const label = say(`view_${view}`);
      const count = make("span", { class: "count" });
      const tab = make("button", { data: { view }, attrs: { type: "button", role: "tab",
        "aria-controls": "sections", title: `${label} (${index})` } },
      [make("span", { text: view === "all" ? "≡" : label, attrs: view === "all"
        ? { "aria-label": label } : {} }), count]);
      this.#tabs.set(view, { tab, count });
      element.append(tab);
    }
    element.addEventListener("click", (event) => {
      const tab = /** @type {HTMLElement} */ (event.target).closest("[data-view]");
      if (tab instanceof HTMLElement) choose(tab.dataset.view ?? "all");
    }, { signal });
    element.addEventListener("keydown", (event) => this.#pressed(event, choose), { signal });
  }

  /** @param {string} view @param {Record<string, string>} counts */
  paint(view, counts) {
    setData(document.body, "view", view);
    for (const [name, { tab, count }] of this.#tabs) {
      const chosen = name === view;
      if (tab.ariaSelected !== String(chosen)) tab.ariaSelected = String(chosen);
      tab.tabIndex = chosen ? 0 : -1;
      setText(count, counts[name] ?? "");
    }
  }

  /** @param {KeyboardEvent} event @param {(view: string) => void} choose */
  #pressed(event, choose) {
    const at = VIEWS.findIndex((view) => this.#tabs.get(view)?.tab === document.activeElement);
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 })[event.key];
    if (!steps || at < 0) return;
    event.preventDefault();
    const view = VIEWS[(at + steps + VIEWS.length) % VIEWS.length];
    choose(view);
    this.#tabs.get(view)?.tab.focus();
  }
}
